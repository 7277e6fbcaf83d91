/* What a configuration becomes. */
#include "config_heard.h"

#include "twind/json.h"

static const struct plan_rule *rule_named(const struct plan *plan, const char *id)
{
    for (size_t i = 0; i < plan->n_rules; i++)
        if (strcmp(plan->rules[i].id, id) == 0)
            return &plan->rules[i];
    fail_msg("no rule %s", id);
    return NULL;
}

static void test_an_empty_configuration_has_every_default(void **state)
{
    (void)state;
    struct config config;
    load_well("{}", &config);
    assert_string_equal(config.broker.url, "mqtt://127.0.0.1:1883");
    assert_string_equal(config.broker.client_id, "twind");
    assert_false(config.broker.version5);
    assert_null(config.broker.username);
    assert_close(config.broker.keepalive, 60, 0);
    assert_close(config.broker.session_expiry, 86400, 0);
    assert_string_equal(config.topic_prefix, "twind");
    assert_false(config.event_clock);
    assert_string_equal(config.state_dir, "/var/lib/twind");
    assert_string_equal(config.history.file, "/var/lib/twind/history.db");
    assert_close(config.step, 10, 0);
    assert_close(config.history.raw, 30 * 86400.0, 0);
    assert_close(config.history.minutes, 365 * 86400.0, 0);
    assert_close(config.history.hours, 3650 * 86400.0, 0);
    assert_close(config.history.states, 60, 0);
    assert_close(config.history.commit, 0.05, 1e-15);
    assert_close(config.publish.interval, 1, 0);
    assert_close(config.publish.rate, 200, 0);
    assert_close(config.inbox_bytes, 64 * 1048576.0, 0);
    assert_int_equal(config.n_twins, 0);
    config_clear(&config);
}

static void test_every_key_of_the_root_is_read(void **state)
{
    (void)state;
    struct config config;
    load_well(
        "{\"broker\": {\"url\": \"mqtts://[::1]\", \"client_id\": \"me\","
        " \"protocol\": \"5\", \"username\": \"u\", \"ca_file\": \"\","
        " \"keepalive\": 30, \"session_expiry\": \"2h\"},"
        " \"topic_prefix\": \"site/a\", \"clock\": \"event\","
        " \"state_dir\": \"/tmp/x\", \"step\": \"250ms\","
        " \"history\": {\"file\": \"/data/h.db\", \"raw\": \"7d\", \"states\": \"never\","
        " \"commit\": 0.02}, \"http\": null,"
        " \"publish\": {\"interval\": \"5s\", \"rate\": 0.5},"
        " \"inbox\": {\"size\": \"2MB\"}}",
        &config);
    assert_string_equal(config.broker.url, "mqtts://[::1]:8883");
    assert_string_equal(config.broker.client_id, "me");
    assert_true(config.broker.version5);
    assert_string_equal(config.broker.username, "u");
    assert_null(config.broker.ca_file);
    assert_close(config.broker.keepalive, 30, 0);
    assert_close(config.broker.session_expiry, 7200, 0);
    assert_string_equal(config.topic_prefix, "site/a");
    assert_true(config.event_clock);
    assert_close(config.step, 0.25, 0);
    assert_string_equal(config.history.file, "/data/h.db");
    assert_true(isinf(config.history.states));
    assert_close(config.history.commit, 0.02, 0);
    assert_close(config.publish.rate, 0.5, 0);
    assert_close(config.inbox_bytes, 2e6, 0);
    config_clear(&config);
}

