/* twinctl alarms: figures that were worked out by hand, and the verb over a real history.
 */
#include "cli_stage.h"

#include "../../daemon/cli/alarm_verdict.h"

#include "twind/history.h"

static const double START = 1767225600, DAY = 86400; /* 2026-01-01 */

static void ring(struct alarm_log *log, const char *rule, double at, double lasts)
{
    size_t source = alarm_log_source(log, "t", rule);
    alarm_log_add(log, source, START + at, true, false, SEVERITY_WARNING);
    if (isfinite(lasts))
        alarm_log_add(log, source, START + at + lasts, false, false, SEVERITY_WARNING);
}

static double value_of(const struct alarm_figures *figures, const char *key,
                       const char **verdict)
{
    struct alarm_measure measures[ALARM_MEASURES];
    alarm_verdict_all(figures, measures);
    for (int i = 0; i < ALARM_MEASURES; i++)
        if (strcmp(measures[i].key, key) == 0) {
            *verdict = measures[i].verdict;
            return measures[i].value;
        }
    fail_msg("no measure %s", key);
    return NAN;
}

static void test_rates_are_counted_by_the_day_and_by_ten_minutes(void **state)
{
    (void)state;
    const char *verdict;
    struct alarm_log log = {.n_spans = 0};
    for (int i = 0; i < 6; i++) /* one every 8 hours of two days, each for 5 minutes */
        ring(&log, "a", i * 8 * 3600.0, 300);
    struct alarm_figures f = alarm_figures_of(&log, START, START + 2 * DAY);
    assert_int_equal(f.alarms, 6);
    assert_close(f.per_day, 3, 1e-12);
    assert_close(f.per_ten, 6.0 / 288, 1e-12);
    assert_int_equal(f.most_ten, 1);
    assert_int_equal(f.floods, 0);
    assert_int_equal(f.fleeting, 0);
    assert_close(f.tallies[0].active, 1800, 1e-9);
    assert_close(f.tallies[0].longest, 300, 1e-9);
    assert_close(value_of(&f, "per_day", &verdict), 3, 1e-12);
    assert_string_equal(verdict, "good");
    assert_close(value_of(&f, "top_ten_share", &verdict), 1, 0);
    assert_string_equal(verdict, ""); /* of one rule it says nothing */
    alarm_figures_free(&f);
    alarm_log_free(&log);
}

static void test_a_flood_lasts_from_more_than_ten_to_fewer_than_five(void **state)
{
    (void)state;
    static const int counts[] = {10, 11, 7, 5, 4, 5}; /* in periods of ten minutes */
    const char *verdict;
    struct alarm_log log = {.n_spans = 0};
    for (int period = 0; period < 6; period++)
        for (int i = 0; i < counts[period]; i++) {
            char rule[16];
            snprintf(rule, sizeof rule, "r%d", i);
            ring(&log, rule, period * 600 + i, 300);
        }
    struct alarm_figures f = alarm_figures_of(&log, START, START + 6000);
    assert_int_equal(f.floods, 1);
    assert_close(f.flood, 0.3, 1e-12);    /* periods 2, 3 and 4 of 10 */
    assert_close(f.over_ten, 0.1, 1e-12); /* period 2 */
    assert_close(f.over_thirty, 0.5, 1e-12);
    assert_int_equal(f.most_ten, 11);
    assert_close(f.most_ten_at, START + 600, 0);
    assert_close(value_of(&f, "flood_share", &verdict), 0.3, 1e-12);
    assert_string_equal(verdict, "too much");
    alarm_figures_free(&f);
    alarm_log_free(&log);
}

static void test_three_in_a_minute_chatter_and_a_short_one_alone_is_fleeting(void **state)
{
    (void)state;
    static const double at[] = {0, 20, 40, 70, 5000, 9000}; /* 0, 20, 40 and 20, 40, 70 */
    static const double lasts[] = {5, 5, 5, 5, 59, 60};
    struct alarm_log log = {.n_spans = 0};
    for (size_t i = 0; i < sizeof at / sizeof *at; i++)
        ring(&log, "a", at[i], lasts[i]);
    ring(&log, "b", 100, 5);
    ring(&log, "b", 150, 5); /* two are no chatter */
    struct alarm_figures f = alarm_figures_of(&log, START, START + DAY);
    assert_int_equal(f.chattering, 1);
    assert_int_equal(f.chatter, 4);
    assert_int_equal(f.fleeting, 3);
    assert_string_equal(log.sources[f.tallies[0].source].rule, "a");
    assert_int_equal(f.tallies[0].raised, 6);
    assert_int_equal(f.tallies[1].fleeting, 2);
    alarm_figures_free(&f);
    alarm_log_free(&log);
}

