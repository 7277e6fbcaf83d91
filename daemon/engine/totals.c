#include "twind/totals.h"

#include <math.h>
#include <stdint.h>
#include <string.h>

static const double day_length = 86400;

bool totals_counts(const struct kind_row *output)
{
    return (output->flags & (KIND_CUMULATIVE | KIND_DAILY)) != 0;
}

static double midnight_after(double time, double zone)
{
    return (floor((time + zone) / day_length) + 1) * day_length - zone;
}

static double daily(const struct totals_series *s)
{
    double sum = 0, last = s->start, rate = NAN;
    for (size_t i = 0; i < s->n; i++) {
        double from = s->made + (double)i * s->step, to = from + s->step;
        double midnight = midnight_after(from, s->zone), value = s->values[i];
        if (midnight > to) {
            rate = (value - last) / s->step;
            sum += value - last;
        } else {
            double after = to > midnight ? value / (to - midnight) : 0;
            sum += value + (isnan(rate) ? after : rate) * (midnight - from);
        }
        last = value;
    }
    return sum;
}

double totals_of(const struct kind_row *output, const struct totals_series *series)
{
    if (output->flags & KIND_DAILY)
        return daily(series);
    if (output->flags & KIND_CUMULATIVE && series->n > 0)
        return series->values[series->n - 1] - series->start;
    return NAN;
}

static size_t first(const struct kind *kind, unsigned flag, const char *unit)
{
    for (size_t i = 0; i < kind->n_outputs; i++)
        if (kind->outputs[i].flags & flag && strcmp(kind->outputs[i].unit, unit) == 0)
            return i;
    return SIZE_MAX;
}

size_t totals_energy(const struct kind *kind)
{
    size_t daily_one = first(kind, KIND_DAILY, "kWh");
    return daily_one != SIZE_MAX ? daily_one : first(kind, KIND_CUMULATIVE, "kWh");
}

size_t totals_cost(const struct kind *kind)
{
    return first(kind, KIND_DAILY, "");
}
