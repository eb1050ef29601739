import functools

import jax
import jax.numpy as jnp


def chunks(tensor, length):
    """In float32, cut after every so many steps; steps of dt = 0, which are added, neither decay nor drive a state."""
    missing = -tensor.shape[1] % length
    padded = jnp.pad(tensor.astype(jnp.float32), ((0, 0), (0, missing)) + ((0, 0),) * (tensor.ndim - 2))
    return padded.reshape(tensor.shape[0], -1, length, *tensor.shape[2:])


@functools.partial(jax.jit, static_argnames="Q")
def scan(x, dt, A, Bm, Cm, Dv, Q):
    """Within chunks, states of chunks, their passing on, and out."""
    batch, length, heads, size = x.shape
    share = heads // Bm.shape[2]
    values, steps = chunks(x, Q), chunks(dt, Q)
    driven = values * steps[..., None]
    bs, cs = (chunks(jnp.repeat(tensor, share, axis=2), Q) for tensor in (Bm, Cm))
    sums = jnp.cumsum((steps * A.astype(jnp.float32)).transpose(0, 3, 1, 2), axis=-1)
    visible = jnp.tril(jnp.ones((Q, Q), dtype=bool))
    decay = jnp.exp(jnp.where(visible, sums[..., :, None] - sums[..., None, :], -jnp.inf))
    weights = jnp.einsum("bclhn,bcshn->bhcls", cs, bs) * decay
    inside = jnp.einsum("bhcls,bcshp->bclhp", weights, driven)
    remaining = jnp.exp(sums[..., -1:] - sums)
    states = jnp.einsum("bclhn,bhcl,bclhp->cbhpn", bs, remaining, driven)
    whole = jnp.exp(sums[..., -1]).transpose(2, 0, 1)

    def pass_on(state, chunk):
        factor, own = chunk
        return state * factor[..., None, None] + own, state

    _, before = jax.lax.scan(pass_on, jnp.zeros_like(states[0]), (whole, states))
    carried = jnp.einsum("bclhn,cbhpn,bhcl->bclhp", cs, before, jnp.exp(sums))
    result = (inside + carried).reshape(batch, -1, heads, size)[:, :length]
    return (result + x.astype(jnp.float32) * Dv.astype(jnp.float32)[:, None]).astype(x.dtype)
