"""The family's formula in PyTorch."""

from torch.nn.functional import conv1d, silu


def convolved(x, w, bias):
    """y = silu(bias + a causal convolution of each channel); PyTorch wants channels before positions."""
    channels, taps = w.shape
    result = conv1d(x.transpose(1, 2), w[:, None], bias, padding=taps - 1, groups=channels)
    return silu(result[..., : x.shape[1]]).transpose(1, 2)