static void test_a_sensor_has_the_kinds_sd_and_range_unless_told(void **state)
{
    (void)state;
    struct config config;
    load_well("{\"twins\": [{\"id\": \"g\", \"kind\": \"greenhouse\", \"bind\": {"
              "\"air_temperature\": \"a/t\","
              "\"co2\": {\"topic\": \"a/c\", \"sd\": 7, \"range\": [300, 3000],"
              " \"timeout\": \"never\", \"min_interval\": \"2s\", \"stuck_after\": \"6h\","
              " \"counter\": true}}}]}",
              &config);
    const struct plan *plan = config.twins[0].plan;
    const struct plan_sensor *usual = &plan->sensors[0], *own = &plan->sensors[1];
    const struct kind_row *row = plan_row(plan->kind, usual->signal);
    assert_string_equal(row->name, "air_temperature");
    assert_close(usual->sd, row->noise, 0);
    assert_close(usual->min, row->min, 0);
    assert_close(usual->max, row->max, 0);
    assert_close(usual->timeout, 90 * 60, 0);
    assert_close(usual->min_interval, 0, 0);
    assert_true(isinf(usual->stuck_after));
    assert_close(own->sd, 7, 0);
    assert_close(own->min, 300, 0);
    assert_close(own->max, 3000, 0);
    assert_true(isinf(own->timeout));
    assert_close(own->min_interval, 2, 0);
    assert_close(own->stuck_after, 6 * 3600, 0);
    assert_true(own->counter);
    assert_string_equal(config.twins[0].bindings[0].topic, "a/t");
    assert_int_equal(config.twins[0].bindings[1].sensor, 1);
    config_clear(&config);
}

static void test_a_mapping_is_compiled_from_its_keys(void **state)
{
    (void)state;
    struct config config;
    load_well(
        "{\"twins\": [{\"id\": \"g\", \"kind\": \"air_quality\", \"bind\": {"
        "\"pm2_5\": {\"topic\": \"a\", \"path\": \"/list\", \"find\": {\"key\": \"k\","
        " \"equals\": 7, \"value\": \"v\"}, \"when\": {\"/m\": \"x\", \"/n\": 140,"
        " \"/o\": true, \"/p\": null}, \"scale\": 2, \"offset\": -1, \"time\": \"/t\","
        " \"zone\": \"-03:30\"},"
        "\"no2\": {\"topic\": \"b\", \"unit\": \"ppb\", \"format\": \"csv\","
        " \"column\": 3},"
        "\"o3\": {\"topic\": \"c\", \"format\": \"senml\", \"name\": \"x/o3\"}}}]}",
        &config);
    const struct config_binding *bindings = config.twins[0].bindings;
    const struct payload_mapping *m = bindings[0].mapping;
    assert_non_null(m->path);
    assert_string_equal(m->find.key, "k");
    assert_string_equal(m->find.equals, "7");
    assert_string_equal(m->find.value, "v");
    assert_int_equal(m->n_when, 4);
    assert_string_equal(m->when[1].equals, "140");
    assert_string_equal(m->when[2].equals, "true");
    assert_string_equal(m->when[3].equals, "null");
    assert_close(m->scale, 2, 0);
    assert_close(m->offset, -1, 0);
    assert_close(m->zone, -3.5 * 3600, 0);
    assert_non_null(m->time);
    assert_string_equal(m->own_unit, "ug/m3");
    assert_int_equal(bindings[1].mapping->format, PAYLOAD_CSV);
    assert_int_equal(bindings[1].mapping->column, 3);
    assert_int_equal(bindings[1].mapping->unit.gas, 1);
    assert_true(bindings[1].mapping->molar_mass > 40);
    assert_string_equal(bindings[2].mapping->name, "x/o3");
    config_clear(&config);
}

static void test_a_binding_decodes_a_payload_in_the_signals_unit(void **state)
{
    (void)state;
    struct config config;
    load_well("{\"twins\": [{\"id\": \"g\", \"kind\": \"greenhouse\", \"bind\": {"
              "\"air_temperature\": {\"topic\": \"a\", \"path\": \"/t\","
              " \"unit\": \"[degF]\"}}}]}",
              &config);
    const char *text = "{\"t\": \"77\"}";
    struct json *json = json_new();
    struct payload payload = {
        .json = json, .text = text, .length = strlen(text), .received = 5};
    struct payload_sample sample;
    assert_int_equal(
        payload_decode(&payload, config.twins[0].bindings[0].mapping, &sample, 1, NULL), 1);
    assert_close(sample.value, 25, 1e-9);
    json_free(json);
    config_clear(&config);
}

