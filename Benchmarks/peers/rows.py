"""The rows of the table: a workload, our strategy, a peer, and the ratio that we mean to reach."""

import dataclasses
from collections.abc import Callable

import peers


@dataclasses.dataclass
class Row:
    name: str
    family: str
    strategy: str
    parameters: dict
    peer_name: str
    # From our inputs to a call that computes the outputs; or None: the peer is another strategy of ours, or other threads.
    peer: Callable | None
    # How many times the peer's time ours is to be at least.
    target: float
    # What bounds the kernel: "arithmetic" or "memory".
    limit: str
    # The stage that is compared, when it is not all of them.
    stage: str | None = None
    # The share of the workload's operations that the stage does.
    share: float = 1.0
    # From our inputs and the peer's output to the workload's output, when the peer computes something before it.
    completion: Callable | None = None
    # A strategy of ours and its parameters, or a number of threads, in place of a peer.
    own_strategy: tuple[str, dict] | None = None
    own_threads: int | None = None


def attention(heads, key_heads, queries, keys, size, causal=0, window=0):
    return {
        "B": 1, "Hq": heads, "Hkv": key_heads, "Lq": queries, "Lk": keys, "D": size, "causal": causal, "window": window}


def attention_rows():
    flash, math = peers.flash_attention, peers.math_attention
    shapes = [
        ("8 heads, 1024, D=64", attention(8, 8, 1024, 1024, 64), 1.15),
        ("8 heads, 1024, D=128", attention(8, 8, 1024, 1024, 128), 1.05),
        ("8 heads, 2048, D=64, causal", attention(8, 8, 2048, 2048, 64, causal=1), 1.5),
        ("32 heads, 512, D=128, causal", attention(32, 32, 512, 512, 128, causal=1), 1.6),
    ]
    for name, shape, target in shapes:
        causal = bool(shape["causal"])
        yield Row(name, "attention", "flash", shape, "PyTorch flash", peers.attention(flash, causal), target, "arithmetic")
        yield Row(name, "attention", "flash", shape, "PyTorch math", peers.attention(math, causal), 1.0, "arithmetic")
    decode = attention(32, 8, 1, 4096, 128, causal=1)
    yield Row("decode, 32/8 heads, 4096, D=128", "attention", "flash", decode, "PyTorch flash", peers.attention(flash), 3.0,
              "memory")
    window = attention(8, 8, 4096, 4096, 64, causal=1, window=256)
    yield Row("window 256, 8 heads, 4096, D=64", "attention", "flash", window, "PyTorch flash, mask",
              peers.attention(flash, True, 256), 10.0, "arithmetic")
    blocks = window | {"block": 64, "localBlocks": 0, "globalBlocks": 0, "randomBlocks": 0}
    for strategy in ["block-skip", "block-list"]:
        yield Row("window 256, 8 heads, 4096, D=64", "sparse-attention", strategy, blocks, "PyTorch flash, mask",
                  peers.attention(flash, True, 256), 10.0, "arithmetic")
    for size in [64, 128]:
        shape = attention(8, 8, 1024, 1024, size)
        name = f"8 heads, 1024, D={size}"
        yield Row(f"scores of {name}", "attention", "unfused", shape, "OpenBLAS sgemm", peers.scores_by_sgemm, 0.85,
                  "arithmetic", stage="scores", share=0.5, completion=peers.attention_from_scores)
        yield Row(f"values of {name}", "attention", "unfused", shape, "OpenBLAS sgemm", peers.values_by_sgemm, 0.85,
                  "arithmetic", stage="values", share=0.5)
    shape = attention(8, 8, 1024, 1024, 64)
    yield Row("8 heads, 1024, D=64", "attention", "flash", shape, "ours, one thread", None, 1.85, "arithmetic", own_threads=1)


def state_space_rows():
    mamba = {"B": 1, "L": 1024, "D": 1536, "N": 16}
    yield Row("mamba-130m, 1024", "selective-scan", "fused", mamba, "PyTorch recurrence", peers.selective_scan, 100.0,
              "arithmetic")
    yield Row("mamba-130m, 1024", "selective-scan", "fused", mamba, "ours, unfused", None, 1.0, "arithmetic",
              own_strategy=("unfused", mamba))
    # The shape that llama.cpp's backend tests time.
    ssd = {"B": 1, "L": 512, "H": 48, "P": 64, "N": 128, "G": 1, "Q": 64}
    for strategy in ["chunked-fused", "chunked-unfused", "recurrent"]:
        yield Row("48 heads × 64, N=128, 512", "ssd", strategy, ssd, "PyTorch chunked", peers.state_space_dual(64), 1.0,
                  "arithmetic")


def matrix_rows():
    def sparse(density, block=1):
        return {"M": 2048, "K": 2048, "N": 256, "density": density, "block": block, "twoFour": 0}

    for strategy in ["csr-vector", "csr-row", "merge-path", "sell-c-sigma"]:
        yield Row("2048², 90 % zeros, N=256", "spmm", strategy, sparse(10), "PyTorch CSR", peers.torch_sparse(), 1.5,
                  "arithmetic")
    yield Row("2048², 90 % zeros, N=256", "spmm", "csr-vector", sparse(10), "SciPy CSR", peers.scipy_sparse(), 1.5, "arithmetic")
    for strategy in ["csr-row", "csr-vector"]:
        yield Row("2048², 70 % zeros, N=256", "spmm", strategy, sparse(30), "OpenBLAS sgemm, dense", peers.dense_of_sparse,
                  1.0, "arithmetic")
    yield Row("2048² as if without zeros, N=256", "spmm", "dense", sparse(30), "OpenBLAS sgemm", peers.dense_of_sparse, 0.85,
              "arithmetic")
    yield Row("2048², 90 % zero blocks of 32", "spmm", "bsr", sparse(10, 32), "PyTorch BSR", peers.torch_sparse(32), 1.0,
              "arithmetic")
    yield Row("2048², 90 % zero blocks of 32", "spmm", "bsr", sparse(10, 32), "SciPy BSR", peers.scipy_sparse(32), 1.0,
              "arithmetic")
    for rows in [64, 512]:
        shape = {"M": rows, "N": 4096, "K": 4096, "bits": 0}
        yield Row(f"{rows} × 4096 × 4096", "matmul", "f32", shape, "OpenBLAS sgemm", peers.sgemm, 0.85, "arithmetic")
    # 256 MiB of float32 weights: more than any cache.
    row = {"M": 1, "N": 8192, "K": 8192, "bits": 0}
    yield Row("1 × 8192 × 8192", "matmul", "f32", row, "OpenBLAS", peers.sgemm, 0.85, "memory")
    yield Row("1 × 8192 × 8192", "matmul", "q4", row | {"bits": 4}, "ours, f32", None, 2.5, "memory",
              own_strategy=("f32", row))


def all_rows():
    return [*attention_rows(), *state_space_rows(), *matrix_rows()]
