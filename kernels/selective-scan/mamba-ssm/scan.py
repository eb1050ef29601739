from mamba_ssm.ops.selective_scan_interface import selective_scan_fn


def prepare(u, delta, z, A, Bm, Cm, Dv):
    # The package wants channels before positions, each row contiguous.
    u, delta, z, Bm, Cm = (tensor.transpose(1, 2).contiguous() for tensor in (u, delta, z, Bm, Cm))
    A, Dv = A.float(), Dv.float()
    return lambda: selective_scan_fn(u, delta, A, Bm, Cm, Dv, z=z).transpose(1, 2)
