/* Forecasts come back out of the view as they went in, once each. */
#include "history_probe.h"

static const struct history_name names[] = {
    {"air_temperature", "Cel", HISTORY_READING},
    {"air_temperature", "Cel", HISTORY_STATE},
    {"co2", "ppm", HISTORY_STATE},
};
enum { AIR = 1, CO2, NAMES };
enum { DAY_STEPS = 96 };

static const double MIDNIGHT = 1767225600; /* 2026-01-01 UTC */

struct day {
    double mean[DAY_STEPS], sd[DAY_STEPS];
};

static struct day a_day(double level, double swing)
{
    struct day day;
    for (int i = 0; i < DAY_STEPS; i++) {
        day.mean[i] = level + swing * sin(i * 0.065);
        day.sd[i] = 0.02 * swing * sqrt(i + 1);
    }
    return day;
}

static void store(struct history *history, struct history_twin *twin, size_t index,
                  double made, const struct day *day, size_t n)
{
    history_forecast(
        history, twin, index,
        &(struct history_forecast){
            .made = made, .step = 900, .n = n, .mean = day->mean, .sd = day->sd});
}

static void test_a_forecast_is_shown_step_by_step(void **state)
{
    (void)state;
    struct history *history = probe_open(true);
    struct history_twin *twin = history_twin(history, "gh1", "greenhouse", 0, names, NAMES);
    struct day air = {.mean = {18.25, -3.5, NAN}, .sd = {0.5, 1.25, 1}};
    struct day co2 = {.mean = {650, 651}, .sd = {0, NAN}};
    store(history, twin, AIR, MIDNIGHT, &air, 3);
    store(history, twin, CO2, MIDNIGHT, &co2, 2);
    history_hand_over(history, 1, 0);
    history_close(history);
    assert_close(probe_number("SELECT count(*) FROM forecasts"), 5, 0);
    probe_text(
        "SELECT made_at || ' ' || for_time || ' ' || twin || ' ' || mean || ' ' || sd "
        "FROM forecasts WHERE name = 'air_temperature' ORDER BY for_time LIMIT 1",
        "2026-01-01T00:00:00.000Z 2026-01-01T00:15:00.000Z gh1 18.25 0.5");
    probe_text("SELECT mean || ' ' || sd FROM forecasts WHERE for_time LIKE '%T00:30%' AND "
               "name = 'air_temperature'",
               "-3.5 1.25");
    probe_text("SELECT mean FROM forecasts WHERE for_time LIKE '%T00:45%'", "");
    probe_text("SELECT mean || ' ' || sd FROM forecasts WHERE name = 'co2' LIMIT 1",
               "650.0 0.0");
    probe_text("SELECT sd FROM forecasts WHERE name = 'co2' AND for_time LIKE '%T00:30%'",
               "");
}

static double worst(const char *column, const double *expected)
{
    char sql[200];
    double most = 0;
    for (int i = 0; i < DAY_STEPS; i++) {
        snprintf(sql, sizeof sql,
                 "SELECT %s FROM forecasts WHERE name = 'air_temperature' AND "
                 "unixepoch(for_time) = %.0f",
                 column, MIDNIGHT + 900.0 * (i + 1));
        double share = fabs(probe_number(sql) - expected[i]);
        most = fmax(most, share);
    }
    return most;
}

static void test_what_is_lost_is_far_below_the_uncertainty(void **state)
{
    (void)state;
    struct history *history = probe_open(true);
    struct history_twin *twin = history_twin(history, "gh1", "greenhouse", 0, names, NAMES);
    struct day day = a_day(21, 5);
    store(history, twin, AIR, MIDNIGHT, &day, DAY_STEPS);
    history_hand_over(history, 1, 0);
    history_close(history);
    assert_close(worst("mean", day.mean), 0, day.sd[0] / 100);
    assert_close(worst("sd", day.sd), 0, day.sd[0] / 15);
}

