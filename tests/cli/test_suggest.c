/* twinctl suggest: laws that are known come back as limits; what is proposed does in a
 * replay what was said of it. */
#include "cli_stage.h"

#include "../../daemon/cli/suggest_tail.h"

#include "twind/random.h"

static const double START = 1767225600, MINUTE = 60, WEEK = 604800;

enum { MINUTES = 4 * 7 * 1440, PULSES = 56, EVERY = MINUTES / PULSES };

struct scene {
    struct suggest_trace trace;
    double *values;
    struct suggest_signal signal;
};

static void make_threshold(const void *context, double level, double clear,
                           struct suggest_rule *rule)
{
    (void)context;
    *rule = suggest_rule_of(rules_find("threshold"));
    *suggest_rule_param(rule, "above") = level;
    *suggest_rule_param(rule, "clear_below") = clear;
}

/* Four weeks, a reading a minute: noise of sd 0.1 around 0. */
static void set_scene(struct scene *scene)
{
    struct random random = {7};
    *scene = (struct scene){.trace = {.n = MINUTES, .watched = START}};
    scene->trace.at = calloc(MINUTES, sizeof *scene->trace.at);
    scene->values = calloc(MINUTES, sizeof *scene->values);
    for (int i = 0; i < MINUTES; i++)
        scene->values[i] = 0.1 * random_normal(&random);
    scene->signal = (struct suggest_signal){.trace = &scene->trace,
                                            .values = scene->values,
                                            .to = MINUTES,
                                            .interval = MINUTE,
                                            .make = make_threshold,
                                            .delays = true};
}

static void raise(struct scene *scene, int from, int minutes, double by)
{
    for (int i = from; i < from + minutes && i < MINUTES; i++)
        scene->values[i] += by;
}

static void close_scene(struct scene *scene)
{
    free(scene->trace.at);
    free(scene->values);
}

static void finish_scene(struct scene *scene)
{
    for (int i = 0; i < MINUTES; i++)
        scene->trace.at[i] = (struct suggest_moment){.time = START + MINUTE * i,
                                                     .value = scene->values[i],
                                                     .sample_time = START + MINUTE * i,
                                                     .changed = NAN,
                                                     .nis = NAN,
                                                     .surprise = NAN,
                                                     .fresh = true};
}

static void find(struct scene *scene, double rate, struct suggest_tail *tail)
{
    struct err e;
    finish_scene(scene);
    if (!suggest_tail_find(&scene->signal, rate, 0, tail, &e))
        fail_msg("%s", e.text);
}

/* Pulses of an hour, their heights at the quantiles of an exponential law, mixed. */
static void add_pulses(struct scene *scene, double scale, int minutes)
{
    for (int i = 0; i < PULSES; i++) {
        double p = ((i * 23) % PULSES + 0.5) / PULSES;
        raise(scene, i * EVERY + 300, minutes, 1 - scale * log(1 - p));
    }
}

static void test_a_limit_is_exceeded_as_often_as_was_wanted(void **state)
{
    (void)state;
    struct scene scene;
    struct suggest_tail tail;
    set_scene(&scene);
    add_pulses(&scene, 2, 60);
    find(&scene, 1, &tail);
    assert_near(tail.noise, 0.1, 0.1);
    /* 14 pulses a week: one in fourteen is above 1 + 2 log 14 */
    assert_close(tail.level, 1 + 2 * log(14), 0.7);
    assert_true(tail.hysteresis >= 4 * tail.noise);
    find(&scene, 3.5, &tail);
    assert_close(tail.level, 1 + 2 * log(4), 0.5);
    /* seldomer than was ever seen: beyond the highest */
    find(&scene, 0.05, &tail);
    assert_close(tail.level, 1 + 2 * log(280), 3.5);
    assert_true(tail.level > tail.seen);
    close_scene(&scene);
}

static void test_short_spikes_want_a_delay_and_long_ones_bound_it(void **state)
{
    (void)state;
    struct scene scene;
    struct suggest_tail tail;
    set_scene(&scene);
    add_pulses(&scene, 2, 60);
    find(&scene, 1, &tail);
    assert_close(tail.delay, 0, 0); /* nothing to be gained */
    for (int i = 0; i < 150; i++)   /* of two minutes */
        raise(&scene, i * 250 + 50, 2, 4);
    find(&scene, 1, &tail);
    assert_true(tail.delay >= 120);
    assert_true(tail.delay <= 900); /* a quarter of an hour that lasts */
    close_scene(&scene);
}