static void test_what_is_up_for_more_than_a_day_stands(void **state)
{
    (void)state;
    struct alarm_log log = {.n_spans = 0};
    ring(&log, "before", -2 * DAY, 2.5 * DAY);  /* stands on the first day, rang before */
    ring(&log, "long", 0.2 * DAY, INFINITY);    /* stands from 1.2 on */
    ring(&log, "second", 0.3 * DAY, 1.5 * DAY); /* stands from 1.3 to 1.8 */
    ring(&log, "short", 0.4 * DAY, 0.9 * DAY);  /* never */
    struct alarm_figures f = alarm_figures_of(&log, START, START + 3 * DAY);
    assert_int_equal(f.alarms, 3);
    assert_int_equal(f.standing, 2);
    assert_int_equal(f.n_tallies, 4);
    for (size_t i = 0; i < f.n_tallies; i++) {
        const char *rule = log.sources[f.tallies[i].source].rule;
        if (strcmp(rule, "before") == 0) {
            assert_int_equal(f.tallies[i].raised, 0);
            assert_close(f.tallies[i].active, 0.5 * DAY, 1e-6);
        }
        if (strcmp(rule, "long") == 0)
            assert_close(f.tallies[i].standing_since, START + 0.2 * DAY, 0);
        else
            assert_true(isnan(f.tallies[i].standing_since));
    }
    alarm_figures_free(&f);
    alarm_log_free(&log);
}

static void test_the_worst_severity_and_the_first_acknowledgement_count(void **state)
{
    (void)state;
    const char *verdict;
    struct alarm_log log = {.n_spans = 0};
    for (int i = 0; i < 20; i++) {
        size_t source = alarm_log_source(&log, "t", "ladder");
        double at = START + i * 3600;
        alarm_log_add(&log, source, at, true, false, SEVERITY_INFO);
        if (i < 2)
            alarm_log_add(&log, source, at + 10, true, false, SEVERITY_CRITICAL);
        if (i < 3)
            alarm_log_add(&log, source, at + 100 * (i + 1), true, true, SEVERITY_INFO);
        alarm_log_add(&log, source, at + 1000, false, i < 3, SEVERITY_INFO);
    }
    struct alarm_figures f = alarm_figures_of(&log, START, START + DAY);
    assert_int_equal(f.alarms, 20); /* what becomes worse does not ring again */
    assert_close(f.severity[SEVERITY_CRITICAL], 0.1, 1e-12);
    assert_close(f.severity[SEVERITY_INFO], 0.9, 1e-12);
    assert_int_equal(f.acknowledged, 3);
    assert_close(f.answer, 200, 1e-9);
    value_of(&f, "critical_share", &verdict);
    assert_string_equal(verdict, "manageable");
    assert_close(value_of(&f, "acknowledged_share", &verdict), 0.15, 1e-12);
    alarm_figures_free(&f);
    alarm_log_free(&log);
}

static void test_many_rules_are_told_apart(void **state)
{
    (void)state;
    struct alarm_log log = {.n_spans = 0};
    char rule[16];
    for (int pass = 0; pass < 2; pass++)
        for (int i = 0; i < 1000; i++) {
            snprintf(rule, sizeof rule, "r%d", i);
            assert_int_equal(alarm_log_source(&log, i % 2 ? "a" : "b", rule), i);
        }
    assert_int_equal(log.n_sources, 1000);
    alarm_log_free(&log);
}

/* ---- the verb ---- */

static void store(struct history *history, uint32_t transition, double at,
                  const char *state, bool acknowledged)
{
    history_alert(history, &(struct history_alert){.id = "g.hot.1",
                                                   .twin = "g",
                                                   .rule = "hot",
                                                   .type = "threshold",
                                                   .severity = "critical",
                                                   .state = state,
                                                   .message = "",
                                                   .acknowledged = acknowledged,
                                                   .time = START + at,
                                                   .value = 1,
                                                   .limit = NAN,
                                                   .transition = transition});
}

/* Two alarms of g.hot, the second acknowledged and up to the end, 3 days later. */
static const char *two_alarms(struct cli_stage *s)
{
    struct err e;
    static const struct history_name names[] = {{"x", "Cel", HISTORY_READING}};
    const char *path = cli_path(s, "history.db");
    struct history *history = history_open(
        &(struct history_options){
            .path = path, .raw = 1e9, .minutes = 1e9, .hours = 1e9, .synchronous = true},
        &e);
    assert_non_null(history);
    struct history_twin *twin = history_twin(history, "g", "generic", 0, names, 1);
    store(history, 1, 0, "pending", false);
    store(history, 2, 600, "active", false);
    store(history, 3, 1200, "normal", false);
    store(history, 4, DAY, "active", false);
    store(history, 5, DAY + 120, "active", true);
    history_reading(history, twin, 0, START, 1, 0);
    history_reading(history, twin, 0, START + 3 * DAY, 1, 0);
    history_latest(history, twin, 0, START + 3 * DAY, 1, 1);
    history_hand_over(history, 1, 0);
    history_close(history);
    return path;
}

