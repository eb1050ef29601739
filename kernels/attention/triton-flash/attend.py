"""Flash attention in Triton: a running maximum and sum, the heads that share keys in one block of rows, and the keys in
parts where there are too few blocks to fill the device."""

import math
import os

import torch
import triton
import triton.language as tl

# Keys that a part holds at least, and blocks that a processor of the device should have.
SHORTEST_PART = 512
BLOCKS_EACH = 2
# Parts that are joined at once.
MOST_PARTS = 64


@triton.jit
def attend_block(
    q, k, v, o, maxima, sums, scale, queries, keys, group, window, part_keys,
    SIZE: tl.constexpr, DEPTH: tl.constexpr, ROWS: tl.constexpr, KEYS: tl.constexpr, CAUSAL: tl.constexpr,
    IS_WINDOWED: tl.constexpr, IS_PART: tl.constexpr,
):
    """ROWS rows of one key head and a part of its keys. Row r is query r % queries of head r // queries in the group.

    A part leaves its sums of values as they are, with the maximum, a power of 2, and the sum of its weights.
    """
    rows = tl.program_id(0) * ROWS + tl.arange(0, ROWS)
    head = tl.program_id(1).to(tl.int64)
    part = tl.program_id(2)
    columns = tl.arange(0, DEPTH)
    row_count = group * queries
    is_row = rows < row_count
    is_column = columns < SIZE
    q_places = (head * row_count + rows)[:, None] * SIZE + columns[None, :]
    q_tile = tl.load(q + q_places, mask=is_row[:, None] & is_column[None, :], other=0.0)
    positions = rows % queries + (keys - queries)
    first = part * part_keys
    last = tl.minimum(first + part_keys, keys)
    # Blocks of keys that no row sees are passed by.
    if CAUSAL:
        last = tl.minimum(last, tl.max(tl.where(is_row, positions, -1)) + 1)
    if IS_WINDOWED:
        seen = tl.maximum(tl.min(tl.where(is_row, positions, keys)) - window + 1, 0)
        first = tl.maximum(first, seen // KEYS * KEYS)

    maximum = tl.full([ROWS], float("-inf"), tl.float32)
    sum = tl.zeros([ROWS], tl.float32)
    values = tl.zeros([ROWS, DEPTH], tl.float32)
    for start in range(first, last, KEYS):
        places = start + tl.arange(0, KEYS)
        is_key = places < last
        tile = (head * keys + places)[:, None] * SIZE + columns[None, :]
        is_there = is_key[:, None] & is_column[None, :]
        k_tile = tl.load(k + tile, mask=is_there, other=0.0)
        scores = tl.dot(q_tile, tl.trans(k_tile), input_precision="ieee") * scale
        is_visible = is_key[None, :]
        if CAUSAL:
            is_visible = is_visible & (positions[:, None] >= places[None, :])
        if IS_WINDOWED:
            is_visible = is_visible & (positions[:, None] - places[None, :] < window)
        scores = tl.where(is_visible, scores, float("-inf"))
        larger = tl.maximum(maximum, tl.max(scores, 1))
        # A row that has seen no key yet has no maximum to take away.
        base = tl.where(larger == float("-inf"), 0.0, larger)
        weights = tl.exp2(scores - base[:, None])
        shrunk = tl.exp2(maximum - base)
        sum = sum * shrunk + tl.sum(weights, 1)
        v_tile = tl.load(v + tile, mask=is_there, other=0.0)
        values = values * shrunk[:, None] + tl.dot(weights.to(v_tile.dtype), v_tile, input_precision="ieee")
        maximum = larger

    if IS_PART:
        line = (part * tl.num_programs(1) + head) * row_count + rows
        tl.store(maxima + line, maximum, mask=is_row)
        tl.store(sums + line, sum, mask=is_row)
        tl.store(
            o + line[:, None] * SIZE + columns[None, :], values, mask=is_row[:, None] & is_column[None, :])
    else:
        result = values / tl.where(sum == 0.0, 1.0, sum)[:, None]
        tl.store(o + q_places, result.to(o.dtype.element_ty), mask=is_row[:, None] & is_column[None, :])


@triton.jit
def join_parts(
    values, maxima, sums, o, row_count, part_count, SIZE: tl.constexpr, DEPTH: tl.constexpr, PARTS: tl.constexpr
):
    """One row of the result from its parts."""
    row = tl.program_id(0).to(tl.int64)
    parts, columns = tl.arange(0, PARTS), tl.arange(0, DEPTH)
    is_part, is_column = parts < part_count, columns < SIZE
    lines = parts * row_count + row
    maximum = tl.load(maxima + lines, mask=is_part, other=float("-inf"))
    largest = tl.max(maximum, 0)
    factors = tl.exp2(maximum - tl.where(largest == float("-inf"), 0.0, largest))
    sum = tl.sum(tl.load(sums + lines, mask=is_part, other=0.0) * factors, 0)
    tile = tl.load(
        values + lines[:, None] * SIZE + columns[None, :], mask=is_part[:, None] & is_column[None, :], other=0.0)
    result = tl.sum(tile * factors[:, None], 0) / tl.where(sum == 0.0, 1.0, sum)
    tl.store(o + row * SIZE + columns, result.to(o.dtype.element_ty), mask=is_column)


def processors(device):
    """How many the device has; a few for Triton's interpreter, so that it meets parts of keys."""
    return torch.cuda.get_device_properties(device).multi_processor_count if device.type == "cuda" else 4


def prepare(q, k, v, o, causal, window):
    if os.environ.get("TRITON_INTERPRET") == "1" and q.dtype == torch.bfloat16:
        raise NotImplementedError("Triton's interpreter multiplies bfloat16 as integers and rounds it to zero")
    batch, heads, queries, size = q.shape
    key_heads, keys = k.shape[1], k.shape[2]
    group = heads // key_heads
    row_count, lines = group * queries, batch * heads * queries
    depth = max(triton.next_power_of_2(size), 16)
    is_wide = q.element_size() == 4 or depth > 128
    rows = min(64 if is_wide else 128, max(triton.next_power_of_2(row_count), 16))
    tile = 32 if is_wide else 64
    blocks = triton.cdiv(row_count, rows) * batch * key_heads
    parts = min(max(processors(q.device) * BLOCKS_EACH // blocks, 1), max(keys // SHORTEST_PART, 1), MOST_PARTS)
    part_keys = triton.cdiv(triton.cdiv(keys, parts), tile) * tile
    parts = triton.cdiv(keys, part_keys)
    # Logits are powers of 2, which the device has an instruction for.
    scale = math.log2(math.e) / math.sqrt(size)
    f32 = {"dtype": torch.float32, "device": q.device}
    values = torch.empty(parts, lines, size, **f32) if parts > 1 else o
    maxima, sums = torch.empty(2, parts, lines, **f32)
    grid = (triton.cdiv(row_count, rows), batch * key_heads, parts)

    def attend():
        attend_block[grid](
            q, k, v, values, maxima, sums, scale, queries, keys, group, window, part_keys, SIZE=size, DEPTH=depth,
            ROWS=rows, KEYS=tile, CAUSAL=bool(causal), IS_WINDOWED=window > 0, IS_PART=parts > 1,
            num_warps=8 if rows == 128 and depth == 128 else 4, num_stages=2)
        if parts > 1:
            join_parts[(lines,)](
                values, maxima, sums, o, lines, parts, SIZE=size, DEPTH=depth, PARTS=triton.next_power_of_2(parts))
        return o

    attend()
    return attend
