/* States that no sensor reads (unknown heat, the temperature of the floor) are what they
 * usually are at this time of the day, unless something is wrong: a fault that the filter
 * has got used to shows in them for as long as it lasts. Their distance from the mean of
 * the last days is taken for a measurement of what the fault has added to the estimate: its
 * signature is -g (bank.h), its variance the usual one. As one weather lasts for hours, one
 * such measurement in six hours is new. */
#include "isolate_block.h"

#include "twind/bank.h"

static const double new_every = 6 * 3600.0; /* s */
static const double most_seen = 80, least_seen = 24;
static const double least_spread = 0.02, clip = 4; /* of the row's spread; sd */

static bool is_read(const struct plan *plan, size_t state)
{
    const struct kind *kind = plan->kind;
    for (size_t i = 0; i < plan->n_sensors; i++) {
        size_t signal = plan->sensors[i].signal;
        if (signal >= kind->n_inputs && kind->reads(signal - kind->n_inputs) == state + 1)
            return true;
    }
    return false;
}

static double variance_of(const struct isolate_habit *habit, const struct kind_row *row,
                          size_t bin)
{
    double least = least_spread * row->spread;
    double variance = habit->square[bin] - habit->mean[bin] * habit->mean[bin];
    return fmax(variance, least * least);
}

static bool is_useful(const struct plan *plan, size_t state)
{
    return plan->kind->reads && plan->kind->states[state].spread > 0 &&
           !is_read(plan, state);
}

void isolate_habit_weigh(struct twin *twin, double time, double span, double *room)
{
    const struct plan *plan = twin->plan;
    struct isolate_block block = isolate_block(twin);
    size_t bin = isolate_bin(time), m = isolate_columns(plan);
    for (size_t i = 0; i < plan->kind->n_states; i++) {
        const struct isolate_habit *habit = &block.habits[i];
        if (!is_useful(plan, i) || habit->seen[bin] < least_seen)
            continue;
        double variance = variance_of(habit, &plan->kind->states[i], bin);
        double most = clip * sqrt(variance), off = twin_x(twin)[i] - habit->mean[bin];
        for (size_t j = 0; j < m; j++)
            room[j] = -block.g[i * m + j];
        bank_weigh(m, room, fmin(fmax(off, -most), most), variance * new_every / span,
                   block.c, block.d);
    }
}

void isolate_habit_learn(struct twin *twin, double time)
{
    const struct plan *plan = twin->plan;
    struct isolate_block block = isolate_block(twin);
    size_t bin = isolate_bin(time);
    for (size_t i = 0; i < plan->kind->n_states; i++) {
        struct isolate_habit *habit = &block.habits[i];
        if (!is_useful(plan, i))
            continue;
        double x = twin_x(twin)[i], mean = habit->mean[bin];
        double most = clip * sqrt(variance_of(habit, &plan->kind->states[i], bin));
        if (habit->seen[bin] >= least_seen)
            x = fmin(fmax(x, mean - most), mean + most);
        habit->seen[bin] = fmin(habit->seen[bin] + 1, most_seen);
        habit->mean[bin] += (x - mean) / habit->seen[bin];
        habit->square[bin] += (x * x - habit->square[bin]) / habit->seen[bin];
    }
}
