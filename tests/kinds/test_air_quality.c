/* The air quality kind by itself: balances, chemistry, indices, robustness. */
#include "check.h"
#include "twind/air_physics.h"
#include "twind/kind.h"
#include "twind/ode.h"

#include <string.h>

extern const struct kind kind_air_quality;

enum { ROOM = KIND_ROWS_MAX };

static const double noon = 1718971200; /* 2024-06-21T12:00Z */

struct city {
    double time, p[ROOM], u[ROOM], x[ROOM], m[KIND_MEMORY_MAX];
};

static size_t find(const struct kind_row *rows, size_t n, const char *name)
{
    for (size_t i = 0; i < n; i++)
        if (strcmp(rows[i].name, name) == 0)
            return i;
    fail_msg("no row %s", name);
    return 0;
}

static double *param(struct city *c, const char *name)
{
    return &c->p[find(kind_air_quality.params, kind_air_quality.n_params, name)];
}

static double *input(struct city *c, const char *name)
{
    return &c->u[find(kind_air_quality.inputs, kind_air_quality.n_inputs, name)];
}

static size_t state_index(const char *name)
{
    return find(kind_air_quality.states, kind_air_quality.n_states, name);
}

static double *in_state(struct city *c, const char *name)
{
    return &c->x[state_index(name)];
}

static struct kind_point look(const struct city *c)
{
    return (struct kind_point){c->time, c->p, c->u, c->x, c->m};
}

static double output(const struct city *c, const char *name)
{
    struct kind_point at = look(c);
    return kind_air_quality.observe(
        &at, find(kind_air_quality.outputs, kind_air_quality.n_outputs, name));
}

static void begin(struct city *c)
{
    struct kind_point at = look(c);
    kind_air_quality.start(&at, c->x, c->m);
}

static struct city build(void)
{
    struct city c = {.time = noon};
    for (size_t i = 0; i < kind_air_quality.n_params; i++)
        c.p[i] = kind_air_quality.params[i].value;
    for (size_t i = 0; i < kind_air_quality.n_inputs; i++)
        c.u[i] = kind_air_quality.inputs[i].value;
    begin(&c);
    return c;
}

static void flow(const void *context, double t, const double *x, double *dx)
{
    const struct city *c = context;
    struct kind_point at = {t, c->p, c->u, x, c->m};
    kind_air_quality.derive(&at, dx);
}

static void step(struct city *c, double dt)
{
    double scratch[5 * ROOM];
    ode_rk4(flow, c, kind_air_quality.n_states, c->time, dt, c->x, scratch);
    c->time += dt;
    for (size_t i = 0; i < kind_air_quality.n_states; i++) {
        const struct kind_row *row = &kind_air_quality.states[i];
        c->x[i] = fmin(fmax(c->x[i], row->min), row->max);
    }
    struct kind_point at = look(c);
    kind_air_quality.accumulate(&at, dt, c->m);
}

static void live(struct city *c, double hours)
{
    for (double left = hours * 3600; left > 0; left -= 600)
        step(c, fmin(left, 600));
}

static void test_constant_weather_reproduces_the_exact_box(void **state)
{
    (void)state;
    struct city c = build();
    *param(&c, "fetch") = 30000;
    *param(&c, "upwind_share") = 0;
    *param(&c, "background_co") = 200;
    *param(&c, "source_time") = 1000;
    *param(&c, "usual_co") = 9;
    *input(&c, "wind_speed") = 2.5;
    *input(&c, "mixing_height") = 600;
    begin(&c);
    *in_state(&c, "co") = 1500;
    live(&c, 3);
    struct air_box box = {.length = 30000,
                          .height = 600,
                          .wind = 2.5,
                          .emission = 9,
                          .background = 200,
                          .deposition = 0.0003};
    assert_near(output(&c, "co"), air_box_after(&box, 1500, 3 * 3600), 1e-5);
    live(&c, 100);
    assert_near(output(&c, "co"), air_box_steady(&box), 1e-5);
}

static void test_growing_layer_dilutes(void **state)
{
    (void)state;
    struct city c = build();
    *param(&c, "residual_layer") = 0;
    *param(&c, "background_co") = 0;
    *param(&c, "usual_co") = 0;
    *param(&c, "wind_min") = 0.1;
    *param(&c, "fetch") = 1e6;
    *input(&c, "wind_speed") = 0;
    *input(&c, "mixing_height") = 300;
    begin(&c);
    *in_state(&c, "co") = 1000;
    live(&c, 1);
    double before = output(&c, "co");
    for (int i = 1; i <= 36; i++) {
        *input(&c, "mixing_height") = 300 + 25 * i;
        step(&c, 600);
    }
    live(&c, 3);
    assert_near(output(&c, "co") / before, 300.0 / 1200, 0.1);
    *input(&c, "mixing_height") = 200;
    before = output(&c, "co");
    live(&c, 1);
    assert_near(output(&c, "co"), before,
                0.02); /* a falling layer leaves the air as it is */
}

