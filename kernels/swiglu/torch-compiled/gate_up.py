import torch

from ..formula import gated

gate_up = torch.compile(gated)
