/* A record of readings made ready for commissioning: of each sensor its hours and its
 * distribution, and how it is at present supposed to be wired. Only commission*.c needs it.
 */
#ifndef TWIND_COMMISSION_RECORD_H
#define TWIND_COMMISSION_RECORD_H

#include "twind/commission.h"

/* What one binding has brought. */
struct commission_series {
    double *hours;  /* mean of each hour of the record; NAN: nothing came */
    double *sorted; /* its values, thinned */
    size_t n_sorted;
    size_t falls, steps; /* of consecutive values: by more than noise; that differ at all */
};

/* How a sensor is supposed to be wired: which binding's numbers, and what to make of them.
 */
struct commission_wire {
    size_t from; /* the binding */
    double scale, offset;
    double late; /* s that its times are ahead of what is true */
};

struct commission_record {
    const struct commission_task *task;
    const struct plan *plan;
    size_t n_hours, n_sensors;
    double begin, from, to; /* s: of the first hour; of the first and last reading */
    struct commission_series *series; /* n_sensors */
    struct commission_wire *wires;    /* n_sensors: changed while mistakes are weighed */
};

void commission_record_make(struct commission_record *record,
                            const struct commission_task *task);
void commission_record_clear(struct commission_record *record);

/* Signal and row of a sensor of the plan. */
const struct kind_row *commission_row(const struct commission_record *record,
                                      size_t sensor);

/* A position of something that moves, not a humidity. */
bool commission_is_actuator(const struct commission_record *record, size_t sensor);

/* The sensor of the signal with this name; PLAN_NONE: not bound, or nothing came. */
size_t commission_sensor(const struct commission_record *record, const char *name);

/* As it is wired now: the q-quantile; the mean of an hour (NAN: nothing came); the share of
 * values that lie outside of what the row allows. */
double commission_quantile(const struct commission_record *record, size_t sensor, double q);
double commission_hour(const struct commission_record *record, size_t sensor, size_t hour);
double commission_outside(const struct commission_record *record, size_t sensor);

/* The parameter of this name; `otherwise` where the kind has none. */
double commission_param(const struct commission_record *record, const char *name,
                        double otherwise);

/* By how much wider all laws about sizes are taken: 1, or 1.5 where the floor area is not
 * told.
 */
double commission_size_doubt(const struct commission_record *record);

/* ln of how usual z standard deviations are: a normal law in the middle, a heavier tail. */
double commission_usual_z(double z);

#endif
