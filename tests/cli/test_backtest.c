/* twinctl replay over a history: the same as over the recording that made it, and what
 * other rules would have raised. */
#include "cli_stage.h"

#include <sqlite3.h>

#define CONFIG(limits)                                                                     \
    "{'step': '5m', 'twins': [{'id': 'g', 'kind': 'generic', 'signals': {'x': {'unit': "   \
    "'Cel'}, 'y': {}, 'z': {}}, 'bind': {'x': {'topic': 'g', 'path': '/x'}, "              \
    "'y': {'topic': 'g', 'path': '/y'}}, 'rules': [{'id': 'hot', 'type': 'threshold', "    \
    "'on': 'measured.x', " limits "}, {'id': 'estimate', 'type': 'threshold', 'on': "      \
    "'x', 'above': 29, 'for': '10m'}, {'id': 'never', 'type': 'threshold', 'on': 'z', "    \
    "'above': 90}]}, {'id': 'f-{n}', 'kind': 'generic', 'signals': {'v': {}}, 'bind': "    \
    "{'v': 'f/{n}'}, 'rules': [{'id': 'low', 'type': 'threshold', 'on': 'measured.v', "    \
    "'below': 20.15}]}]}"

/* Three days of messages: g is hot from 10:00 to 10:45 of each day, to 31, 33 and 35
 * degrees, a reading in five of f-7 is low, and one of them comes too late. */
static const char *messages(struct cli_stage *s)
{
    static char text[131072];
    size_t used = (size_t)sprintf(text, "time,topic,payload\n");
    for (int i = 0; i < 3 * 288; i++) {
        bool hot = i % 288 >= 120 && i % 288 < 130;
        long time = 1767225600 + 300L * i;
        used +=
            (size_t)sprintf(text + used, "%ld.%03d,g,'{''x'':%.1f,''y'':%.2f}'\n", time, i,
                            hot ? 31.0 + 2 * (i / 288) : 20 + 0.1 * (i % 3), 5 + 0.01 * i);
        used +=
            (size_t)sprintf(text + used, "%ld,f/7,20.%d\n", time + 1, i % 10 == 0 ? 1 : 2);
        if (i == 500)
            used += (size_t)sprintf(text + used, "%ld,f/7,19\n", time - 7200);
    }
    return cli_file(s, "messages.csv", text);
}

static const char *read_text(const char *path)
{
    static char texts[2][4 * CLI_TEXT];
    static int next;
    char *text = texts[next++ % 2];
    cli_read(path, text, sizeof texts[0]);
    return text;
}

static void test_a_history_replays_as_the_recording_that_made_it(void **state)
{
    struct cli_stage *s = *state;
    const char *config = cli_file(s, "c.json", CONFIG("'above': 30")), *input = messages(s);
    const char *history = cli_path(s, "h.db"), *again = cli_path(s, "again.db");
    const char *a = cli_path(s, "a.ndjson"), *b = cli_path(s, "b.ndjson");
    if (CLI_RUN(s, &cli_replay, "-c", config, "--input", input, "--history", history,
                "--alerts", a) != CLI_OK)
        fail_msg("%s", s->err);
    if (CLI_RUN(s, &cli_replay, "-c", config, "--history-input", history, "--history",
                again, "--alerts", b, "--compare") != CLI_OK)
        fail_msg("%s", s->err);
    assert_non_null(strstr(s->out, "readings 2592"));
    assert_non_null(strstr(s->out, "\ng.hot "));
    assert_non_null(strstr(s->out, "1 of 4 rules were never raised"));
    assert_non_null(strstr(s->out, " 0 new, 0 gone"));
    assert_string_equal(read_text(a), read_text(b));
    assert_true(strlen(read_text(a)) > 10000);
    /* what has been replayed once is a history as good */
    assert_int_equal(
        CLI_RUN(s, &cli_replay, "-c", config, "--history-input", again, "--alerts", b),
        CLI_OK);
    assert_string_equal(read_text(a), read_text(b));
}

static void test_other_rules_are_compared_with_what_was_raised(void **state)
{
    struct cli_stage *s = *state;
    const char *config = cli_file(s, "c.json", CONFIG("'above': 32"));
    const char *other = cli_file(s, "o.json", CONFIG("'above': 30, 'clear_below': 29"));
    const char *history = cli_path(s, "h.db");
    CLI_RUN(s, &cli_replay, "-c", config, "--input", messages(s), "--history", history);
    if (CLI_RUN(s, &cli_replay, "-c", other, "--history-input", history, "--compare") !=
        CLI_OK)
        fail_msg("%s", s->err);
    assert_non_null(strstr(s->out, " 1 new, 0 gone")); /* the first day's 31 degrees */
    assert_non_null(strstr(s->out, "\nnew  2026-01-01T10:00:00.120Z g.hot, 50m"));
    CLI_RUN(s, &cli_replay, "-c", other, "--history-input", history, "--compare", "--from",
            "2026-01-02");
    assert_non_null(strstr(s->out, " 0 new, 0 gone"));
    const char *high = cli_file(s, "p.json", CONFIG("'above': 34"));
    CLI_RUN(s, &cli_replay, "-c", high, "--history-input", history, "--compare", "--to",
            "2026-01-03");
    assert_non_null(strstr(s->out, " 0 new, 1 gone"));
    assert_non_null(strstr(s->out, "\ngone 2026-01-02T10:00:00.408Z g.hot, 50m"));
}

