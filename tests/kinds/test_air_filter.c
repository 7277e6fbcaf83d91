/* The air quality kind under the filter: unknown sources are found, what is not measured
 * does no harm, and withheld readings of measured air are estimated better than by the last
 * one. */
#include "check.h"
#include "twind/air_physics.h"
#include "twind/kind.h"
#include "twind/twin.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

extern const struct kind kind_air_quality;

static const double noon = 1718971200; /* 2024-06-21T12:00Z */

/* Uniform in 0..1 (Park & Miller 1988). */
static double draw(unsigned long *seed)
{
    *seed = *seed * 48271 % 2147483647;
    return (double)*seed / 2147483647.0;
}

static size_t find_param(const char *name)
{
    for (size_t i = 0; i < kind_air_quality.n_params; i++)
        if (strcmp(kind_air_quality.params[i].name, name) == 0)
            return i;
    fail_msg("no parameter %s", name);
    return 0;
}

struct station {
    struct plan *plan;
    struct twin twin;
    struct twin_scratch *scratch;
};

static struct station open_station(const char *const *names, size_t n)
{
    struct station s = {.plan = plan_new(&kind_air_quality)};
    s.plan->sensors = calloc(n, sizeof *s.plan->sensors);
    assert_non_null(s.plan->sensors);
    s.plan->n_sensors = n;
    for (size_t i = 0; i < n; i++) {
        size_t signal = plan_signal(&kind_air_quality, names[i]);
        const struct kind_row *row = plan_row(&kind_air_quality, signal);
        s.plan->sensors[i] = (struct plan_sensor){.signal = signal,
                                                  .sd = row->noise,
                                                  .timeout = INFINITY,
                                                  .min = row->min,
                                                  .max = row->max,
                                                  .stuck_after = INFINITY};
    }
    struct err e = {""};
    if (!plan_finish(s.plan, &e))
        fail_msg("%s", e.text);
    s.twin = (struct twin){.plan = s.plan, .id = "a", .name = "a"};
    s.twin.block = calloc(1, s.plan->block_size);
    assert_non_null(s.twin.block);
    s.scratch = twin_scratch_new();
    twin_start(&s.twin);
    return s;
}

static void close_station(struct station *s)
{
    free(s->twin.block);
    free(s->scratch);
    plan_drop(s->plan);
}

static void march(struct station *s, double time)
{
    if (twin_head(&s->twin)->time > 0)
        twin_advance(&s->twin, time, s->scratch);
    else
        twin_begin(&s->twin, time);
}

static bool hear(struct station *s, size_t sensor, double value)
{
    twin_sensors(&s->twin)[sensor].time = twin_head(&s->twin)->time;
    return twin_measure(&s->twin, sensor, value, s->scratch) == QUALITY_GOOD;
}

static double estimate(struct station *s, const char *name, double *sd)
{
    size_t signal = plan_signal(&kind_air_quality, name);
    return twin_signal(&s->twin, signal, sd, s->scratch);
}

static void test_emission_of_a_known_city_is_found(void **state)
{
    (void)state;
    struct air_box box = {.length = 200e3,
                          .height = 500,
                          .wind = 4,
                          .emission = 40,
                          .background = 150,
                          .deposition = 0.0003};
    struct station s =
        open_station((const char *[]){"co", "wind_speed", "mixing_height"}, 3);
    s.plan->params[find_param("fetch")] = box.length;
    s.plan->params[find_param("upwind_share")] = 0;
    double co = 150;
    for (int hour = 0; hour < 24 * 30; hour++) {
        march(&s, noon + 3600 * hour);
        hear(&s, 1, box.wind);
        hear(&s, 2, box.height);
        hear(&s, 0, co);
        co = air_box_after(&box, co, 3600);
    }
    double sd = 0, source = estimate(&s, "emission_co", &sd);
    if (!(fabs(source - 40) < 10 && sd < 60))
        fail_msg("the source is %g +- %g, not 40", source, sd);
    close_station(&s);
}

