/* The list of detectors, and what holds for each of them. */
#include "twind/detector.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* The list. */
#define DETECTORS(x)                                                                       \
    x(auto) x(range) x(ewma) x(cusum) x(hampel) x(spot) x(seasonal) x(shapes) x(forest)    \
        x(t2)

#define DECLARE(name) extern const struct detector detector_##name;
#define POINT(name) &detector_##name,
#define SPELL(name) #name,

DETECTORS(DECLARE)

const struct detector *const detectors_all[] = {DETECTORS(POINT) NULL};
const char *const detectors_names[] = {DETECTORS(SPELL) NULL};

enum { SIGNALS_MAX = 64 };

/* Squares of what is beyond would leave the range of a double. */
static const double GREATEST = 1e100;

const struct detector *detectors_find(const char *name)
{
    for (const struct detector *const *d = detectors_all; *d; d++)
        if (strcmp((*d)->name, name) == 0)
            return *d;
    return NULL;
}

const struct detector *detectors_for(const struct detector *detector, size_t n)
{
    return n > 1 && detector->several ? detector->several : detector;
}

void detectors_defaults(const struct detector *detector, double *params)
{
    for (size_t i = 0; i < detector->n_params; i++)
        params[i] = detector->params[i].value;
}

bool detectors_set(const struct detector *detector, double *params, const char *name,
                   double value, struct err *e)
{
    for (size_t i = 0; i < detector->n_params; i++) {
        const struct detector_row *row = &detector->params[i];
        if (strcmp(row->name, name) != 0)
            continue;
        if (!(value >= row->min && value <= row->max))
            return err_set(e, "%s is %g, but must be in %g .. %g", name, value, row->min,
                           row->max);
        params[i] = value;
        return true;
    }
    return err_set(e, "%s has no parameter '%s'; twinctl detect --list names them",
                   detector->name, name);
}

double detectors_step(const struct detector *detector, const double *params, void *state,
                      double time, const double *values, size_t n)
{
    double heard[SIGNALS_MAX];
    size_t present = 0;
    if (n > SIGNALS_MAX)
        n = SIGNALS_MAX;
    for (size_t i = 0; i < n; i++) {
        bool usable = isfinite(values[i]) && fabs(values[i]) <= GREATEST;
        heard[i] = usable ? values[i] : (double)NAN;
        present += usable;
    }
    if (present == 0)
        return 0;
    if (!isfinite(time) || fabs(time) > 1e15)
        time = NAN;
    double score = detector->step(params, state, time, heard, n);
    return score >= 0 ? fmin(score, 1) : 0;
}

/* Behind what is there; what has no room is cut. */
__attribute__((format(printf, 2, 3))) static void append(char text[DETECTOR_TEXT],
                                                         const char *format, ...)
{
    size_t used = strlen(text);
    va_list args;
    va_start(args, format);
    vsnprintf(text + used, DETECTOR_TEXT - used, format, args);
    va_end(args);
}

void detectors_describe(const struct detector_reason *why, char text[DETECTOR_TEXT])
{
    text[0] = '\0';
    append(text, "%s %.5g", why->what, why->value);
    if (isfinite(why->low) && isfinite(why->high))
        append(text, ", usually %.5g to %.5g", why->low, why->high);
    append(text, "%s%s", *why->where ? " " : "", why->where);
    if (why->readings >= 1)
        append(text, "; about once in %.2g readings", fmin(why->readings, 1e12));
}

void detectors_explain(const struct detector *detector, const double *params,
                       const void *state, char text[DETECTOR_TEXT])
{
    struct detector_reason why = detector->reason(params, state);
    detectors_describe(&why, text);
    if (why.signal > 0)
        append(text, "; value %zu contributes %.0f %%", why.signal, 100 * why.share);
}
