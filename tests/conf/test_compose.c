/* What is published is read back as its users would: every key of the contract, and JSON
 * whatever an id or a message holds. */
#include "world_stage.h"

#include "twind/compose.h"
#include "twind/json.h"
#include "twind/json_tree.h"

enum { T = 1700000000 }; /* 2023-11-14T22:13:20Z */

#define HOUSE                                                                              \
    "{'twins': [{'id': 'gh-{x}', 'kind': 'greenhouse', 'bind': {"                          \
    "'air_temperature': {'topic': 'gh/{x}/t', 'timeout': '10m'},"                          \
    "'relative_humidity': 'gh/{x}/rh'},"                                                   \
    "'rules': [{'id': 'hot', 'type': 'threshold', 'on': 'measured.air_temperature',"       \
    " 'above': 30, 'clear_below': 28, 'severity': 'critical',"                             \
    " 'message': 'It is {value} in \\'{twin}\\''}]}]}"

struct composed {
    struct stage stage;
    struct text text;
    struct json *json;
    const struct cJSON *root;
};

static void parse(struct composed *c)
{
    c->root = json_parse(c->json, c->text.at, c->text.used);
    if (!c->root)
        fail_msg("no JSON: %s", c->text.at);
}

static void compose_of(struct composed *c, const char *id, double now)
{
    text_clear(&c->text);
    compose_state(&c->text, stage_twin(&c->stage, id), now,
                  engine_scratch(world_engine(c->stage.world)));
    parse(c);
}

static void compose_first_alert(struct composed *c, const char *id, double now)
{
    struct engine_alert alert;
    engine_describe(world_engine(c->stage.world), stage_twin(&c->stage, id), 0, now,
                    &alert);
    text_clear(&c->text);
    compose_alert(&c->text, &alert);
    parse(c);
}

static int begin(void **state)
{
    struct composed *c = calloc(1, sizeof *c);
    c->json = json_new();
    /* \' in the message becomes \" */
    stage_begin(&c->stage, HOUSE);
    *state = c;
    return 0;
}

static int end(void **state)
{
    struct composed *c = *state;
    stage_end(&c->stage);
    text_free(&c->text);
    json_free(c->json);
    free(c);
    return 0;
}

static const struct cJSON *at(const struct cJSON *object, const char *key)
{
    const struct cJSON *member = json_member(object, key);
    if (!member)
        fail_msg("there is no %s", key);
    return member;
}

static void expect_text(const struct cJSON *object, const char *key, const char *expected)
{
    assert_non_null(json_text(at(object, key)));
    assert_string_equal(json_text(at(object, key)), expected);
}

static void test_a_state_has_the_contracts_keys_in_order(void **state)
{
    struct composed *c = *state;
    static const char *const keys[] = {"time",   "twin", "kind",   "health",
                                       "values", "sd",   "sensors"};
    stage_say(&c->stage, T, "gh/1/t", "21.25");
    compose_of(c, "gh-1", T);
    const struct cJSON *member = json_first(c->root);
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++, member = json_next(member))
        assert_string_equal(json_key(member), keys[i]);
    assert_null(member);
    expect_text(c->root, "time", "2023-11-14T22:13:20.000Z");
    expect_text(c->root, "twin", "gh-1");
    expect_text(c->root, "kind", "greenhouse");
    expect_text(c->root, "health", "degraded"); /* the humidity has not come yet */
}

static void test_a_state_has_every_output_with_its_deviation(void **state)
{
    struct composed *c = *state;
    stage_say(&c->stage, T, "gh/1/t", "21.25");
    compose_of(c, "gh-1", T);
    struct twin *twin = stage_twin(&c->stage, "gh-1");
    const struct kind *kind = twin->plan->kind;
    const struct cJSON *values = at(c->root, "values"), *sds = at(c->root, "sd");
    assert_int_equal(json_count(values), kind->n_outputs);
    assert_int_equal(json_count(sds), kind->n_outputs);
    for (size_t i = 0; i < kind->n_outputs; i++) {
        double sd, value = twin_estimate(twin, i, &sd,
                                         engine_scratch(world_engine(c->stage.world)));
        const char *name = kind->outputs[i].name;
        assert_close(json_number(at(values, name), NAN), value, 1e-6 * fabs(value) + 1e-12);
        assert_close(json_number(at(sds, name), NAN), sd, 1e-3 * sd + 1e-12);
    }
}

static void test_a_sensor_says_what_it_said_and_what_was_expected(void **state)
{
    struct composed *c = *state;
    for (int i = 0; i < 5; i++)
        stage_say(&c->stage, T + 60 * i, "gh/1/t", "21.25");
    compose_of(c, "gh-1", T + 240);
    const struct cJSON *sensor = at(at(c->root, "sensors"), "air_temperature");
    assert_int_equal(json_count(sensor), 5);
    assert_close(json_number(at(sensor, "value"), NAN), 21.25, 0);
    expect_text(sensor, "time", "2023-11-14T22:17:20.000Z");
    assert_close(json_number(at(sensor, "predicted"), NAN), 21.25, 1);
    assert_true(json_number(at(sensor, "nis"), -1) >= 0);
    expect_text(sensor, "quality", "good");
    compose_of(c, "gh-1", T + 240 + 601); /* silent for longer than its timeout */
    expect_text(at(at(c->root, "sensors"), "air_temperature"), "quality", "stale");
    expect_text(c->root, "health", "stale");
}

