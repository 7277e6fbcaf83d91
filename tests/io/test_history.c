#include "history_probe.h"

static const struct history_name names[] = {
    {"air_temperature", "Cel", HISTORY_READING},
    {"relative_humidity", "%", HISTORY_READING},
    {"air_temperature", "Cel", HISTORY_STATE},
    {"energy_today", "kWh", HISTORY_STATE},
    {"cost_today", "", HISTORY_STATE},
    {"saved_today", "kWh", HISTORY_STATE},
    {"saved_sd_today", "kWh", HISTORY_STATE},
    {"aqi", "", HISTORY_STATE},
    {"aqi_o3", "", HISTORY_STATE},
    {"aqi_pm10", "", HISTORY_STATE},
};
enum {
    AIR,
    HUMIDITY,
    AIR_STATE,
    ENERGY,
    COST,
    SAVED,
    SAVED_SD,
    AQI,
    AQI_O3,
    AQI_PM10,
    NAMES
};
enum { GOOD, OUT_OF_RANGE, LATE = 5 };

static const double MIDNIGHT = 1767225600; /* 2026-01-01 UTC */

static struct history_twin *twin_in(struct history *history, const char *id)
{
    return history_twin(history, id, "greenhouse", 1, names, NAMES);
}

static void test_views_have_the_columns_of_the_contract_in_their_order(void **state)
{
    (void)state;
    static const char *const views[][2] = {
        {"readings", "time,epoch,twin,signal,value,unit,quality,day"},
        {"states", "time,epoch,twin,name,value,sd,unit,day"},
        {"latest", "twin,name,time,value,sd,unit"},
        {"minutes", "time,epoch,twin,name,what,unit,n,mean,min,max"},
        {"hours", "time,epoch,twin,name,what,unit,n,mean,min,max"},
        {"days", "time,epoch,twin,name,what,unit,n,mean,min,max"},
        {"alerts", "id,twin,rule,type,severity,state,acknowledged,raised_at,"
                   "acknowledged_at,cleared_at,value,limit_value,message,cause"},
        {"alert_events",
         "time,epoch,alert_id,twin,rule,state,acknowledged,value,message,cause"},
        {"commands", "time,twin,input,value,source,result"},
        {"forecasts", "made_at,for_time,twin,name,mean,sd"},
        {"calibrations",
         "time,twin,param,value,standard_error,error_before,error_after,result"},
        {"energy_daily",
         "day,twin,kwh,cost,baseline_kwh,saved_kwh,saved_cost,saved_sd_kwh"},
        {"air_quality_hourly", "time,twin,aqi,category,dominant,advice"},
    };
    history_close(probe_open(true));
    for (size_t i = 0; i < sizeof views / sizeof *views; i++) {
        char sql[200];
        snprintf(sql, sizeof sql, "SELECT group_concat(name) FROM pragma_table_info('%s')",
                 views[i][0]);
        probe_text(sql, views[i][1]);
        snprintf(sql, sizeof sql, "SELECT count(*) FROM %s", views[i][0]);
        assert_close(probe_number(sql), 0, 0);
    }
}

static void test_a_reading_is_shown_with_time_unit_and_quality(void **state)
{
    (void)state;
    struct history *history = probe_open(true);
    struct history_twin *twin = twin_in(history, "gh1");
    history_reading(history, twin, AIR, MIDNIGHT + 0.123, 21.5, OUT_OF_RANGE);
    history_hand_over(history, 7, 0);
    probe_text("SELECT time||'|'||epoch||'|'||twin||'|'||signal||'|'||value||'|'||unit||'|'"
               "||quality||'|'||day FROM readings",
               "2026-01-01T00:00:00.123Z|1767225600.123|gh1|air_temperature|21.5|Cel|"
               "out_of_range|2026-01-01");
    history_close(history);
    probe_text("SELECT time||'|'||epoch||'|'||value||'|'||quality FROM readings",
               "2026-01-01T00:00:00.123Z|1767225600.123|21.5|out_of_range");
}

static uint64_t seed = 7;