static void test_stagnation_raises_all_pollutants_in_proportion(void **state)
{
    (void)state;
    struct city calm = build(), c = build();
    *in_state(&calm, "pm2_5") = *in_state(&c, "pm2_5") = 104;
    *in_state(&calm, "co") = *in_state(&c, "co") = 2150;
    *in_state(&c, "stagnation") = 0.5;
    step(&calm, 600);
    step(&c, 600);
    double fine = (output(&c, "pm2_5") - output(&calm, "pm2_5")) / 100;
    double co = (output(&c, "co") - output(&calm, "co")) / 2000;
    assert_true(fine > 0.05);
    assert_near(fine, co, 0.01);
}

static void test_night_titrates_ozone_and_keeps_odd_oxygen(void **state)
{
    (void)state;
    struct city c = build();
    *param(&c, "fetch") = 1e6;
    *param(&c, "usual_nox") = 0;
    *param(&c, "background_o3") = 0;
    *param(&c, "background_no2") = 0;
    *input(&c, "wind_speed") = 0;
    *input(&c, "mixing_height") = 6000;
    *input(&c, "solar_irradiance") = 0;
    begin(&c);
    *in_state(&c, "no") = 60;
    *in_state(&c, "o3") = 80;
    *in_state(&c, "no2") = 20;
    double ox = 80 / 47.998 + 20 / 46.0055;
    live(&c, 12);
    assert_true(output(&c, "o3") < 10);
    assert_near(output(&c, "o3") / 47.998 + output(&c, "no2") / 46.0055, ox, 0.1);
    *input(&c, "solar_irradiance") = 900;
    double night = output(&c, "o3");
    live(&c, 4);
    assert_true(output(&c, "o3") > night + 5);
}

static void test_clean_start_is_a_good_day(void **state)
{
    (void)state;
    struct city c = build();
    for (int day = 0; day < 5; day++) {
        live(&c, 24);
        assert_true(output(&c, "aqi") <= 50);
        assert_true(output(&c, "eaqi") <= 2);
        assert_close(output(&c, "category"), 1, 0);
    }
}

static void test_index_follows_the_hours(void **state)
{
    (void)state;
    struct city c = build();
    size_t fine = state_index("pm2_5"), coarse = state_index("coarse");
    for (int minute = 0; minute < 12 * 60; minute += 10) {
        step(&c, 600);
        c.x[fine] = 35.4;
        c.x[coarse] = 150 - 35.4;
    }
    live(&c, 1.0 / 6);
    for (int i = 0; i < 36; i++) { /* hold what was not held while the hours were kept */
        c.x[fine] = 35.4;
        c.x[coarse] = 150 - 35.4;
        struct kind_point at = look(&c);
        at.time += 600 * (i + 1);
        kind_air_quality.accumulate(&at, 600, c.m);
    }
    c.time += 600 * 36;
    assert_close(output(&c, "aqi_pm2_5"), 100, 1);
    assert_close(output(&c, "aqi_pm10"), 98, 1);
    assert_close(output(&c, "aqi"), fmax(output(&c, "aqi_pm2_5"), output(&c, "aqi_pm10")),
                 0);
    assert_close(output(&c, "dominant"), 1, 0);
    assert_close(output(&c, "category"), 2, 0);
    assert_close(output(&c, "eaqi"), 4, 0); /* PM10 of 150 */
}

static void test_traffic_and_sector_move_the_sources(void **state)
{
    (void)state;
    struct city c = build();
    *in_state(&c, "source_co") = 8;
    assert_close(output(&c, "emission_co"), 8, 1e-12);
    *input(&c, "traffic") = 3 * *param(&c, "traffic_usual");
    *param(&c, "traffic_share") = 0.25;
    assert_close(output(&c, "emission_co"), 12, 1e-12);
    *param(&c, "sector_share") = 0.5;
    *param(&c, "sector_bearing") = 200;
    *input(&c, "wind_direction") = 20;
    assert_close(output(&c, "emission_co"), 6, 1e-12);
    *in_state(&c, "source_nox") = 1;
    assert_near(output(&c, "emission_no") / 30.006 + output(&c, "emission_no2") / 46.0055,
                0.75 / 46.0055, 1e-9);
}