static void test_a_fleet_keeps_its_names_and_its_size(void **state)
{
    (void)state;
    struct config config;
    load_well("{\"twins\": ["
              "{\"id\": \"gh-{site}-{house}\", \"name\": \"{house} at {site}\","
              " \"kind\": \"greenhouse\", \"max\": 77, \"bind\": {\"air_temperature\":"
              " \"farm/{site}/+/{house}/t\"}, \"actuate\": {\"heating_setpoint\":"
              " \"farm/{site}/{house}/set\"}},"
              "{\"id\": \"g-{a}\", \"kind\": \"building\", \"bind\":"
              " {\"indoor_temperature\": \"b/{a}\"}},"
              "{\"id\": \"plain\", \"kind\": \"building\"}]}",
              &config);
    assert_int_equal(config.n_twins, 3);
    assert_true(config.twins[0].fleet);
    assert_int_equal(config.twins[0].max, 77);
    assert_string_equal(config.twins[0].name, "{house} at {site}");
    assert_string_equal(config.twins[0].actuators[0].topic, "farm/{site}/{house}/set");
    assert_string_equal(config.twins[0].actuators[0].payload, "{value}");
    assert_true(config.twins[1].fleet);
    assert_int_equal(config.twins[1].max, 1000);
    assert_false(config.twins[2].fleet);
    assert_string_equal(config.twins[2].name, "plain");
    config_clear(&config);
}

static void test_twins_that_differ_in_names_and_topics_share_a_plan(void **state)
{
    (void)state;
    struct config config;
    load_well(
        "{\"twins\": ["
        "{\"id\": \"a\", \"kind\": \"building\", \"bind\": {\"wind_speed\":"
        " {\"topic\": \"a/w\", \"path\": \"/x\"}, \"tariff\": \"a/t\"},"
        " \"actuate\": {\"lighting\": {\"topic\": \"a/l\", \"payload\": \"{value}!\"}}},"
        "{\"id\": \"b\", \"name\": \"B\", \"kind\": \"building\", \"bind\":"
        " {\"wind_speed\": {\"path\": \"/x\", \"topic\": \"b/w\"}, \"tariff\": \"b/t\"},"
        " \"actuate\": {\"lighting\": {\"topic\": \"b/l\", \"payload\": \"{value}!\"}}},"
        "{\"id\": \"c\", \"kind\": \"building\", \"bind\": {\"wind_speed\":"
        " {\"topic\": \"c/w\", \"path\": \"/y\"}, \"tariff\": \"a/t\"}},"
        "{\"id\": \"d\", \"kind\": \"building\", \"params\": {\"floor_area\": 50}}]}",
        &config);
    assert_ptr_equal(config.twins[0].plan, config.twins[1].plan);
    assert_ptr_equal(config.twins[0].bindings[0].mapping,
                     config.twins[1].bindings[0].mapping);
    assert_string_equal(config.twins[1].bindings[0].topic, "b/w");
    assert_string_equal(config.twins[1].bindings[1].topic, "b/t");
    assert_string_equal(config.twins[1].actuators[0].topic, "b/l");
    assert_string_equal(config.twins[1].actuators[0].payload, "{value}!");
    assert_true(config.twins[2].plan != config.twins[0].plan);
    assert_true(config.twins[3].plan != config.twins[0].plan);
    config_clear(&config);
}

static void test_thousands_of_like_twins_share_one_plan(void **state)
{
    (void)state;
    enum { N = 3000, LINE = 100 };
    struct config config;
    char *text = malloc(LINE * (N + 1));
    assert_non_null(text);
    size_t n = (size_t)sprintf(text, "{\"twins\": [");
    for (size_t i = 0; i < N; i++)
        n += (size_t)snprintf(text + n, LINE,
                              "%s{\"id\": \"t%zu\", \"kind\": \"building\", \"bind\":"
                              " {\"tariff\": \"t/%zu\"}}",
                              i ? "," : "", i, i);
    memcpy(text + n, "]}", 3);
    load_well(text, &config);
    free(text);
    assert_int_equal(config.n_twins, N);
    for (size_t i = 1; i < N; i++)
        assert_ptr_equal(config.twins[i].plan, config.twins[0].plan);
    assert_string_equal(config.twins[N - 1].bindings[0].topic, "t/2999");
    config_clear(&config);
}

static void test_parameters_and_steps_reach_the_plan(void **state)
{
    (void)state;
    struct config config;
    load_well("{\"step\": \"20s\", \"history\": {\"states\": \"5m\"}, \"twins\": ["
              "{\"id\": \"a\", \"kind\": \"building\", \"params\": {\"floor_area\": 55.5,"
              " \"utc_offset\": -7}},"
              "{\"id\": \"b\", \"kind\": \"building\", \"step\": \"1m\"}]}",
              &config);
    const struct plan *plan = config.twins[0].plan;
    assert_close(plan->step, 20, 0);
    assert_close(plan->states_every, 300, 0);
    assert_close(plan->utc_offset, -7, 0);
    assert_string_equal(plan->kind->params[0].name, "floor_area");
    assert_close(plan->params[0], 55.5, 0);
    assert_close(config.twins[1].plan->step, 60, 0);
    assert_close(config.twins[1].plan->params[0], plan->kind->params[0].value, 0);
    config_clear(&config);
}