static void test_what_is_not_known_is_null(void **state)
{
    struct composed *c = *state;
    world_revive(c->stage.world, "gh-new");
    compose_of(c, "gh-new", T);
    expect_text(c->root, "time", "2023-11-14T22:13:20.000Z"); /* T: a state as of now */
    const struct cJSON *sensor = at(at(c->root, "sensors"), "relative_humidity");
    assert_int_equal(json_type(at(sensor, "value")), JSON_NULL);
    assert_int_equal(json_type(at(sensor, "time")), JSON_NULL);
    assert_int_equal(json_type(at(sensor, "predicted")), JSON_NULL);
    assert_int_equal(json_type(at(sensor, "nis")), JSON_NULL);
    expect_text(sensor, "quality", "stale");
}

static void test_an_alert_has_the_contracts_keys_in_order(void **state)
{
    struct composed *c = *state;
    static const char *const keys[] = {"id",       "twin",  "rule",         "type",
                                       "severity", "state", "acknowledged", "shelved_until",
                                       "on",       "value", "limit",        "unit",
                                       "since",    "time",  "sample_time",  "message"};
    stage_say(&c->stage, T, "gh/1/t", "31.5");
    compose_first_alert(c, "gh-1", T + 1.5);
    const struct cJSON *member = json_first(c->root);
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++, member = json_next(member))
        assert_string_equal(json_key(member), keys[i]);
    assert_null(member);
    expect_text(c->root, "id", "gh-1.hot.1");
    expect_text(c->root, "twin", "gh-1");
    expect_text(c->root, "rule", "hot");
    expect_text(c->root, "type", "threshold");
    expect_text(c->root, "severity", "critical");
    expect_text(c->root, "state", "active");
    assert_int_equal(json_type(at(c->root, "acknowledged")), JSON_BOOL);
    assert_int_equal(json_type(at(c->root, "shelved_until")), JSON_NULL);
    expect_text(c->root, "on", "measured.air_temperature");
    assert_close(json_number(at(c->root, "value"), NAN), 31.5, 0);
    assert_close(json_number(at(c->root, "limit"), NAN), 30, 0);
    expect_text(c->root, "unit", "Cel");
    expect_text(c->root, "since", "2023-11-14T22:13:20.000Z");
    expect_text(c->root, "time", "2023-11-14T22:13:21.500Z");
    expect_text(c->root, "sample_time", "2023-11-14T22:13:20.000Z");
    expect_text(c->root, "message", "It is 31.5 in \"gh-1\"");
}

static void test_a_shelved_alert_says_until_when(void **state)
{
    struct composed *c = *state;
    stage_say(&c->stage, T, "gh/1/t", "31.5");
    stage_say(&c->stage, T, "twind/gh-1/alert/hot/set", "shelve 1h");
    stage_say(&c->stage, T, "twind/gh-1/alert/hot/set", "ack");
    compose_first_alert(c, "gh-1", T);
    expect_text(c->root, "shelved_until", "2023-11-14T23:13:20.000Z");
    assert_close(json_number(at(c->root, "acknowledged"), 0), 1, 0);
}

/* A level of a topic may hold what JSON has to escape, or no UTF-8. */
static void test_an_id_from_a_topic_breaks_no_json(void **state)
{
    struct composed *c = *state;
    stage_say(&c->stage, T, "gh/a\"},\\/t", "31.5");
    compose_of(c, "gh-a\"},\\", T);
    expect_text(c->root, "twin", "gh-a\"},\\");
    compose_first_alert(c, "gh-a\"},\\", T);
    expect_text(c->root, "twin", "gh-a\"},\\");
    expect_text(c->root, "id", "gh-a\"},\\.hot.1");
    stage_say(&c->stage, T, "gh/\xFF/t", "31.5");
    compose_of(c, "gh-\xFF", T);
    expect_text(c->root, "twin", "gh-\xEF\xBF\xBD");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define WITH_STAGE(test) cmocka_unit_test_setup_teardown(test, begin, end)
        WITH_STAGE(test_a_state_has_the_contracts_keys_in_order),
        WITH_STAGE(test_a_state_has_every_output_with_its_deviation),
        WITH_STAGE(test_a_sensor_says_what_it_said_and_what_was_expected),
        WITH_STAGE(test_what_is_not_known_is_null),
        WITH_STAGE(test_an_alert_has_the_contracts_keys_in_order),
        WITH_STAGE(test_a_shelved_alert_says_until_when),
        WITH_STAGE(test_an_id_from_a_topic_breaks_no_json),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
