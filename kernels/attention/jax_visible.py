"""Which keys a query sees, for JAX."""

import jax.numpy as jnp


def visible(queries, keys, causal, window):
    """True where it does; None where it sees all. Of unequal lengths the last query is beside the last key."""
    if not window and not (causal and queries > 1):
        return None
    distance = jnp.arange(queries)[:, None] + (keys - queries) - jnp.arange(keys)[None, :]
    seen = distance >= 0 if causal else jnp.ones_like(distance, dtype=bool)
    return seen & (distance < window) if window else seen
