/* Ridge regression on running moments.
 *
 *   m' = m + d/w,  C' = keep C + (1 - 1/w) d d',  d = v - m,  w' = keep w + 1
 *   (R + k/w I) s = r,  R, r: correlations of features, and with what the prior leaves
 *
 * Welford (1962), Technometrics 4, 419 (moments); Hoerl & Kennard (1970), Technometrics 12,
 * 55 (ridge), about a prior mean: Theil & Goldberger (1961), Int. Econ. Rev. 2, 65. */
#include "twind/ridge.h"

#include <math.h>
#include <stdbool.h>

/* moments: weight, n + 1 means, lower triangle of n + 1 rows; the target is last. */
static float *means_of(float *moments)
{
    return moments + 1;
}

static float *row_of(size_t n, float *moments, size_t i)
{
    return moments + 1 + (n + 1) + i * (i + 1) / 2;
}

static double moment(size_t n, const float *moments, size_t i, size_t j)
{
    size_t row = i > j ? i : j, column = i > j ? j : i;
    return (double)moments[1 + (n + 1) + row * (row + 1) / 2 + column];
}

size_t ridge_floats(size_t n)
{
    return 1 + (n + 1) + (n + 1) * (n + 2) / 2;
}

double ridge_weight(const float *moments)
{
    return (double)moments[0];
}

/* The distance from the mean, which follows. What is seen for the first time is its mean.
 */
static double move_mean(size_t n, float *moments, size_t i, double value, double weight)
{
    float *mean = &means_of(moments)[i];
    if (!isfinite(value))
        return 0;
    if (*mean == 0 && row_of(n, moments, i)[i] == 0) {
        *mean = (float)value;
        return 0;
    }
    double distance = value - (double)*mean;
    *mean = (float)((double)*mean + distance / weight);
    return distance;
}

void ridge_learn(size_t n, float *moments, const float *features, double target,
                 double keep)
{
    double weight = keep * (double)moments[0] + 1, d[RIDGE_MOST + 1];
    moments[0] = (float)weight;
    for (size_t i = 0; i < n; i++)
        d[i] = move_mean(n, moments, i, (double)features[i], weight);
    d[n] = move_mean(n, moments, n, target, weight);
    for (size_t i = 0; i <= n; i++) {
        float *row = row_of(n, moments, i);
        double share = (1 - 1 / weight) * d[i];
        for (size_t j = 0; j <= i; j++)
            row[j] = (float)(keep * (double)row[j] + share * d[j]);
    }
}

void ridge_fade(size_t n, float *moments, double keep)
{
    moments[0] = (float)(keep * (double)moments[0]);
    for (float *at = row_of(n, moments, 0); at < moments + ridge_floats(n); at++)
        *at = (float)(keep * (double)*at);
}

/* Cholesky, in place, lower triangle of a dense n x n; then both substitutions into b. */
static bool solve(size_t n, double *A, double *b)
{
    for (size_t i = 0; i < n; i++)
        for (size_t j = 0; j <= i; j++) {
            double sum = A[i * n + j];
            for (size_t k = 0; k < j; k++)
                sum -= A[i * n + k] * A[j * n + k];
            if (i == j && !(sum > 0))
                return false;
            A[i * n + j] = i == j ? sqrt(sum) : sum / A[j * n + j];
        }
    for (size_t i = 0; i < n; i++) {
        for (size_t k = 0; k < i; k++)
            b[i] -= A[i * n + k] * b[k];
        b[i] /= A[i * n + i];
    }
    for (size_t i = n; i-- > 0;) {
        for (size_t k = i + 1; k < n; k++)
            b[i] -= A[k * n + i] * b[k];
        b[i] /= A[i * n + i];
    }
    return true;
}

/* Of the features that are alike, the least square that counts as varying. */
static double least_square(size_t n, const float *moments, size_t alike)
{
    const double share = 1e-4; /* a hundredth of the widest one's deviation */
    double most = 0;
    for (size_t i = 0; i < alike && i < n; i++)
        most = fmax(most, moment(n, moments, i, i));
    return share * most;
}

/* Features that vary and may be used, and their scales. */
static size_t choose(size_t n, const float *moments, const struct ridge_prior *prior,
                     size_t *chosen, double *scale)
{
    size_t m = 0;
    double least = least_square(n, moments, prior->alike);
    for (size_t i = 0; i < n; i++) {
        double mean = (double)moments[1 + i], square = moment(n, moments, i, i);
        if ((prior->used && !prior->used[i]) || !(square > 1e-10 * mean * mean) ||
            (i < prior->alike && square < least))
            continue;
        chosen[m] = i;
        scale[m++] = 1 / sqrt(square);
    }
    return m;
}

static double left_by_prior(size_t n, const float *moments, const double *coefficients,
                            size_t i)
{
    double left = moment(n, moments, i, n);
    for (size_t j = 0; j < n; j++)
        if (coefficients[j] != 0)
            left -= moment(n, moments, i, j) * coefficients[j];
    return left;
}

void ridge_solve(size_t n, const float *moments, const struct ridge_prior *prior,
                 double *coefficients)
{
    double A[RIDGE_MOST * RIDGE_MOST], b[RIDGE_MOST], scale[RIDGE_MOST];
    size_t chosen[RIDGE_MOST], m = choose(n, moments, prior, chosen, scale);
    double weight = ridge_weight(moments);
    for (size_t i = 0; i < n; i++)
        coefficients[i] = prior->coefficients[i];
    for (size_t i = 0; i < m; i++) {
        for (size_t j = 0; j <= i; j++)
            A[i * m + j] = moment(n, moments, chosen[i], chosen[j]) * scale[i] * scale[j];
        A[i * m + i] += prior->samples / weight;
        b[i] = left_by_prior(n, moments, prior->coefficients, chosen[i]) * scale[i];
    }
    double intercept = (double)moments[1 + n];
    for (size_t i = 0; i < n; i++)
        intercept -= coefficients[i] * (double)moments[1 + i];
    coefficients[n] = weight > 0 ? intercept * weight / (weight + prior->samples) : 0;
    bool solved = m > 0 && solve(m, A, b);
    for (size_t i = 0; solved && i < m; i++) {
        coefficients[chosen[i]] += b[i] * scale[i];
        coefficients[n] -= b[i] * scale[i] * (double)moments[1 + chosen[i]];
    }
}

double ridge_predict(size_t n, const float *moments, const double *coefficients,
                     const float *features)
{
    double sum = coefficients[n];
    for (size_t i = 0; i < n; i++) {
        float value = isfinite(features[i]) ? features[i] : moments[1 + i];
        sum += coefficients[i] * (double)value;
    }
    return sum;
}
