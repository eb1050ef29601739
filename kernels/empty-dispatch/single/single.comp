// y = x for one number: the least that a kernel can do and still be checked.
TENSOR_x(float, x);
TENSOR_y(float, y);

void main() { y[0] = x[0]; }