static void test_the_same_forecast_is_stored_once(void **state)
{
    (void)state;
    struct day first = a_day(21, 5), again = a_day(22, 5);
    struct history *history = probe_open(true);
    struct history_twin *twin = history_twin(history, "gh1", "greenhouse", 0, names, NAMES);
    store(history, twin, AIR, MIDNIGHT, &first, DAY_STEPS);
    history_hand_over(history, 1, 0);
    store(history, twin, AIR, MIDNIGHT, &again, DAY_STEPS);
    store(history, twin, AIR, MIDNIGHT + 3600, &again, DAY_STEPS);
    history_hand_over(history, 2, 0);
    history_close(history);
    assert_close(probe_number("SELECT count(*) FROM forecasts"), 2 * DAY_STEPS, 0);
    assert_close(probe_number("SELECT mean FROM forecasts ORDER BY 1 LIMIT 1"),
                 again.mean[72], 0.1);
}

static void test_a_days_forecast_takes_less_than_a_kilobyte(void **state)
{
    (void)state;
    struct history *history = probe_open(true);
    struct history_twin *twin = history_twin(history, "gh1", "greenhouse", 0, names, NAMES);
    struct day day = a_day(21, 5);
    for (int i = 0; i < 1000; i++)
        store(history, twin, AIR, MIDNIGHT + 3600 * i, &day, DAY_STEPS);
    history_hand_over(history, 1, 0);
    history_close(history);
    double bytes =
        probe_number("SELECT sum(pgsize) FROM dbstat WHERE name LIKE '%forecast%'");
    printf("%.0f bytes a forecast of %d steps\n", bytes / 1000, DAY_STEPS);
    assert_true(bytes / 1000 < 1024);
}

static void run_sql(const char *sql)
{
    sqlite3 *db = NULL;
    assert_int_equal(sqlite3_open(probe_path, &db), SQLITE_OK);
    if (sqlite3_exec(db, sql, NULL, NULL, NULL) != SQLITE_OK)
        fail_msg("%s", sqlite3_errmsg(db));
    sqlite3_close(db);
}

static void test_a_database_of_the_first_version_is_brought_up(void **state)
{
    (void)state;
    struct history *history = probe_open(true);
    struct history_twin *twin = history_twin(history, "gh1", "greenhouse", 0, names, NAMES);
    history_reading(history, twin, 0, MIDNIGHT, 21.5, 0);
    history_hand_over(history, 1, 0);
    history_close(history);
    run_sql(
        "DROP VIEW forecasts; DROP TABLE forecast_sets; CREATE TABLE forecast_rows(made "
        "INTEGER, t INTEGER, twin TEXT, name TEXT, mean, sd); CREATE VIEW forecasts AS "
        "SELECT * FROM forecast_rows; DROP VIEW calibrations; ALTER TABLE "
        "calibration_rows DROP COLUMN result; CREATE VIEW calibrations AS SELECT * FROM "
        "calibration_rows; DROP VIEW health; DROP TABLE health_rows; DROP VIEW alerts; "
        "DROP VIEW alert_events; ALTER TABLE events DROP COLUMN cause; ALTER TABLE raised "
        "DROP COLUMN cause; PRAGMA user_version = 1");
    history = probe_open(true);
    twin = history_twin(history, "gh1", "greenhouse", 0, names, NAMES);
    struct day day = a_day(21, 5);
    store(history, twin, AIR, MIDNIGHT, &day, DAY_STEPS);
    history_hand_over(history, 2, 0);
    history_close(history);
    assert_close(probe_number("SELECT count(*) FROM forecasts"), DAY_STEPS, 0);
    assert_close(probe_number("SELECT value FROM readings"), 21.5, 0);
    assert_close(probe_number("SELECT count(cause) FROM alert_events"), 0, 0);
    assert_close(probe_number("SELECT count(*) FROM health"), 0.0, 0);
}

#define WITH_FOLDER(test) cmocka_unit_test_setup_teardown(test, probe_begin, probe_end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_FOLDER(test_a_forecast_is_shown_step_by_step),
        WITH_FOLDER(test_what_is_lost_is_far_below_the_uncertainty),
        WITH_FOLDER(test_the_same_forecast_is_stored_once),
        WITH_FOLDER(test_a_days_forecast_takes_less_than_a_kilobyte),
        WITH_FOLDER(test_a_database_of_the_first_version_is_brought_up),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
