from ..formula import gated as gate_up

__all__ = ["gate_up"]