static uint64_t random64(void)
{
    seed ^= seed << 13;
    seed ^= seed >> 7;
    seed ^= seed << 17;
    return seed;
}

enum { MANY = 20000 };
static double many_time[MANY], many_value[MANY];

/* A mixture: decimals, converted values, any bits at all; regular and irregular times. */
static void fill_many(void)
{
    double time = MIDNIGHT;
    for (size_t i = 0; i < MANY; i++) {
        time += i / 2000 % 2 ? 10 : (double)(random64() % 100000) / 1000;
        many_time[i] = round(time * 1000) / 1000;
        uint64_t bits = random64();
        memcpy(&many_value[i], &bits, sizeof bits);
        if (!isfinite(many_value[i]) || i % 1000 > 20)
            many_value[i] = (double)(bits % 10000) / 100;
        if (i / 3000 % 3 == 1 && i % 1000 > 20)
            many_value[i] = (many_value[i] - 32) * 5 / 9;
    }
}

static void store_many(bool synchronous)
{
    struct history *history = probe_open(synchronous);
    struct history_twin *twin = twin_in(history, "gh1");
    fill_many();
    for (size_t i = 0; i < MANY; i++) {
        history_reading(history, twin, AIR, many_time[i], many_value[i], GOOD);
        if (i % 1000 == 999)
            history_hand_over(history, i + 1, (double)i);
    }
    struct history_stats stats;
    history_stats(history, &stats);
    assert_string_equal(stats.error, "");
    history_close(history);
}

static void check_many(FILE *rows)
{
    char line[200];
    for (size_t i = 0; i < MANY; i++) {
        assert_non_null(fgets(line, sizeof line, rows));
        char *comma = strchr(line, ',');
        assert_non_null(comma);
        if (atof(line) != many_time[i] || atof(comma + 1) != many_value[i])
            fail_msg("row %zu: %s is not %.3f,%.17g", i, line, many_time[i], many_value[i]);
    }
    assert_null(fgets(line, sizeof line, rows));
}

static void test_every_bit_and_millisecond_comes_back_through_the_sqlite3_tool(void **state)
{
    (void)state;
    if (system("command -v sqlite3 >/dev/null") != 0) {
        print_message("skipped: there is no sqlite3 command here\n");
        skip();
    }
    store_many(true);
    assert_close(probe_number("SELECT count(*) FROM recent_readings"), 0, 0);
    char command[300];
    /* the shell prints 15 digits of its own accord */
    snprintf(command, sizeof command,
             "sqlite3 -readonly '%s' \"SELECT printf('%%.3f,%%!.20g', epoch, value) FROM "
             "readings WHERE twin='gh1' AND signal='air_temperature' ORDER BY epoch\"",
             probe_path);
    FILE *rows = popen(command, "r");
    assert_non_null(rows);
    check_many(rows);
    assert_int_equal(pclose(rows), 0);
}

static void test_every_bit_comes_back_to_a_program(void **state)
{
    (void)state;
    store_many(true);
    sqlite3 *db;
    sqlite3_stmt *row;
    sqlite3_open_v2(probe_path, &db, SQLITE_OPEN_READONLY, NULL);
    sqlite3_prepare_v2(db, "SELECT epoch, value FROM readings ORDER BY epoch", -1, &row,
                       NULL);
    for (size_t i = 0; i < MANY; i++) {
        assert_int_equal(sqlite3_step(row), SQLITE_ROW);
        assert_true(sqlite3_column_double(row, 0) == many_time[i]);
        assert_true(sqlite3_column_double(row, 1) == many_value[i]);
    }
    assert_int_equal(sqlite3_step(row), SQLITE_DONE);
    sqlite3_finalize(row);
    sqlite3_close(db);
}

static void test_what_the_writer_thread_stores_is_the_same(void **state)
{
    (void)state;
    store_many(false);
    assert_close(probe_number("SELECT count(*) FROM readings"), MANY, 0);
    assert_close(probe_number("SELECT count(DISTINCT epoch) FROM readings"), MANY, 10);
    assert_close(probe_number("SELECT seq FROM applied"), MANY, 0);
    assert_close(probe_number("SELECT sum(n) FROM hours"), MANY, 0);
}

