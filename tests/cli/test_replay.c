/* twinctl replay: the same bytes again, both forms of input, what it refuses to overwrite.
 */
#include "cli_stage.h"

#include <sqlite3.h>

#define TWO                                                                                \
    "{'twins': [{'id': 'gh1', 'kind': 'greenhouse', 'bind': {'air_temperature': "          \
    "{'topic': 'gh1', 'path': '/t'}}, 'rules': [{'id': 'hot', 'type': 'threshold', "       \
    "'on': 'measured.air_temperature', 'above': 30, 'clear_below': 28}]},"                 \
    "{'id': 'b-{n}', 'kind': 'building', 'bind': {'indoor_temperature': 'b/{n}'}}]}"

/* A day of messages, with a heat wave. */
static const char *messages(struct cli_stage *s)
{
    static char text[32768];
    size_t used = (size_t)sprintf(text, "time,topic,payload\n");
    for (int i = 0; i < 288; i++)
        used += (size_t)sprintf(text + used, "%d,gh1,'{''t'':%.1f}'\n%d,b/7,20.%d\n",
                                1700000000 + 300 * i, i >= 100 && i < 150 ? 33.0 : 20.0,
                                1700000000 + 300 * i, i % 10);
    return cli_file(s, "messages.csv", text);
}

static double number_of(const char *out, const char *name)
{
    char line[64];
    snprintf(line, sizeof line, "%s ", name);
    const char *at = strstr(out, line);
    return at ? strtod(at + strlen(line), NULL) : (double)NAN;
}

static void test_messages_pass_through_the_whole_pipeline(void **state)
{
    struct cli_stage *s = *state;
    char alerts[CLI_TEXT];
    const char *out = cli_path(s, "alerts.ndjson");
    assert_int_equal(CLI_RUN(s, &cli_replay, "-c", cli_file(s, "c.json", TWO), "--input",
                             messages(s), "--alerts", out),
                     CLI_OK);
    assert_close(number_of(s->out, "rows"), 576, 0);
    assert_close(number_of(s->out, "twins"), 2, 0);
    assert_close(number_of(s->out, "readings"), 576, 0);
    assert_close(number_of(s->out, "alert_events"), 2, 0);
    cli_read(out, alerts, sizeof alerts);
    assert_non_null(strstr(alerts, "\"state\":\"active\""));
    assert_non_null(strstr(strstr(alerts, "\n"), "\"state\":\"normal\""));
}

static bool equal_files(const char *a, const char *b)
{
    FILE *one = fopen(a, "r"), *other = fopen(b, "r");
    int x, y;
    assert_non_null(one);
    assert_non_null(other);
    do
        x = getc(one), y = getc(other);
    while (x == y && x != EOF);
    fclose(one);
    fclose(other);
    return x == y;
}

static void test_the_same_input_makes_the_same_bytes(void **state)
{
    struct cli_stage *s = *state;
    const char *config = cli_file(s, "c.json", TWO), *input = messages(s);
    const char *a = cli_path(s, "a.db"), *b = cli_path(s, "b.db");
    assert_int_equal(
        CLI_RUN(s, &cli_replay, "-c", config, "--input", input, "--history", a), CLI_OK);
    for (int i = 0; i < 2; i++) /* the second replaces the first */
        assert_int_equal(
            CLI_RUN(s, &cli_replay, "-c", config, "--input", input, "--history", b),
            CLI_OK);
    assert_true(equal_files(a, b));
}

static void test_a_file_that_no_replay_made_is_left_alone(void **state)
{
    struct cli_stage *s = *state;
    char text[64];
    const char *config = cli_file(s, "c.json", TWO), *input = messages(s);
    const char *mine = cli_file(s, "mine.db", "dear diary");
    assert_int_equal(
        CLI_RUN(s, &cli_replay, "-c", config, "--input", input, "--history", mine),
        CLI_INPUT);
    assert_non_null(strstr(s->err, "name another file"));
    cli_read(mine, text, sizeof text);
    assert_string_equal(text, "dear diary");
}

static void test_a_wrong_configuration_costs_no_history(void **state)
{
    struct cli_stage *s = *state;
    const char *input = messages(s), *a = cli_path(s, "a.db"), *b = cli_path(s, "b.db");
    const char *config = cli_file(s, "c.json", TWO);
    CLI_RUN(s, &cli_replay, "-c", config, "--input", input, "--history", a);
    CLI_RUN(s, &cli_replay, "-c", config, "--input", input, "--history", b);
    const char *wrong = cli_file(s, "w.json", "{'twinz': []}");
    assert_int_equal(CLI_RUN(s, &cli_replay, "-c", wrong, "--input", input, "--history", b),
                     CLI_INPUT);
    assert_non_null(strstr(s->err, "twinz"));
    assert_true(equal_files(a, b));
}