static void test_an_explicit_method_is_warned_of_steps_that_it_cannot_take(void **state)
{
    (void)state;
    struct heard heard = {.n_errors = 0};
    struct config config;
    assert_true(
        heard_load(&heard,
                   "{\"step\": \"1m\", \"twins\": ["
                   "{\"id\": \"a\", \"kind\": \"greenhouse\"},"
                   "{\"id\": \"b\", \"kind\": \"building\", \"integrator\": \"rk4\"},"
                   "{\"id\": \"c\", \"kind\": \"greenhouse\", \"integrator\":"
                   " \"rosenbrock\"},"
                   "{\"id\": \"d\", \"kind\": \"greenhouse\", \"integrator\":"
                   " \"euler\"}]}",
                   &config));
    assert_int_equal(config.twins[0].plan->integrator, MOTION_AUTO);
    assert_int_equal(config.twins[1].plan->integrator, MOTION_RK4);
    assert_int_equal(config.twins[2].plan->integrator, MOTION_ROSENBROCK);
    assert_int_equal(heard.n_warnings, 1);
    assert_non_null(strstr(heard.warnings[0], "/twins/3/integrator: a step of 60 s is "
                                              "longer than euler is stable on a green"));
    heard_clear(&heard);
    config_clear(&config);
}

static void test_declared_signals_make_a_kind(void **state)
{
    (void)state;
    struct config config;
    load_well("{\"twins\": [{\"id\": \"ups\", \"kind\": \"generic\", \"signals\": {"
              "\"voltage\": {\"unit\": \"V\", \"min\": 0, \"max\": 300, \"sd\": 0.5},"
              "\"load\": {\"unit\": \"%\"}, \"count\": {}},"
              " \"bind\": {\"voltage\": {\"topic\": \"ups/v\", \"unit\": \"mV\"}},"
              " \"rules\": [{\"id\": \"low\", \"type\": \"threshold\", \"on\": \"voltage\","
              " \"below\": 200}]}]}",
              &config);
    const struct plan *plan = config.twins[0].plan;
    assert_string_equal(plan->kind->name, "generic");
    assert_int_equal(plan->kind->n_outputs, 3);
    assert_string_equal(plan->kind->outputs[0].name, "voltage");
    assert_string_equal(plan->kind->outputs[1].unit, "%");
    assert_close(plan->sensors[0].sd, 0.5, 0);
    assert_close(plan->sensors[0].max, 300, 0);
    assert_close(config.twins[0].bindings[0].mapping->unit.scale, 1e-3, 1e-18);
    config_clear(&config);
}

/* -- rules -- */

static const char rules[] =
    "{\"twins\": [{\"id\": \"a\", \"kind\": \"building\","
    " \"bind\": {\"indoor_temperature\": \"t\"}, \"rules\": ["
    "{\"id\": \"r1\", \"type\": \"threshold\", \"on\": \"indoor_temperature\", \"above\": "
    "30,"
    " \"clear_below\": 28, \"for\": \"5m\", \"keep\": \"1m\", \"severity\": \"critical\","
    " \"no_data\": \"alert\", \"unless\": [\"r3\", \"r2\"], \"message\": \"hot\"},"
    "{\"id\": \"r2\", \"type\": \"stale\", \"on\": \"indoor_temperature\", \"after\": "
    "\"10m\"},"
    "{\"id\": \"r3\", \"type\": \"rate\", \"on\": \"measured.indoor_temperature\","
    " \"above\": 5, \"unless\": [\"r2\"]},"
    "{\"id\": \"r4\", \"type\": \"threshold\", \"on\": \"residual.indoor_temperature\","
    " \"levels\": [{\"severity\": \"info\", \"above\": 1, \"clear_below\": 0.5},"
    " {\"severity\": \"critical\", \"above\": 3}]}]}]}";