static void test_signals_without_a_binding_are_replayed_by_name(void **state)
{
    struct cli_stage *s = *state;
    const char *config = cli_file(
        s, "c.json",
        "{'twins': [{'id': 'b-{n}', 'kind': 'building', 'rules': [{'id': 'hot', 'type': "
        "'threshold', 'on': 'indoor_temperature', 'above': 25}]}]}");
    const char *input = cli_file(s, "r.csv",
                                 "time,twin,signal,value\n"
                                 "2026-01-01T00:00:00Z,b-1,indoor_temperature,21\n"
                                 "2026-01-01T00:05:00Z,b-2,indoor_temperature,29\n"
                                 "2026-01-01T00:05:00Z,b-1,indoor_temperature,29\n");
    const char *history = cli_path(s, "h.db");
    const char *a = cli_path(s, "a.ndjson"), *b = cli_path(s, "b.ndjson");
    CLI_RUN(s, &cli_replay, "-c", config, "--input", input, "--history", history,
            "--alerts", a);
    if (CLI_RUN(s, &cli_replay, "-c", config, "--history-input", history, "--alerts", b) !=
        CLI_OK)
        fail_msg("%s", s->err);
    assert_non_null(strstr(read_text(a), "b-2.hot.1"));
    assert_string_equal(read_text(a), read_text(b));
}

static void test_commands_are_given_again(void **state)
{
    struct cli_stage *s = *state;
    sqlite3 *db = NULL;
    const char *config = cli_file(
        s, "c.json",
        "{'twins': [{'id': 'b', 'kind': 'building', 'bind': {'indoor_temperature': 'b'}, "
        "'rules': [{'id': 'set', 'type': 'threshold', 'on': 'heating_setpoint', 'above': "
        "23}]}]}");
    const char *input = cli_file(s, "r.csv",
                                 "time,topic,payload\n2026-01-01T00:00:00Z,b,21\n"
                                 "2026-01-01T00:05:00Z,b,21.1\n"
                                 "2026-01-01T00:10:00Z,b,21.2\n");
    const char *history = cli_path(s, "h.db"), *alerts = cli_path(s, "a.ndjson");
    CLI_RUN(s, &cli_replay, "-c", config, "--input", input, "--history", history);
    assert_int_equal(sqlite3_open(history, &db), SQLITE_OK);
    assert_int_equal(
        sqlite3_exec(db,
                     "INSERT INTO command_log(t, twin, input, value, source, result) VALUES"
                     "(1767225900000 + 1000, 'b', 'heating_setpoint', '24', 'mqtt', 'ok'),"
                     "(1767225900000 + 2000, 'b', 'heating_setpoint', '17', 'mqtt', 'no'),"
                     "(1767225900000 + 3000, 'b', 'alert/set', 'ack', 'mqtt', 'ok')",
                     NULL, NULL, NULL),
        SQLITE_OK);
    sqlite3_close(db);
    if (CLI_RUN(s, &cli_replay, "-c", config, "--history-input", history, "--alerts",
                alerts) != CLI_OK)
        fail_msg("%s", s->err);
    assert_non_null(strstr(read_text(alerts), "\"since\":\"2026-01-01T00:05:01.000Z\""));
    assert_non_null(strstr(read_text(alerts), "\"acknowledged\":false"));
}

static void test_what_does_not_fit_is_left_out_and_said(void **state)
{
    struct cli_stage *s = *state;
    const char *config = cli_file(s, "c.json", CONFIG("'above': 30"));
    const char *history = cli_path(s, "h.db");
    CLI_RUN(s, &cli_replay, "-c", config, "--input", messages(s), "--history", history);
    const char *one = cli_file(s, "one.json",
                               "{'twins': [{'id': 'f-7', 'kind': 'generic', 'signals': "
                               "{'v': {}}, 'bind': {'v': 'f/7'}}]}");
    assert_int_equal(CLI_RUN(s, &cli_replay, "-c", one, "--history-input", history),
                     CLI_OK);
    assert_non_null(strstr(s->err, "x of g is left out"));
    assert_non_null(strstr(s->out, "readings 864\n"));
    const char *none = cli_file(s, "none.json",
                                "{'twins': [{'id': 'x', 'kind': 'building', 'bind': {}}]}");
    assert_int_equal(CLI_RUN(s, &cli_replay, "-c", none, "--history-input", history),
                     CLI_INPUT);
    assert_non_null(strstr(s->err, "holds no readings of the configuration's twins"));
    assert_int_equal(CLI_RUN(s, &cli_replay, "-c", one, "--history-input", "/none.db"),
                     CLI_RESOURCE);
    assert_int_equal(
        CLI_RUN(s, &cli_replay, "-c", one, "--history-input", history, "--input", "x.csv"),
        CLI_USAGE);
    assert_int_equal(CLI_RUN(s, &cli_replay, "-c", one, "--input", "x.csv", "--compare"),
                     CLI_USAGE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CLI_TEST(test_a_history_replays_as_the_recording_that_made_it),
        CLI_TEST(test_other_rules_are_compared_with_what_was_raised),
        CLI_TEST(test_signals_without_a_binding_are_replayed_by_name),
        CLI_TEST(test_commands_are_given_again),
        CLI_TEST(test_what_does_not_fit_is_left_out_and_said),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
