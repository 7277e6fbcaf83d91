/* What is remembered of one signal: its last day, and its usual course of day and week. */
#ifndef TWIND_FORECAST_SIGNAL_H
#define TWIND_FORECAST_SIGNAL_H

#include <stddef.h>

enum {
    SIGNAL_RASTER = 900, /* s between values that are kept */
    SIGNAL_SLOTS = 97,   /* a day of them and one more */
    SIGNAL_HOURS = 24,
    SIGNAL_PARTS = 8, /* of a day of the week */
    SIGNAL_WEEK = 7 * SIGNAL_PARTS,
};

/* Zero: nothing has been seen. */
struct forecast_signal {
    float ring[SIGNAL_SLOTS]; /* by raster number; NAN: not known */
    float hour[SIGNAL_HOURS], hour_n[SIGNAL_HOURS];
    float week[SIGNAL_WEEK], week_n[SIGNAL_WEEK]; /* deviation from the day's course */
    float least, most;                            /* of what was seen */
    float n;
};

/* The value at raster moment `number` (s / SIGNAL_RASTER), `newest` being the last before
 * it; NAN: not known. `local`: seconds to add to that moment to have the local time. */
void forecast_signal_see(struct forecast_signal *signal, double number, double newest,
                         double value, double local);

/* The value of the last day at this time; NAN: not known. */
double forecast_signal_past(const struct forecast_signal *signal, double newest,
                            double time);

/* The mean of what is known of the last day; NAN: nothing. */
double forecast_signal_mean(const struct forecast_signal *signal, double newest);

/* Its usual value at this local time; NAN: never seen. */
double forecast_signal_usual(const struct forecast_signal *signal, double local_time);

#endif
