/* Every kind in the list, from its tables alone. A new kind is tested without a new test.
 */
#include "check.h"
#include "twind/err.h"
#include "twind/kind.h"
#include "twind/ode.h"
#include "twind/units.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { KINDS_MAX = 64, STEPS = 10000, POINTS = 40, DECLARED = 3 };

/* A kind with one moment of its life, drawn at random. */
struct probe {
    struct kind kind;
    void *room;
    double p[KIND_ROWS_MAX], u[KIND_ROWS_MAX], x[KIND_STATES_MAX], m[KIND_MEMORY_MAX];
    double time;
    uint64_t seed;
};

static const struct kind_row declared[DECLARED] = {
    {.name = "voltage", .unit = "V", .help = "Mains", .noise = 0.5},
    {.name = "level", .unit = "%", .help = "Tank", .min = 0, .max = 100},
    {.name = "count", .unit = "", .help = "Visitors"},
};

static double random_unit(struct probe *probe) /* 0..1 */
{
    probe->seed = probe->seed * 6364136223846793005u + 1442695040888963407u;
    return (double)(probe->seed >> 11) / 9007199254740992.0;
}

static struct probe probe_new(const struct kind *kind)
{
    struct probe probe = {.kind = *kind, .time = 1.7e9, .seed = 11};
    if (kind->declare) {
        probe.room = calloc(DECLARED, kind->declare_room);
        kind->declare(declared, DECLARED, probe.room, &probe.kind);
    }
    return probe;
}

static struct kind_point probe_point(const struct probe *probe)
{
    return (struct kind_point){probe->time, probe->p, probe->u, probe->x, probe->m};
}

static double draw(struct probe *probe, const struct kind_row *row)
{
    return row->min + (row->max - row->min) * random_unit(probe);
}

/* Inputs anywhere in their range; those that the model may control are so half the time. */
static void draw_inputs(struct probe *probe)
{
    for (size_t i = 0; i < probe->kind.n_inputs; i++) {
        const struct kind_row *row = &probe->kind.inputs[i];
        bool own = isnan(row->value) && random_unit(probe) < 0.5;
        probe->u[i] = own ? (double)NAN : draw(probe, row);
    }
}

/* Parameters between their default and anywhere. */
static void draw_params(struct probe *probe, double wildness)
{
    for (size_t i = 0; i < probe->kind.n_params; i++) {
        const struct kind_row *row = &probe->kind.params[i];
        probe->p[i] = row->value + wildness * (draw(probe, row) - row->value);
    }
}

/* States near their start: within the spread, inside the range. */
static void draw_states(struct probe *probe)
{
    for (size_t i = 0; i < probe->kind.n_states; i++) {
        const struct kind_row *row = &probe->kind.states[i];
        double x = row->value + row->spread * (2 * random_unit(probe) - 1);
        probe->x[i] = fmin(fmax(x, row->min), row->max);
    }
}

static void begin(struct probe *probe, double wildness)
{
    draw_params(probe, wildness);
    draw_inputs(probe);
    for (size_t i = 0; i < probe->kind.n_states; i++)
        probe->x[i] = probe->kind.states[i].value;
    memset(probe->m, 0, sizeof probe->m);
    const struct kind_point at = probe_point(probe);
    if (probe->kind.start)
        probe->kind.start(&at, probe->x, probe->m);
}

static void rhs(const void *context, double t, const double *x, double *dx)
{
    const struct probe *probe = context;
    struct kind_point at = probe_point(probe);
    at.time = t;
    at.x = x;
    probe->kind.derive(&at, dx);
}

static void step(struct probe *probe, double h)
{
    const struct kind *kind = &probe->kind;
    double scratch[5 * KIND_STATES_MAX];
    ode_rk4(rhs, probe, kind->n_states, probe->time, h, probe->x, scratch);
    probe->time += h;
    for (size_t i = 0; i < kind->n_states; i++) {
        if (!isfinite(probe->x[i]))
            fail_msg("%s: state %s is not finite", kind->name, kind->states[i].name);
        probe->x[i] = fmin(fmax(probe->x[i], kind->states[i].min), kind->states[i].max);
    }
    const struct kind_point at = probe_point(probe);
    if (kind->accumulate)
        kind->accumulate(&at, h, probe->m);
}

static void for_every_kind(void (*check)(struct probe *probe))
{
    size_t n = 0;
    for (; kinds_all[n] && n < KINDS_MAX; n++) {
        const struct kind *const only[] = {kinds_all[n], NULL};
        const struct kind *const *detail = only[0]->details ? only[0]->details : only;
        for (; *detail; detail++) {
            struct probe probe = probe_new(*detail);
            check(&probe);
            free(probe.room);
        }
    }
    assert_true(n >= 4 && n < KINDS_MAX);
}

/* ---- tables ---- */

struct table {
    const char *what;
    const struct kind_row *rows;
    size_t n;
};

