"""The rows of the table: a strategy of ours and a peer on the same workload, and the ratio that we mean to reach."""

import dataclasses

# Devices of the backend python: NumPy and SciPy, PyTorch on the processor.
NUMPY, TORCH, OURS = "python:0", "python:1", "cpu:0"


@dataclasses.dataclass
class Side:
    """What `joulemark profile` is told to select."""

    strategy: str
    shape: dict
    device: str = OURS
    threads: int | None = None


@dataclasses.dataclass
class Row:
    name: str
    family: str
    ours: Side
    peer_name: str
    peer: Side
    # How many times the peer's time ours is to be at least.
    target: float
    # The stage of both that is compared, when it is not all of them.
    stage: str | None = None

    @property
    def takes_turns(self):
        """Whether one run measures both, round by round. Stages are looked at a few times a run, and a run has one
        shape and one number of threads: those sides take turns as runs."""
        same = (self.ours.shape, self.ours.threads) == (self.peer.shape, self.peer.threads)
        return not (same and self.stage is None)


def row(name, family, strategy, shape, peer_name, peer, device, target, stage=None):
    return Row(name, family, Side(strategy, shape), peer_name, Side(peer, shape, device), target, stage)


def attention(heads, key_heads, queries, keys, size, causal=0, window=0):
    return {
        "B": 1, "Hq": heads, "Hkv": key_heads, "Lq": queries, "Lk": keys, "D": size, "causal": causal, "window": window}


def attention_rows():
    shapes = [
        ("8 heads, 1024, D=64", attention(8, 8, 1024, 1024, 64), 1.15),
        ("8 heads, 1024, D=128", attention(8, 8, 1024, 1024, 128), 1.05),
        ("8 heads, 2048, D=64, causal", attention(8, 8, 2048, 2048, 64, causal=1), 1.5),
        ("32 heads, 512, D=128, causal", attention(32, 32, 512, 512, 128, causal=1), 1.6),
    ]
    for name, shape, target in shapes:
        yield row(name, "attention", "flash", shape, "PyTorch flash", "torch-flash", TORCH, target)
        yield row(name, "attention", "flash", shape, "PyTorch math", "torch-math", TORCH, 1.0)
    decode = attention(32, 8, 1, 4096, 128, causal=1)
    yield row(
        "decode, 32/8 heads, 4096, D=128", "attention", "flash", decode, "PyTorch flash", "torch-flash", TORCH, 3.0)
    name, window = "window 256, 8 heads, 4096, D=64", attention(8, 8, 4096, 4096, 64, causal=1, window=256)
    yield row(name, "attention", "flash", window, "PyTorch flash, mask", "torch-flash", TORCH, 10.0)
    blocks = window | {"block": 64, "localBlocks": 0, "globalBlocks": 0, "randomBlocks": 0}
    for strategy in ["block-skip", "block-list"]:
        yield row(name, "sparse-attention", strategy, blocks, "PyTorch flash, mask", "torch-flash", TORCH, 10.0)
    for size in [64, 128]:
        shape = attention(8, 8, 1024, 1024, size)
        for stage in ["scores", "values"]:
            yield row(f"{stage} of 8 heads, 1024, D={size}", "attention", "unfused", shape, "OpenBLAS sgemm",
                      "numpy-unfused", NUMPY, 0.85, stage)
    shape = attention(8, 8, 1024, 1024, 64)
    yield Row("8 heads, 1024, D=64", "attention", Side("flash", shape), "ours, one thread",
              Side("flash", shape, threads=1), 1.85)


def state_space_rows():
    mamba = {"B": 1, "L": 1024, "D": 1536, "N": 16}
    yield row("mamba-130m, 1024", "selective-scan", "fused", mamba, "PyTorch recurrence", "torch-recurrence", TORCH, 100.0)
    yield row("mamba-130m, 1024", "selective-scan", "fused", mamba, "ours, unfused", "unfused", OURS, 1.0)
    # The shape that llama.cpp's backend tests time.
    ssd = {"B": 1, "L": 512, "H": 48, "P": 64, "N": 128, "G": 1, "Q": 64}
    for strategy in ["chunked-fused", "chunked-unfused", "recurrent"]:
        yield row("48 heads × 64, N=128, 512", "ssd", strategy, ssd, "PyTorch chunked", "torch-chunked", TORCH, 1.0)


def matrix_rows():
    def sparse(density, block=1):
        return {"M": 2048, "K": 2048, "N": 256, "density": density, "block": block, "twoFour": 0}

    def product(rows, columns, inner, bits=0):
        return {"M": rows, "N": columns, "K": inner, "bits": bits}

    name = "2048², 90 % zeros, N=256"
    for strategy in ["csr-vector", "csr-row", "merge-path", "sell-c-sigma"]:
        yield row(name, "spmm", strategy, sparse(10), "PyTorch CSR", "torch-csr", TORCH, 1.5)
    yield row(name, "spmm", "csr-vector", sparse(10), "SciPy CSR", "scipy-csr", NUMPY, 1.5)
    for strategy in ["csr-row", "csr-vector"]:
        yield row("2048², 70 % zeros, N=256", "spmm", strategy, sparse(30), "OpenBLAS sgemm, dense", "numpy-dense", NUMPY, 1.0)
    yield row("2048² as if without zeros, N=256", "spmm", "dense", sparse(30), "OpenBLAS sgemm", "numpy-dense", NUMPY, 0.85)
    name = "2048², 90 % zero blocks of 32"
    yield row(name, "spmm", "bsr", sparse(10, 32), "PyTorch BSR", "torch-bsr", TORCH, 1.0)
    yield row(name, "spmm", "bsr", sparse(10, 32), "SciPy BSR", "scipy-bsr", NUMPY, 1.0)
    for rows in [64, 512]:
        shape = product(rows, 4096, 4096)
        yield row(f"{rows} × 4096 × 4096", "matmul", "f32", shape, "OpenBLAS sgemm", "numpy", NUMPY, 0.85)
    # 256 MiB of float32 weights: more than any cache.
    name, shape = "1 × 8192 × 8192", product(1, 8192, 8192)
    yield row(name, "matmul", "f32", shape, "OpenBLAS", "numpy", NUMPY, 0.85)
    yield Row(name, "matmul", Side("q4", product(1, 8192, 8192, 4)), "ours, f32", Side("f32", shape), 2.5)


def all_rows():
    return [*attention_rows(), *state_space_rows(), *matrix_rows()]
