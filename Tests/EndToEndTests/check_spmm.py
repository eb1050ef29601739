"""Recomputes a sparse product with SciPy and compares with the dumped output.

usage: check_spmm.py [MATRIX] -- FOLDER...

A FOLDER holds a_indptr.npy, a_indices.npy, a_data.npy, b.npy and c.npy. MATRIX is the .mtx or .smtx file that the
sparse matrix came from: SciPy reads the first, and lines of numbers are all that there is to the second. A file without
values takes the dumped ones, in the order of its elements by row and column. Prints the normalised mean squared errors.
"""

import numpy
import scipy.io
import scipy.sparse

import recomputing


def dumped(folder, shape):
    parts = (numpy.load(f"{folder}/{name}.npy") for name in ("a_data", "a_indices", "a_indptr"))
    data, indices, offsets = parts
    return scipy.sparse.csr_matrix((data.astype(numpy.float64), indices, offsets), shape=shape)


def pattern(path):
    with open(path) as file:
        rows, columns, _ = (int(word) for word in file.readline().replace(",", " ").split())
        offsets = numpy.array(file.readline().split(), dtype=int)
        indices = numpy.array(file.readline().split(), dtype=int)
    return scipy.sparse.csr_matrix((numpy.ones(len(indices)), indices, offsets), shape=(rows, columns))


def read(path):
    """The matrix, and whether its values are its own."""
    if path.endswith(".smtx"):
        return pattern(path), False
    with open(path) as file:
        has_values = "pattern" not in file.readline()
    return scipy.sparse.csr_matrix(scipy.io.mmread(path)), has_values


def error(folder, path=None):
    b = numpy.load(f"{folder}/b.npy").astype(numpy.float64)
    c = numpy.load(f"{folder}/c.npy").astype(numpy.float64)
    a = dumped(folder, (c.shape[0], b.shape[0]))
    if path:
        given, has_values = read(path)
        given.sort_indices()
        assert given.shape == a.shape, f"the file is {given.shape}, the dump {a.shape}"
        assert (given.indptr == a.indptr).all() and (given.indices == a.indices).all(), "another pattern was profiled"
        if has_values:
            a = given.astype(numpy.float64)
    assert numpy.isfinite(c).all(), "the output holds values that are not finite"
    expected = a @ b
    norm = (expected**2).sum()
    assert norm > 0 or a.nnz == 0, "the expected output is all zeros"
    return ((c - expected) ** 2).sum() / (norm or 1)


if __name__ == "__main__":
    recomputing.main(error)