static void test_signals_by_name_need_no_binding(void **state)
{
    struct cli_stage *s = *state;
    const char *config = cli_file(s, "c.json",
                                  "{'twins': [{'id': 'gh1', 'kind': 'greenhouse'},"
                                  "{'id': 'b-{n}', 'kind': 'building'},"
                                  "{'id': 'g', 'kind': 'generic', 'signals': {'v': {}}}]}");
    const char *input = cli_file(s, "r.csv",
                                 "time,twin,signal,value\n"
                                 "2026-01-01T00:00:00Z,gh1,air_temperature,20\n"
                                 "2026-01-01T00:00:00Z,gh1,outdoor_temperature,18\n"
                                 "2026-01-01T00:00:00Z,b-1,indoor_temperature,21\n"
                                 "2026-01-01T00:05:00Z,gh1,air_temperature,\n"
                                 "2026-01-01T00:10:00Z,gh1,air_temperature,20.1\n"
                                 "2026-01-01T00:01:00Z,gh1,air_temperature,20.4\n");
    if (CLI_RUN(s, &cli_replay, "-c", config, "--input", input) != CLI_OK)
        fail_msg("%s", s->err);
    assert_close(number_of(s->out, "readings"), 5, 0);
    assert_close(number_of(s->out, "used"), 4, 0);
    assert_close(number_of(s->out, "out_of_range"), 1, 0);
    assert_close(number_of(s->out, "late"), 1, 0);
}

static void test_messages_out_of_order_are_late_not_a_clock_that_was_set(void **state)
{
    struct cli_stage *s = *state;
    const char *input = cli_file(s, "r.csv",
                                 "time,topic,payload\n"
                                 "1700007200,b/7,21\n1700000000,b/7,19\n"
                                 "1700007500,b/7,21\n");
    assert_int_equal(
        CLI_RUN(s, &cli_replay, "-c", cli_file(s, "c.json", TWO), "--input", input),
        CLI_OK);
    assert_close(number_of(s->out, "late"), 1, 0);
    assert_close(number_of(s->out, "used"), 2, 0);
    assert_string_equal(s->err, "");
}

static void test_a_missing_secret_does_not_matter(void **state)
{
    struct cli_stage *s = *state;
    const char *config =
        cli_file(s, "c.json",
                 "{'broker': {'username': 'x', 'password_file': '/no/file'},"
                 "'twins': [{'id': 'b', 'kind': 'building',"
                 " 'bind': {'indoor_temperature': 'b/7'}}]}");
    if (CLI_RUN(s, &cli_replay, "-c", config, "--input", messages(s)) != CLI_OK)
        fail_msg("%s", s->err);
}

#define FORECASTING                                                                        \
    "{'twins': [{'id': 'b-{n}', 'kind': 'building', 'bind': {"                             \
    "'indoor_temperature': 'b/{n}/in', 'outdoor_temperature': 'b/{n}/out',"                \
    " 'heating_setpoint': 'b/{n}/set'}, 'forecast': {'step': '1h', 'horizon': '12h'}}]}"

/* Two days: a front passes at the 30th hour, and the set-point is raised once. */
static const char *front(struct cli_stage *s, bool by_name)
{
    static char text[65536];
    static const char *const names[] = {"outdoor_temperature", "indoor_temperature"};
    static const char *const topics[] = {"out", "in"};
    size_t used = (size_t)sprintf(text, by_name ? "time,twin,signal,value\n"
                                                : "time,topic,payload\n");
    for (int i = 0; i < 96; i++) {
        double values[] = {i < 60 ? 15 : -15, 20 + sin(i)};
        int time = 1699999200 + 1800 * i;
        for (int k = 0; k < 2; k++)
            used += by_name ? (size_t)sprintf(text + used, "%d,b-1,%s,%g\n", time, names[k],
                                              values[k])
                            : (size_t)sprintf(text + used, "%d,b/1/%s,%g\n", time,
                                              topics[k], values[k]);
        if (i == 0 || i == 40)
            used += (size_t)sprintf(
                text + used, by_name ? "%d,b-1,heating_setpoint,%d\n" : "%d,b/1/set,%d\n",
                time, i ? 24 : 18);
    }
    return cli_file(s, by_name ? "named.csv" : "front.csv", text);
}

/* The least outdoor-driven forecast of indoor temperature made six hours before the front.
 */
