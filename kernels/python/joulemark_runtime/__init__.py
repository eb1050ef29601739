"""joulemark's runtime for Python: runs stages that are Python functions, and times them.

It is started by joulemark, answers one JSON object a line on standard input with one on standard output, and ends with
the process that started it; docs/worker-protocol.md says every message. It needs Python 3.9, NumPy, and what a stage
imports.
"""