static void test_a_day_of_a_signal_reads_its_chunks_alone(void **state)
{
    (void)state;
    store_many(true);
    sqlite3 *db;
    sqlite3_stmt *row;
    bool sought = false;
    sqlite3_open_v2(probe_path, &db, SQLITE_OPEN_READONLY, NULL);
    sqlite3_prepare_v2(
        db,
        "EXPLAIN QUERY PLAN SELECT avg(value) FROM readings WHERE twin='gh1' "
        "AND signal='air_temperature' AND day='2026-01-02'",
        -1, &row, NULL);
    while (sqlite3_step(row) == SQLITE_ROW) {
        const char *text = (const char *)sqlite3_column_text(row, 3);
        sought = sought || strstr(text, "USING INDEX chunks_of (series=? AND day=?");
        assert_null(strstr(text, "SCAN c"));
        assert_null(strstr(text, "SCAN s "));
    }
    assert_true(sought);
    sqlite3_finalize(row);
    sqlite3_close(db);
}

static void test_roll_ups_count_good_and_late_rows_once(void **state)
{
    (void)state;
    struct history *history = probe_open(true);
    struct history_twin *twin = twin_in(history, "gh1");
    for (int i = 0; i < 120; i++)
        history_reading(history, twin, AIR, MIDNIGHT + i, i, GOOD);
    history_reading(history, twin, AIR, MIDNIGHT + 10.5, 1000, OUT_OF_RANGE);
    history_state(history, twin, AIR_STATE, MIDNIGHT + 3600, 25, 0.5);
    history_hand_over(history, 1, 0);
    history_close(history);
    probe_text("SELECT group_concat(time||' '||n||' '||mean||' '||min||' '||max, ';') "
               "FROM minutes WHERE what = 'reading'",
               "2026-01-01T00:00:00.000Z 60 29.5 0.0 59.0;"
               "2026-01-01T00:01:00.000Z 60 89.5 60.0 119.0");
    probe_text("SELECT group_concat(what||' '||n||' '||mean, ';') FROM hours",
               "reading 120 59.5;state 1 25.0");
    probe_text("SELECT group_concat(time||' '||what||' '||n, ';') FROM days",
               "2026-01-01T00:00:00.000Z reading 120;2026-01-01T00:00:00.000Z state 1");
    history = probe_open(true);
    twin = twin_in(history, "gh1");
    history_reading(history, twin, AIR, MIDNIGHT + 30.5, 90, LATE);
    history_hand_over(history, 2, 0);
    history_close(history);
    probe_text("SELECT n||' '||max FROM minutes WHERE what = 'reading' LIMIT 1", "61 90.0");
    probe_text("SELECT n||' '||mean FROM hours WHERE what = 'reading'",
               "121 59.7520661157025");
}

/* Ten days, a row a minute with two in the first of each hour. */
static void store_days(void)
{
    struct history *history = probe_open(true);
    struct history_twin *twin = twin_in(history, "gh1");
    for (int i = 0; i < 14400; i++) {
        history_reading(history, twin, AIR, MIDNIGHT + 60 * i, 20 + i % 100 / 10.0, GOOD);
        if (i % 60 == 0)
            history_reading(history, twin, AIR, MIDNIGHT + 60 * i + 30, 10, GOOD);
        history_state(history, twin, AIR_STATE, MIDNIGHT + 60 * i, i % 50, 1);
    }
    history_hand_over(history, 1, 0);
    history_close(history);
}

