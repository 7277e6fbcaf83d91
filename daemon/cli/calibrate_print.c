#include "calibrate_print.h"

#include "twind/times.h"

#include <stdio.h>

static const double hour = 3600;

static const char *param_name(const struct calibrate_task *task, size_t i)
{
    return task->plan->kind->params[task->params[i]].name;
}

static void print_head(const struct calibrate_task *task, const char *twin,
                       const struct calibrate_result *r)
{
    char from[TIME_TEXT], split[TIME_TEXT], to[TIME_TEXT];
    printf("%s (%s): %zu readings\ntraining  %s .. %s, %zu predictions\n"
           "held out  %s .. %s, %zu predictions\nhorizon   %g h, %zu runs\n\n",
           twin, task->plan->kind->name, task->n_readings, times_format(r->from, from),
           times_format(r->split, split), r->n_training, split, times_format(r->to, to),
           r->n_held, task->horizon / hour, r->runs);
}

static const char *remark(const struct calibrate_result *r, size_t i)
{
    if (r->fit.blind >> i & 1)
        return "  without effect on these readings: kept";
    return r->fit.at_bound >> i & 1 ? "  at the end of its range" : "";
}

static void print_params(const struct calibrate_task *task,
                         const struct calibrate_result *r)
{
    printf("%-22s %12s %12s %12s  %s\n", "parameter", "before", "after", "std. error",
           "unit");
    for (size_t i = 0; i < task->n_params; i++)
        printf("%-22s %12.6g %12.6g %12.4g  %s%s\n", param_name(task, i), r->before[i],
               r->fit.p[i], r->fit.standard_error[i],
               task->plan->kind->params[task->params[i]].unit, remark(r, i));
}

static void print_ties(const struct calibrate_task *task, const struct calibrate_result *r)
{
    for (size_t t = 0; t < r->fit.n_ties; t++) {
        const char *between = "";
        printf("%s", t ? "" : "\n");
        printf("the data do not tell apart: ");
        for (size_t i = 0; i < task->n_params; i++)
            if (r->fit.ties[t].mask >> i & 1) {
                printf("%s%s", between, param_name(task, i));
                between = ", ";
            }
        printf(" (condition index %.0f)\n", r->fit.ties[t].condition);
    }
}

static void print_cells(const struct calibrate_task *task, const struct calibrate_result *r)
{
    static const double share[CALIBRATE_BANDS] = {1.0 / 24, 1.0 / 4, 1};
    printf("\n%-20s %10s %8s %12s %12s  %s\n", "held-out RMSE", "lead to", "n", "before",
           "after", "unit");
    for (size_t i = 0; i < r->n_cells; i++) {
        const struct calibrate_cell *cell = &r->cells[i];
        const struct kind_row *row =
            plan_row(task->plan->kind, task->plan->sensors[cell->sensor].signal);
        printf("%-20s %8g h %8zu %12.5g %12.5g  %s\n", row->name,
               share[cell->band] * task->horizon / hour, cell->n, cell->before, cell->after,
               row->unit);
    }
}

void calibrate_print(const struct calibrate_task *task, const char *twin,
                     const struct calibrate_result *r)
{
    print_head(task, twin, r);
    print_params(task, r);
    print_ties(task, r);
    print_cells(task, r);
    printf("\n%-22s %12s %12s\n%-22s %12.4f %12.4f\n%-22s %12.4f %12.4f\n\n", "error",
           "before", "after", "training", r->training_before, r->training_after, "held out",
           r->held_before, r->held_after);
    puts(calibrate_verdict(r));
}

const char *calibrate_verdict(const struct calibrate_result *r)
{
    return r->accepted ? "accepted: the held-out error has fallen"
                       : "not accepted: the held-out error has not fallen";
}

void calibrate_print_line(const struct calibrate_task *task, bool applied,
                          const struct calibrate_result *r)
{
    printf("%s, %.4g -> %.4g",
           r->accepted && applied ? "applied: the held-out error has fallen"
                                  : calibrate_verdict(r),
           r->held_before, r->held_after);
    for (size_t i = 0; r->accepted && i < task->n_params; i++)
        if (!(r->fit.blind >> i & 1))
            printf("; %s %.4g -> %.4g %s", param_name(task, i), r->before[i], r->fit.p[i],
                   task->plan->kind->params[task->params[i]].unit);
    puts("");
}

void calibrate_print_progress(void *context, size_t done, size_t about, double error)
{
    (void)context;
    fprintf(stderr, "\r%zu runs of about %zu, error %.4f ", done, about, error);
}
