"""What a script needs to declare strategies for joulemark, and to read its results.

    from joulemark import strategy

    @strategy("swiglu", framework="torch", reads=["gate", "up"], writes=["y"])
    def mine(gate, up):
        "silu(gate) · up as PyTorch has it."
        return torch.nn.functional.silu(gate) * up

    joulemark profile --kernels my_kernels.py --family swiglu
"""

from .results import frame, rows
from .strategies import Strategy, declared, strategy

__all__ = ["Strategy", "declared", "frame", "rows", "strategy"]