static void test_late_rows_correct_minutes_that_are_packed(void **state)
{
    (void)state;
    store_days();
    assert_true(probe_number("SELECT count(*) FROM chunks WHERE sort = 100") > 0);
    assert_close(probe_number("SELECT count(*) FROM minutes WHERE what = 'reading'"), 14400,
                 0);
    assert_close(probe_number("SELECT count(*) FROM minutes WHERE what = 'state'"), 14400,
                 0);
    assert_close(probe_number("SELECT sum(n) FROM minutes WHERE what = 'reading'"), 14640,
                 0);
    probe_text("SELECT n||' '||mean||' '||min||' '||max FROM minutes "
               "WHERE time = '2026-01-03T05:00:00.000Z' AND what = 'reading'",
               "2 19.0 10.0 28.0");
    struct history *history = probe_open(true);
    struct history_twin *twin = twin_in(history, "gh1");
    history_reading(history, twin, AIR, MIDNIGHT + 2 * 86400 + 5 * 3600 + 15, 40, LATE);
    history_hand_over(history, 2, 0);
    history_close(history);
    probe_text("SELECT n||' '||min||' '||max FROM minutes "
               "WHERE time = '2026-01-03T05:00:00.000Z' AND what = 'reading'",
               "3 10.0 40.0");
    assert_close(probe_number("SELECT count(*) FROM minutes WHERE what = 'reading'"), 14400,
                 0);
    assert_close(probe_number("SELECT sum(n) FROM minutes WHERE what = 'reading'"), 14641,
                 0);
}

static void test_latest_is_by_sample_time_not_by_arrival(void **state)
{
    (void)state;
    struct history *history = probe_open(true);
    struct history_twin *twin = twin_in(history, "gh1");
    history_state(history, twin, AIR_STATE, MIDNIGHT + 10, 21.123456789, 0.0123456);
    history_state(history, twin, AIR_STATE, MIDNIGHT, 5, 0.1);
    history_hand_over(history, 1, 0);
    probe_text(
        "SELECT twin||' '||name||' '||time||' '||value||' '||sd||' '||unit FROM latest",
        "gh1 air_temperature 2026-01-01T00:00:10.000Z 21.12346 0.0123 Cel");
    history_close(history);
}

static void alert(struct history *history, uint32_t transition, const char *state_name,
                  bool acknowledged, double time)
{
    char id[40];
    snprintf(id, sizeof id, "gh1/hot/%u", transition > 4 ? 2 : 1);
    const struct history_alert a = {.id = id,
                                    .twin = "gh1",
                                    .rule = "hot",
                                    .type = "threshold",
                                    .severity = "warning",
                                    .state = state_name,
                                    .message = "air_temperature 31.2 Cel is above 30",
                                    .cause = transition == 5 ? "gh1/power/7" : "",
                                    .acknowledged = acknowledged,
                                    .time = time,
                                    .value = 31.2,
                                    .limit = 30,
                                    .transition = transition};
    history_alert(history, &a);
}

static void test_an_alert_is_one_row_and_each_transition_one_event(void **state)
{
    (void)state;
    struct history *history = probe_open(true);
    alert(history, 1, "pending", false, MIDNIGHT);
    history_hand_over(history, 1, 0);
    assert_close(probe_number("SELECT count(*) FROM alerts"), 0, 0);
    alert(history, 2, "active", false, MIDNIGHT + 60);
    alert(history, 3, "active", true, MIDNIGHT + 120);
    history_hand_over(history, 2, 0);
    probe_text(
        "SELECT id||' '||state||' '||acknowledged||' '||raised_at||' '||"
        "acknowledged_at||' '||ifnull(cleared_at,'-')||' '||value||' '||limit_value "
        "FROM alerts",
        "gh1/hot/1 active 1 2026-01-01T00:01:00.000Z 2026-01-01T00:02:00.000Z - 31.2 "
        "30.0");
    alert(history, 4, "normal", true, MIDNIGHT + 180);
    alert(history, 2, "active", false, MIDNIGHT + 60); /* told again after a crash */
    alert(history, 5, "active", false, MIDNIGHT + 240);
    history_hand_over(history, 3, 0);
    history_close(history);
    probe_text("SELECT group_concat(id||' '||state||' '||ifnull(cleared_at,'-'), ';') "
               "FROM alerts",
               "gh1/hot/1 normal 2026-01-01T00:03:00.000Z;gh1/hot/2 active -");
    probe_text("SELECT group_concat(state||acknowledged) FROM alert_events",
               "pending0,active0,active1,normal1,active0");
    probe_text("SELECT group_concat(ifnull(cause,'-')) FROM alerts", "-,gh1/power/7");
    probe_text("SELECT cause FROM alert_events WHERE cause IS NOT NULL", "gh1/power/7");
}