static void test_unmeasured_pollutants_stay_harmless(void **state)
{
    (void)state;
    struct station s = open_station((const char *[]){"pm2_5"}, 1);
    unsigned long seed = 5;
    double level = 60;
    for (int hour = 0; hour < 24 * 10; hour++) {
        level = fmax(level * exp(0.5 * (draw(&seed) - 0.5)) * 0.98 + 1, 2);
        march(&s, noon + 3600 * hour);
        hear(&s, 0, level);
        const char *others[] = {"aqi_o3", "aqi_co", "aqi_so2", "aqi_no2", "aqi_pm10"};
        for (size_t i = 0; i < 5; i++)
            if (estimate(&s, others[i], NULL) > fmax(estimate(&s, "aqi_pm2_5", NULL), 50))
                fail_msg("%s is %g in hour %d", others[i], estimate(&s, others[i], NULL),
                         hour);
    }
    close_station(&s);
}

static void test_uncertainty_grows_without_readings(void **state)
{
    (void)state;
    struct station s = open_station((const char *[]){"pm2_5"}, 1);
    march(&s, noon);
    double before = 0, after = 0, week = 0;
    assert_true(hear(&s, 0, 80));
    assert_close(estimate(&s, "pm2_5", &before), 80, 5);
    march(&s, noon + 3600);
    estimate(&s, "pm2_5", &after);
    march(&s, noon + 7 * 86400);
    estimate(&s, "pm2_5", &week);
    assert_true(before < 4 && after > 2 * before && week > after && week < 300);
    close_station(&s);
}

/* ---- measured air ---- */

/* So many hours of a recording are enough to tell, and few enough to wait for. */
enum { COLUMNS = 14, ENOUGH_HOURS = 500 };

struct recording {
    const char *file;
    double start;
    double utc_offset;
    int n;
    const char *names[COLUMNS]; /* signal of each column; NULL: not used */
    double per_unit[COLUMNS];   /* its own unit of the column's */
};

static const struct recording beijing = {
    .file = SHARED_DATA "/airquality_beijing_aotizhongxin_2014-09_2015-08_hourly.csv",
    .start = 1409500800,
    .utc_offset = 8,
    .n = 13,
    .names = {NULL, "pm2_5", "pm10", "so2", "no2", "co", "o3", "outdoor_temperature",
              "pressure", "dew_point", NULL, NULL, "wind_speed"},
    .per_unit = {1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1},
};

static const struct recording london = {
    .file = SHARED_DATA "/airquality_london_marylebone_2001H1_hourly.csv",
    .start = 978307200,
    .n = 10,
    .names = {NULL, "wind_speed", "wind_direction", NULL, "no2", "o3", "pm10", "so2", "co",
              "pm2_5"},
    .per_unit = {1, 1, 1, 1, 1.946, 2.030, 1, 2.710, 1184.7, 1}, /* 15 Cel, 1013 hPa */
};

struct score {
    double twin, last; /* sums of squares */
    long n;
};

static int split(char *line, double *values)
{
    int n = 0;
    for (char *at = line; at != NULL && n < COLUMNS; n++) {
        char *end = at + strcspn(at, ",\r\n"), *parsed = NULL;
        double value = strtod(at, &parsed);
        values[n] = parsed == end && end > at ? value : (double)NAN;
        at = *end == ',' ? end + 1 : NULL;
    }
    return n;
}

static bool is_withheld(const struct recording *r, int column, double hour_draw,
                        bool whole_hours, unsigned long *seed)
{
    size_t signal = plan_signal(&kind_air_quality, r->names[column]);
    double luck = draw(seed);
    return signal >= kind_air_quality.n_inputs && (whole_hours ? hour_draw : luck) < 0.3;
}

