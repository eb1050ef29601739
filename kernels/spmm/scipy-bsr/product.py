import scipy.sparse


def prepare(a_bsr_indptr, a_bsr_indices, a_bsr_data, b, M, K):
    a = scipy.sparse.bsr_matrix((a_bsr_data, a_bsr_indices, a_bsr_indptr), shape=(M, K))
    return lambda: a @ b
