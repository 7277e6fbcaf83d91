/* What detectors of several signals find in simulated processes (several.h), row by row:
 * the share of usual rows in alarm, of fault rows missed, F1, and what a row takes, one
 * JSON line for each process and fault. bench_joint [DETECTOR [RUNS [NAME=VALUE ..]]] */
#include "../detectors/several.h"

#include "twind/detector.h"
#include "twind/mem.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

struct counts {
    double found, missed, quiet, noisy; /* rows */
    double s;                           /* in the detector */
};

struct trial {
    const struct detector *detector;
    double params[DETECTOR_PARAMS_MAX];
    int runs;
};

struct course {
    const char *name;
    enum process_kind kind;
    int rows, scored_from, fault_from; /* rows */
    enum process_fault faults[FAULTS];
    int n_faults;
};

static const struct course courses[] = {
    {"rig", RIG, 1150, 400, 0, {SHIFT, RAMP, NOISE, RELATION, SURGE}, 5},
    {"plant",
     PLANT,
     960,
     100,
     160,
     {SHIFT, RAMP, NOISE, RELATION, CAUSE, VALVE, STRANGER},
     7},
    {"plant, trained",
     PLANT,
     1460,
     500,
     660,
     {SHIFT, RAMP, NOISE, RELATION, CAUSE, VALVE, STRANGER},
     7},
    {"calm, 2", CALM, 6000, 100, 2, {NOTHING}, 1},
    {"calm, 16", CALM, 6000, 100, 16, {NOTHING}, 1},
    {"calm, 60", CALM, 4000, 100, 60, {NOTHING}, 1},
};

static double seconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

static void run(const struct trial *t, const struct course *course,
                enum process_fault fault, unsigned seed, struct counts *counts)
{
    struct process p;
    process_begin(&p, course->kind, fault, course->fault_from, seed);
    const struct detector *d = detectors_for(t->detector, p.n);
    void *state = mem_new(1, d->size(t->params, p.n));
    for (int row = 0; row < course->rows; row++) {
        bool wrong = faulty(&p);
        process_draw(&p);
        double start = seconds();
        bool alarm = detectors_step(d, t->params, state, row, p.values, p.n) >= 0.5;
        counts->s += seconds() - start;
        if (row < course->scored_from)
            continue;
        *(wrong   ? alarm ? &counts->found : &counts->missed
          : alarm ? &counts->noisy
                  : &counts->quiet) += 1;
    }
    free(state);
}

static void add(struct counts *sum, const struct counts *c)
{
    sum->found += c->found;
    sum->missed += c->missed;
    sum->quiet += c->quiet;
    sum->noisy += c->noisy;
    sum->s += c->s;
}

static void print(const char *process, const char *fault, double rows,
                  const struct counts *c)
{
    double faulty_rows = c->found + c->missed;
    printf("{\"process\":\"%s\",\"fault\":\"%s\",\"false\":%.4f", process, fault,
           c->noisy / (c->noisy + c->quiet));
    if (faulty_rows > 0)
        printf(",\"missed\":%.4f,\"f1\":%.3f", c->missed / faulty_rows,
               2 * c->found / (2 * c->found + c->missed + c->noisy));
    printf(",\"us\":%.1f}\n", c->s / rows * 1e6);
}

static void bench(const struct trial *t, const struct course *course)
{
    struct counts sum = {0};
    double rows = (double)t->runs * course->rows;
    for (int f = 0; f < course->n_faults; f++) {
        struct counts counts = {0};
        for (int i = 0; i < t->runs; i++)
            run(t, course, course->faults[f], (unsigned)(i * FAULTS + f), &counts);
        if (course->n_faults > 1)
            print(course->name, fault_names[course->faults[f]], rows, &counts);
        add(&sum, &counts);
    }
    print(course->name, "all", rows * course->n_faults, &sum);
}

static bool set(struct trial *t, char *text, struct err *e)
{
    char *value = strchr(text, '=');
    if (!value)
        return err_set(e, "%s: give NAME=VALUE", text);
    *value++ = '\0';
    return detectors_set(t->detector, t->params, text, strtod(value, NULL), e);
}

int main(int argc, char **argv)
{
    struct trial t = {.detector = detectors_find(argc > 1 ? argv[1] : "t2")};
    struct err e;
    t.runs = argc > 2 ? atoi(argv[2]) : 40;
    if (!t.detector) {
        fprintf(stderr, "there is no detector '%s'\n", argv[1]);
        return 2;
    }
    detectors_defaults(t.detector, t.params);
    for (int i = 3; i < argc; i++)
        if (!set(&t, argv[i], &e)) {
            fprintf(stderr, "%s\n", e.text);
            return 2;
        }
    for (size_t i = 0; i < sizeof courses / sizeof *courses; i++)
        bench(&t, &courses[i]);
    return 0;
}