/* One hour of the recording; last[] holds the latest reading of each column. */
static void score_hour(struct station *s, const struct recording *r, const double *values,
                       bool whole_hours, unsigned long *seed, double *last,
                       struct score *scores)
{
    bool withheld[COLUMNS] = {false};
    double hour_draw = draw(seed);
    for (int c = 0, sensor = 0; c < r->n; c++) {
        if (r->names[c] == NULL)
            continue;
        withheld[c] = is_withheld(r, c, hour_draw, whole_hours, seed);
        if (!withheld[c] && !isnan(values[c]))
            hear(s, (size_t)sensor, values[c] * r->per_unit[c]);
        sensor++;
    }
    for (int c = 0; c < r->n; c++) {
        double truth = values[c] * r->per_unit[c];
        if (r->names[c] == NULL || isnan(truth))
            continue;
        if (withheld[c] && !isnan(last[c])) {
            scores[c].twin += pow(estimate(s, r->names[c], NULL) - truth, 2);
            scores[c].last += pow(last[c] - truth, 2);
            scores[c].n++;
        }
        if (!withheld[c])
            last[c] = truth;
    }
}

static struct station open_recorded(const struct recording *r)
{
    const char *names[COLUMNS];
    size_t n = 0;
    for (int c = 0; c < r->n; c++)
        if (r->names[c] != NULL)
            names[n++] = r->names[c];
    struct station s = open_station(names, n);
    s.plan->params[find_param("utc_offset")] = r->utc_offset;
    return s;
}

/* False: the file is not there. */
static bool score_recording(const struct recording *r, bool whole_hours, unsigned long seed,
                            struct score *scores)
{
    FILE *file = fopen(r->file, "r");
    if (file == NULL) {
        print_message("%s is not there: skipped\n", r->file);
        return false;
    }
    struct station s = open_recorded(r);
    char line[512];
    double values[COLUMNS], last[COLUMNS], hour = 0;
    for (int c = 0; c < COLUMNS; c++)
        last[c] = (double)NAN;
    bool header = fgets(line, sizeof line, file) != NULL;
    while (header && hour < ENOUGH_HOURS && fgets(line, sizeof line, file) != NULL) {
        assert_int_equal(split(line, values), r->n);
        march(&s, r->start + 3600 * hour++);
        score_hour(&s, r, values, whole_hours, &seed, last, scores);
    }
    fclose(file);
    close_station(&s);
    return true;
}

/* Root mean square errors at the withheld readings, against that of the last reading: of
 * PM2.5, and in the mean of all pollutants. */
static void assert_beats_last_reading(const struct recording *r, bool whole_hours,
                                      double most_pm2_5, double most_mean)
{
    struct score scores[COLUMNS] = {{0}};
    if (!score_recording(r, whole_hours, 20140901, scores))
        skip();
    double product = 1, n = 0;
    for (int c = 0; c < r->n; c++) {
        if (scores[c].n == 0)
            continue;
        double ratio = sqrt(scores[c].twin / scores[c].last);
        print_message("%s %-6s twin %7.2f last %7.2f ug/m3, ratio %.3f of %ld\n",
                      whole_hours ? "hours" : "each ", r->names[c],
                      sqrt(scores[c].twin / (double)scores[c].n),
                      sqrt(scores[c].last / (double)scores[c].n), ratio, scores[c].n);
        if (strcmp(r->names[c], "pm2_5") == 0)
            assert_true(ratio < most_pm2_5);
        product *= ratio;
        n++;
    }
    double mean = pow(product, 1 / n);
    print_message("%s mean ratio %.3f\n", whole_hours ? "hours" : "each ", mean);
    assert_true(mean < most_mean);
}

static void test_withheld_readings_of_beijing_beat_the_last_reading(void **state)
{
    (void)state;
    assert_beats_last_reading(&beijing, false, 0.9, 0.9);
}

static void test_withheld_hours_of_beijing_beat_the_last_reading(void **state)
{
    (void)state;
    assert_beats_last_reading(&beijing, true, 1, 0.98);
}

static void test_withheld_readings_of_london_beat_the_last_reading(void **state)
{
    (void)state;
    assert_beats_last_reading(&london, false, 0.9, 0.95);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_emission_of_a_known_city_is_found),
        cmocka_unit_test(test_unmeasured_pollutants_stay_harmless),
        cmocka_unit_test(test_uncertainty_grows_without_readings),
        cmocka_unit_test(test_withheld_readings_of_beijing_beat_the_last_reading),
        cmocka_unit_test(test_withheld_hours_of_beijing_beat_the_last_reading),
        cmocka_unit_test(test_withheld_readings_of_london_beat_the_last_reading),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
