/* twinctl simulate against what its model must do. */
#include "cli_stage.h"

#include "twind/kind.h"

/* The number in a column of the n-th line (the header is 0). */
static double cell(const char *csv, int line, const char *column)
{
    char text[CLI_TEXT], *lines[256], *save = NULL, *at;
    int n = 0, wanted = -1, i = 0;
    strcpy(text, csv);
    for (at = strtok_r(text, "\n", &save); at && n < 256; at = strtok_r(NULL, "\n", &save))
        lines[n++] = at;
    assert_in_range(line, 0, n - 1);
    for (at = strtok_r(lines[0], ",", &save); at; at = strtok_r(NULL, ",", &save), i++)
        if (strcmp(at, column) == 0)
            wanted = i;
    if (wanted < 0)
        fail_msg("no column %s", column);
    for (at = lines[line], i = 0; i < wanted; i++)
        at = strchr(at, ',') + 1;
    return strtod(at, NULL);
}

#define INPUTS                                                                             \
    "time,outdoor_temperature,heating_setpoint\n0,0,0\n3600,0,0\n7200,,20\n86400,0,20\n"

static void test_an_unheated_building_cools_and_a_heated_one_warms(void **state)
{
    struct cli_stage *s = *state;
    const char *inputs = cli_file(s, "in.csv", INPUTS);
    assert_int_equal(CLI_RUN(s, &cli_simulate, "--kind", "building", "--inputs", inputs,
                             "--state", "indoor_temperature=20", "--state",
                             "mass_temperature=20"),
                     CLI_OK);
    assert_close(cell(s->out, 1, "time"), 0, 0);
    assert_close(cell(s->out, 1, "indoor_temperature"), 20, 1e-9);
    assert_true(cell(s->out, 2, "indoor_temperature") < 20);
    assert_true(cell(s->out, 3, "indoor_temperature") <
                cell(s->out, 2, "indoor_temperature"));
    assert_close(cell(s->out, 4, "indoor_temperature"), 20, 1);
    assert_true(cell(s->out, 4, "heating_power") > 100);
    assert_string_equal(s->err, "");
}

static void test_every_state_and_output_has_one_column(void **state)
{
    struct cli_stage *s = *state;
    const struct kind *kind = kinds_find("building");
    CLI_RUN(s, &cli_simulate, "--kind", "building", "--inputs",
            cli_file(s, "in.csv", "time\n0\n60\n"));
    for (size_t i = 0; i < kind->n_outputs; i++)
        cell(s->out, 1, kind->outputs[i].name);
    size_t columns = 1, expected = 1 + kind->n_outputs;
    for (const char *at = s->out; *at != '\n'; at++)
        columns += *at == ',';
    for (size_t i = 0; i < kind->n_states; i++) {
        bool shown = false;
        cell(s->out, 1, kind->states[i].name);
        for (size_t o = 0; o < kind->n_outputs; o++)
            shown |= strcmp(kind->outputs[o].name, kind->states[i].name) == 0;
        expected += !shown;
    }
    assert_int_equal(columns, expected);
}

static void simulate_by(struct cli_stage *s, const char *integrator, const char *step)
{
    const char *inputs = cli_file(s, "in.csv",
                                  "time,outdoor_temperature,solar_irradiance,heating_power,"
                                  "vent_lee\n"
                                  "2026-01-01T00:00:00Z,2,0,100000,0\n"
                                  "2026-01-01T02:00:00Z,5,300,20000,10\n"
                                  "2026-01-01T06:00:00Z,5,300,20000,10\n");
    if (CLI_RUN(s, &cli_simulate, "--kind", "greenhouse", "--inputs", inputs,
                "--integrator", integrator, "--step", step) != CLI_OK)
        fail_msg("%s", s->err);
}

static void test_integrators_agree(void **state)
{
    struct cli_stage *s = *state;
    static const char *const outputs[] = {"air_temperature", "relative_humidity", "co2"};
    double exact[3], rk4[3], euler[3], rosenbrock[3];
    simulate_by(s, "adaptive", "60s");
    for (int i = 0; i < 3; i++)
        exact[i] = cell(s->out, 3, outputs[i]);
    simulate_by(s, "rk4", "10s");
    for (int i = 0; i < 3; i++)
        rk4[i] = cell(s->out, 3, outputs[i]);
    simulate_by(s, "euler", "10s");
    for (int i = 0; i < 3; i++)
        euler[i] = cell(s->out, 3, outputs[i]);
    simulate_by(s, "rosenbrock", "5m");
    for (int i = 0; i < 3; i++)
        rosenbrock[i] = cell(s->out, 3, outputs[i]);
    for (int i = 0; i < 3; i++) {
        assert_near(rk4[i], exact[i], 1e-3);
        assert_near(euler[i], exact[i], 1e-2);
        assert_near(rosenbrock[i], exact[i], 1e-3);
    }
    assert_non_null(strstr(s->out, "\n2026-01-01T02:00:00Z,")); /* times as they came */
}

