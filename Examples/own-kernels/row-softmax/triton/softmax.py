import triton
import triton.language as tl


@triton.jit
def softmax_row(x, y, size, COLUMNS: tl.constexpr):
    columns = tl.arange(0, COLUMNS)
    places = tl.program_id(0) * size + columns
    row = tl.load(x + places, mask=columns < size, other=float("-inf"))
    weights = tl.exp(row - tl.max(row, 0))
    tl.store(y + places, weights / tl.sum(weights, 0), mask=columns < size)


def prepare(x, y, T, D):
    columns = triton.next_power_of_2(D)

    def softmax():
        softmax_row[(T,)](x, y, D, COLUMNS=columns, num_warps=min(max(columns // 1024, 1), 16))
        return y

    return softmax
