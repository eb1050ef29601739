import warnings

import torch

# PyTorch calls its sparse tensors a beta.
warnings.filterwarnings("ignore", message="Sparse (BSR|invariant)")


def prepare(a_bsr_indptr, a_bsr_indices, a_bsr_data, b, M, K):
    a = torch.sparse_bsr_tensor(a_bsr_indptr, a_bsr_indices, a_bsr_data, (M, K))
    return lambda: a @ b
