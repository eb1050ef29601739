"""dot_product_attention of JAX, by one of its implementations."""

import functools

import jax

from .jax_visible import visible


@functools.partial(jax.jit, static_argnames=("implementation", "causal", "window"))
def attention(q, k, v, implementation, causal, window):
    """Lengths stand before heads, as JAX wants them; the result is as the family has it."""
    # JAX counts queries from the first key; ours end with the last.
    is_plain = causal and not window and q.shape[1] == k.shape[1]
    mask = None if is_plain else visible(q.shape[1], k.shape[1], causal, window)
    result = jax.nn.dot_product_attention(
        q, k, v, mask=None if mask is None else mask[None, None], is_causal=bool(is_plain),
        implementation=implementation)
    return result.swapaxes(1, 2)


def call(implementation, q, k, v, causal, window):
    """Attention of these tensors by an implementation of JAX's, compiled."""
    q, k, v = (tensor.swapaxes(1, 2) for tensor in (q, k, v))

    def attend():
        return attention(q, k, v, implementation, causal, window)

    jax.block_until_ready(attend())
    return attend
