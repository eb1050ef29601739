// What the stages share that compute a chunk's outputs on matrix units. Include after ssd.glsl and matrix.glsl.

TENSOR_x(STORED, inputs);
TENSOR_x(uvec4, wideInputs);
TENSOR_x(STORED4, inputQuads);
TENSOR_dt(STORED, dt);
TENSOR_Cm(STORED, readouts);
TENSOR_Cm(uvec4, wideReadouts);
TENSOR_Dv(STORED, Dv);
TENSOR_states(vec4, states);
TENSOR_y(STORED, outputs);
TENSOR_y(STORED4, outputQuads);

int head, chunk, batch, steps, inputBase, readoutBase, stateBase;
float skip;

// The chunk and head of the work-group.
void beginChunk() {
    head = int(gl_WorkGroupID.y);
    chunk = int(gl_WorkGroupID.z) % chunkCount();
    batch = int(gl_WorkGroupID.z) / chunkCount();
    steps = min(CHUNK, L - chunk * CHUNK);
    inputBase = ((batch * L + chunk * CHUNK) * H + head) * HEAD_SIZE;
    readoutBase = ((batch * L + chunk * CHUNK) * G + head / (H / G)) * STATE_SIZE;
    stateBase = ((batch * chunkCount() + chunk) * H + head) * STATE_SIZE * stateRow();
    skip = LOAD(Dv[head]);
}

// Eight of a step's C, of a row of the state before the chunk, and of a step's x; 0 for what is outside.
uvec4 readoutWord(int step, int n) {
    if (step >= steps) return uvec4(0u);
    ROW_WORD(word, readouts, wideReadouts, readoutBase + step * G * STATE_SIZE, n, STATE_SIZE)
    return word;
}

uvec4 stateWord(int n, int p) {
    if (n >= STATE_SIZE || p >= stateRow()) return uvec4(0u);
    const int place = (stateBase + n * stateRow() + p) / 4;
    return uvec4(storedQuad(states[place]), storedQuad(states[place + 1]));
}

uvec4 inputWord(int step, int p) {
    if (step >= steps) return uvec4(0u);
    ROW_WORD(word, inputs, wideInputs, inputBase + step * H * HEAD_SIZE, p, HEAD_SIZE)
    return word;
}

// y = sums + D x, for components p … p + 3 of a step.
void storeOutputs(int step, int p, vec4 sums) {
    if (step >= steps || p >= HEAD_SIZE) return;
    const int place = inputBase + step * H * HEAD_SIZE + p;
    if (HEAD_SIZE % 4 == 0) {
        outputQuads[place / 4] = STORE4(sums + skip * LOAD4(inputQuads[place / 4]));
    } else {
        [[unroll]] for (int i = 0; i < 4; ++i)
            if (p + i < HEAD_SIZE) outputs[place + i] = STORE(sums[i] + skip * LOAD(inputs[place + i]));
    }
}