static void for_every_row(const struct probe *probe,
                          void (*check)(const struct kind *kind, const char *what,
                                        const struct kind_row *row))
{
    const struct kind *k = &probe->kind;
    const struct table tables[] = {{"parameter", k->params, k->n_params},
                                   {"input", k->inputs, k->n_inputs},
                                   {"state", k->states, k->n_states},
                                   {"output", k->outputs, k->n_outputs}};
    for (size_t t = 0; t < 4; t++)
        for (size_t i = 0; i < tables[t].n; i++)
            check(k, tables[t].what, &tables[t].rows[i]);
}

static bool is_name(const char *name)
{
    if (!name || !islower((unsigned char)name[0]))
        return false;
    for (const char *c = name; *c; c++)
        if (!islower((unsigned char)*c) && !isdigit((unsigned char)*c) && *c != '_')
            return false;
    return true;
}

static void check_words(const struct kind *kind, const char *what,
                        const struct kind_row *row)
{
    if (!is_name(row->name))
        fail_msg("%s: a %s has the name %s", kind->name, what, row->name);
    if (!row->help || strlen(row->help) < 2 || row->help[strlen(row->help) - 1] == '.')
        fail_msg("%s: %s %s has no help, or one with a period", kind->name, what,
                 row->name);
    struct err e;
    if (!row->unit || !units_known(row->unit, &e))
        fail_msg("%s: %s %s: %s", kind->name, what, row->name,
                 row->unit ? e.text : "no unit");
}

static void check_numbers(const struct kind *kind, const char *what,
                          const struct kind_row *row)
{
    bool fixed = row->min == row->max && row->value == row->min;
    if (!isfinite(row->min) || !isfinite(row->max) || !(row->min < row->max || fixed))
        fail_msg("%s: %s %s has the range %g..%g", kind->name, what, row->name, row->min,
                 row->max);
    bool output = strcmp(what, "output") == 0, input = strcmp(what, "input") == 0;
    bool own = input && isnan(row->value);
    if (!output && !own && !(row->value >= row->min && row->value <= row->max))
        fail_msg("%s: %s %s starts outside its range", kind->name, what, row->name);
    if (!(row->noise >= 0) || !(row->spread >= 0))
        fail_msg("%s: %s %s has a negative noise or spread", kind->name, what, row->name);
    if (strcmp(what, "state") == 0 && !(row->spread > 0))
        fail_msg("%s: state %s has no spread", kind->name, row->name);
    if (output && row->flags & KIND_MEASURED && !(row->noise > 0))
        fail_msg("%s: output %s is measured without noise", kind->name, row->name);
}

static void rows_have_words(struct probe *probe)
{
    for_every_row(probe, check_words);
}

static void rows_have_numbers(struct probe *probe)
{
    for_every_row(probe, check_numbers);
}

static void no_name_twice(const struct kind *kind, const struct kind_row *a, size_t n,
                          const struct kind_row *b, size_t n_b)
{
    for (size_t i = 0; i < n; i++)
        for (size_t j = a == b ? i + 1 : 0; j < n_b; j++)
            if (strcmp(a[i].name, b[j].name) == 0)
                fail_msg("%s: %s twice", kind->name, a[i].name);
}

static void names_are_unique(struct probe *probe)
{
    const struct kind *k = &probe->kind;
    no_name_twice(k, k->params, k->n_params, k->params, k->n_params);
    no_name_twice(k, k->states, k->n_states, k->states, k->n_states);
    no_name_twice(k, k->outputs, k->n_outputs, k->outputs, k->n_outputs);
    no_name_twice(k, k->inputs, k->n_inputs, k->inputs, k->n_inputs);
    no_name_twice(k, k->inputs, k->n_inputs, k->outputs, k->n_outputs);
    const struct kind *found = kinds_detail(kinds_find(k->name), k->detail);
    assert_ptr_equal(found->help, k->help);
}

static void sizes_are_in_bounds(struct probe *probe)
{
    const struct kind *k = &probe->kind;
    size_t estimated = 0, sizes[KIND_STATES_MAX] = {0};
    int blocks = 0;
    for (size_t i = 0; i < k->n_params; i++)
        if (k->params[i].noise > 0) {
            estimated++;
            sizes[k->params[i].block]++;
        }
    for (size_t i = 0; i < k->n_states; i++) {
        assert_in_range(k->states[i].block, 0, KIND_STATES_MAX - 1);
        sizes[k->states[i].block]++;
        blocks = k->states[i].block >= blocks ? k->states[i].block + 1 : blocks;
    }
    for (int b = 0; b < blocks; b++)
        assert_in_range(sizes[b], 1, KIND_BLOCK_MAX);
    assert_true(k->n_states + estimated <= KIND_STATES_MAX);
    assert_true(k->n_params <= KIND_ROWS_MAX && k->n_inputs <= KIND_ROWS_MAX);
    assert_true(k->n_outputs <= KIND_ROWS_MAX && k->n_memory <= KIND_MEMORY_MAX);
    assert_true(k->min_step < k->max_step);
}

/* ---- functions ---- */