static double forecast_of(const char *database, const char *column, const char *name)
{
    sqlite3 *db = NULL;
    sqlite3_stmt *row = NULL;
    char sql[256];
    snprintf(
        sql, sizeof sql,
        "SELECT %s FROM forecasts WHERE name = '%s' AND unixepoch(made_at) = 1700085600",
        column, name);
    assert_int_equal(sqlite3_open(database, &db), SQLITE_OK);
    assert_int_equal(sqlite3_prepare_v2(db, sql, -1, &row, NULL), SQLITE_OK);
    assert_int_equal(sqlite3_step(row), SQLITE_ROW);
    double value = sqlite3_column_double(row, 0);
    sqlite3_finalize(row);
    sqlite3_close(db);
    return value;
}

static void test_forecasts_are_stored_and_know_the_inputs_if_asked(void **state)
{
    struct cli_stage *s = *state;
    const char *config = cli_file(s, "c.json", FORECASTING), *plain = cli_path(s, "p.db");
    const char *known[] = {cli_path(s, "a.db"), cli_path(s, "b.db"), cli_path(s, "c.db")};
    assert_int_equal(CLI_RUN(s, &cli_replay, "-c", config, "--input", front(s, false),
                             "--history", plain),
                     CLI_OK);
    assert_close(number_of(s->out, "forecasts"), 48, 0);
    for (int i = 0; i < 3; i++)
        assert_int_equal(CLI_RUN(s, &cli_replay, "-c", config, "--input", front(s, i == 2),
                                 "--history", known[i], "--known-inputs"),
                         CLI_OK);
    assert_true(equal_files(known[0], known[1]));
    assert_close(forecast_of(plain, "count(*)", "indoor_temperature"), 12, 0);
    double without = forecast_of(plain, "max(mean)", "heating_power");
    double with = forecast_of(known[0], "max(mean)", "heating_power");
    if (!(with > 2 * without + 100))
        fail_msg("the front is not seen: %g W, without knowing it %g W", with, without);
    assert_close(forecast_of(known[2], "max(mean)", "heating_power"), with, 0);
}

static void expect_failure(struct cli_stage *s, const char *csv, int status,
                           const char *word)
{
    int got = CLI_RUN(s, &cli_replay, "-c", cli_file(s, "c.json", TWO), "--input",
                      cli_file(s, "r.csv", csv));
    if (got != status || !strstr(s->err, word))
        fail_msg("%d: %s", got, s->err);
}

static void test_what_is_wrong_is_said_with_its_line(void **state)
{
    struct cli_stage *s = *state;
    expect_failure(s, "", CLI_INPUT, "columns must be");
    expect_failure(s, "a,b\n", CLI_INPUT, "r.csv:1:");
    expect_failure(s, "time,topic,payload\n1,2\n", CLI_INPUT, "r.csv:2:");
    expect_failure(s, "time,topic,payload\nsoon,x,1\n", CLI_INPUT, "'soon'");
    expect_failure(s, "time,topic,payload\n1,x,'open\n", CLI_INPUT, "not closed");
    expect_failure(s, "time,twin,signal,value\n\n1,nobody,co2,1\n", CLI_INPUT, "r.csv:3:");
    expect_failure(s, "time,twin,signal,value\n1,gh1,dew_point,1\n", CLI_INPUT,
                   "'dew_point'");
    assert_int_equal(CLI_RUN(s, &cli_replay, "-c", "x"), CLI_USAGE);
    assert_int_equal(
        CLI_RUN(s, &cli_replay, "-c", cli_file(s, "c.json", TWO), "--input", "/no/file"),
        CLI_RESOURCE);
    assert_int_equal(CLI_RUN(s, &cli_replay, "-c", cli_file(s, "c.json", TWO), "--input",
                             messages(s), "--alerts", "/no/folder/x"),
                     CLI_RESOURCE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CLI_TEST(test_messages_pass_through_the_whole_pipeline),
        CLI_TEST(test_the_same_input_makes_the_same_bytes),
        CLI_TEST(test_a_file_that_no_replay_made_is_left_alone),
        CLI_TEST(test_a_wrong_configuration_costs_no_history),
        CLI_TEST(test_signals_by_name_need_no_binding),
        CLI_TEST(test_messages_out_of_order_are_late_not_a_clock_that_was_set),
        CLI_TEST(test_a_missing_secret_does_not_matter),
        CLI_TEST(test_forecasts_are_stored_and_know_the_inputs_if_asked),
        CLI_TEST(test_what_is_wrong_is_said_with_its_line),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
