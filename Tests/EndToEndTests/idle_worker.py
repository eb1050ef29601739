"""idle_worker.py PROGRAM: the share of a processor that a worker takes while nobody asks it for anything."""

import json
import os
import subprocess
import sys
import tempfile
import time

PAUSE = 0.5


def processor_seconds(process):
    with open(f"/proc/{process}/stat") as file:
        fields = file.read().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


with tempfile.TemporaryDirectory() as scratch, subprocess.Popen(
        [sys.argv[1], "worker"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1) as worker:

    def ask(verb, content):
        worker.stdin.write(json.dumps({verb: content}) + "\n")
        answer = json.loads(worker.stdout.readline())
        assert "failed" not in answer, answer
        return answer

    ask("open", {"backend": "cpu", "index": 0, "processor": {"guardsMemory": False}, "kernelDirectories": [], "scratch": scratch})
    ask("prepare", {"id": 1, "_1": {
        "family": "peak-flops", "strategy": "fma", "parameters": {"N": 65536, "R": 65536}, "precision": "f32", "seed": 1,
        "inputs": {}, "isHot": True, "tunables": {}, "isVerified": False}})
    begin = processor_seconds(worker.pid)
    while processor_seconds(worker.pid) - begin < 0.1:
        ask("sample", {"_0": {"id": 1, "repetitions": 4, "batch": 1, "controls": [], "stages": False}})
    begin = processor_seconds(worker.pid)
    time.sleep(PAUSE)
    print((processor_seconds(worker.pid) - begin) / PAUSE)
    worker.stdin.close()