static void test_a_detail_brings_states_of_its_own(void **state)
{
    struct cli_stage *s = *state;
    const char *inputs = cli_file(s, "in.csv", INPUTS);
    CLI_RUN(s, &cli_simulate, "--kind", "building", "--inputs", inputs);
    assert_null(strstr(s->out, "wall_core"));
    int done = CLI_RUN(s, &cli_simulate, "--kind", "building", "--detail", "layers",
                       "--inputs", inputs);
    assert_int_equal(done, CLI_OK);
    assert_close(cell(s->out, 3, "wall_core"), 20, 4);
    assert_close(cell(s->out, 3, "indoor_temperature"), 20, 1);
    done = CLI_RUN(s, &cli_simulate, "--kind", "building", "--detail", "bricks", "--inputs",
                   inputs);
    assert_int_equal(done, CLI_INPUT);
    assert_non_null(strstr(s->err, "the kind building has no detail 'bricks'"));
}

static void test_a_step_that_is_too_long_is_warned_of(void **state)
{
    struct cli_stage *s = *state;
    simulate_by(s, "rk4", "5m");
    assert_non_null(strstr(s->err, "warning: step 300 s is longer than rk4 is stable on a "
                                   "greenhouse"));
    simulate_by(s, "euler", "5m");
    assert_non_null(strstr(s->err, "than euler"));
    simulate_by(s, "auto", "5m");
    assert_string_equal(s->err, "");
    simulate_by(s, "rk4", "10s");
    assert_string_equal(s->err, "");
}

static void test_parameters_change_the_model(void **state)
{
    struct cli_stage *s = *state;
    const char *inputs = cli_file(s, "in.csv", INPUTS);
    CLI_RUN(s, &cli_simulate, "--kind", "building", "--inputs", inputs);
    double light = cell(s->out, 3, "indoor_temperature");
    CLI_RUN(s, &cli_simulate, "--kind", "building", "--inputs", inputs, "--param",
            "thermal_mass=1000");
    assert_true(cell(s->out, 3, "indoor_temperature") > light + 0.05);
}

static void test_the_output_goes_where_it_should(void **state)
{
    struct cli_stage *s = *state;
    char text[CLI_TEXT];
    const char *inputs = cli_file(s, "in.csv", INPUTS), *out = cli_path(s, "out.csv");
    assert_int_equal(CLI_RUN(s, &cli_simulate, "--kind", "building", "--inputs", inputs,
                             "--output", out),
                     CLI_OK);
    assert_string_equal(s->out, "");
    cli_read(out, text, sizeof text);
    assert_true(cell(text, 4, "indoor_temperature") > 15);
    assert_int_equal(CLI_RUN(s, &cli_simulate, "--kind", "building", "--inputs", inputs,
                             "--output", "/nowhere/out.csv"),
                     CLI_RESOURCE);
}

static void expect_failure(struct cli_stage *s, const char *csv, const char *option,
                           const char *value, int status, const char *word)
{
    int got = CLI_RUN(s, &cli_simulate, "--kind", "building", "--inputs",
                      cli_file(s, "in.csv", csv), option, value);
    if (got != status || !strstr(s->err, word))
        fail_msg("%s %s: %d: %s", option, value, got, s->err);
}

static void test_what_is_wrong_is_said(void **state)
{
    struct cli_stage *s = *state;
    expect_failure(s, "time\n0\n", "--param", "colour=1", CLI_INPUT, "'colour'");
    expect_failure(s, "time\n0\n", "--param", "floor_area=-1", CLI_INPUT, "1 to 1e+06 m2");
    expect_failure(s, "time\n0\n", "--param", "floor_area", CLI_INPUT, "no number");
    expect_failure(s, "time\n0\n", "--state", "mood=1", CLI_INPUT, "'mood'");
    expect_failure(s, "time\n0\n", "--step", "0s", CLI_INPUT, "step '0s'");
    expect_failure(s, "time\n0\n", "--integrator", "magic", CLI_INPUT, "euler, rk4");
    expect_failure(s, "time\n0\n", "--kind", "generic", CLI_INPUT, "'generic'");
    expect_failure(s, "time\n0\n", "--nonsense", "1", CLI_USAGE, "usage: ");
    expect_failure(s, "", "--step", "1m", CLI_INPUT, "empty");
    expect_failure(s, "lighting\n0\n", "--step", "1m", CLI_INPUT, "'time'");
    expect_failure(s, "time,luck\n0,1\n", "--step", "1m", CLI_INPUT, "'luck'");
    expect_failure(s, "time,lighting\n0,x\n", "--step", "1m", CLI_INPUT, "in.csv:2:");
    expect_failure(s, "time,lighting\n0\n", "--step", "1m", CLI_INPUT, "1 cells");
    expect_failure(s, "time\n5\n5\n", "--step", "1m", CLI_INPUT, "in.csv:3:");
    expect_failure(s, "time\nsoon\n", "--step", "1m", CLI_INPUT, "'soon'");
    assert_int_equal(CLI_RUN(s, &cli_simulate, "--kind", "building"), CLI_USAGE);
    assert_int_equal(
        CLI_RUN(s, &cli_simulate, "--kind", "building", "--inputs", "/no/file"),
        CLI_RESOURCE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CLI_TEST(test_an_unheated_building_cools_and_a_heated_one_warms),
        CLI_TEST(test_every_state_and_output_has_one_column),
        CLI_TEST(test_integrators_agree),
        CLI_TEST(test_a_detail_brings_states_of_its_own),
        CLI_TEST(test_a_step_that_is_too_long_is_warned_of),
        CLI_TEST(test_parameters_change_the_model),
        CLI_TEST(test_the_output_goes_where_it_should),
        CLI_TEST(test_what_is_wrong_is_said),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
