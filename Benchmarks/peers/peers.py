"""What people run today, as functions of joulemark's inputs. Each gives a call that computes the outputs once."""

import warnings

import numpy
import scipy.sparse
import torch
from torch.nn.attention import SDPBackend, sdpa_kernel
from torch.nn.functional import scaled_dot_product_attention, silu

# PyTorch calls its sparse tensors a beta, and says that it does not check them.
warnings.filterwarnings("ignore", message="Sparse (CSR|BSR|invariant)")


def tensors(inputs, *names):
    return [torch.from_numpy(numpy.ascontiguousarray(inputs[name])) for name in names]


# Attention


def attention(backend, causal=False, window=0):
    """scaled_dot_product_attention by one of PyTorch's ways, key heads as they are grouped."""

    def prepare(inputs):
        q, k, v = tensors(inputs, "q", "k", "v")
        options = {"enable_gqa": q.shape[1] != k.shape[1]}
        if window:
            distance = torch.arange(q.shape[2])[:, None] - torch.arange(k.shape[2])[None, :]
            options["attn_mask"] = (distance >= 0) & (distance < window) if causal else distance < window
        else:
            # With one query PyTorch's causal mask shows the first key alone; ours shows all, as decoding means it.
            options["is_causal"] = causal and q.shape[2] > 1

        def call():
            with torch.inference_mode(), sdpa_kernel(backend):
                return scaled_dot_product_attention(q, k, v, **options)

        return call

    return prepare


flash_attention = SDPBackend.FLASH_ATTENTION
math_attention = SDPBackend.MATH


