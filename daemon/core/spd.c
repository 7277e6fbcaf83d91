/* The inverse by Cholesky's factor: A = L L', then A x = e for each unit vector e (Golub,
 * Van Loan 2013, "Matrix computations", 4.2). n^3 multiplications. */
#include "twind/spd.h"

#include <math.h>

static const double LEAST = 1e-12; /* pivot, of the matrix's own element */

static void factorise(size_t n, const double *A, double *L)
{
    for (size_t j = 0; j < n; j++)
        for (size_t i = j; i < n; i++) {
            double sum = A[i * n + j];
            for (size_t k = 0; k < j; k++)
                sum -= L[i * n + k] * L[j * n + k];
            if (i == j)
                L[i * n + j] = sqrt(fmax(sum, LEAST * A[i * n + i]));
            else
                L[i * n + j] = sum / L[j * n + j];
        }
}

/* x holds the unit vector e_c, and then the solution. */
static void solve(size_t n, const double *L, size_t c, double *x)
{
    for (size_t i = c; i < n; i++) {
        for (size_t k = c; k < i; k++)
            x[i] -= L[i * n + k] * x[k];
        x[i] /= L[i * n + i];
    }
    for (size_t i = n; i-- > 0;) {
        for (size_t k = i + 1; k < n; k++)
            x[i] -= L[k * n + i] * x[k];
        x[i] /= L[i * n + i];
    }
}

void spd_invert(size_t n, const double *matrix, double *inverse)
{
    double L[SPD_MOST * SPD_MOST];
    factorise(n, matrix, L);
    for (size_t c = 0; c < n; c++) {
        for (size_t i = 0; i < n; i++)
            inverse[c * n + i] = i == c;
        solve(n, L, c, inverse + c * n);
    }
}