static void blocks_do_not_see_each_other(struct probe *probe)
{
    const struct kind *k = &probe->kind;
    double dx[KIND_STATES_MAX], moved[KIND_STATES_MAX];
    begin(probe, 0);
    for (int round = 0; round < POINTS; round++) {
        draw_inputs(probe);
        draw_states(probe);
        rhs(probe, probe->time, probe->x, dx);
        for (size_t i = 0; i < k->n_states; i++) {
            double x = probe->x[i];
            probe->x[i] = x + 0.01 * k->states[i].spread;
            rhs(probe, probe->time, probe->x, moved);
            probe->x[i] = x;
            for (size_t j = 0; j < k->n_states; j++)
                if (k->states[j].block != k->states[i].block)
                    if (fabs(moved[j] - dx[j]) > 1e-12 * (1 + fabs(dx[j])))
                        fail_msg("%s: %s moves %s of another block", k->name,
                                 k->states[i].name, k->states[j].name);
        }
    }
}

static void outputs_read_what_they_say(struct probe *probe)
{
    const struct kind *k = &probe->kind;
    begin(probe, 0);
    for (int round = 0; k->reads && round < POINTS; round++) {
        draw_inputs(probe);
        draw_states(probe);
        const struct kind_point at = probe_point(probe);
        for (size_t o = 0; o < k->n_outputs; o++) {
            size_t state = k->reads(o);
            assert_true(state <= k->n_states);
            if (state > 0)
                assert_close(k->observe(&at, o), probe->x[state - 1], 0);
        }
    }
}

static void check_outputs(struct probe *probe)
{
    const struct kind_point at = probe_point(probe);
    for (size_t o = 0; o < probe->kind.n_outputs; o++)
        if (isinf(probe->kind.observe(&at, o)))
            fail_msg("%s: output %s is infinite", probe->kind.name,
                     probe->kind.outputs[o].name);
}

static void any_weather_stays_finite(struct probe *probe)
{
    for (int life = 0; life < 20; life++) {
        begin(probe, life % 2 ? 1 : 0);
        for (int i = 0; i < STEPS / 20; i++) {
            if (i % 10 == 0)
                draw_inputs(probe);
            step(probe, probe->kind.max_step);
            check_outputs(probe);
        }
    }
}

static bool is_at_its_end(const struct probe *probe)
{
    for (size_t i = 0; i < probe->kind.n_states; i++)
        if (probe->x[i] >= probe->kind.states[i].max)
            return true;
    return false;
}

/* Where Runge-Kutta is unstable at max_step, steps a quarter of it give another end. A kind
 * may do some things but once a step (where the sun stands), so that a meter in the
 * millions may end a bit apart; what is driven to the end of a range is left out, for it is
 * held there once a step. */
static void max_step_is_stable(struct probe *probe)
{
    const struct kind *k = &probe->kind;
    for (int round = 0; round < POINTS; round++) {
        begin(probe, round % 2 ? 1 : 0);
        struct probe fine = *probe;
        bool ended = false;
        for (int i = 0; i < 200; i++) {
            step(probe, k->max_step);
            for (int part = 0; part < 4; part++)
                step(&fine, k->max_step / 4);
            ended = ended || is_at_its_end(&fine);
        }
        for (size_t i = 0; i < k->n_states && !ended; i++) {
            double range =
                fmin(k->states[i].max - k->states[i].min, 50 * k->states[i].spread);
            if (fabs(probe->x[i] - fine.x[i]) > 0.02 * range + 5e-3 * fabs(fine.x[i]))
                fail_msg("%s: %s is %g at max_step, %g at a quarter (round %d)", k->name,
                         k->states[i].name, probe->x[i], fine.x[i], round);
        }
    }
}

#define EVERY(check)                                                                       \
    static void test_##check(void **state)                                                 \
    {                                                                                      \
        (void)state;                                                                       \
        for_every_kind(check);                                                             \
    }

EVERY(rows_have_words)
EVERY(rows_have_numbers)
EVERY(names_are_unique)
EVERY(sizes_are_in_bounds)
EVERY(blocks_do_not_see_each_other)
EVERY(outputs_read_what_they_say)
EVERY(any_weather_stays_finite)
EVERY(max_step_is_stable)

static void test_a_kind_is_found_by_its_name_only(void **state)
{
    (void)state;
    assert_string_equal(kinds_find("greenhouse")->name, "greenhouse");
    assert_null(kinds_find("Greenhouse"));
    assert_null(kinds_find(""));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_rows_have_words),
        cmocka_unit_test(test_rows_have_numbers),
        cmocka_unit_test(test_names_are_unique),
        cmocka_unit_test(test_sizes_are_in_bounds),
        cmocka_unit_test(test_blocks_do_not_see_each_other),
        cmocka_unit_test(test_outputs_read_what_they_say),
        cmocka_unit_test(test_any_weather_stays_finite),
        cmocka_unit_test(test_max_step_is_stable),
        cmocka_unit_test(test_a_kind_is_found_by_its_name_only),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
