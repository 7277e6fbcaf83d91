/* twinctl play --output: a virtual plant's messages as a file, and what faults of sensors,
 * devices, actuators and parameters do to them. */
#include "cli_stage.h"

#include <math.h>

enum { HOURS = 24, FIELDS = 4 };

#define SCRIPT(site)                                                                       \
    "{'start': '2026-01-01T00:00:00Z', 'duration': '24h', 'seed': 3, 'sites': [" site "]}"
#define OFFICE(rest)                                                                       \
    SCRIPT("{'id': 'o', 'kind': 'building', 'unrest': 0, 'weather': {'mean': 2},"          \
           " 'noise': {'indoor_temperature': 0}, 'devices': [{'topic': 'o/t', 'every': "   \
           "'1h', 'payload': '{epoch};{indoor_temperature:4};{heating_power:1};"           \
           "{lighting:1}'}]" rest "}")

/* What the device said each hour: its clock, temperature, heating, lighting; NAN: nothing.
 */
struct day {
    size_t said;
    double field[HOURS][FIELDS];
};

static const double midnight = 1767225600; /* of 2026-01-01 */

static struct day play(struct cli_stage *s, const char *script)
{
    struct day day = {.said = 0};
    static char text[CLI_TEXT];
    const char *out = cli_path(s, "out.csv");
    int status = CLI_RUN(s, &cli_play, cli_file(s, "plant.json", script), "--output", out);
    if (status != CLI_OK)
        fail_msg("%s", s->err);
    for (int h = 0; h < HOURS; h++)
        for (int i = 0; i < FIELDS; i++)
            day.field[h][i] = NAN;
    cli_read(out, text, sizeof text);
    for (char *at = strchr(text, '\n') + 1; *at; at = strchr(at, '\n') + 1, day.said++) {
        int hour;
        assert_int_equal(sscanf(at, "2026-01-01T%2d:00:00.000Z,\"o/t\",", &hour), 1);
        double *f = day.field[hour];
        assert_int_equal(
            sscanf(strstr(at, ",\"") + 8, "%lf;%lf;%lf;%lf", &f[0], &f[1], &f[2], &f[3]),
            FIELDS);
    }
    return day;
}

#define FAULT(text) OFFICE(", 'faults': [{'at': '6h', 'for': '4h', " text "}]")

static void test_messages_go_to_a_file_as_replay_reads_them(void **state)
{
    struct cli_stage *s = *state;
    char text[CLI_TEXT];
    const char *out = cli_path(s, "m.csv");
    const char *script = cli_file(
        s, "p.json",
        "{'start': '2026-01-01T00:00:00Z', 'duration': '10m', 'sites': [{'id': 'o', "
        "'kind': 'building', 'noise': {'indoor_temperature': 0}, 'devices': [{'topic': "
        "'a,b', 'every': '5m', 'payload': '{\\'e\\':{epoch_ms}}'}]}]}");
    assert_int_equal(CLI_RUN(s, &cli_play, script, "--output", out), CLI_OK);
    cli_read(out, text, sizeof text);
    assert_string_equal(text,
                        "time,topic,payload\n"
                        "2026-01-01T00:00:00.000Z,\"a,b\",\"{\"\"e\"\":1767225600000}\"\n"
                        "2026-01-01T00:05:00.000Z,\"a,b\",\"{\"\"e\"\":1767225900000}\"\n");
    const char *again = cli_path(s, "again.csv"); /* a file of messages, too */
    assert_int_equal(CLI_RUN(s, &cli_play, out, "--output", again), CLI_OK);
    char same[CLI_TEXT];
    cli_read(again, same, sizeof same);
    assert_string_equal(same, text);
}

