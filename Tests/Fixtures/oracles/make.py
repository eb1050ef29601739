"""Golden files for the float64 oracles, computed with NumPy and SciPy: python3 make.py

<family>/<case>/ holds parameters.json, the inputs and the outputs as .npy. Every output is computed by another
formulation than the oracle's: softmax over the full masked matrix, SciPy's sparse product, a scan as a sum over all
pairs of steps.
"""
import json
import shutil
from pathlib import Path

import numpy as np
import scipy.signal
import scipy.sparse
import scipy.special

here = Path(__file__).parent
rng = np.random.default_rng(20)


def normal(*shape, scale=1.0):
    return (rng.normal(size=shape) * scale).astype(np.float32)


def wide(array):
    return array.astype(np.float64)


def silu(x):
    return x * scipy.special.expit(x)


def save(family, case, parameters, inputs, outputs):
    folder = here / family / case
    folder.mkdir(parents=True)
    names = {"inputs": sorted(inputs), "outputs": sorted(outputs)}
    (folder / "parameters.json").write_text(json.dumps({"parameters": parameters} | names, indent=1) + "\n")
    for name, array in inputs.items():
        np.save(folder / f"{name}.npy", array)
    for name, array in outputs.items():
        # What is updated in place is an input too.
        np.save(folder / (f"{name}.out.npy" if name in inputs else f"{name}.npy"), array)


def full_attention(q, k, v, visible):
    """Softmax over the full matrix of logits, hidden ones at −∞."""
    q, k, v = wide(q), wide(k), wide(v)
    group = q.shape[1] // k.shape[1]
    k, v = np.repeat(k, group, axis=1), np.repeat(v, group, axis=1)
    logits = np.einsum("bhid,bhjd->bhij", q, k) / np.sqrt(q.shape[-1])
    logits = np.where(visible, logits, -np.inf)
    with np.errstate(invalid="ignore"):
        weights = scipy.special.softmax(logits, axis=-1)
    return np.einsum("bhij,bhjd->bhid", np.nan_to_num(weights, nan=0.0), v)


def visible_pairs(lq, lk, causal, window):
    i, j = np.arange(lq)[:, None] + (lk - lq), np.arange(lk)[None, :]
    visible = np.ones((lq, lk), bool)
    if causal:
        visible &= j <= i
    if window:
        visible &= i - j < window
    return visible


def attention(case, scale=1.0, **changes):
    p = dict(B=2, Hq=4, Hkv=2, Lq=13, Lk=19, D=24, causal=0, window=0) | changes
    q = normal(p["B"], p["Hq"], p["Lq"], p["D"], scale=scale)
    k, v = (normal(p["B"], p["Hkv"], p["Lk"], p["D"], scale=s) for s in (scale, 1.0))
    o = full_attention(q, k, v, visible_pairs(p["Lq"], p["Lk"], p["causal"], p["window"]))
    save("attention", case, p, dict(q=q, k=k, v=v), dict(o=o))


