import torch

from ..formula import normalized

normalize = torch.compile(normalized)
