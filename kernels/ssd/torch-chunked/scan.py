"""Mamba-2's chunked form in einsums: within chunks, states of chunks, their passing on, and out."""

import torch
from torch.nn.functional import pad


def prepare(x, dt, A, Bm, Cm, Dv, Q):
    length, heads = x.shape[1], x.shape[2] // Bm.shape[2]
    missing = -length % Q
    visible = torch.ones(Q, Q, dtype=torch.bool, device=x.device).tril()

    def chunks(tensor):
        # Steps of dt = 0 neither decay nor drive a state.
        tensor = tensor.float()
        return pad(tensor, (0, 0) * (tensor.dim() - 2) + (0, missing)).unflatten(1, (-1, Q))

    def scan():
        values, steps = chunks(x), chunks(dt)
        driven = values * steps[..., None]
        bs, cs = chunks(Bm.repeat_interleave(heads, 2)), chunks(Cm.repeat_interleave(heads, 2))
        sums = (steps * A.float()).permute(0, 3, 1, 2).cumsum(-1)
        between = sums[..., :, None] - sums[..., None, :]
        decay = torch.exp(between.masked_fill(~visible, -torch.inf))
        weights = torch.einsum("bclhn,bcshn->bhcls", cs, bs) * decay
        inside = torch.einsum("bhcls,bcshp->bclhp", weights, driven)
        remaining = torch.exp(sums[..., -1:] - sums)
        states = torch.einsum("bclhn,bhcl,bclhp->bchpn", bs, remaining, driven)
        state, before = torch.zeros_like(states[:, 0]), []
        for index in range(states.shape[1]):
            before.append(state)
            state = state * torch.exp(sums[:, :, index, -1])[..., None, None] + states[:, index]
        carried = torch.einsum("bclhn,bchpn,bhcl->bclhp", cs, torch.stack(before, 1), torch.exp(sums))
        result = (inside + carried).flatten(1, 2)[:, :length] + x.float() * Dv.float()[:, None]
        return result.to(x.dtype)

    return scan
