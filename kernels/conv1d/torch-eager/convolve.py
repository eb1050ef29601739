from ..formula import convolved as convolve

__all__ = ["convolve"]