def scores_by_sgemm(inputs):
    """Q Kᵀ, a product a head, by the sgemm of NumPy's OpenBLAS."""
    q, k = inputs["q"], inputs["k"]
    group = q.shape[1] // k.shape[1]
    scores = numpy.empty(q.shape[:3] + (k.shape[2],), numpy.float32)

    def call():
        for head in range(q.shape[1]):
            numpy.matmul(q[0, head], k[0, head // group].T, out=scores[0, head])
        return scores

    return call


def values_by_sgemm(inputs):
    """Weights times V, a product a head, by the sgemm of NumPy's OpenBLAS."""
    v = inputs["v"]
    weights = softmax(scores_by_sgemm(inputs)() / numpy.sqrt(v.shape[3], dtype=numpy.float32))
    group = weights.shape[1] // v.shape[1]
    output = numpy.empty(inputs["q"].shape, numpy.float32)

    def call():
        for head in range(weights.shape[1]):
            numpy.matmul(weights[0, head], v[0, head // group], out=output[0, head])
        return output

    return call


def softmax(scores):
    weights = numpy.exp(scores - scores.max(axis=-1, keepdims=True))
    return weights / weights.sum(axis=-1, keepdims=True)


def attention_from_scores(inputs, scores):
    """The output that follows from scores, with which a stage's peer is checked."""
    weights = softmax(scores / numpy.sqrt(inputs["q"].shape[3], dtype=numpy.float32))
    group = weights.shape[1] // inputs["v"].shape[1]
    return weights @ numpy.repeat(inputs["v"], group, axis=1)


# State spaces


def selective_scan(inputs):
    """The recurrence of Mamba's reference: exp(ΔA) and ΔBu as tensors, then a step at a time."""
    u, delta, z, rates, b, c, skip = tensors(inputs, "u", "delta", "z", "A", "Bm", "Cm", "Dv")

    def call():
        with torch.inference_mode():
            decay = torch.exp(torch.einsum("bld,dn->bldn", delta, rates))
            drive = torch.einsum("bld,bln,bld->bldn", delta, b, u)
            state = torch.zeros(decay[:, 0].shape)
            steps = []
            for step in range(u.shape[1]):
                state = decay[:, step] * state + drive[:, step]
                steps.append(torch.einsum("bdn,bn->bd", state, c[:, step]))
            return (torch.stack(steps, dim=1) + u * skip) * silu(z)

    return call


def state_space_dual(chunk):
    """Mamba-2's chunked form (Dao and Gu 2024, section 6) in einsums: within chunks, chunk states, their passing on, out."""

    def prepare(inputs):
        x, dt, rates, b, c, skip = tensors(inputs, "x", "dt", "A", "Bm", "Cm", "Dv")
        heads = x.shape[2] // b.shape[2]

        def chunks(tensor):
            return tensor.unflatten(1, (-1, chunk))

        def call():
            with torch.inference_mode():
                driven = chunks(x * dt[..., None])
                bs, cs = chunks(b.repeat_interleave(heads, 2)), chunks(c.repeat_interleave(heads, 2))
                sums = chunks(dt * rates).permute(0, 3, 1, 2).cumsum(-1)
                between = sums[..., :, None] - sums[..., None, :]
                visible = torch.ones(chunk, chunk, dtype=torch.bool).tril()
                decay = torch.exp(between.masked_fill(~visible, -torch.inf))
                weights = torch.einsum("bclhn,bcshn->bhcls", cs, bs) * decay
                inside = torch.einsum("bhcls,bcshp->bclhp", weights, driven)
                remaining = torch.exp(sums[..., -1:] - sums)
                states = torch.einsum("bclhn,bhcl,bclhp->bchpn", bs, remaining, driven)
                state, before = torch.zeros(states[:, 0].shape), []
                for index in range(states.shape[1]):
                    before.append(state)
                    state = state * torch.exp(sums[:, :, index, -1])[..., None, None] + states[:, index]
                carried = torch.einsum("bclhn,bchpn,bhcl->bclhp", cs, torch.stack(before, 1), torch.exp(sums))
                return (inside + carried).flatten(1, 2) + x * skip[:, None]

        return call

    return prepare


# Matrices


def sparse_matrix(inputs):
    pattern = inputs["a_indices"], inputs["a_indptr"]
    rows, columns = len(inputs["a_indptr"]) - 1, inputs["b"].shape[0]
    return scipy.sparse.csr_matrix((inputs["a_data"],) + pattern, shape=(rows, columns))


def torch_sparse(block=1):
    """A product of PyTorch's CSR or, with a block, BSR tensor and a dense one."""

    def prepare(inputs):
        a = sparse_matrix(inputs)
        b = torch.from_numpy(inputs["b"])
        with torch.inference_mode():
            if block == 1:
                left = torch.sparse_csr_tensor(
                    torch.from_numpy(a.indptr), torch.from_numpy(a.indices), torch.from_numpy(a.data), a.shape)
            else:
                blocks = scipy.sparse.bsr_matrix(a, blocksize=(block, block))
                left = torch.sparse_bsr_tensor(
                    torch.from_numpy(blocks.indptr), torch.from_numpy(blocks.indices), torch.from_numpy(blocks.data),
                    a.shape)

        def call():
            with torch.inference_mode():
                return left @ b

        return call

    return prepare


def scipy_sparse(block=1):
    """A product of SciPy's CSR or, with a block, BSR matrix and a dense one; SciPy computes it with one thread."""

    def prepare(inputs):
        a = sparse_matrix(inputs)
        left = a if block == 1 else scipy.sparse.bsr_matrix(a, blocksize=(block, block))
        return lambda: left @ inputs["b"]

    return prepare


def dense_of_sparse(inputs):
    """The product with all its zeros, by the sgemm of NumPy's OpenBLAS."""
    a = sparse_matrix(inputs).toarray()
    c = numpy.empty((a.shape[0], inputs["b"].shape[1]), numpy.float32)
    return lambda: numpy.matmul(a, inputs["b"], out=c)


def sgemm(inputs):
    """A dense product by the sgemm of NumPy's OpenBLAS."""
    a, b = inputs["a"], inputs["b"]
    c = numpy.empty((a.shape[0], b.shape[1]), numpy.float32)
    return lambda: numpy.matmul(a, b, out=c)
