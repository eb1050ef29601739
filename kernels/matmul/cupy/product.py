import cupy


def prepare(a, b, c):
    return lambda: cupy.matmul(a, b, out=c)
