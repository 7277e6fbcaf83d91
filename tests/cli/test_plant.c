/* Sites from their script: devices speak, faults befall, recordings pass, errors say where.
 */
#include "cli_stage.h"

#include "twind/json.h"
#include "twind/json_tree.h"

#include "../../daemon/cli/plant.h"

static const double START = 1773792000; /* 2026-03-18T00:00:00Z */

struct site {
    struct json_document document;
    struct plant plant;
    struct text said; /* "TOPIC PAYLOAD\n" */
};

static bool read_site(struct site *site, const char *text, uint64_t seed, struct err *e)
{
    char json[4096];
    assert_true(strlen(text) < sizeof json);
    strcpy(json, text);
    for (char *at = json; *at; at++)
        *at = *at == '\'' ? '"' : *at;
    *site = (struct site){.said = {0}};
    text_put(&site->said, "%s", "");
    if (!json_read_text(json, &site->document, e))
        fail_msg("%s", e->text);
    return plant_read(&site->plant, site->document.root,
                      &(struct plant_options){.start = START, .seed = seed}, e);
}

static void open_site(struct site *site, const char *text)
{
    struct err e;
    if (!read_site(site, text, 1, &e))
        fail_msg("%s", e.text);
}

static void close_site(struct site *site)
{
    plant_clear(&site->plant);
    json_document_free(&site->document);
    text_free(&site->said);
}

static void hear(void *context, const char *topic, const struct text *payload)
{
    struct site *site = context;
    text_put(&site->said, "%s %s\n", topic, payload->at);
}

static void run(struct site *site, double hours)
{
    struct err e;
    while (plant_next(&site->plant) <= START + 3600 * hours)
        if (!plant_run(&site->plant, plant_next(&site->plant), site, hear, &e))
            fail_msg("%s", e.text);
}

#define OFFICE(devices, rest)                                                              \
    "{'id': 'o', 'kind': 'building', 'unrest': 0, 'noise': {'indoor_temperature': 0},"     \
    " 'devices': [" devices "]" rest "}"
#define THERMOMETER "{'topic': 'o/t', 'every': '1h', 'payload': '{indoor_temperature:3}'}"

static void test_a_device_speaks_when_it_is_due(void **state)
{
    (void)state;
    struct site s;
    open_site(
        &s, OFFICE("{'topic': 'a', 'every': '2h', 'payload': '{epoch}|{time}|{epoch_ms}'},"
                   "{'topic': 'b', 'every': '3h', 'payload': 'x'}",
                   ""));
    run(&s, 4);
    assert_string_equal(s.said.at,
                        "a 1773792000.000|2026-03-18T00:00:00.000Z|1773792000000\n"
                        "b x\n"
                        "a 1773799200.000|2026-03-18T02:00:00.000Z|1773799200000\n"
                        "b x\n"
                        "a 1773806400.000|2026-03-18T04:00:00.000Z|1773806400000\n");
    close_site(&s);
}

static void test_a_template_keeps_the_braces_of_its_json(void **state)
{
    (void)state;
    struct site s;
    open_site(&s, OFFICE("{'topic': 'a', 'payload': "
                         "'{\\\"p\\\":{\\\"x\\\":{heating_setpoint*0.1:2}},\\\"e\\\":{}}'}",
                         ", 'inputs': {'heating_setpoint': 19}"));
    run(&s, 0);
    assert_string_equal(s.said.at, "a {\"p\":{\"x\":1.90},\"e\":{}}\n");
    close_site(&s);
}

static void test_a_seed_gives_the_same_life_again(void **state)
{
    (void)state;
    static const char text[] =
        "{'kind': 'greenhouse', 'devices': [{'topic': 't', 'every': '10m',"
        " 'payload': '{air_temperature:6} {relative_humidity:6}'}]}";
    struct site a, b, c;
    struct err e;
    assert_true(read_site(&a, text, 7, &e) && read_site(&b, text, 7, &e) &&
                read_site(&c, text, 8, &e));
    run(&a, 12), run(&b, 12), run(&c, 12);
    assert_string_equal(a.said.at, b.said.at);
    assert_string_not_equal(a.said.at, c.said.at);
    close_site(&a), close_site(&b), close_site(&c);
}