static void collect(void *context, const struct history_alert *a)
{
    char *text = context;
    snprintf(text + strlen(text), 100, "%u %s %g %g;", a->transition, a->state,
             a->time - MIDNIGHT, a->limit);
}

static void test_transitions_after_a_number_are_told_oldest_first(void **state)
{
    (void)state;
    char text[500] = "";
    struct err e;
    struct history *history = probe_open(true);
    alert(history, 1, "pending", false, MIDNIGHT);
    alert(history, 2, "active", false, MIDNIGHT + 60);
    alert(history, 3, "normal", false, MIDNIGHT + 120);
    history_hand_over(history, 1, 0);
    assert_true(history_alerts_after(history, "gh1", "hot", 1, collect, text, &e));
    assert_string_equal(text, "2 active 60 30;3 normal 120 30;");
    text[0] = '\0';
    assert_true(history_alerts_after(history, "gh1", "other", 0, collect, text, &e));
    assert_true(history_alerts_after(history, "gh1", "hot", 3, collect, text, &e));
    assert_string_equal(text, "");
    history_close(history);
}

static void test_energy_of_a_day_is_its_last_total_by_local_time(void **state)
{
    (void)state;
    struct history *history = probe_open(true);
    struct history_twin *twin = twin_in(history, "house"); /* one hour east */
    for (int minute = 0; minute < 48 * 60; minute += 10) {
        int local = (minute + 60) % 1440;
        double time = MIDNIGHT + 60 * minute;
        history_state(history, twin, ENERGY, time, local / 60.0, NAN);
        history_state(history, twin, COST, time, local / 60.0 * 0.25, NAN);
        history_state(history, twin, SAVED_SD, time, local / 1440.0, NAN);
        history_state(history, twin, SAVED, time, local < 720 ? local / 60.0 : 3, NAN);
    }
    history_hand_over(history, 1, 0);
    history_close(history);
    probe_text("SELECT group_concat(day||' '||round(kwh,3)||' '||round(cost,3)||' '||"
               "round(baseline_kwh,3)||' '||round(saved_kwh,3)||' "
               "'||round(saved_cost,3)||' '||round(saved_sd_kwh,3),';') "
               "FROM energy_daily WHERE twin = 'house' AND day < '2026-01-03'",
               "2026-01-01 23.833 5.958 26.833 3.0 0.75 0.993;"
               "2026-01-02 23.833 5.958 26.833 3.0 0.75 0.993");
}

static void test_hourly_air_quality_names_category_and_dominant(void **state)
{
    (void)state;
    struct history *history = probe_open(true);
    struct history_twin *twin = twin_in(history, "city");
    for (int i = 0; i < 120; i++) {
        double aqi = i < 60 ? 42 : 120 + i % 2;
        history_state(history, twin, AQI, MIDNIGHT + 60 * i, aqi, NAN);
        history_state(history, twin, AQI_O3, MIDNIGHT + 60 * i, i < 60 ? 42 : 20, NAN);
        history_state(history, twin, AQI_PM10, MIDNIGHT + 60 * i, i < 60 ? 7 : aqi, NAN);
    }
    history_hand_over(history, 1, 0);
    history_close(history);
    probe_text("SELECT group_concat(time||' '||aqi||' '||category||' '||dominant, ';') "
               "FROM air_quality_hourly",
               "2026-01-01T00:00:00.000Z 42 Good o3;"
               "2026-01-01T01:00:00.000Z 121 Unhealthy for Sensitive Groups pm10");
    assert_close(probe_number("SELECT count(*) FROM air_quality_hourly "
                              "WHERE length(advice) > 10"),
                 2, 0);
}

