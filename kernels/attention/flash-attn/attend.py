from flash_attn import flash_attn_func


def prepare(q, k, v, causal, window):
    # The package wants lengths before heads, and no more than a view of them is needed.
    q, k, v = (tensor.transpose(1, 2) for tensor in (q, k, v))
    sides = (window - 1 if window else -1, 0 if causal else -1)
    return lambda: flash_attn_func(q, k, v, causal=bool(causal), window_size=sides).transpose(1, 2)
