import torch
from torch.nn.attention import SDPBackend, sdpa_kernel
from torch.nn.functional import scaled_dot_product_attention

KERNELS = [SDPBackend.FLASH_ATTENTION, SDPBackend.EFFICIENT_ATTENTION]


def prepare(q, k, v, mask_bits):
    """The bits become a mask of one byte a pair, which is what PyTorch takes."""
    places = torch.arange(32, dtype=torch.int32, device=q.device)
    visible = (mask_bits[:, :, None] >> places & 1).flatten(1)[:, : k.shape[2]].bool()
    is_grouped = q.shape[1] != k.shape[1]

    def attend():
        with sdpa_kernel(KERNELS):
            return scaled_dot_product_attention(q, k, v, attn_mask=visible, enable_gqa=is_grouped)

    return attend
