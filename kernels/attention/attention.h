// What the CPU stages of attention share. Include after joulemark_kernel.h.

/// As family.json has it.
#define LARGEST_HEAD 256

#define attention_shape JM(attention_shape)
#define attention_shape_of JM(attention_shape_of)
#define attention_order JM(attention_order)
#define HEADS_APART JM(HEADS_APART)
#define HEADS_TOGETHER JM(HEADS_TOGETHER)
#define attention_row_query JM(attention_row_query)
#define attention_row_offset JM(attention_row_offset)
#define attention_clamp JM(attention_clamp)
#define attention_visible_end JM(attention_visible_end)
#define attention_visible_start JM(attention_visible_start)

/// Parameters of attention, and what follows from them.
typedef struct attention_shape {
    int batch, queryHeads, keyHeads, queryLength, keyLength, headSize, causal, window;
    /// Query heads that share a key head.
    int group;
} attention_shape;

JM_INLINE attention_shape attention_shape_of(const joulemark_call *call) {
    const jm_arguments *values = jm_arguments_of(call);
    attention_shape shape = {
        .batch = values->B,
        .queryHeads = values->Hq,
        .keyHeads = values->Hkv,
        .queryLength = values->Lq,
        .keyLength = values->Lk,
        .headSize = values->D,
        .causal = values->causal,
        .window = values->window};
    shape.group = shape.queryHeads / shape.keyHeads;
    return shape;
}

JM_INLINE int attention_clamp(int value, int low, int high) { return value < low ? low : value > high ? high : value; }

/// One past the last key that a query sees.
JM_INLINE int attention_visible_end(const attention_shape *shape, int query) {
    const int position = query + shape->keyLength - shape->queryLength;
    return shape->causal ? attention_clamp(position + 1, 0, shape->keyLength) : shape->keyLength;
}

/// The first key that a query sees; the end where it sees none.
JM_INLINE int attention_visible_start(const attention_shape *shape, int query) {
    const int position = query + shape->keyLength - shape->queryLength;
    return shape->window ? attention_clamp(position - shape->window + 1, 0, attention_visible_end(shape, query)) : 0;
}

/// How the rows of a key head, those of all its query heads, follow each other.
typedef enum attention_order {
    /// Head after head: row r is query r % Lq of head r / Lq.
    HEADS_APART,
    /// The same query of all heads side by side: row r is query r / group of head r % group. Neighbouring rows see
    /// about the same keys.
    HEADS_TOGETHER,
} attention_order;

JM_INLINE int attention_row_query(const attention_shape *shape, attention_order order, int row) {
    return order == HEADS_TOGETHER ? row / shape->group : row % shape->queryLength;
}

/// Where a row begins in what belongs to a key head of q or o.
JM_INLINE ptrdiff_t attention_row_offset(const attention_shape *shape, attention_order order, int row) {
    const int head = order == HEADS_TOGETHER ? row % shape->group : row / shape->queryLength;
    return ((ptrdiff_t)head * shape->queryLength + attention_row_query(shape, order, row)) * shape->headSize;
}
