"""The family's formula in PyTorch."""

from torch.nn.functional import silu


def gated(gate, up):
    """y = silu(gate) · up."""
    return silu(gate) * up
