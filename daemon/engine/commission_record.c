/* From readings to hours and distributions.
 *
 * A wire is a linear change of what came, so quantiles and hourly means of the changed
 * signal follow from those of the readings. */
#include "twind/commission_record.h"

#include "twind/mem.h"

#include <stdlib.h>
#include <string.h>

static const double hour = 3600;
static const double slack = 0.01;   /* of the row's range: no fault of the unit */
static const double noise_most = 6; /* of a sensor's sds: more is a step */
static const double body = 2;       /* sds where the normal law ends */
enum { VALUES = 4000 };             /* of one sensor's distribution */

static int compare_readings(const void *a, const void *b)
{
    const struct commission_reading *x = a, *y = b;
    if (x->sensor != y->sensor)
        return x->sensor < y->sensor ? -1 : 1;
    return (x->time > y->time) - (x->time < y->time);
}

static int compare_values(const void *a, const void *b)
{
    const double *x = a, *y = b;
    return (*x > *y) - (*x < *y);
}

static void find_span(struct commission_record *r)
{
    const struct commission_task *task = r->task;
    r->from = INFINITY;
    r->to = -INFINITY;
    for (size_t i = 0; i < task->n_readings; i++) {
        r->from = fmin(r->from, task->readings[i].time);
        r->to = fmax(r->to, task->readings[i].time);
    }
    r->begin = task->n_readings ? floor(r->from / hour) * hour : 0;
    r->n_hours = task->n_readings ? (size_t)((r->to - r->begin) / hour) + 1 : 0;
}

static void fill_hours(const struct commission_record *r, struct commission_series *series,
                       const struct commission_reading *readings, size_t n)
{
    double *count = mem_new(r->n_hours + 1, sizeof *count);
    series->hours = mem_new(r->n_hours + 1, sizeof *series->hours);
    for (size_t i = 0; i < n; i++) {
        size_t at = (size_t)((readings[i].time - r->begin) / hour);
        series->hours[at] += readings[i].value;
        count[at]++;
    }
    for (size_t h = 0; h < r->n_hours; h++)
        series->hours[h] = count[h] > 0 ? series->hours[h] / count[h] : (double)NAN;
    free(count);
}

static void fill_series(const struct commission_record *r, size_t sensor,
                        const struct commission_reading *readings, size_t n)
{
    struct commission_series *series = &r->series[sensor];
    double noise = noise_most * r->plan->sensors[sensor].sd;
    size_t stride = n / VALUES + 1;
    series->sorted = mem_new(n / stride + 2, sizeof *series->sorted);
    for (size_t i = 0; i < n; i += stride)
        series->sorted[series->n_sorted++] = readings[i].value;
    qsort(series->sorted, series->n_sorted, sizeof *series->sorted, compare_values);
    for (size_t i = 1; i < n; i++) {
        series->steps += readings[i].value != readings[i - 1].value;
        series->falls += readings[i].value < readings[i - 1].value - noise;
    }
    fill_hours(r, series, readings, n);
}

void commission_record_make(struct commission_record *r, const struct commission_task *task)
{
    *r = (struct commission_record){
        .task = task, .plan = task->plan, .n_sensors = task->plan->n_sensors};
    struct commission_reading *sorted = mem_new(task->n_readings + 1, sizeof *sorted);
    if (task->n_readings > 0)
        memcpy(sorted, task->readings, task->n_readings * sizeof *sorted);
    qsort(sorted, task->n_readings, sizeof *sorted, compare_readings);
    find_span(r);
    r->series = mem_new(r->n_sensors + 1, sizeof *r->series);
    r->wires = mem_new(r->n_sensors + 1, sizeof *r->wires);
    for (size_t s = 0, i = 0, end; s < r->n_sensors; s++, i = end) {
        for (end = i; end < task->n_readings && sorted[end].sensor == s;)
            end++;
        fill_series(r, s, sorted + i, end - i);
        r->wires[s] = (struct commission_wire){.from = s, .scale = 1};
    }
    free(sorted);
}

void commission_record_clear(struct commission_record *r)
{
    for (size_t s = 0; s < r->n_sensors; s++) {
        free(r->series[s].hours);
        free(r->series[s].sorted);
    }
    free(r->series);
    free(r->wires);
}

/* -- */

const struct kind_row *commission_row(const struct commission_record *r, size_t sensor)
{
    return plan_row(r->plan->kind, r->plan->sensors[sensor].signal);
}

bool commission_is_actuator(const struct commission_record *r, size_t sensor)
{
    const struct kind_row *row = commission_row(r, sensor);
    return r->plan->sensors[sensor].signal < r->plan->kind->n_inputs &&
           strcmp(row->unit, "%") == 0 && !strstr(row->name, "humidity");
}

size_t commission_sensor(const struct commission_record *r, const char *name)
{
    for (size_t s = 0; s < r->n_sensors; s++)
        if (strcmp(commission_row(r, s)->name, name) == 0)
            return r->series[r->wires[s].from].n_sorted > 0 ? s : PLAN_NONE;
    return PLAN_NONE;
}

double commission_quantile(const struct commission_record *r, size_t sensor, double q)
{
    const struct commission_wire *wire = &r->wires[sensor];
    const struct commission_series *series = &r->series[wire->from];
    if (series->n_sorted == 0)
        return NAN;
    double share = wire->scale < 0 ? 1 - q : q;
    size_t at = (size_t)(share * (double)(series->n_sorted - 1) + 0.5);
    return wire->scale * series->sorted[at] + wire->offset;
}

double commission_hour(const struct commission_record *r, size_t sensor, size_t at)
{
    const struct commission_wire *wire = &r->wires[sensor];
    double came = (double)at + round(wire->late / hour);
    if (came < 0 || came >= (double)r->n_hours)
        return NAN;
    return wire->scale * r->series[wire->from].hours[(size_t)came] + wire->offset;
}

double commission_outside(const struct commission_record *r, size_t sensor)
{
    const struct commission_wire *wire = &r->wires[sensor];
    const struct commission_series *series = &r->series[wire->from];
    const struct kind_row *row = commission_row(r, sensor);
    if (series->n_sorted == 0 || !(row->min < row->max))
        return 0;
    double least = row->min - slack * (row->max - row->min),
           most = row->max + slack * (row->max - row->min);
    size_t n = 0;
    for (size_t i = 0; i < series->n_sorted; i++) {
        double value = wire->scale * series->sorted[i] + wire->offset;
        n += value < least || value > most;
    }
    return (double)n / (double)series->n_sorted;
}

double commission_param(const struct commission_record *r, const char *name,
                        double otherwise)
{
    for (size_t i = 0; i < r->plan->kind->n_params; i++)
        if (strcmp(r->plan->kind->params[i].name, name) == 0)
            return r->plan->params[i];
    return otherwise;
}

double commission_size_doubt(const struct commission_record *r)
{
    for (size_t i = 0; i < r->plan->kind->n_params; i++) {
        const struct kind_row *row = &r->plan->kind->params[i];
        if (strcmp(row->name, "floor_area") == 0)
            return r->plan->params[i] == row->value ? 1.5 : 1;
    }
    return 1;
}

double commission_usual_z(double z)
{
    double size = fabs(z);
    return size < body ? -size * size / 2 : body * body / 2 - body * size;
}
