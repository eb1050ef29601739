import functools
import math

import jax
import jax.numpy as jnp

from ..jax_visible import visible


@functools.partial(jax.jit, static_argnames=("causal", "window"))
def attend(q, k, v, causal, window):
    """softmax(q kᵀ / √D) v; the heads that share keys stand in an axis of their own."""
    batch, heads, queries, size = q.shape
    q = q.reshape(batch, k.shape[1], -1, queries, size)
    scores = jnp.einsum("bgrid,bgjd->bgrij", q, k, preferred_element_type=jnp.float32) / math.sqrt(size)
    seen = visible(queries, k.shape[2], causal, window)
    weights = jax.nn.softmax(scores if seen is None else jnp.where(seen, scores, -jnp.inf), axis=-1)
    values = jnp.einsum("bgrij,bgjd->bgrid", weights.astype(v.dtype), v, preferred_element_type=jnp.float32)
    return values.astype(v.dtype).reshape(batch, heads, queries, size)