static void test_what_comes_back_at_once_wants_to_be_kept(void **state)
{
    (void)state;
    struct scene scene;
    struct suggest_tail tail;
    set_scene(&scene);
    for (int i = 0; i < PULSES; i++)
        for (int part = 0; part < 4; part++) /* four parts, 3 minutes between them */
            raise(&scene, i * EVERY + 300 + part * 33, 30, 2 + 0.05 * i);
    find(&scene, 2, &tail);
    assert_true(tail.keep >= 300);
    struct suggest_rule rule;
    make_threshold(NULL, tail.level, tail.level - tail.hysteresis, &rule);
    rule.policy.keep = tail.keep;
    double kept = (double)suggest_tail_count(&scene.trace, &rule, START, START + 4 * WEEK);
    assert_close(kept, 8, 5); /* each group once */
    rule.policy.keep = 0;
    assert_true(suggest_tail_count(&scene.trace, &rule, START, START + 4 * WEEK) >
                2 * (size_t)kept);
    close_scene(&scene);
}

static void test_what_stands_still_or_is_too_short_is_refused(void **state)
{
    (void)state;
    struct err e;
    struct scene scene;
    struct suggest_tail tail;
    set_scene(&scene);
    scene.signal.to = 50;
    finish_scene(&scene);
    assert_false(suggest_tail_find(&scene.signal, 1, 0, &tail, &e));
    assert_non_null(strstr(e.text, "at least 100"));
    for (int i = 0; i < MINUTES; i++)
        scene.values[i] = 21.5;
    scene.signal.to = MINUTES;
    finish_scene(&scene);
    assert_false(suggest_tail_find(&scene.signal, 1, 0, &tail, &e));
    assert_non_null(strstr(e.text, "stands still at 21.5"));
    close_scene(&scene);
}

static void test_delays_end_on_time_between_readings(void **state)
{
    (void)state;
    struct suggest_rule rule;
    struct alarm_log log = {.n_spans = 0};
    double values[] = {0, 5, 5, 0, 0};
    struct suggest_moment at[5];
    struct suggest_trace trace = {.at = at, .n = 5, .watched = START};
    for (int i = 0; i < 5; i++)
        at[i] = (struct suggest_moment){
            START + 600 * i, values[i], START + 600 * i, NAN, NAN, NAN, true};
    make_threshold(NULL, 4, 3, &rule);
    rule.policy.delay = 300;
    rule.policy.keep = 420;
    suggest_run(&trace, &rule, &log);
    assert_int_equal(log.n_spans, 1);
    assert_close(log.spans[0].from, START + 900, 0);
    assert_close(log.spans[0].to, START + 2220, 0);
    alarm_log_free(&log);
}

/* ---- the verb ---- */

/* Twelve days, a reading each five minutes: a daily wave, and from the second day on a
 * bump of half an hour now and then. */
static const char *readings(struct cli_stage *s)
{
    const char *path = cli_path(s, "r.csv");
    struct random random = {3};
    FILE *file = fopen(path, "w");
    fputs("time,twin,signal,value\n", file);
    for (int i = 0; i < 12 * 288; i++) {
        double bump = i > 400 && i % 97 < 6 ? 2 + (i / 97 * 7) % 13 * 0.4 : 0;
        fprintf(file, "%.0f,g,x,%.2f\n", START + 300.0 * i,
                20 + sin(i * 6.2831853 / 288) + bump + 0.05 * random_normal(&random));
    }
    fclose(file);
    return path;
}

#define TWIN                                                                               \
    "{'step': '5m', 'twins': [{'id': 'g', 'kind': 'generic', 'signals': {'x': {'unit': "   \
    "'Cel', 'sd': 0.05}}"

static double number_after(const char *text, const char *key)
{
    const char *at = strstr(text, key);
    return at ? strtod(at + strlen(key), NULL) : (double)NAN;
}

static void test_a_proposed_rule_rings_in_a_replay_as_it_was_said(void **state)
{
    struct cli_stage *s = *state;
    static char rule[1024], config[2048];
    const char *bare = cli_file(s, "bare.json", TWIN "}]}");
    const char *history = cli_path(s, "h.db");
    CLI_RUN(s, &cli_replay, "-c", bare, "--input", readings(s), "--history", history);
    if (CLI_RUN(s, &cli_suggest, "-c", bare, "--twin", "g", "--history", history, "--type",
                "threshold", "--on", "measured.x", "--alarms-per-week", "7",
                "--json") != CLI_OK)
        fail_msg("%s", s->err);
    double weeks = (12 - 1.0 / 288) / 7, settle = 0.05 * weeks;
    double said = number_after(s->out, "\"learned_per_week\":") * (weeks * 2 / 3 - settle) +
                  number_after(s->out, "\"tried_per_week\":") * weeks / 3;
    assert_true(said >= 4 && said < 30);
    const char *from = strstr(s->out, "{ \"id\": \"measured_x_high\"");
    assert_non_null(from);
    snprintf(rule, sizeof rule, "%.*s", (int)(strstr(from, " }") + 2 - from), from);
    snprintf(config, sizeof config, TWIN ", 'rules': [%s]}]}", rule);
    const char *with = cli_file(s, "with.json", config);
    if (CLI_RUN(s, &cli_replay, "-c", with, "--history-input", history) != CLI_OK)
        fail_msg("%s", s->err);
    assert_close(number_after(s->out, "g.measured_x_high"), said, 0.01);
}