static void test_what_cannot_be_written_is_refused(void **state)
{
    struct cli_stage *s = *state;
    const char *endless = cli_file(
        s, "e.json",
        "{'start': '2026-01-01T00:00:00Z', 'sites': [{'kind': 'building', 'devices': "
        "[{'topic': 'a', 'payload': 'x'}]}]}");
    assert_int_equal(CLI_RUN(s, &cli_play, endless, "--output", "-"), CLI_INPUT);
    assert_non_null(strstr(s->err, "duration"));
    const char *script = cli_file(s, "o.json", OFFICE(""));
    assert_int_equal(CLI_RUN(s, &cli_play, script, "--output", "/nowhere/at/all.csv"),
                     CLI_RESOURCE);
    assert_non_null(strstr(s->err, "/nowhere/at/all.csv"));
    assert_int_equal(CLI_RUN(s, &cli_play, script, "--output", "-", "--speed", "2"),
                     CLI_USAGE);
}

static void test_a_fault_changes_nothing_but_what_it_befalls(void **state)
{
    struct cli_stage *s = *state;
    struct day sound = play(s, OFFICE(""));
    struct day noisy =
        play(s, FAULT("'type': 'noise', 'signal': 'indoor_temperature', 'value': 3"));
    assert_int_equal(sound.said, HOURS);
    for (int h = 0; h < HOURS; h++) {
        double off = fabs(noisy.field[h][1] - sound.field[h][1]);
        assert_true(h >= 6 && h < 10 ? off > 0.01 : off < 1e-9);
        assert_close(noisy.field[h][2], sound.field[h][2], 1e-9);
    }
}

static void test_a_mistaken_unit_may_show_what_no_sensor_can(void **state)
{
    struct cli_stage *s = *state;
    struct day sound = play(s, OFFICE(""));
    struct day day = play(s, FAULT("'type': 'unit', 'signal': 'indoor_temperature', "
                                   "'value': 10, 'offset': -273"));
    assert_close(day.field[7][1], 10 * sound.field[7][1] - 273, 1e-3);
    assert_close(day.field[11][1], sound.field[11][1], 1e-9);
}

static void test_a_device_may_have_a_wrong_clock(void **state)
{
    struct day day =
        play(*state, FAULT("'type': 'clock', 'signal': 'o/t', 'value': -5400"));
    for (int h = 0; h < HOURS; h++)
        assert_close(day.field[h][0], midnight + 3600 * h - (h >= 6 && h < 10 ? 5400 : 0),
                     1e-3);
}

static void test_a_frozen_device_says_again_what_it_said_last(void **state)
{
    struct day day = play(*state, FAULT("'type': 'frozen', 'signal': 'o/t'"));
    for (int h = 6; h < 10; h++)
        for (int i = 0; i < FIELDS; i++)
            assert_close(day.field[h][i], day.field[5][i], 0);
    assert_close(day.field[10][0], midnight + 36000, 1e-3);
}

static void test_a_part_of_the_messages_may_be_lost(void **state)
{
    struct day day = play(*state, OFFICE(", 'faults': [{'type': 'dropout', 'signal': "
                                         "'indoor_temperature', 'value': 0.5}]"));
    assert_true(day.said > 5 && day.said < 19);
}

static void test_an_actuator_that_does_not_obey_shows_what_it_was_told(void **state)
{
    struct cli_stage *s = *state;
    struct day sound = play(s, OFFICE(""));
    struct day day =
        play(s, FAULT("'type': 'actuator', 'signal': 'lighting', 'value': 100"));
    struct day open = play(s, FAULT("'type': 'input', 'signal': 'lighting', 'value': 100"));
    assert_close(day.field[9][3], 0, 0);
    assert_close(open.field[9][3], 100, 0);
    assert_true(day.field[9][2] < sound.field[9][2] - 100); /* for the lamps heat, too */
    assert_close(day.field[9][2], open.field[9][2], 1e-9);
}

static void test_an_actuator_may_do_a_share_and_something_more(void **state)
{
    struct cli_stage *s = *state;
    struct day full =
        play(s, FAULT("'type': 'actuator', 'signal': 'lighting', 'value': 70"));
    struct day share = play(s, OFFICE(", 'inputs': {'lighting': 40}, 'faults': ["
                                      "{'at': '6h', 'for': '4h', 'type': 'gain', 'signal': "
                                      "'lighting', 'value': 0.5, 'offset': 50}]"));
    assert_close(share.field[9][3], 40, 0);
    assert_true(fabs(share.field[9][2] - full.field[9][2]) < 500);
}