static void test_the_history_is_told_in_words_and_json(void **state)
{
    struct cli_stage *s = *state;
    const char *history = two_alarms(s), *plot = cli_path(s, "alarms.svg");
    char svg[CLI_TEXT];
    assert_int_equal(CLI_RUN(s, &cli_alarms, "--history", history), CLI_OK);
    assert_non_null(strstr(s->out, "3 days, 2 alarms of 1 rules"));
    assert_non_null(strstr(s->out, "g.hot since 2026-01-02T00:00:00.000Z"));
    assert_int_equal(
        CLI_RUN(s, &cli_alarms, "--history", history, "--json", "--plot", plot), CLI_OK);
    assert_non_null(strstr(s->out, "\"alarms\":2,"));
    assert_non_null(
        strstr(s->out, "\"acknowledged_after_s\":{\"verdict\":null,\"value\":120}"));
    assert_non_null(strstr(s->out, "\"standing\":{\"verdict\":\"good\",\"value\":1}"));
    assert_non_null(strstr(s->out, "\"longest_s\":172800"));
    cli_read(plot, svg, sizeof svg);
    assert_non_null(strstr(svg, "alarms an hour"));
}

static void test_a_part_of_the_time_and_one_twin_can_be_asked_for(void **state)
{
    struct cli_stage *s = *state;
    const char *history = two_alarms(s);
    assert_int_equal(CLI_RUN(s, &cli_alarms, "--history", history, "--json", "--from",
                             "2026-01-01T12:00:00Z"),
                     CLI_OK);
    assert_non_null(strstr(s->out, "\"alarms\":1,"));
    assert_int_equal(CLI_RUN(s, &cli_alarms, "--history", history, "--json", "--twin", "h"),
                     CLI_INPUT);
    assert_non_null(strstr(s->err, "holds nothing of a twin 'h'"));
    assert_int_equal(CLI_RUN(s, &cli_alarms, "--history", history, "--json", "--twin", "g"),
                     CLI_OK);
    assert_non_null(strstr(s->out, "\"alarms\":2,"));
    assert_int_equal(CLI_RUN(s, &cli_alarms, "--history", history, "--from", "2027-01-01"),
                     CLI_INPUT);
    assert_non_null(strstr(s->err, "--from must be before --to"));
    assert_int_equal(CLI_RUN(s, &cli_alarms, "--history", cli_path(s, "none.db")),
                     CLI_RESOURCE);
    assert_int_equal(CLI_RUN(s, &cli_alarms, "--json"), CLI_USAGE);
}

/* Hours are packed by blocks that begin before the first of them. */
static void test_the_time_begins_with_what_is_stored(void **state)
{
    struct cli_stage *s = *state;
    const char *config = cli_file(
        s, "c.json",
        "{'twins': [{'id': 'g', 'kind': 'generic', 'signals': {'x': {'unit': 'V'}},"
        " 'bind': {'x': {'topic': 'g'}}}]}");
    const char *history = cli_path(s, "history.db"), *input = cli_path(s, "r.csv");
    FILE *file = fopen(input, "w");
    assert_non_null(file);
    fputs("time,twin,signal,value\n", file);
    for (int i = 0; i <= 240; i++)
        fprintf(file, "%.0f,g,x,%d\n", START + i * 3600, i % 24);
    assert_int_equal(fclose(file), 0);
    assert_int_equal(
        CLI_RUN(s, &cli_replay, "-c", config, "--input", input, "--history", history),
        CLI_OK);
    assert_int_equal(CLI_RUN(s, &cli_alarms, "--history", history), CLI_OK);
    assert_non_null(strstr(s->out, "2026-01-01T00:00:00.000Z to 2026-01-11"));
    assert_non_null(strstr(s->out, ": 10 days, 0 alarms"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_rates_are_counted_by_the_day_and_by_ten_minutes),
        cmocka_unit_test(test_a_flood_lasts_from_more_than_ten_to_fewer_than_five),
        cmocka_unit_test(test_three_in_a_minute_chatter_and_a_short_one_alone_is_fleeting),
        cmocka_unit_test(test_what_is_up_for_more_than_a_day_stands),
        cmocka_unit_test(test_the_worst_severity_and_the_first_acknowledgement_count),
        cmocka_unit_test(test_many_rules_are_told_apart),
        CLI_TEST(test_the_history_is_told_in_words_and_json),
        CLI_TEST(test_the_time_begins_with_what_is_stored),
        CLI_TEST(test_a_part_of_the_time_and_one_twin_can_be_asked_for),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
