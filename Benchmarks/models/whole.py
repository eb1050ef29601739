"""Whole models with random weights in PyTorch, for models.py: answers commands on standard input, one line of JSON
each.

    passes N     the seconds of N passes one after the other
    run S        passes for S seconds: begins and ends on the monotonic clock
"""

import json
import math
import pathlib
import sys
import threading
import time

import torch
from torch import nn
from torch.nn import functional


def configuration(file):
    """The numbers of a model.json, of which some follow from others."""
    known = {}

    def value(name):
        if name not in known:
            entry = entries[name]
            known[name] = entry if isinstance(entry, int) else eval(entry.replace("/", "//"), {}, Names())
        return known[name]

    class Names(dict):
        def __missing__(self, name):
            return value(name)

    entries = json.loads(pathlib.Path(file).read_text())["config"]
    return {name: value(name) for name in entries}


class Attention(nn.Module):
    """Causal attention, with rotary positions where the model has no table of them."""

    def __init__(self, c, bias, rotates):
        super().__init__()
        self.heads, self.kv_heads, self.size = c["heads"], c["kvHeads"], c["headSize"]
        self.project = nn.Linear(c["hidden"], (self.heads + 2 * self.kv_heads) * self.size, bias=bias)
        self.output = nn.Linear(self.heads * self.size, c["hidden"], bias=bias)
        self.rotates = rotates

    def forward(self, x, cosines, sines, cache):
        rows = x.shape[0]
        q, k, v = self.project(x).split([n * self.size for n in (self.heads, self.kv_heads, self.kv_heads)], dim=-1)
        q, k, v = (t.view(rows, -1, self.size).transpose(0, 1) for t in (q, k, v))
        if self.rotates:
            q, k = rotated(q, cosines, sines), rotated(k, cosines, sines)
        if cache is not None:
            k, v = torch.cat([cache[0], k], dim=1), torch.cat([cache[1], v], dim=1)
        y = functional.scaled_dot_product_attention(
            q[None], k[None], v[None], is_causal=cache is None, enable_gqa=self.heads != self.kv_heads)[0]
        return self.output(y.transpose(0, 1).reshape(rows, -1))


def rotated(x, cosines, sines):
    first, second = x.chunk(2, dim=-1)
    return torch.cat([first * cosines - second * sines, second * cosines + first * sines], dim=-1)


class Block(nn.Module):
    def __init__(self, c, is_gpt2):
        super().__init__()
        width, inner = c["hidden"], c["intermediate"]
        norm = nn.LayerNorm if is_gpt2 else nn.RMSNorm
        self.first, self.second = norm(width), norm(width)
        self.attention = Attention(c, is_gpt2, not is_gpt2)
        self.gate = None if is_gpt2 else nn.Linear(width, inner, bias=False)
        self.up = nn.Linear(width, inner, bias=is_gpt2)
        self.down = nn.Linear(inner, width, bias=is_gpt2)

    def forward(self, x, cosines, sines, cache):
        x = x + self.attention(self.first(x), cosines, sines, cache)
        y = self.second(x)
        if self.gate is None:
            return x + self.down(functional.gelu(self.up(y), approximate="tanh"))
        return x + self.down(functional.silu(self.gate(y)) * self.up(y))


class Whole(nn.Module):
    """Tokens to the logits of the last one."""

    def __init__(self, c, context):
        super().__init__()
        is_gpt2 = "positions" in c
        self.embedding = nn.Embedding(c["vocabulary"], c["hidden"])
        self.positions = nn.Embedding(c["positions"], c["hidden"]) if is_gpt2 else None
        self.blocks = nn.ModuleList(Block(c, is_gpt2) for _ in range(c["layers"]))
        self.norm = (nn.LayerNorm if is_gpt2 else nn.RMSNorm)(c["hidden"])
        angles = torch.arange(context)[:, None] / 10000 ** (torch.arange(0, c["headSize"], 2) / c["headSize"])
        self.register_buffer("cosines", angles.cos())
        self.register_buffer("sines", angles.sin())

    def forward(self, tokens, places, caches):
        x = self.embedding(tokens)
        if self.positions is not None:
            x = x + self.positions(places)
        cosines, sines = self.cosines[places], self.sines[places]
        for block, cache in zip(self.blocks, caches):
            x = block(x, cosines, sines, cache)
        return self.norm(x[-1:]) @ self.embedding.weight.T


def wait_until_idle(limit=2.0):
    """Until none of this process's other threads wants a processor: OpenMP's look for work for a while."""
    tasks = pathlib.Path("/proc/self/task")
    begin = time.monotonic()
    while time.monotonic() - begin < limit:
        states = [(task / "stat").read_text().rpartition(")")[2].split()[0] for task in tasks.iterdir()
                  if task.name != str(threading.get_native_id())]
        if "R" not in states:
            return
        time.sleep(0.005)


def main():
    file, phase, context, threads, mode = sys.argv[1:]
    context = int(context)
    torch.set_num_threads(int(threads))
    torch.manual_seed(1)
    torch.set_grad_enabled(False)
    c = configuration(file)
    model = Whole(c, context).eval()
    if phase == "prefill":
        places, caches = torch.arange(context), [None] * c["layers"]
    else:
        shape = (c["kvHeads"], context - 1, c["headSize"])
        places, caches = torch.tensor([context - 1]), [(torch.randn(shape), torch.randn(shape)) for _ in range(c["layers"])]
    tokens = torch.randint(c["vocabulary"], places.shape)
    forward = torch.compile(model, dynamic=False) if mode == "compiled" else model
    for _ in range(2):
        logits = forward(tokens, places, caches)
    error = (logits - model(tokens, places, caches)).norm() / logits.norm()
    wait_until_idle()
    print(json.dumps({"torch": torch.__version__, "threads": torch.get_num_threads(), "finite": bool(logits.isfinite().all()),
                      "differenceFromEager": float(error), "parameters": sum(p.numel() for p in model.parameters())}), flush=True)
    for line in sys.stdin:
        command, amount = line.split()
        seconds, end = [], time.monotonic() + (float(amount) if command == "run" else math.inf)
        while len(seconds) < int(amount) if command == "passes" else time.monotonic() < end:
            begin = time.perf_counter()
            forward(tokens, places, caches)
            seconds.append(time.perf_counter() - begin)
        wait_until_idle()
        print(json.dumps(seconds), flush=True)


main()
