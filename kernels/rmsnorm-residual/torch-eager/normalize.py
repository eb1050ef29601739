from ..formula import normalized as normalize

__all__ = ["normalize"]
