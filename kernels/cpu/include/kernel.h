int jm_x(int);