static void test_a_rule_is_read_with_its_policy(void **state)
{
    (void)state;
    struct config config;
    load_well(rules, &config);
    const struct plan_rule *rule = rule_named(config.twins[0].plan, "r1");
    assert_string_equal(rule->type->name, "threshold");
    assert_int_equal(rule->subjects[0].subject, RULE_ESTIMATE);
    assert_int_equal(rule->subjects[0].sensor, 0);
    assert_string_equal(rule->message, "hot");
    assert_int_equal(rule->policy.severity, SEVERITY_CRITICAL);
    assert_close(rule->policy.delay, 300, 0);
    assert_close(rule->policy.keep, 60, 0);
    assert_int_equal(rule->policy.no_data, ALERT_NO_DATA_ALERT);
    const double *critical = rule->params + SEVERITY_CRITICAL * rule->type->n_params;
    assert_close(critical[0], 30, 0);
    assert_close(critical[1], 28, 0);
    assert_true(isnan(critical[2]));
    assert_true(isnan(rule->params[SEVERITY_WARNING * rule->type->n_params]));
    config_clear(&config);
}

static void test_levels_are_limits_by_severity(void **state)
{
    (void)state;
    struct config config;
    load_well(rules, &config);
    const struct plan_rule *rule = rule_named(config.twins[0].plan, "r4");
    size_t n = rule->type->n_params;
    assert_int_equal(rule->subjects[0].subject, RULE_RESIDUAL);
    assert_close(rule->params[SEVERITY_INFO * n], 1, 0);
    assert_close(rule->params[SEVERITY_INFO * n + 1], 0.5, 0);
    assert_true(isnan(rule->params[SEVERITY_WARNING * n]));
    assert_close(rule->params[SEVERITY_CRITICAL * n], 3, 0);
    config_clear(&config);
}

static void test_rules_have_their_types_defaults(void **state)
{
    (void)state;
    struct config config;
    load_well(rules, &config);
    const struct plan_rule *rule = rule_named(config.twins[0].plan, "r3");
    assert_int_equal(rule->subjects[0].subject, RULE_MEASURED);
    assert_int_equal(rule->policy.severity, SEVERITY_WARNING);
    assert_int_equal(rule->policy.no_data, ALERT_NO_DATA_HOLD);
    for (size_t i = 1; i < rule->type->n_params; i++)
        if (!isnan(rule->type->params[i].value))
            assert_close(rule->params[i], rule->type->params[i].value, 0);
    config_clear(&config);
}

static void test_suppressors_stand_before_the_suppressed(void **state)
{
    (void)state;
    struct config config;
    load_well(rules, &config);
    const struct plan *plan = config.twins[0].plan;
    assert_int_equal(plan->n_rules, 4);
    for (size_t i = 0; i < plan->n_rules; i++)
        for (size_t j = 0; j < plan->rules[i].n_unless; j++)
            assert_true(plan->rules[i].unless[j] < i);
    const struct plan_rule *r1 = rule_named(plan, "r1");
    assert_int_equal(r1->n_unless, 2);
    assert_string_equal(plan->rules[r1->unless[0]].id, "r3");
    assert_string_equal(plan->rules[r1->unless[1]].id, "r2");
    config_clear(&config);
}

static void test_rules_that_are_named_stand_before_those_that_name_them(void **state)
{
    (void)state;
    struct config config;
    load_well("{\"twins\": [{\"id\": \"a\", \"kind\": \"building\", \"rules\": ["
              "{\"id\": \"both\", \"type\": \"composite\", \"all\": [\"dear\", \"dark\"],"
              " \"not\": [\"work\"], \"within\": \"30m\", \"in_order\": true},"
              "{\"id\": \"dear\", \"type\": \"threshold\", \"on\": \"tariff\","
              " \"above\": 1, \"unless\": [\"work\"]},"
              "{\"id\": \"dark\", \"type\": \"threshold\", \"on\": \"lighting\","
              " \"below\": 1},"
              "{\"id\": \"work\", \"type\": \"schedule\","
              " \"hours\": [\"Mon-Fri 08:00-18:00\", \"Sat\"]}]}]}",
              &config);
    const struct plan *plan = config.twins[0].plan;
    const struct plan_rule *both = rule_named(plan, "both");
    assert_ptr_equal(both, &plan->rules[3]);
    assert_int_equal(both->n_subjects, 0);
    assert_int_equal(both->n_members, 3);
    assert_string_equal(plan->rules[both->members[0].rule].id, "dear");
    assert_string_equal(plan->rules[both->members[1].rule].id, "dark");
    assert_string_equal(plan->rules[both->members[2].rule].id, "work");
    assert_int_equal(both->members[0].param, 0);
    assert_int_equal(both->members[2].param, 2);
    assert_close(both->params[0], 2, 0);
    assert_close(both->params[3], 1800, 0);
    assert_close(both->params[4], 1, 0);
    assert_int_equal(rule_named(plan, "work")->hours.n, 2);
    config_clear(&config);
}