static void test_a_wear_goes_on_as_long_as_it_lasts(void **state)
{
    struct cli_stage *s = *state;
    struct day sound = play(s, OFFICE(""));
    struct day worn = play(s, OFFICE(", 'faults': [{'at': '1h', 'for': '20h', 'type': "
                                     "'wear', 'signal': 'envelope_u', 'value': 2}]"));
    double before = 0;
    for (int h = 6; h <= 18; h += 6) {
        double more = worn.field[h][2] - sound.field[h][2];
        assert_true(more > before);
        before = more;
    }
    assert_true(fabs(worn.field[23][2] - sound.field[23][2]) < before);
}

static void test_a_fault_may_keep_hours(void **state)
{
    struct cli_stage *s = *state;
    struct day sound = play(s, OFFICE(""));
    struct day day =
        play(s, OFFICE(", 'faults': [{'type': 'bias', 'signal': 'indoor_temperature', "
                       "'value': 1, 'from': 22, 'to': 5}]"));
    for (int h = 0; h < HOURS; h++)
        assert_close(day.field[h][1], sound.field[h][1] + (h >= 22 || h < 5 ? 1 : 0), 1e-9);
}

static void test_an_input_follows_its_schedule(void **state)
{
    struct day day = play(*state, OFFICE(", 'schedule': {'lighting': [[7, 80], [18, 10]], "
                                         "'occupants': [[8, 4]]}"));
    for (int h = 0; h < HOURS; h++)
        assert_close(day.field[h][3], h >= 7 && h < 18 ? 80 : 10, 0);
}

static void refuse(struct cli_stage *s, const char *script, const char *word)
{
    assert_int_equal(
        CLI_RUN(s, &cli_play, cli_file(s, "bad.json", script), "--output", "-"), CLI_INPUT);
    if (!strstr(s->err, word))
        fail_msg("'%s' is not in: %s", word, s->err);
}

static void test_what_is_wrong_with_a_fault_or_a_schedule_is_said(void **state)
{
    refuse(*state, FAULT("'type': 'clock', 'signal': 'x/t'"), "'x/t'");
    refuse(*state, OFFICE(", 'faults': [{'type': 'wear', 'signal': 'envelope_u'}]"), "for");
    refuse(*state, FAULT("'type': 'stuck', 'signal': 'lighting', 'from': 25"), "0 to 24");
    refuse(*state, FAULT("'type': 'melt', 'signal': 'lighting'"), "actuator");
    refuse(*state, OFFICE(", 'schedule': {'lighting': [[8, 20], [7, 0]]}"), "rising");
    refuse(*state, OFFICE(", 'schedule': {'lighting': [[8, 120]]}"), "0 to 100 %");
    refuse(*state, OFFICE(", 'schedule': {'lighting': []}"), "[hour, value]");
    refuse(*state, OFFICE(", 'schedule': {'mood': [[8, 1]]}"), "'mood'");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CLI_TEST(test_messages_go_to_a_file_as_replay_reads_them),
        CLI_TEST(test_what_cannot_be_written_is_refused),
        CLI_TEST(test_a_fault_changes_nothing_but_what_it_befalls),
        CLI_TEST(test_a_mistaken_unit_may_show_what_no_sensor_can),
        CLI_TEST(test_a_device_may_have_a_wrong_clock),
        CLI_TEST(test_a_frozen_device_says_again_what_it_said_last),
        CLI_TEST(test_a_part_of_the_messages_may_be_lost),
        CLI_TEST(test_an_actuator_that_does_not_obey_shows_what_it_was_told),
        CLI_TEST(test_an_actuator_may_do_a_share_and_something_more),
        CLI_TEST(test_a_wear_goes_on_as_long_as_it_lasts),
        CLI_TEST(test_a_fault_may_keep_hours),
        CLI_TEST(test_an_input_follows_its_schedule),
        CLI_TEST(test_what_is_wrong_with_a_fault_or_a_schedule_is_said),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
