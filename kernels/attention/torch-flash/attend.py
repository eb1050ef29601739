from torch.nn.attention import SDPBackend

from ..sdpa import call


def prepare(q, k, v, causal, window):
    return call(SDPBackend.FLASH_ATTENTION, q, k, v, causal, window)
