/* A degradation model and its Kalman filter over daily observations y of what nothing known
 * explains, of which a whole 1 of wear would explain g:
 *
 *   y = m + g (b + w) + e                  m  unexplained for other reasons
 *   dw = v dt + s dW                       b  what the model is off from the start
 *   dv = s_v dW', db = 0, dm = s_m dW''    w  wear since the last service, v its slope
 *
 * The parts are told apart by time (b stays, w grows) and by weather (g changes, m does
 * not). The noise e of a model's leftovers is not known beforehand and not white: its
 * variance is learned from the surprises, and inflated by (1 + r) / (1 - r) for their
 * correlation r from day to day (Bartlett 1946). A surprise beyond 3 standard deviations
 * counts as one of 3.
 *
 * Friedland (1969), Treatment of bias in recursive filtering; Si, Wang, Hu and Zhou (2013)
 * for the slope as a state. Valid for wear that goes on as it went. */
#include "twind/wear_trend.h"

#include "twind/kalman.h"

#include <math.h>
#include <string.h>

enum { N = WEAR_STATES };

static const double slope_lasts = 3000,
                    offset_lasts = 6000; /* d: they change by their sd */
static const double believed = 8;        /* days that the prior's scatter counts for */
static const double memory = 60;         /* days of surprises that are remembered */
static const double surprise_most = 3;
static const double echo_usual = 0.5, echo_most = 0.8; /* weather lasts some days */
static const double variance_least = 0.01;             /* of the prior's */

static double square(double x)
{
    return x * x;
}

void wear_trend_start(struct wear_trend *t, const struct wear_prior *prior, double day)
{
    *t = (struct wear_trend){
        .day = day, .variance = square(prior->scatter), .echo = echo_usual};
    t->P[WEAR_OFFSET * (N + 1)] = square(prior->offset);
    t->P[WEAR_BIAS * (N + 1)] = square(prior->spread);
    t->P[WEAR_SLOPE * (N + 1)] = square(prior->slope);
}

/* The state is `value`, with `sd`, and tells nothing of the others. */
static void forget(struct wear_trend *t, size_t state, double value, double variance)
{
    t->x[state] = value;
    for (size_t i = 0; i < N; i++)
        t->P[state * N + i] = t->P[i * N + state] = 0;
    t->P[state * (N + 1)] = variance;
}

void wear_trend_serve(struct wear_trend *t, const struct wear_prior *prior, double day)
{
    wear_trend_advance(t, prior, day);
    forget(t, WEAR_LEVEL, 0, 0);
    forget(t, WEAR_SLOPE, 0, square(prior->slope));
    forget(t, WEAR_BIAS, t->x[WEAR_BIAS],
           t->P[WEAR_BIAS * (N + 1)] + square(prior->spread));
    t->last = 0;
}

void wear_trend_advance(struct wear_trend *t, const struct wear_prior *prior, double day)
{
    double dt = day - t->day, F[N * N] = {0}, Q[N * N] = {0}, scratch[N * N];
    if (!(dt > 0))
        return;
    for (size_t i = 0; i < N; i++)
        F[i * (N + 1)] = 1;
    F[WEAR_LEVEL * N + WEAR_SLOPE] = dt;
    Q[WEAR_OFFSET * (N + 1)] = square(prior->offset) * dt / offset_lasts;
    Q[WEAR_LEVEL * (N + 1)] = square(prior->noise) * dt;
    Q[WEAR_SLOPE * (N + 1)] = square(prior->slope) * dt / slope_lasts;
    t->x[WEAR_LEVEL] += t->x[WEAR_SLOPE] * dt;
    kalman_predict(N, F, Q, t->P, scratch);
    t->day = day;
}

/* What the surprises say of the observations' noise. `known`: the surprise's variance that
 * the states account for; the more that is, the less is said. */
static void learn(struct wear_trend *t, const struct wear_prior *prior, double surprise,
                  double known)
{
    double sd = sqrt(known + t->variance), z = surprise / sd;
    double weight = t->variance / (known + t->variance);
    t->seen = fmin(t->seen + weight, memory);
    double share = weight / (believed + t->seen);
    t->echo += share * (z * t->last - t->echo);
    t->last = z;
    t->variance += share * weight * (square(surprise) - known - t->variance);
    t->variance = fmax(t->variance, variance_least * square(prior->scatter));
}

void wear_trend_see(struct wear_trend *t, const struct wear_prior *prior, double y,
                    double gain)
{
    double h[N] = {[WEAR_OFFSET] = 1, [WEAR_BIAS] = gain, [WEAR_LEVEL] = gain};
    double dx[N], scratch[2 * N], surprise = y;
    for (size_t i = 0; i < N; i++)
        surprise -= h[i] * t->x[i];
    double known = kalman_variance(N, t->P, h);
    double most = surprise_most * sqrt(known + t->variance);
    surprise = fmin(fmax(surprise, -most), most);
    double echo = fmin(fmax(t->echo, 0), echo_most);
    double r = t->variance * (1 + echo) / (1 - echo);
    learn(t, prior, surprise, known);
    kalman_update(N, t->P, h, surprise, r, 0, dx, scratch);
    for (size_t i = 0; i < N; i++)
        t->x[i] += dx[i];
}

struct passage wear_trend_passage(const struct wear_trend *t,
                                  const struct wear_prior *prior, double limit)
{
    double way = limit < 0 ? -1 : 1;
    return (struct passage){
        .distance = way * (limit - t->x[WEAR_LEVEL]),
        .distance_sd = sqrt(fmax(t->P[WEAR_LEVEL * (N + 1)], 0)),
        .slope = way * t->x[WEAR_SLOPE],
        .slope_sd = sqrt(fmax(t->P[WEAR_SLOPE * (N + 1)], 0)),
        .covariance = -t->P[WEAR_LEVEL * N + WEAR_SLOPE],
        .diffusion = prior->noise,
    };
}
