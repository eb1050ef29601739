"""scaled_dot_product_attention of PyTorch, by one of its ways or by the one that it chooses."""

import contextlib

import torch
from torch.nn.attention import sdpa_kernel
from torch.nn.functional import scaled_dot_product_attention


def options(q, k, causal, window):
    """What PyTorch is told beside the tensors; masks are made once.

    With one query its causal mask would show the first key alone: ours shows all, as decoding means it. Unequal lengths
    have the last query beside the last key.
    """
    queries, keys = q.shape[2], k.shape[2]
    result = {"enable_gqa": q.shape[1] != k.shape[1]}
    if window or (causal and 1 < queries != keys):
        position = torch.arange(queries, device=q.device)[:, None] + (keys - queries)
        distance = position - torch.arange(keys, device=q.device)[None, :]
        visible = torch.ones_like(distance, dtype=torch.bool)
        if causal:
            visible &= distance >= 0
        if window:
            visible &= distance < window
        result["attn_mask"] = visible
    elif causal and queries > 1:
        result["is_causal"] = True
    return result


def call(backend, q, k, v, causal, window):
    """Attention of these tensors by a backend of PyTorch's; None: by the one that it chooses."""
    keywords = options(q, k, causal, window)

    def attend():
        with sdpa_kernel(backend) if backend is not None else contextlib.nullcontext():
            return scaled_dot_product_attention(q, k, v, **keywords)

    return attend