static void test_commands_and_dead_letters_are_kept(void **state)
{
    (void)state;
    struct history *history = probe_open(true);
    history_command(history, MIDNIGHT, "gh1", "vent_lee", "40", "mqtt", "ok");
    history_dead_letter(history, MIDNIGHT, "a/b", 3, "x\0y", 3);
    history_hand_over(history, 1, 0);
    history_close(history);
    probe_text("SELECT time||' '||twin||' '||input||' '||value||' '||source||' '||result "
               "FROM commands",
               "2026-01-01T00:00:00.000Z gh1 vent_lee 40 mqtt ok");
    probe_text("SELECT topic||' '||hex(payload) FROM dead_letters", "a/b 780079");
}

static void test_rows_that_were_not_handed_over_are_not_stored(void **state)
{
    (void)state;
    struct history *history = probe_open(false);
    struct history_twin *twin = twin_in(history, "gh1");
    history_reading(history, twin, AIR, MIDNIGHT, 1, GOOD);
    history_hand_over(history, 1, 0);
    history_reading(history, twin, AIR, MIDNIGHT + 1, 2, GOOD);
    history_close(history);
    assert_close(probe_number("SELECT count(*) FROM readings"), 1, 0);
    assert_close(probe_number("SELECT seq FROM applied"), 1, 0);
}

static void test_a_sequence_without_rows_is_due_and_is_applied(void **state)
{
    (void)state;
    struct history *history = probe_open(false);
    assert_false(history_due(history, 0.5));
    assert_true(history_due(history, 2));
    history_hand_over(history, 41, 2);
    history_close(history);
    history = probe_open(true);
    assert_int_equal(history_applied(history), 41);
    history_close(history);
}

static void test_a_reader_sees_whole_batches_while_the_writer_writes(void **state)
{
    (void)state;
    struct history *history = probe_open(false);
    struct history_twin *twin = twin_in(history, "gh1");
    for (int batch = 0; batch < 30; batch++) {
        for (int i = 0; i < 200; i++) {
            history_reading(history, twin, AIR, MIDNIGHT + batch * 200 + i, i, GOOD);
            history_reading(history, twin, HUMIDITY, MIDNIGHT + batch * 200 + i, i, GOOD);
        }
        history_hand_over(history, (uint64_t)batch + 1, batch);
        assert_close(probe_number("SELECT count(*) - 400 * (SELECT seq FROM applied) "
                                  "FROM readings"),
                     0, 0);
    }
    history_close(history);
    assert_close(probe_number("SELECT count(*) FROM readings"), 12000, 0);
}

#define WITH_FOLDER(test) cmocka_unit_test_setup_teardown(test, probe_begin, probe_end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_FOLDER(test_views_have_the_columns_of_the_contract_in_their_order),
        WITH_FOLDER(test_a_reading_is_shown_with_time_unit_and_quality),
        WITH_FOLDER(test_every_bit_and_millisecond_comes_back_through_the_sqlite3_tool),
        WITH_FOLDER(test_every_bit_comes_back_to_a_program),
        WITH_FOLDER(test_what_the_writer_thread_stores_is_the_same),
        WITH_FOLDER(test_a_day_of_a_signal_reads_its_chunks_alone),
        WITH_FOLDER(test_roll_ups_count_good_and_late_rows_once),
        WITH_FOLDER(test_late_rows_correct_minutes_that_are_packed),
        WITH_FOLDER(test_latest_is_by_sample_time_not_by_arrival),
        WITH_FOLDER(test_an_alert_is_one_row_and_each_transition_one_event),
        WITH_FOLDER(test_transitions_after_a_number_are_told_oldest_first),
        WITH_FOLDER(test_energy_of_a_day_is_its_last_total_by_local_time),
        WITH_FOLDER(test_hourly_air_quality_names_category_and_dominant),
        WITH_FOLDER(test_commands_and_dead_letters_are_kept),
        WITH_FOLDER(test_rows_that_were_not_handed_over_are_not_stored),
        WITH_FOLDER(test_a_sequence_without_rows_is_due_and_is_applied),
        WITH_FOLDER(test_a_reader_sees_whole_batches_while_the_writer_writes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
