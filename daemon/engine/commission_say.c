#include "twind/commission_say.h"

#include <stdarg.h>
#include <stdio.h>

static const double certain = 0.999; /* nobody is surer than this */

static const char *name_of(const struct commission_record *r, size_t sensor)
{
    return commission_row(r, sensor)->name;
}

static void start(struct commission_finding *finding, size_t sensor, const char *mistake,
                  double probability)
{
    *finding = (struct commission_finding){.sensor = sensor,
                                           .other = PLAN_NONE,
                                           .probability = fmin(probability, certain),
                                           .scale = 1};
    snprintf(finding->mistake, sizeof finding->mistake, "%s", mistake);
}

static void say(struct commission_finding *finding, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

static void say(struct commission_finding *finding, const char *format, ...)
{
    va_list list;
    va_start(list, format);
    vsnprintf(finding->says, sizeof finding->says, format, list);
    va_end(list);
}

/* A reading that shows it: the median, or an end where half of them are nothing. */
static double example(const struct commission_record *r, size_t sensor)
{
    double middle = commission_quantile(r, sensor, 0.5),
           low = commission_quantile(r, sensor, 0.05),
           high = commission_quantile(r, sensor, 0.95);
    if (middle != 0)
        return middle;
    return fabs(low) > fabs(high) ? low : high;
}

void commission_say_suspect(const struct commission_record *r,
                            const struct commission_suspect *suspect, double probability,
                            struct commission_finding *finding)
{
    const char *name = name_of(r, suspect->sensor);
    const struct kind_row *row = commission_row(r, suspect->sensor);
    double reading = example(r, suspect->sensor);
    start(finding, suspect->sensor, suspect->mistake, probability);
    finding->scale = suspect->scale;
    finding->offset = suspect->offset;
    if (suspect->other != PLAN_NONE) {
        finding->other = suspect->other;
        say(finding, "%s and %s are exchanged: swap their bindings", name,
            name_of(r, suspect->other));
        return;
    }
    if (suspect->late != 0) {
        say(finding,
            "the clock of %s is %+.0f h off against the sun: see to its times (\"zone\", "
            "\"time\")",
            name, suspect->late / 3600);
        return;
    }
    commission_fix(r, suspect, finding->fix);
    say(finding, "%s %s: what reads %.4g %s is really %.4g; write %s in its binding", name,
        suspect->says, reading, row->unit, suspect->scale * reading + suspect->offset,
        finding->fix);
}

void commission_say_clock(const struct commission_record *r, double hours,
                          double probability, struct commission_finding *finding)
{
    double zone = commission_param(r, "utc_offset", 0) - hours;
    zone -= 24 * round(zone / 24);
    start(finding, PLAN_NONE, "clock", probability);
    if (commission_param(r, "utc_offset", 0) != 0 ||
        commission_param(r, "longitude", 0) != 0) {
        say(finding,
            "the sun comes %+.0f h off the clock: the times of the messages are wrong by "
            "that (\"zone\", the devices' clocks), or utc_offset should be %.0f",
            hours, zone);
        return;
    }
    snprintf(finding->fix, sizeof finding->fix, "\"utc_offset\": %.0f", zone);
    say(finding,
        "the sun stands highest at noon of UTC%+.0f, but no zone is told: write %s "
        "in params, or see to the times of the messages",
        zone, finding->fix);
}

void commission_say_same(const struct commission_record *r, size_t a, size_t b,
                         struct commission_finding *finding)
{
    start(finding, a, "same", 1);
    finding->other = b;
    say(finding,
        "%s and %s bring the very same numbers: one of them is bound to the "
        "other's sensor",
        name_of(r, a), name_of(r, b));
}

void commission_say_falls(const struct commission_record *r, size_t sensor,
                          struct commission_finding *finding)
{
    const struct commission_series *series = &r->series[sensor];
    start(finding, sensor, "falls", 1);
    snprintf(finding->fix, sizeof finding->fix, "\"counter\": true");
    say(finding,
        "%s is a meter, and fell %zu times in %zu steps: write %s in its binding if it is "
        "reset now and then, or bind the total",
        name_of(r, sensor), series->falls, series->steps, finding->fix);
}

void commission_say_implausible(const struct commission_record *r, size_t sensor,
                                double probability, struct commission_finding *finding)
{
    const struct kind_row *row = commission_row(r, sensor);
    start(finding, sensor, "implausible", probability);
    say(finding,
        "%s is not what it should be: 90 %% of its readings lie between %.4g and %.4g %s, "
        "and no usual mistake explains that",
        row->name, commission_quantile(r, sensor, 0.05),
        commission_quantile(r, sensor, 0.95), row->unit);
}
