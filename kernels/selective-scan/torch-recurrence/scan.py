"""The recurrence of Mamba's reference: exp(ΔA) and ΔBu as tensors, then a step at a time."""

import torch
from torch.nn.functional import silu


def scan(u, delta, z, A, Bm, Cm, Dv):
    type, (u, delta, z, A, Bm, Cm, Dv) = u.dtype, (t.float() for t in (u, delta, z, A, Bm, Cm, Dv))
    decay = torch.exp(torch.einsum("bld,dn->bldn", delta, A))
    drive = torch.einsum("bld,bln,bld->bldn", delta, Bm, u)
    state = torch.zeros_like(decay[:, 0])
    steps = []
    for step in range(u.shape[1]):
        state = decay[:, step] * state + drive[:, step]
        steps.append(torch.einsum("bdn,bn->bd", state, Cm[:, step]))
    return ((torch.stack(steps, dim=1) + u * Dv) * silu(z)).to(type)
