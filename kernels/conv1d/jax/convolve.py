import jax
import jax.numpy as jnp


@jax.jit
def convolve(x, w, bias):
    """y[l] = silu(bias + Σⱼ w[j] · x[l − (W − 1) + j]), in float32."""
    length, taps = x.shape[1], w.shape[1]
    padded = jnp.pad(x, ((0, 0), (taps - 1, 0), (0, 0))).astype(jnp.float32)
    sum = bias.astype(jnp.float32)
    for tap in range(taps):
        sum = sum + padded[:, tap:tap + length] * w[:, tap].astype(jnp.float32)
    return jax.nn.silu(sum).astype(x.dtype)
