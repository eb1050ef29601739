import jax


@jax.jit
def gate_up(gate, up):
    return jax.nn.silu(gate) * up
