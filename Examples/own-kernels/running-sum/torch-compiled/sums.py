import torch


@torch.compile
def sums(x):
    return torch.cumsum(x, dim=-1)