static void test_what_is_proposed_is_ready_to_be_pasted(void **state)
{
    struct cli_stage *s = *state;
    static char rules[8192], config[16384];
    const char *bare = cli_file(s, "bare.json", TWIN "}]}");
    const char *history = cli_path(s, "h.db");
    CLI_RUN(s, &cli_replay, "-c", bare, "--input", readings(s), "--history", history);
    if (CLI_RUN(s, &cli_suggest, "-c", bare, "--twin", "g", "--history", history) != CLI_OK)
        fail_msg("%s", s->err);
    const char *from = strstr(s->out, "\"rules\": [");
    assert_non_null(from);
    snprintf(rules, sizeof rules, "%.*s", (int)(strstr(from, "\n]") + 2 - from), from);
    static const char *const ids[] = {"x_high", "x_low", "x_rising", "x_silent"};
    for (size_t i = 0; i < sizeof ids / sizeof *ids; i++)
        assert_non_null(strstr(rules, ids[i]));
    assert_non_null(strstr(rules, "\"id\": \"x_silent\", \"type\": \"stale\", \"on\": "
                                  "\"x\", \"after\": \"15m\""));
    snprintf(config, sizeof config, TWIN ", %s}]}", rules);
    if (CLI_RUN(s, &cli_replay, "-c", cli_file(s, "with.json", config), "--history-input",
                history) != CLI_OK)
        fail_msg("%s", s->err);
}

static void test_a_number_may_be_shared_out_among_all_rules(void **state)
{
    struct cli_stage *s = *state;
    const char *bare = cli_file(s, "bare.json", TWIN "}]}");
    const char *history = cli_path(s, "h.db");
    CLI_RUN(s, &cli_replay, "-c", bare, "--input", readings(s), "--history", history);
    assert_int_equal(CLI_RUN(s, &cli_suggest, "-c", bare, "--twin", "g", "--history",
                             history, "--alarms-per-week", "7", "--together"),
                     CLI_OK);
    assert_non_null(strstr(s->out, "wanted of each rule: 1 alarms a week")); /* of seven */
}

static void test_wrong_questions_are_refused(void **state)
{
    struct cli_stage *s = *state;
    const char *bare = cli_file(s, "bare.json", TWIN "}]}");
    const char *history = cli_path(s, "h.db");
    CLI_RUN(s, &cli_replay, "-c", bare, "--input", readings(s), "--history", history);
    assert_int_equal(
        CLI_RUN(s, &cli_suggest, "-c", bare, "--twin", "h", "--history", history),
        CLI_INPUT);
    assert_non_null(strstr(s->err, "no twin 'h'"));
    assert_int_equal(CLI_RUN(s, &cli_suggest, "-c", bare, "--twin", "g", "--history",
                             history, "--on", "y"),
                     CLI_INPUT);
    assert_non_null(strstr(s->err, "no signal 'y'"));
    assert_int_equal(
        CLI_RUN(s, &cli_suggest, "-c", bare, "--twin", "g", "--history", "/none.db"),
        CLI_RESOURCE);
    assert_int_equal(
        CLI_RUN(s, &cli_suggest, "-c", bare, "--twin", "g", "--alarms-per-week", "0"),
        CLI_USAGE);
    assert_int_equal(CLI_RUN(s, &cli_suggest, "-c", bare, "--twin", "g", "--history",
                             history, "--from", "2027-01-01"),
                     CLI_RESOURCE);
    assert_non_null(strstr(s->err, "holds no readings of g"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_limit_is_exceeded_as_often_as_was_wanted),
        cmocka_unit_test(test_short_spikes_want_a_delay_and_long_ones_bound_it),
        cmocka_unit_test(test_what_comes_back_at_once_wants_to_be_kept),
        cmocka_unit_test(test_what_stands_still_or_is_too_short_is_refused),
        cmocka_unit_test(test_delays_end_on_time_between_readings),
        CLI_TEST(test_a_proposed_rule_rings_in_a_replay_as_it_was_said),
        CLI_TEST(test_what_is_proposed_is_ready_to_be_pasted),
        CLI_TEST(test_a_number_may_be_shared_out_among_all_rules),
        CLI_TEST(test_wrong_questions_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
