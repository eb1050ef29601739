"""Counts parameters, FLOPs and bytes a token of published models from their configurations, apart from models/ and from
the program.

Usage: count_models.py BATCH CONTEXT BYTES  (bytes a stored number); writes JSON, by model.

What is counted are products, attention, heads and caches, scans, convolutions, norms with a residual sum, activations
and copies between layouts, by the conventions that kernels/*/README.md state: a multiply and an add are two operations,
under a causal mask visible pairs count, each kernel's inputs are read once and its outputs written once.
"""

import json
import sys

BATCH, CONTEXT, SIZE = (int(word) for word in sys.argv[1:4])


class Count:
    """Adds up what one pass over a model does: `new` tokens of each sequence, `seen` keys in all."""

    def __init__(self, new, seen):
        self.new, self.seen, self.rows = new, seen, BATCH * new
        self.flops = self.bytes = 0

    def product(self, rows, inputs, outputs, times):
        self.flops += times * 2 * rows * inputs * outputs
        self.bytes += times * SIZE * (rows * inputs + inputs * outputs + rows * outputs)

    def norm(self, rows, width, times):
        self.flops += times * (5 * rows * width + 4 * rows)
        self.bytes += times * SIZE * (4 * rows * width + width)

    def gate(self, width, times):
        self.flops += times * 5 * self.rows * width
        self.bytes += times * SIZE * 3 * self.rows * width

    def gelu(self, width, times):
        self.flops += times * 10 * self.rows * width
        self.bytes += times * SIZE * (2 * self.rows * width + width)

    def copy(self, width, times):
        self.bytes += times * SIZE * 2 * self.rows * width

    def heads(self, heads, key_heads, head, rotated, times):
        """A projection into heads, turned, and the cache; four bytes a cosine and sine."""
        self.flops += times * 3 * self.rows * (heads + key_heads) * rotated
        self.bytes += times * (SIZE * 2 * self.rows * (heads + 2 * key_heads) * head + 4 * self.new * max(rotated, 2))

    def attention(self, heads, key_heads, head, times):
        pairs = sum(self.seen - self.new + row + 1 for row in range(self.new))
        self.flops += times * BATCH * heads * pairs * head * 4
        self.bytes += times * BATCH * SIZE * head * (2 * heads * self.new + 2 * key_heads * self.seen)
        self.copy(heads * head, times)

    def convolution(self, channels, taps, times):
        self.flops += times * self.rows * channels * (2 * taps + 5)
        self.bytes += times * SIZE * (2 * self.rows * channels + channels * (taps + 1))

    def scan(self, channels, states, times):
        self.flops += times * self.rows * channels * (9 * states + 2)
        self.bytes += times * SIZE * (4 * self.rows * channels + 2 * self.rows * states + channels * (states + 1))

    def dual(self, heads, head, states, groups, chunk, times):
        chunk = min(chunk, self.new)
        self.flops += times * self.rows * (
            2 * heads * (chunk * head + 2 * states * head) + 2 * groups * chunk * states)
        self.bytes += times * SIZE * (self.rows * (heads * (2 * head + 1) + 2 * groups * states) + 2 * heads)

    def experts(self, width, hidden, experts, chosen, times):
        slots = self.rows * chosen
        self.flops += times * 6 * slots * width * hidden
        met = min(experts, slots)
        self.bytes += times * (SIZE * (3 * met * width * hidden + 2 * self.rows * width + slots) + 4 * slots)


