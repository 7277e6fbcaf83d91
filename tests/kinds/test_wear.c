/* Wear of virtual plants: another greenhouse or house than the twin believes, with weather,
 * disturbances and noisy sensors, in which a parameter changes slowly. */
#include "check.h"
#include "twind/engine.h"
#include "twind/random.h"
#include "twind/wear.h"

#include <stdlib.h>
#include <string.h>

#define DAY 86400.0
#define TURN 6.283185307179586

static const double start = 1704067200, step = 1800; /* 2024-01-01 */

enum { SENSORS_MOST = 16 };

/* What is told to the twin, and how the plant is stirred and controlled. */
struct scene {
    const char *kind;
    const char *inputs[8], *outputs[8];
    const char *stirred; /* an unknown flux of the plant's */
    double stir;         /* its sd */
    const char *rest[4]; /* parameters of the plant that differ, by a tenth */
    void (*control)(const struct twin *plant, double hour, struct twin_scratch *scratch);
};

struct site {
    const struct scene *scene;
    const struct kind *kind;
    struct plan *believed, *real;
    struct engine *engine, *plants;
    struct twin *twin, *plant;
    struct twin_scratch *scratch;
    struct random random;
    double warm, stirred; /* weather that lasts; the disturbance */
};

static size_t row_of(const struct kind_row *rows, size_t n, const char *name)
{
    for (size_t i = 0; i < n; i++)
        if (strcmp(rows[i].name, name) == 0)
            return i;
    fail_msg("there is no %s", name);
    return 0;
}

static size_t param_of(const struct kind *kind, const char *name)
{
    return row_of(kind->params, kind->n_params, name);
}

static void set(const struct twin *twin, const char *name, double value)
{
    const struct kind *kind = twin->plan->kind;
    twin_u(twin)[row_of(kind->inputs, kind->n_inputs, name)] = value;
}

static double read_output(const struct twin *twin, const char *name,
                          struct twin_scratch *scratch)
{
    const struct kind *kind = twin->plan->kind;
    return twin_estimate(twin, row_of(kind->outputs, kind->n_outputs, name), NULL, scratch);
}

static void heat_greenhouse(const struct twin *plant, double hour,
                            struct twin_scratch *scratch)
{
    double t = read_output(plant, "air_temperature", scratch);
    (void)hour;
    set(plant, "heating_power", fmin(fmax(60 * (18 - t) + 60, 0), 180) * 1000);
    set(plant, "vent_lee", fmin(fmax(16 * (t - 24), 0), 100));
}

static void heat_house(const struct twin *plant, double hour, struct twin_scratch *scratch)
{
    (void)scratch;
    set(plant, "heating_setpoint", hour > 6 && hour < 22 ? 20.5 : 18);
    set(plant, "appliances", hour > 17 && hour < 23 ? 500 : 150);
}

static const struct scene greenhouse = {
    .kind = "greenhouse",
    .inputs = {"outdoor_temperature", "outdoor_relative_humidity", "solar_irradiance",
               "wind_speed", "heating_power", "vent_lee"},
    .outputs = {"air_temperature", "relative_humidity"},
    .stirred = "unknown_heat",
    .stir = 10,
    .rest = {"leaf_area_index", "cover_transmission", "air_capacity"},
    .control = heat_greenhouse,
};

static const struct scene house = {
    .kind = "building",
    .inputs = {"outdoor_temperature", "solar_irradiance", "wind_speed"},
    .outputs = {"indoor_temperature", "heating_power", "electric_power"},
    .stirred = "unknown_gain",
    .stir = 2,
    .rest = {"thermal_mass", "air_capacity", "plant_lag"},
    .control = heat_house,
};

/* ---- the site ---- */

static void bind(struct plan *plan, size_t signal)
{
    plan->sensors[plan->n_sensors++] = plan_sensor_usual(plan->kind, signal);
}

static struct plan *make_believed(const struct scene *scene, const struct kind *kind)
{
    struct err e;
    struct plan *plan = plan_new(kind);
    plan->step = step;
    plan->health = true;
    plan->sensors = calloc(SENSORS_MOST, sizeof *plan->sensors);
    for (const char *const *name = scene->inputs; *name; name++)
        bind(plan, row_of(kind->inputs, kind->n_inputs, *name));
    for (const char *const *name = scene->outputs; *name; name++)
        bind(plan, kind->n_inputs + row_of(kind->outputs, kind->n_outputs, *name));
    if (!plan_finish(plan, &e))
        fail_msg("%s", e.text);
    return plan;
}

