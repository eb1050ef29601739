from ..jax_attention import call


def prepare(q, k, v, causal, window):
    return call("xla", q, k, v, causal, window)
