import scipy.sparse


def prepare(a_indptr, a_indices, a_data, b, M, K):
    a = scipy.sparse.csr_matrix((a_data, a_indices, a_indptr), shape=(M, K))
    return lambda: a @ b
