"""What comes before and after the scan of the states, for JAX."""

import jax
import jax.numpy as jnp


def floats(*tensors):
    """In float32, whatever they are stored in."""
    return (tensor.astype(jnp.float32) for tensor in tensors)


def gated(states, u, z, Dv, type):
    """(Cm·h + Dv·u) · silu(z), the first term given."""
    u, z, Dv = floats(u, z, Dv)
    return ((states + u * Dv) * jax.nn.silu(z)).astype(type)
