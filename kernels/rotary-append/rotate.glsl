// Element i of a head that begins at `from` in `turned`, turned by the cosines and sines of the token at `place`.
float rotatedElement(uint from, uint place, uint i) {
    const uint count = uint(rotated), halfCount = count / 2u, row = place * max(count, 2u);
    const float value = LOAD(turned[from + i]);
    if (i >= count) return value;
    const uint pair = i < halfCount ? i : i - halfCount;
    const float other = LOAD(turned[from + (i < halfCount ? i + halfCount : i - halfCount)]);
    const float cosine = rotation[row + pair], sine = rotation[row + halfCount + pair];
    return i < halfCount ? value * cosine - other * sine : value * cosine + other * sine;
}
