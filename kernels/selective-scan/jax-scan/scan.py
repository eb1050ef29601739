import jax
import jax.numpy as jnp

from ..jax_ends import floats, gated


@jax.jit
def scan(u, delta, z, A, Bm, Cm, Dv):
    """A step has no tensor of all states: exp(ΔA) and ΔBu are made when they are needed."""
    decay = A.astype(jnp.float32)

    def step(state, rows):
        u, delta, b, c = rows
        state = jnp.exp(delta[..., None] * decay) * state + (delta * u)[..., None] * b[:, None, :]
        return state, jnp.einsum("bdn,bn->bd", state, c)

    rows = tuple(tensor.swapaxes(0, 1) for tensor in floats(u, delta, Bm, Cm))
    start = jnp.zeros((u.shape[0], u.shape[2], A.shape[1]), dtype=jnp.float32)
    _, states = jax.lax.scan(step, start, rows)
    return gated(states.swapaxes(0, 1), u, z, Dv, u.dtype)
