import torch

from ..formula import convolved

convolve = torch.compile(convolved)