static void test_purpleair_is_expected_in_its_own_numbers(void **state)
{
    (void)state;
    struct city c = build();
    *in_state(&c, "pm2_5") = 47.342;
    *input(&c, "relative_humidity") = 92;
    assert_close(output(&c, "pm2_5_purpleair"), 95.2, 1e-9);
    *input(&c, "relative_humidity") = (double)NAN;
    *input(&c, "outdoor_temperature") = *input(&c, "dew_point") = 12;
    assert_close(output(&c, "pm2_5_purpleair"), (47.342 + 8.6 - 5.75) / 0.52, 1e-9);
}

/* Uniform in 0..1 (Park & Miller 1988). */
static double draw(unsigned long *seed)
{
    *seed = *seed * 48271 % 2147483647;
    return (double)*seed / 2147483647.0;
}

static void shake_rows(const struct kind_row *rows, size_t n, double *values,
                       unsigned long *seed)
{
    for (size_t i = 0; i < n; i++)
        values[i] = rows[i].min + draw(seed) * (rows[i].max - rows[i].min);
}

static void assert_sound(const struct city *c)
{
    for (size_t i = 0; i < kind_air_quality.n_states; i++)
        if (!isfinite(c->x[i]))
            fail_msg("state %s is %g", kind_air_quality.states[i].name, c->x[i]);
    struct kind_point at = look(c);
    for (size_t i = 0; i < kind_air_quality.n_outputs; i++) {
        const struct kind_row *row = &kind_air_quality.outputs[i];
        double value = kind_air_quality.observe(&at, i);
        if (!(value >= row->min && value <= row->max))
            fail_msg("%s is %g, outside %g..%g", row->name, value, row->min, row->max);
    }
}

static void test_any_weather_and_any_city_stay_finite(void **state)
{
    (void)state;
    unsigned long seed = 20240621;
    struct city c = build();
    for (int i = 0; i < 10000; i++) {
        if (i % 100 == 0) {
            shake_rows(kind_air_quality.params, kind_air_quality.n_params, c.p, &seed);
            shake_rows(kind_air_quality.states, kind_air_quality.n_states, c.x, &seed);
        }
        shake_rows(kind_air_quality.inputs, kind_air_quality.n_inputs, c.u, &seed);
        for (size_t k = 0; k < kind_air_quality.n_inputs; k++)
            if (isnan(kind_air_quality.inputs[k].value) && draw(&seed) < 0.5)
                c.u[k] = (double)NAN;
        step(&c, kind_air_quality.max_step);
        assert_sound(&c);
    }
}

/* Where steps of max_step were not stable, halving them would change the course. */
static void test_longest_step_is_stable_in_a_gale(void **state)
{
    (void)state;
    struct city coarse = build();
    *param(&coarse, "fetch") = 2000;
    *param(&coarse, "upwind_share") = 0; /* memory moves by whole steps */
    *param(&coarse, "mixing_time") = 15;
    *param(&coarse, "stagnation_time") = 15;
    *input(&coarse, "wind_speed") = 75;
    *input(&coarse, "mixing_height") = 20;
    *in_state(&coarse, "no2") = 400;
    *in_state(&coarse, "stagnation") = -3;
    struct city fine = coarse;
    for (int i = 0; i < 60; i++)
        step(&coarse, 600);
    for (int i = 0; i < 600; i++)
        step(&fine, 60);
    for (size_t i = 0; i < kind_air_quality.n_states; i++)
        assert_close(coarse.x[i], fine.x[i], 1e-3 * fmax(1, fabs(fine.x[i])));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_constant_weather_reproduces_the_exact_box),
        cmocka_unit_test(test_growing_layer_dilutes),
        cmocka_unit_test(test_stagnation_raises_all_pollutants_in_proportion),
        cmocka_unit_test(test_night_titrates_ozone_and_keeps_odd_oxygen),
        cmocka_unit_test(test_clean_start_is_a_good_day),
        cmocka_unit_test(test_index_follows_the_hours),
        cmocka_unit_test(test_traffic_and_sector_move_the_sources),
        cmocka_unit_test(test_purpleair_is_expected_in_its_own_numbers),
        cmocka_unit_test(test_any_weather_and_any_city_stay_finite),
        cmocka_unit_test(test_longest_step_is_stable_in_a_gale),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