static void test_a_heated_building_keeps_near_its_setpoint(void **state)
{
    (void)state;
    struct site s;
    open_site(&s, OFFICE(THERMOMETER, ", 'inputs': {'heating_setpoint': 21},"
                                      "'weather': {'mean': 5, 'season': 3}"));
    run(&s, 48);
    assert_close(plant_value(&s.plant, "indoor_temperature"), 21, 1.5);
    close_site(&s);
}

/* The hourly readings of a day, with a fault. */
static void readings(const char *fault, double *t, struct site *s)
{
    char text[1024];
    snprintf(text, sizeof text, OFFICE(THERMOMETER, ", 'faults': [%s]"), fault);
    open_site(s, text);
    run(s, 24);
    const char *at = s->said.at;
    for (int i = 0; i <= 24 && at; i++, at = strchr(at, '\n') ? strchr(at, '\n') + 1 : NULL)
        t[i] = strncmp(at, "o/t ", 4) == 0 ? strtod(at + 4, NULL) : (double)NAN;
}

static void test_faults_of_a_sensor_last_as_long_as_the_script_says(void **state)
{
    (void)state;
    double sound[25], t[25];
    struct site s;
    readings("", sound, &s);
    close_site(&s);
    readings("{'at': '6h', 'for': '4h', 'type': 'bias', 'signal': 'indoor_temperature', "
             "'value': 9}",
             t, &s);
    for (int i = 0; i <= 24; i++)
        assert_close(t[i], sound[i] + (i >= 6 && i < 10 ? 9 : 0), 1e-9);
    close_site(&s);
    readings("{'at': '6h', 'for': '4h', 'type': 'stuck', 'signal': 'indoor_temperature'}",
             t, &s);
    for (int i = 0; i <= 24; i++)
        assert_close(t[i], sound[i >= 6 && i < 10 ? 6 : i], 1e-9);
    close_site(&s);
    readings("{'at': '6h', 'for': '4h', 'type': 'drift', 'signal': 'indoor_temperature', "
             "'value': 0.5}",
             t, &s);
    assert_close(t[9], sound[9] + 1.5, 1e-9);
    close_site(&s);
    readings("{'at': '6h', 'for': '4h', 'type': 'scale', 'signal': 'indoor_temperature', "
             "'value': 2}",
             t, &s);
    assert_close(t[7], 2 * sound[7], 2e-3);
    close_site(&s);
}

static void test_a_silent_sensor_says_nothing(void **state)
{
    (void)state;
    double t[25];
    struct site s;
    readings("{'at': '6h', 'for': '4h', 'type': 'dropout', 'signal': 'indoor_temperature'}",
             t, &s);
    assert_true(t[20] > 0);
    assert_true(isnan(t[21])); /* 25 hours less 4 */
    close_site(&s);
}

static void test_a_sensor_shows_nothing_that_cannot_be(void **state)
{
    (void)state;
    struct site s;
    open_site(&s,
              "{'kind': 'air_quality', 'noise': {'pm2_5': 500}, 'devices': [{'topic': 't',"
              " 'every': '1m', 'payload': '{pm2_5:1}'}]}");
    run(&s, 5);
    assert_null(strstr(s.said.at, "-"));
    assert_non_null(strstr(s.said.at, "t 0.0\n"));
    close_site(&s);
}