def sparse_attention(case, indptr, indices, **changes):
    p = dict(B=1, Hq=4, Hkv=2, Lq=30, Lk=30, D=16, causal=0, window=0, block=8, localBlocks=0, globalBlocks=0,
             randomBlocks=0) | changes
    q = normal(p["B"], p["Hq"], p["Lq"], p["D"])
    k, v = (normal(p["B"], p["Hkv"], p["Lk"], p["D"]) for _ in range(2))
    blocks = scipy.sparse.csr_array((np.ones(len(indices)), indices, indptr), shape=(len(indptr) - 1, -(-p["Lk"] // 8)))
    mask = np.kron(blocks.toarray(), np.ones((8, 8)))[: p["Lq"], : p["Lk"]] > 0
    o = full_attention(q, k, v, mask & visible_pairs(p["Lq"], p["Lk"], p["causal"], p["window"]))
    save("sparse-attention", case, p, dict(q=q, k=k, v=v, mask_indptr=np.array(indptr, np.int32),
                                           mask_indices=np.array(indices, np.int32)), dict(o=o))


def spmm(case, matrix, n):
    a = scipy.sparse.csr_array(matrix.astype(np.float32))
    a.sort_indices()
    b = normal(a.shape[1], n)
    p = dict(M=a.shape[0], K=a.shape[1], N=n, density=10, block=1, twoFour=0)
    save("spmm", case, p, dict(a_indptr=a.indptr.astype(np.int32), a_indices=a.indices.astype(np.int32), a_data=a.data, b=b),
         dict(c=a.astype(np.float64) @ wide(b)))


def moe(case, t, e, topk, k, n):
    x, w_gate, w_up, w_down = normal(t, k), normal(e, k, n, scale=k**-0.5), normal(e, k, n, scale=k**-0.5), normal(e, n, k)
    expert = np.stack([rng.permutation(e)[:topk] for _ in range(t)]).astype(np.int32)
    weight = rng.dirichlet(np.ones(topk), size=t).astype(np.float32)
    # Every expert for every token, then the router's weights pick.
    hidden = silu(np.einsum("tk,ekn->etn", wide(x), wide(w_gate))) * np.einsum("tk,ekn->etn", wide(x), wide(w_up))
    every = np.einsum("etn,enk->tek", hidden, wide(w_down))
    dense = np.zeros((t, e))
    np.put_along_axis(dense, expert, wide(weight), axis=1)
    save("moe", case, dict(T=t, E=e, topk=topk, K=k, N=n),
         dict(x=x, w_gate=w_gate, w_up=w_up, w_down=w_down, expert=expert, weight=weight),
         dict(y=np.einsum("te,tek->tk", dense, every)))


def pairwise_decay(rates):
    """exp of the sums of rates[s+1..t] for s ≤ t, 0 above the diagonal; the steps run along the first axis."""
    total = np.cumsum(rates, axis=0)
    decay = np.exp(np.minimum(total[:, None] - total[None, :], 0))
    lower = np.tri(len(rates), dtype=bool)
    return decay * lower.reshape(lower.shape + (1,) * (decay.ndim - 2))


def selective_scan(case, b, l, d, n, largest=0.1):
    u, z, bm, cm, dv = normal(b, l, d), normal(b, l, d), normal(b, l, n), normal(b, l, n), normal(d)
    delta = rng.uniform(0.001, largest, (b, l, d)).astype(np.float32)
    a = -rng.uniform(0.5, 16, (d, n)).astype(np.float32)
    y = np.zeros((b, l, d))
    for batch in range(b):
        decay = pairwise_decay(wide(delta[batch])[:, :, None] * wide(a))  # t, s, d, n
        added = (wide(delta) * wide(u))[batch][:, :, None] * wide(bm)[batch][:, None, :]  # s, d, n
        y[batch] = np.einsum("tsdn,sdn,tn->td", decay, added, wide(cm)[batch])
    y = (y + wide(dv) * wide(u)) * silu(wide(z))
    save("selective-scan", case, dict(B=b, L=l, D=d, N=n), dict(u=u, delta=delta, z=z, A=a, Bm=bm, Cm=cm, Dv=dv), dict(y=y))


def ssd(case, b, l, h, p, n, g, largest=0.1):
    x, bm, cm, dv = normal(b, l, h, p), normal(b, l, g, n), normal(b, l, g, n), normal(h)
    dt = rng.uniform(0.001, largest, (b, l, h)).astype(np.float32)
    a = -rng.uniform(1, 16, h).astype(np.float32)
    y = np.zeros((b, l, h, p))
    for batch in range(b):
        # The dual, quadratic form: y = (decay ∘ C Bᵀ) (dt x), as attention without a softmax.
        decay = pairwise_decay(wide(dt[batch]) * wide(a))  # t, s, h
        pairs = np.repeat(np.einsum("tgn,sgn->tsg", wide(cm[batch]), wide(bm[batch])), h // g, axis=2)
        y[batch] = np.einsum("tsh,sh,shp->thp", decay * pairs, wide(dt[batch]), wide(x[batch]))
    y += wide(dv)[:, None] * wide(x)
    save("ssd", case, dict(B=b, L=l, H=h, P=p, N=n, G=g, Q=16), dict(x=x, dt=dt, A=a, Bm=bm, Cm=cm, Dv=dv), dict(y=y))


def conv1d(case, b, l, d, w):
    x, taps, bias = normal(b, l, d), normal(d, w), normal(d)
    y = np.stack([scipy.signal.lfilter(wide(taps)[c, ::-1], [1.0], wide(x)[:, :, c], axis=1) for c in range(d)], axis=2)
    save("conv1d", case, dict(B=b, L=l, D=d, W=w), dict(x=x, w=taps, bias=bias), dict(y=silu(y + wide(bias))))


def rmsnorm(case, t, d):
    x, residual, weight = normal(t, d), normal(t, d), normal(d)
    x[t // 2], residual[t // 2] = 0, 0
    total = wide(x) + wide(residual)
    norm = np.linalg.norm(total, axis=1, keepdims=True) / np.sqrt(d)
    save("rmsnorm-residual", case, dict(T=t, D=d), dict(x=x, residual=residual, weight=weight),
         dict(y=total / np.hypot(norm, np.sqrt(1e-5)) * wide(weight), residual_out=total))


def swiglu(case, t, d, scale):
    gate, up = normal(t, d, scale=scale), normal(t, d)
    save("swiglu", case, dict(T=t, D=d), dict(gate=gate, up=up), dict(y=silu(wide(gate)) * wide(up)))


def matmul(case, m, n, k):
    a, b = normal(m, k), normal(k, n)
    save("matmul", case, dict(M=m, N=n, K=k, bits=0), dict(a=a, b=b), dict(c=wide(a) @ wide(b)))


def gelu(case, t, d, scale):
    x, bias = normal(t, d, scale=scale), normal(d, scale=0.1)
    v = wide(x) + wide(bias)
    save("gelu", case, dict(T=t, D=d), dict(x=x, bias=bias),
         dict(y=0.5 * v * (1 + np.tanh(np.sqrt(2 / np.pi) * (v + 0.044715 * v**3)))))


def strided_copy(case, shape, strides, first, size):
    x = normal(size)
    view = np.lib.stride_tricks.as_strided(x[first:], shape, [4 * stride for stride in strides] + [4])
    names = dict(zip(["A", "B", "C", "D"], shape)) | dict(zip(["strideA", "strideB", "strideC"], strides))
    save("strided-copy", case, names | dict(first=first, size=size), dict(x=x), dict(y=wide(view)))


def rotary_append(case, b, l, hq, hkv, d, positions, rotated):
    """Pairs as complex numbers, turned by the exponential of their angles."""
    qkv, k, v = normal(b * l, (hq + 2 * hkv) * d), normal(b, hkv, positions, d), normal(b, hkv, positions, d)
    half = max(rotated // 2, 1)
    angles = np.arange(positions - l, positions)[:, None] * 10000.0 ** (-np.arange(half) / half)
    rotation = np.concatenate([np.cos(angles), np.sin(angles)], axis=1).astype(np.float32)
    heads = wide(qkv).reshape(b, l, hq + 2 * hkv, d).transpose(0, 2, 1, 3).copy()
    if rotated:
        turn = wide(rotation[:, :half]) + 1j * wide(rotation[:, half:])
        pairs = (heads[:, : hq + hkv, :, :half] + 1j * heads[:, : hq + hkv, :, half : 2 * half]) * turn
        heads[:, : hq + hkv, :, :half], heads[:, : hq + hkv, :, half : 2 * half] = pairs.real, pairs.imag
    new_k, new_v = wide(k), wide(v)
    new_k[:, :, positions - l :], new_v[:, :, positions - l :] = heads[:, hq : hq + hkv], heads[:, hq + hkv :]
    save("rotary-append", case, dict(B=b, L=l, Hq=hq, Hkv=hkv, D=d, positions=positions, rotated=rotated),
         dict(qkv=qkv, rotation=rotation, k=k, v=v), dict(q=heads[:, :hq], k=new_k, v=new_v))


def early_exit(case, t, d, layers):
    """Each token by itself, as far as it goes."""
    x, w = normal(t, d), normal(layers, d, d, scale=d**-0.5)
    depth = rng.integers(0, layers + 1, size=t).astype(np.int32)
    y = wide(x)
    for token in range(t):
        for layer in range(depth[token]):
            y[token] += silu(y[token] @ wide(w[layer]))
    save("early-exit", case, dict(T=t, D=d, layers=layers), dict(x=x, w=w, depth=depth), dict(y=y))



for old in here.iterdir():
    if old.is_dir():
        shutil.rmtree(old)
attention("plain")
attention("causal", causal=1)
attention("rows-without-keys", Lq=19, Lk=13, causal=1)
attention("window", Lq=19, causal=1, window=5)
attention("window-both-ways", Lq=19, window=3)
attention("decode", Lq=1, Lk=40, causal=1)
attention("large-logits", scale=5.0)
attention("odd-head-size", D=17)
sparse_attention("listed-blocks", [0, 2, 3, 6, 8], [0, 2, 1, 0, 2, 3, 1, 3])
sparse_attention("causal-with-empty-rows", [0, 1, 1, 3, 5], [0, 0, 2, 0, 3], causal=1)
sparse_attention("window", [0, 1, 3, 5, 7], [0, 0, 1, 1, 2, 2, 3], causal=1, window=6)
pattern = rng.normal(size=(29, 41)) * (rng.random((29, 41)) < 0.15)
pattern[[3, 4, 28]] = 0
pattern[10] = rng.normal(size=41)
spmm("empty-and-dense-rows", pattern, 11)
spmm("vector", pattern, 1)
moe("top-2-of-6", 9, 6, 2, 12, 20)
moe("idle-experts", 2, 7, 1, 10, 6)
selective_scan("short", 2, 23, 5, 4)
selective_scan("one-step", 3, 1, 4, 16)
selective_scan("long-decay", 1, 12, 3, 4, largest=5.0)
ssd("two-groups", 2, 21, 4, 6, 8, 2)
ssd("one-step", 3, 1, 2, 4, 5, 1)
ssd("long-decay", 1, 11, 3, 4, 5, 1, largest=5.0)
conv1d("four-taps", 2, 13, 7, 4)
conv1d("shorter-than-the-filter", 2, 2, 5, 4)
rmsnorm("rows", 5, 37)
swiglu("rows", 5, 37, 1.0)
swiglu("large-gates", 5, 37, 30.0)
matmul("odd", 9, 13, 21)
gelu("rows", 5, 37, 1.0)
gelu("large-arguments", 5, 37, 30.0)
strided_copy("heads", (2, 5, 3, 7), (105, 7, 35), 0, 210)
strided_copy("part-of-rows", (1, 1, 9, 13), (0, 0, 31), 11, 279)
rotary_append("cache", 2, 3, 4, 2, 8, 7, 8)
rotary_append("part-of-a-head", 1, 5, 2, 1, 12, 5, 6)
rotary_append("no-rotation", 2, 2, 3, 1, 6, 4, 0)
early_exit("depths", 9, 12, 4)
