import math

import torch

from ..sdpa import options


@torch.compile
def attention(q, k, v, visible):
    """softmax(q kᵀ / √D) v written out, for the compiler to fuse."""
    group = q.shape[1] // k.shape[1]
    k, v = k.repeat_interleave(group, dim=1), v.repeat_interleave(group, dim=1)
    scores = q @ k.transpose(2, 3) / math.sqrt(q.shape[3])
    if visible is not None:
        scores = scores.masked_fill(~visible, -math.inf)
    return torch.softmax(scores, dim=-1) @ v


def prepare(q, k, v, causal, window):
    keywords = options(q, k, causal, window)
    visible = keywords.get("attn_mask")
    if keywords.get("is_causal"):
        visible = torch.ones(q.shape[2], k.shape[2], dtype=torch.bool, device=q.device).tril()
    return lambda: attention(q, k, v, visible)