def transformer(c, count):
    """A decoder with rotary attention and SwiGLU, dense or with experts; returns its parameters, all and active."""
    width, layers, heads, keys = c["hidden_size"], c["num_hidden_layers"], c["num_attention_heads"], c["num_key_value_heads"]
    head = c.get("head_dim", width // heads)
    hidden = c.get("moe_intermediate_size", c["intermediate_size"])
    experts = c.get("num_experts", c.get("num_local_experts", 0))
    chosen = c["num_experts_per_tok"] if experts else 0
    count.norm(count.rows, width, 2 * layers)
    count.product(count.rows, width, (heads + 2 * keys) * head, layers)
    count.heads(heads, keys, head, head, layers)
    count.attention(heads, keys, head, layers)
    count.product(count.rows, heads * head, width, layers)
    if experts:
        count.product(count.rows, width, experts, layers)
        count.experts(width, hidden, experts, chosen, layers)
    else:
        count.product(count.rows, width, hidden, 2 * layers)
        count.gate(hidden, layers)
        count.product(count.rows, hidden, width, layers)
    count.norm(BATCH, width, 1)
    count.product(BATCH, width, c["vocab_size"], 1)
    attention = width * head * (2 * heads + 2 * keys) + (2 * head if c.get("qk_norm") else 0)
    outside = c["vocab_size"] * width * (1 if c["tie_word_embeddings"] else 2) + width
    shared = layers * (attention + 2 * width + experts * width) + outside
    return (shared + layers * 3 * width * hidden * max(experts, 1), shared + layers * 3 * width * hidden * max(chosen, 1))


def gpt2(c, count):
    """Multi-head attention with biases, a feed-forward layer of two products, learned positions."""
    width, layers, heads = c["n_embd"], c["n_layer"], c["n_head"]
    count.norm(count.rows, width, 2 * layers)
    count.product(count.rows, width, 3 * width, layers)
    count.heads(heads, heads, width // heads, 0, layers)
    count.attention(heads, heads, width // heads, layers)
    count.product(count.rows, width, width, layers)
    count.product(count.rows, width, 4 * width, layers)
    count.gelu(4 * width, layers)
    count.product(count.rows, 4 * width, width, layers)
    count.norm(BATCH, width, 1)
    count.product(BATCH, width, c["vocab_size"], 1)
    block = 12 * width * width + 9 * width + 4 * width
    total = layers * block + (c["vocab_size"] + c["n_positions"]) * width + 2 * width
    return total, total


def mamba(c, count):
    """Blocks of a selective scan; the time step's rank is a sixteenth of the width."""
    width, layers = c["d_model"], c["n_layer"]
    inner, states, taps, rank = 2 * width, 16, 4, -(-width // 16)
    vocabulary = -(-c["vocab_size"] // c["pad_vocab_size_multiple"]) * c["pad_vocab_size_multiple"]
    count.norm(count.rows, width, layers)
    count.product(count.rows, width, 2 * inner, layers)
    count.copy(2 * inner, layers)
    count.convolution(inner, taps, layers)
    count.product(count.rows, inner, rank + 2 * states, layers)
    count.copy(rank + 2 * states, layers)
    count.product(count.rows, rank, inner, layers)
    count.scan(inner, states, layers)
    count.product(count.rows, inner, width, layers)
    count.norm(BATCH, width, 1)
    count.product(BATCH, width, vocabulary, 1)
    block = (width + 2 * width * inner + inner * (taps + 1) + inner * (rank + 2 * states) + rank * inner + inner
             + inner * states + inner + inner * width)
    total = layers * block + vocabulary * width + width
    return total, total


def mamba2_mixer(width, inner, head, states, groups, taps, chunk, count, times):
    """A Mamba-2 mixer; returns the parameters of one."""
    heads = inner // head
    projected, filtered = 2 * inner + 2 * groups * states + heads, inner + 2 * groups * states
    count.product(count.rows, width, projected, times)
    count.copy(inner + filtered, times)
    count.convolution(filtered, taps, times)
    count.copy(filtered, times)
    count.dual(heads, head, states, groups, chunk, times)
    count.gate(inner, times)
    count.norm(count.rows, inner, times)
    count.product(count.rows, inner, width, times)
    return width * projected + filtered * (taps + 1) + 3 * heads + inner + inner * width


def mamba2(c, count):
    width, layers = c["d_model"], c["n_layer"]
    vocabulary = -(-c["vocab_size"] // c["pad_vocab_size_multiple"]) * c["pad_vocab_size_multiple"]
    count.norm(count.rows, width, layers)
    mixer = mamba2_mixer(width, 2 * width, 64, 128, 1, 4, 256, count, layers)
    count.norm(BATCH, width, 1)
    count.product(BATCH, width, vocabulary, 1)
    total = layers * (width + mixer) + vocabulary * width + width
    return total, total


def bamba(c, count):
    """Blocks of Mamba-2, a few of attention, each followed by SwiGLU."""
    width, layers, attending = c["hidden_size"], c["num_hidden_layers"], len(c["attn_layer_indices"])
    heads, keys, hidden = c["num_attention_heads"], c["num_key_value_heads"], c["intermediate_size"]
    head = width // heads
    mixer = mamba2_mixer(
        width, c["mamba_expand"] * width, c["mamba_d_head"], c["mamba_d_state"], c["mamba_n_groups"], c["mamba_d_conv"],
        c["mamba_chunk_size"], count, layers - attending)
    count.product(count.rows, width, (heads + 2 * keys) * head, attending)
    count.heads(heads, keys, head, head // 2, attending)
    count.attention(heads, keys, head, attending)
    count.product(count.rows, heads * head, width, attending)
    count.norm(count.rows, width, 2 * layers)
    count.product(count.rows, width, hidden, 2 * layers)
    count.gate(hidden, layers)
    count.product(count.rows, hidden, width, layers)
    count.norm(BATCH, width, 1)
    count.product(BATCH, width, c["vocab_size"], 1)
    total = ((layers - attending) * mixer + attending * width * head * (2 * heads + 2 * keys)
             + layers * (3 * width * hidden + 2 * width) + 2 * c["vocab_size"] * width + width)
    return total, total


def llama(**changes):
    return {"tie_word_embeddings": False, **changes}


# As published; keys as in each model's config.json.
MODELS = {
    "gpt2-small": (gpt2, {"n_embd": 768, "n_layer": 12, "n_head": 12, "n_positions": 1024, "vocab_size": 50257}),
    "qwen3-0.6b": (transformer, llama(
        hidden_size=1024, num_hidden_layers=28, num_attention_heads=16, num_key_value_heads=8, head_dim=128,
        intermediate_size=3072, vocab_size=151936, tie_word_embeddings=True, qk_norm=True)),
    "llama-3.2-1b": (transformer, llama(
        hidden_size=2048, num_hidden_layers=16, num_attention_heads=32, num_key_value_heads=8, head_dim=64,
        intermediate_size=8192, vocab_size=128256, tie_word_embeddings=True)),
    "llama-3-8b": (transformer, llama(
        hidden_size=4096, num_hidden_layers=32, num_attention_heads=32, num_key_value_heads=8, intermediate_size=14336,
        vocab_size=128256)),
    "mixtral-8x7b": (transformer, llama(
        hidden_size=4096, num_hidden_layers=32, num_attention_heads=32, num_key_value_heads=8, intermediate_size=14336,
        vocab_size=32000, num_local_experts=8, num_experts_per_tok=2)),
    "qwen3-30b-a3b": (transformer, llama(
        hidden_size=2048, num_hidden_layers=48, num_attention_heads=32, num_key_value_heads=4, head_dim=128,
        intermediate_size=6144, moe_intermediate_size=768, vocab_size=151936, num_experts=128, num_experts_per_tok=8,
        qk_norm=True)),
    "mamba-130m": (mamba, {"d_model": 768, "n_layer": 24, "vocab_size": 50277, "pad_vocab_size_multiple": 8}),
    "mamba2-2.7b": (mamba2, {"d_model": 2560, "n_layer": 64, "vocab_size": 50277, "pad_vocab_size_multiple": 16}),
    "mamba2-130m": (mamba2, {"d_model": 768, "n_layer": 24, "vocab_size": 50277, "pad_vocab_size_multiple": 16}),
    "bamba-9b": (bamba, {
        "hidden_size": 4096, "num_hidden_layers": 32, "num_attention_heads": 32, "num_key_value_heads": 8,
        "intermediate_size": 14336, "vocab_size": 128256, "attn_layer_indices": [9, 18, 27], "mamba_expand": 2,
        "mamba_d_head": 64, "mamba_d_state": 128, "mamba_n_groups": 1, "mamba_d_conv": 4, "mamba_chunk_size": 256}),
}

result = {}
for name, (counting, configuration) in MODELS.items():
    phases = {}
    for phase, new in [("prefill", CONTEXT), ("decode", 1)]:
        count = Count(new, CONTEXT)
        parameters, active = counting(configuration, count)
        tokens = BATCH * new
        phases[phase] = {"flops": count.flops / tokens, "bytes": count.bytes / tokens}
    result[name] = {"parameters": parameters, "active": active, **phases}
json.dump(result, sys.stdout, indent=1)