static void test_a_fault_of_the_plant_is_given_back_at_its_end(void **state)
{
    (void)state;
    struct site s;
    open_site(&s, OFFICE(THERMOMETER, ", 'weather': {'mean': -5}, 'faults': ["
                                      "{'at': '1h', 'for': '9h', 'type': 'parameter', "
                                      "'signal': 'heating_capacity', 'value': 0},"
                                      "{'at': '1h', 'for': '2h', 'type': 'input', "
                                      "'signal': 'lighting', 'value': 50}]"));
    const struct kind *kind = s.plant.model.kind;
    size_t capacity = model_find(kind->params, kind->n_params, "heating_capacity");
    double before = s.plant.model.p[capacity];
    run(&s, 9);
    assert_close(s.plant.model.p[capacity], 0, 0);
    double cold = plant_value(&s.plant, "indoor_temperature");
    assert_true(cold < 17);
    assert_close(plant_value(&s.plant, "lighting"), 0, 0);
    run(&s, 24);
    assert_close(s.plant.model.p[capacity], before, 0);
    assert_true(plant_value(&s.plant, "indoor_temperature") > cold + 2);
    close_site(&s);
}

static void test_faults_are_told_when_they_begin_and_end(void **state)
{
    struct site s;
    struct cli_stage *stage = *state;
    open_site(&s, OFFICE(THERMOMETER,
                         ", 'faults': [{'at': '2h', 'for': '3h', 'type': 'stuck',"
                         " 'signal': 'indoor_temperature', 'note': 'it sticks'}]"));
    FILE *file = fopen(cli_path(stage, "told"), "w");
    for (int h = 0; h <= 8; h++) {
        run(&s, h);
        plant_fault_tell(&s.plant, file);
    }
    fclose(file);
    close_site(&s);
    cli_read(cli_path(stage, "told"), stage->out, sizeof stage->out);
    assert_string_equal(
        stage->out,
        "> 2026-03-18 02:00  begins fault of o: it sticks (stuck of indoor_temperature)\n"
        "> 2026-03-18 05:00  ends   fault of o: it sticks (stuck of indoor_temperature)\n");
}

static void test_a_climate_computer_holds_the_house(void **state)
{
    (void)state;
    struct site s;
    open_site(
        &s, "{'kind': 'greenhouse', 'unrest': 0, 'params': {'floor_area': 100},"
            " 'weather': {'mean': 6, 'season': 0},"
            " 'inputs': {'heating_setpoint': 18}, 'controls': {'heating_power': "
            "{'of': 'air_temperature', 'setpoint': 'heating_setpoint', 'gain': 15000, "
            "'most': 20000},"
            "'vent_lee': {'of': 'air_temperature', 'setpoint': 'ventilation_setpoint', "
            "'gain': -16, 'most': 100}},"
            " 'devices': [{'topic': 'plc', 'payload': '{heating_power:0} {vent_lee:0}'}]}");
    run(&s, 30); /* 6 in the morning */
    double heat = plant_value(&s.plant, "heating_power");
    assert_close(plant_value(&s.plant, "air_temperature"), 17.5, 1.5);
    assert_true(heat > 1000 && heat <= 20000);
    assert_close(plant_value(&s.plant, "vent_lee"), 0, 0);
    close_site(&s);
}

static void test_a_recording_passes_row_by_row(void **state)
{
    struct site s;
    struct cli_stage *stage = *state;
    char text[512];
    cli_file(stage, "r.csv",
             "time,t,rh\n2020-01-01T00:00:00Z,1.5,\n2020-01-01T01:00:00Z,,70\n"
             "2020-01-01T02:00:00Z,,\n2020-01-01T03:00:00Z,4,80\n");
    snprintf(text, sizeof text,
             "{'csv': '%s/r.csv', 'devices': [{'topic': 'm', 'payload': '{epoch} {t:1} "
             "{rh:0}'}]}",
             stage->folder);
    open_site(&s, text);
    assert_close(s.plant.first, 1577836800, 0);
    run(&s, 0);
    assert_string_equal(s.said.at, "m 1577836800.000 1.5 null\nm 1577840400.000 null 70\n"
                                   "m 1577847600.000 4.0 80\n");
    assert_true(isinf(plant_next(&s.plant)));
    close_site(&s);
}