static struct plan *make_real(struct site *site)
{
    struct err e;
    struct plan *plan = plan_new(site->kind);
    for (const char *const *name = site->scene->rest; *name; name++)
        plan->params[param_of(site->kind, *name)] *= 1 + 0.1 * random_normal(&site->random);
    if (strcmp(site->scene->kind, "greenhouse") == 0) /* the real one learns no habits */
        plan->params[param_of(site->kind, "habit_days")] = 0;
    if (!plan_finish(plan, &e))
        fail_msg("%s", e.text);
    return plan;
}

static struct site build(const struct scene *scene, uint64_t seed)
{
    const struct engine_sink sink = {.context = NULL};
    struct site site = {.scene = scene, .kind = kinds_find(scene->kind), .random = {seed}};
    site.believed = make_believed(scene, site.kind);
    site.real = make_real(&site);
    site.engine = engine_new(&sink);
    site.plants = engine_new(&sink);
    site.twin = engine_add(site.engine, "twin", NULL, site.believed);
    site.plant = engine_add(site.plants, "plant", NULL, site.real);
    site.scratch = twin_scratch_new();
    twin_begin(site.plant, start);
    return site;
}

static void tear_down(struct site *site)
{
    engine_free(site->engine);
    engine_free(site->plants);
    plan_drop(site->believed);
    plan_drop(site->real);
    free(site->scratch);
}

/* ---- its life ---- */

/* What wanders with this sd, and forgets within so many seconds. */
static double wander(struct random *random, double value, double sd, double memory)
{
    double share = step / memory;
    return value * (1 - share) + sd * sqrt(2 * share) * random_normal(random);
}

static void blow(struct site *site, double time)
{
    double day = (time - start) / DAY, hour = fmod(day, 1) * 24;
    site->warm = wander(&site->random, site->warm, 3.5, 3 * DAY);
    site->stirred = wander(&site->random, site->stirred, site->scene->stir, 4 * 3600);
    double light = fmax(sin((hour - 6) / 12 * TURN / 2), 0);
    double clouds = 0.4 + 0.3 * sin(day) * cos(0.37 * day);
    set(site->plant, "outdoor_temperature",
        5 - 5 * cos(TURN * day / 365) + 4 * cos(TURN * (hour - 15) / 24) + site->warm);
    set(site->plant, "solar_irradiance", hour > 6 && hour < 18 ? 500 * light * clouds : 0);
    set(site->plant, "wind_speed", 4 + 2 * sin(1.7 * day));
    site->scene->control(site->plant, hour, site->scratch);
    twin_x(site->plant)[row_of(site->kind->states, site->kind->n_states,
                               site->scene->stirred)] = site->stirred;
}

static double sense(struct site *site, size_t sensor)
{
    size_t signal = site->believed->sensors[sensor].signal;
    const struct kind_row *row = plan_row(site->kind, signal);
    bool told = row->flags & KIND_SWITCH || strcmp(row->name, "solar_irradiance") == 0;
    double value = twin_signal(site->plant, signal, NULL, site->scratch) +
                   (told ? 0 : 0.5) * row->noise * random_normal(&site->random);
    return row->min < row->max ? fmin(fmax(value, row->min), row->max) : value;
}

/* Days in which a parameter goes to so many times what it was. */
static void live(struct site *site, const char *param, double factor, int days)
{
    double *worn = &site->real->params[param_of(site->kind, param)], new = *worn;
    for (double s = 0; s < days * DAY; s += step) {
        struct engine_reading readings[SENSORS_MOST];
        *worn = new *(1 + (factor - 1) * s / (days * DAY));
        blow(site, start + s);
        twin_advance(site->plant, start + s, site->scratch);
        for (size_t i = 0; i < site->believed->n_sensors; i++)
            readings[i] = (struct engine_reading){
                .sensor = i, .time = start + s, .value = sense(site, i)};
        engine_advance(site->engine, start + s);
        engine_apply(site->engine, site->twin, readings, site->believed->n_sensors);
    }
}

static struct rule_part part(const struct site *site, const char *name)
{
    for (size_t i = 0; i < site->believed->n_wear; i++)
        if (strcmp(site->believed->wear[i].name, name) == 0)
            return wear_part(site->twin, i);
    fail_msg("there is no index %s", name);
    return (struct rule_part){.name = NULL};
}

/* ---- promises ---- */

static void expect(const struct site *site, const char *name, double factor)
{
    struct rule_part p = part(site, name);
    print_message("%s: true %.3f, found %.3f +- %.3f, %.0f days left\n", name, factor,
                  p.value, p.sd, p.left / DAY);
    assert_close(p.value, factor, 2.5 * p.sd);
    assert_true(p.sd < 0.1);
}

static void test_a_cover_that_loses_more_each_day_is_found(void **state)
{
    (void)state;
    struct site site = build(&greenhouse, 3);
    live(&site, "cover_u", 1.2, 45);
    expect(&site, "heating_loss", 1.2);
    tear_down(&site);
}