/* -- what this version does not do yet -- */

static void test_what_is_not_built_is_said_once_and_checked(void **state)
{
    (void)state;
    struct heard heard = {.n_errors = 0};
    struct config config;
    assert_true(heard_load(&heard,
                           "{\"http\": {\"listen\": \"127.0.0.1:8080\"}, "
                           "\"home_assistant\": {\"discovery\": true}}",
                           &config));
    assert_int_equal(heard.n_warnings, 2);
    assert_string_equal(heard.warnings[0],
                        "text:1:2: /http: this version has no dashboard: /http is checked "
                        "but does nothing");
    assert_non_null(strstr(heard.warnings[1], ": /home_assistant: "));
    heard_clear(&heard);
    config_clear(&config);
}

static void test_a_severity_beside_levels_is_warned_of(void **state)
{
    (void)state;
    struct heard heard = {.n_errors = 0};
    struct config config;
    assert_true(heard_load(
        &heard,
        "{\"twins\": [{\"id\": \"a\", \"kind\": \"building\", \"rules\": [{\"id\": \"r\", "
        "\"type\": \"threshold\", \"on\": \"tariff\", \"severity\": \"info\", \"levels\": "
        "[{\"severity\": \"critical\", \"above\": 1}]}]}]}",
        &config));
    assert_int_equal(heard.n_warnings, 1);
    assert_non_null(strstr(heard.warnings[0], "/twins/0/rules/0/severity: with levels"));
    heard_clear(&heard);
    config_clear(&config);
}

static void test_a_level_that_the_id_does_not_use_is_warned_of(void **state)
{
    (void)state;
    struct heard heard = {.n_errors = 0};
    struct config config;
    assert_true(heard_load(&heard,
                           "{\"twins\": [{\"id\": \"a\", \"kind\": \"building\", \"bind\":"
                           " {\"tariff\": \"x/{house}/t\"}}]}",
                           &config));
    assert_int_equal(heard.n_warnings, 1);
    assert_non_null(strstr(heard.warnings[0], "/twins/0/bind/tariff: {house} is not in"));
    heard_clear(&heard);
    config_clear(&config);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_an_empty_configuration_has_every_default),
        cmocka_unit_test(test_every_key_of_the_root_is_read),
        cmocka_unit_test(test_a_sensor_has_the_kinds_sd_and_range_unless_told),
        cmocka_unit_test(test_a_mapping_is_compiled_from_its_keys),
        cmocka_unit_test(test_a_binding_decodes_a_payload_in_the_signals_unit),
        cmocka_unit_test(test_a_fleet_keeps_its_names_and_its_size),
        cmocka_unit_test(test_twins_that_differ_in_names_and_topics_share_a_plan),
        cmocka_unit_test(test_thousands_of_like_twins_share_one_plan),
        cmocka_unit_test(test_parameters_and_steps_reach_the_plan),
        cmocka_unit_test(test_an_explicit_method_is_warned_of_steps_that_it_cannot_take),
        cmocka_unit_test(test_declared_signals_make_a_kind),
        cmocka_unit_test(test_a_rule_is_read_with_its_policy),
        cmocka_unit_test(test_levels_are_limits_by_severity),
        cmocka_unit_test(test_rules_have_their_types_defaults),
        cmocka_unit_test(test_suppressors_stand_before_the_suppressed),
        cmocka_unit_test(test_rules_that_are_named_stand_before_those_that_name_them),
        cmocka_unit_test(test_what_is_not_built_is_said_once_and_checked),
        cmocka_unit_test(test_a_severity_beside_levels_is_warned_of),
        cmocka_unit_test(test_a_level_that_the_id_does_not_use_is_warned_of),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
