// What the CPU stages of attention share. Include after joulemark_kernel.h.

#define attention_shape JM(attention_shape)
#define attention_shape_of JM(attention_shape_of)
#define attention_clamp JM(attention_clamp)
#define attention_visible_end JM(attention_visible_end)
#define attention_visible_start JM(attention_visible_start)

/// Parameters of attention, in the order of family.json, and derived sizes.
typedef struct attention_shape {
    int batch, queryHeads, keyHeads, queryLength, keyLength, headSize, causal, window;
    /// Query heads that share a key head.
    int group;
} attention_shape;

JM_INLINE attention_shape attention_shape_of(const joulemark_call *call) {
    const joulemark_value *values = call->arguments;
    attention_shape shape = {
        .batch = values[0].integer, .queryHeads = values[1].integer, .keyHeads = values[2].integer,
        .queryLength = values[3].integer, .keyLength = values[4].integer, .headSize = values[5].integer,
        .causal = values[6].integer, .window = values[7].integer};
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