static void test_a_sound_cover_stays_at_one(void **state)
{
    (void)state;
    struct site site = build(&greenhouse, 3);
    live(&site, "cover_u", 1, 30);
    expect(&site, "heating_loss", 1);
    tear_down(&site);
}

static void test_an_envelope_that_loses_more_each_day_is_found(void **state)
{
    (void)state;
    struct site site = build(&house, 3);
    live(&site, "heat_loss_scale", 1.25, 75);
    expect(&site, "envelope_loss", 1.25);
    expect(&site, "heat_pump_performance", 1);
    tear_down(&site);
}

static void test_a_worn_heat_pump_is_found(void **state)
{
    (void)state;
    struct site site = build(&house, 3);
    live(&site, "heating_cop", 0.75, 90);
    expect(&site, "heat_pump_performance", 0.75);
    expect(&site, "envelope_loss", 1);
    tear_down(&site);
}

/* At a winter's night with everything on. */
static double look_at_night(const struct kind *kind, size_t row, double factor)
{
    double p[KIND_ROWS_MAX], worn[KIND_ROWS_MAX], u[KIND_ROWS_MAX], x[KIND_STATES_MAX],
        m[KIND_MEMORY_MAX] = {0};
    const struct kind_point at = {start, p, u, x, m};
    for (size_t i = 0; i < kind->n_params; i++)
        p[i] = kind->params[i].value;
    for (size_t i = 0; i < kind->n_inputs; i++)
        u[i] = kind->inputs[i].value;
    for (size_t i = 0; i < kind->n_states; i++)
        x[i] = kind->states[i].value;
    if (kind->start)
        kind->start(&at, x, m);
    for (size_t i = 0; i < kind->n_inputs; i++)
        if (strcmp(kind->inputs[i].name, "lamp") == 0)
            u[i] = 100;
    for (size_t i = 0; i < kind->n_states; i++)
        if (strcmp(kind->states[i].name, "heating") == 0)
            x[i] = 40;
    memcpy(worn, p, sizeof worn);
    worn[kind->health[row].param] *= factor;
    return kind->unexplained(&at, worn, row);
}

static void test_every_row_of_health_is_seen_by_its_parameter(void **state)
{
    (void)state;
    for (const struct kind *const *kind = kinds_all; *kind; kind++)
        for (size_t i = 0; i < (*kind)->n_health; i++) {
            const struct kind_health *h = &(*kind)->health[i];
            double new = look_at_night(*kind, i, 1),
                   worn = look_at_night(*kind, i, h->limit);
            if (!isfinite(new) || !isfinite(worn) || !(fabs(worn - new) > 1e-3))
                fail_msg("%s of %s: %g new, %g worn", h->name, (*kind)->name, new, worn);
            assert_true(h->param < (*kind)->n_params && fabs(h->limit - 1) > 0.05);
            assert_true(h->noise > 0 && h->spread > 0 && h->scatter > 0);
            for (size_t j = 0; j < KIND_NEEDS_MAX && h->needs[j]; j++)
                assert_true(plan_signal(*kind, h->needs[j]) != PLAN_NONE);
        }
}

static void test_without_its_sensors_a_part_has_no_index(void **state)
{
    (void)state;
    struct site site = build(&house, 1);
    for (size_t i = 0; i < site.believed->n_wear; i++)
        assert_string_not_equal(site.believed->wear[i].name, "ventilation_flow");
    tear_down(&site);
}

static void test_a_service_makes_a_part_new_and_an_unknown_one_is_told(void **state)
{
    (void)state;
    struct err e;
    struct site site = build(&house, 5);
    live(&site, "heat_loss_scale", 1.25, 8);
    double time = start + 8 * DAY;
    assert_true(part(&site, "envelope_loss").sd > 0);
    assert_true(engine_serve(site.engine, site.twin, "envelope", time, time, &e));
    struct rule_part p = part(&site, "envelope_loss");
    assert_close(p.value, 1.0, 1e-12);
    assert_close(p.sd, 0.0, 1e-12);
    assert_close(p.serviced, time, 0);
    assert_false(engine_serve(site.engine, site.twin, "roof", time, time, &e));
    assert_non_null(strstr(e.text, "no part 'roof'"));
    assert_non_null(strstr(e.text, "envelope"));
    tear_down(&site);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_cover_that_loses_more_each_day_is_found),
        cmocka_unit_test(test_a_sound_cover_stays_at_one),
        cmocka_unit_test(test_an_envelope_that_loses_more_each_day_is_found),
        cmocka_unit_test(test_a_worn_heat_pump_is_found),
        cmocka_unit_test(test_every_row_of_health_is_seen_by_its_parameter),
        cmocka_unit_test(test_without_its_sensors_a_part_has_no_index),
        cmocka_unit_test(test_a_service_makes_a_part_new_and_an_unknown_one_is_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