/* Reading fails, with this word, at this line and column. */
static void expect_error(const char *text, const char *word, int line, int column)
{
    struct site s;
    struct err e;
    int at_line, at_column;
    assert_false(read_site(&s, text, 1, &e));
    if (!strstr(e.text, word))
        fail_msg("'%s' is not in: %s", word, e.text);
    json_position(&s.document, s.plant.reading, &at_line, &at_column);
    if (at_line != line || (column && at_column != column))
        fail_msg("%s: at %d:%d", e.text, at_line, at_column);
    close_site(&s);
}

static void test_what_is_wrong_is_said_with_its_place(void **state)
{
    (void)state;
    expect_error("{'kind':\n 'palace', 'devices': []}", "'palace'", 2, 2);
    expect_error("{'devices': []}", "a kind to live or a csv", 1, 1);
    expect_error("{'kind': 'building',\n'devces': []}", "devces", 2, 0);
    expect_error("{'kind': 'building',\n'devices': []}", "who publishes", 1, 1);
    expect_error(
        "{'kind': 'building', 'devices': [\n{'topic': 'a', 'payload': '{tempreature}'}]}",
        "tempreature", 2, 0);
    expect_error("{'kind': 'building', 'devices': [\n{'topic': 'a'}]}", "payload", 2, 1);
    expect_error("{'kind': 'building', 'devices': [{'topic': 'a', 'payload': '',\n'every': "
                 "'often'}]}",
                 "'often'", 2, 0);
    expect_error(
        "{'kind': 'building', 'devices': [{'topic': 'a', 'payload': '',\n'every': 0}]}",
        "more than 0", 1, 0);
    expect_error("{'kind': 'building', 'params':\n{'floor_area': -3}}", "floor_area", 2, 0);
    expect_error("{'kind': 'building', 'inputs':\n{'colour': 1}}", "colour", 2, 0);
    expect_error("{'kind': 'building', 'weather': {\n'latitude': 'north'}}", "latitude", 2,
                 0);
    expect_error("{'kind': 'building', 'devices': [" THERMOMETER
                 "], 'faults': [\n{'type': 'melt', 'signal': 'lighting'}]}",
                 "'melt'", 2, 1);
    expect_error("{'kind': 'building', 'devices': [" THERMOMETER
                 "], 'faults': [\n{'type': 'parameter', 'signal': 'lighting'}]}",
                 "'lighting'", 2, 1);
    expect_error("{'kind': 'building', 'devices': [" THERMOMETER
                 "], 'noise': {\n'sound': 1}}",
                 "'sound'", 2, 0);
    expect_error("{'kind': 'building', 'devices': [" THERMOMETER
                 "], 'controls': {\n'lighting': {'of': 'mood'}}}",
                 "'mood'", 2, 0);
    expect_error("{'csv': '/nowhere/at/all.csv', 'devices': []}", "/nowhere/at/all.csv", 1,
                 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_device_speaks_when_it_is_due),
        cmocka_unit_test(test_a_template_keeps_the_braces_of_its_json),
        cmocka_unit_test(test_a_seed_gives_the_same_life_again),
        cmocka_unit_test(test_a_heated_building_keeps_near_its_setpoint),
        cmocka_unit_test(test_faults_of_a_sensor_last_as_long_as_the_script_says),
        cmocka_unit_test(test_a_silent_sensor_says_nothing),
        cmocka_unit_test(test_a_sensor_shows_nothing_that_cannot_be),
        cmocka_unit_test(test_a_fault_of_the_plant_is_given_back_at_its_end),
        CLI_TEST(test_faults_are_told_when_they_begin_and_end),
        cmocka_unit_test(test_a_climate_computer_holds_the_house),
        CLI_TEST(test_a_recording_passes_row_by_row),
        cmocka_unit_test(test_what_is_wrong_is_said_with_its_place),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
