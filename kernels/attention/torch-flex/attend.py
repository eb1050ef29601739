import functools

import torch
from torch.nn.attention.flex_attention import create_block_mask, flex_attention

# Beyond it PyTorch would run the formula uncompiled, and only warn.
torch._dynamo.config.recompile_limit = 1024
attention = torch.compile(flex_attention, dynamic=False)


@functools.lru_cache(maxsize=None)
def block_mask(queries, keys, causal, window, device):
    """One for all inputs of a shape: another function is another compilation."""
    if not causal and not window:
        return None

    def is_visible(batch, head, query, key):
        distance = query + (keys - queries) - key
        seen = distance >= 0 if causal else distance > -keys
        return seen & (distance < window) if window else seen

    return create_block_mask(is_visible, None, None, queries, keys, device=device)


def prepare(q, k, v, causal, window):
    mask = block_mask(q.shape[2], k.shape[2], causal, window, q.device)
    is_grouped = q.shape[1] != k.shape[1]
    return lambda: attention(q, k, v, block_mask=mask, enable_gqa=is_grouped)
