/* Each way to be wrong: where it is said, and in which words. */
#include "config_heard.h"

struct wrong {
    const char *text;
    const char *said; /* the beginning of the only error */
};

static void check_one(const struct wrong *wrong)
{
    struct heard heard = {.n_errors = 0};
    struct config config;
    if (heard_load(&heard, wrong->text, &config))
        fail_msg("taken: %s", wrong->text);
    if (heard.n_errors != 1 || strncmp(heard.errors[0], wrong->said, strlen(wrong->said)))
        fail_msg("of %s\nexpected %s\nsaid     %s (%zu errors)", wrong->text, wrong->said,
                 heard.errors[0], heard.n_errors);
    assert_null(config.twins);
    assert_null(config.broker.url);
    heard_clear(&heard);
}

#define CHECK_ALL(table)                                                                   \
    for (size_t i_ = 0; i_ < sizeof(table) / sizeof *(table); i_++)                        \
    check_one(&(table)[i_])

static void test_a_broken_file_is_told_with_its_position(void **state)
{
    (void)state;
    static const struct wrong table[] = {
        {"", "text:1:1: /: the text is empty"},
        {"{\n  \"step\": 5,,\n}", "text:2:13: /: "},
        {"{\"step\": 01}", "text:1:10: /: a number must not begin with a zero"},
        {"{} x", "text:1:4: /: something follows"},
        {"[]", "text:1:1: /: expected an object"},
        {"/* no end", "text:1:1: /: a comment that does not end"},
    };
    CHECK_ALL(table);
}

static void test_an_unknown_key_is_told_with_the_nearest_or_all(void **state)
{
    (void)state;
    static const struct wrong table[] = {
        {"{\n\"brokr\": 1}", "text:2:1: /brokr: unknown key; did you mean broker?"},
        {"{\"inbox\": {\"zzzzz\": 1}}",
         "text:1:12: /inbox/zzzzz: unknown key; allowed: size"},
        {"{\"a/b~c\": 1}", "text:1:2: /a~1b~0c: unknown key; allowed: broker, "},
        {"{\"http\": {\"listn\": \"x\"}}",
         "text:1:11: /http/listn: unknown key; did you mean listen?"},
    };
    CHECK_ALL(table);
}

static void test_a_value_of_the_wrong_type_is_told_what_is_allowed(void **state)
{
    (void)state;
    static const struct wrong table[] = {
        {"{\"topic_prefix\": 5}",
         "text:1:18: /topic_prefix: expected a text, not a number"},
        {"{\"step\": 1e999}", "text:1:10: /step: a number that is not finite"},
        {"{\"publish\": {\"rate\": -1e999}}",
         "text:1:22: /publish/rate: a number that is not finite"},
        {"{\"topic_prefix\": null}", "text:1:18: /topic_prefix: expected a text, not null"},
        {"{\"step\": {}}", "text:1:10: /step: expected a duration such as \"30s\""},
        {"{\"step\": \"5 parsecs\"}",
         "text:1:10: /step: \"5 parsecs\" is no duration; write"},
        {"{\"step\": \"never\"}", "text:1:10: /step: \"never\" is no duration"},
        {"{\"publish\": {\"rate\": \"5\"}}",
         "text:1:22: /publish/rate: expected a number, not a text"},
        {"{\"clock\": true}", "text:1:11: /clock: expected a word (wall, event), not true"},
        {"{\"clock\": \"sundial\"}",
         "text:1:11: /clock: \"sundial\" is not known; allowed: wall, event"},
        {"{\"history\": 3}", "text:1:13: /history: expected an object"},
        {"{\"twins\": {}}", "text:1:11: /twins: expected a list, not an object"},
        {"{\"inbox\": {\"size\": \"64 apples\"}}",
         "text:1:20: /inbox/size: \"64 apples\" is no size"},
        {"{\"home_assistant\": {\"discovery\": \"yes\"}}",
         "text:1:34: /home_assistant/discovery: expected true or false, not a text"},
    };
    CHECK_ALL(table);
}

static void test_a_value_out_of_range_is_told_the_range(void **state)
{
    (void)state;
    static const struct wrong table[] = {
        {"{\"step\": 0.01}", "text:1:10: /step: 10ms is outside the allowed 100ms to 1d"},
        {"{\"step\": -1}", "text:1:10: /step: -1s is outside the allowed"},
        {"{\"broker\": {\"keepalive\": \"1d\"}}",
         "text:1:26: /broker/keepalive: 1d is outside"},
        {"{\"publish\": {\"rate\": 0}}",
         "text:1:22: /publish/rate: 0 1/s is outside the allowed 0.01 to 1e+06 1/s"},
        {"{\"inbox\": {\"size\": 1000}}", "text:1:20: /inbox/size: 1000 bytes are outside "
                                          "the allowed 1048576 to 4294967296"},
    };
    CHECK_ALL(table);
}

static void test_an_integrator_that_a_twin_cannot_have_is_told(void **state)
{
    (void)state;
    static const struct wrong table[] = {
        {"{\"twins\": [{\"id\": \"a\", \"kind\": \"building\", \"integrator\": "
         "\"magic\"}]}",
         "text:1:58: /twins/0/integrator: \"magic\" is not known; allowed: auto, rk4, "
         "euler, rosenbrock"},
        {"{\"twins\": [{\"id\": \"a\", \"kind\": \"building\", \"integrator\": "
         "\"adaptive\"}]}",
         "text:1:58: /twins/0/integrator: adaptive is for twinctl simulate alone"},
    };
    CHECK_ALL(table);
}

static void test_a_bad_broker_is_told(void **state)
{
    (void)state;
    static const struct wrong table[] = {
        {"{\"broker\": {\"url\": \"http://x\"}}",
         "text:1:20: /broker/url: \"http://x\": the scheme is not known; write mqtt://"},
        {"{\"broker\": {\"url\": \"mqtt://\"}}",
         "text:1:20: /broker/url: \"mqtt://\": the host is missing"},
        {"{\"broker\": {\"url\": \"mqtt://:1883\"}}",
         "text:1:20: /broker/url: \"mqtt://:1883\": the host is missing"},
        {"{\"broker\": {\"url\": \"mqtt://[::1\"}}",
         "text:1:20: /broker/url: \"mqtt://[::1\": the host is missing"},
        {"{\"broker\": {\"url\": \"mqtt://h:70000\"}}",
         "text:1:20: /broker/url: \"mqtt://h:70000\": the port must be 1 to 65535"},
        {"{\"broker\": {\"url\": \"mqtt://h:1883/x\"}}",
         "text:1:20: /broker/url: \"mqtt://h:1883/x\": after the host only a port"},
        {"{\"broker\": {\"url\": \"mqtt://u:p@h\"}}",
         "text:1:20: /broker/url: \"mqtt://u:p@h\": after the host only a port"},
        {"{\"broker\": {\"client_id\": \"\"}}", "text:1:26: /broker/client_id: \"\" is no"},
        {"{\"broker\": {\"password_file\": \"p\"}}",
         "text:1:13: /broker/password_file: a password needs a username"},
        {"{\"broker\": {\"cert_file\": \"p\"}}",
         "text:1:13: /broker/cert_file: cert_file and key_file go together"},
        {"{\"topic_prefix\": \"a/+\"}",
         "text:1:18: /topic_prefix: \"a/+\" is no topic prefix"},
    };
    CHECK_ALL(table);
}

static void test_a_key_that_stands_twice_is_told_with_both_places(void **state)
{
    (void)state;
    static const struct wrong table[] = {
        {"{\"step\": 5,\n \"step\": 6}",
         "text:2:2: /step: this key stands here twice; the first is at 1:2."},
        {"{\"twins\": [{\"id\": \"a\", \"kind\": \"building\", \"bind\": {\"tariff\": "
         "\"x\","
         "\n\"tariff\": \"y\"}}]}",
         "text:2:1: /twins/0/bind/tariff: this key stands here twice; the first is at 1:"},
    };
    CHECK_ALL(table);
}

#define TWIN(rest) "{\"twins\": [{\"id\": \"a\", \"kind\": \"building\",\n" rest "}]}"

static void test_a_bad_twin_is_told(void **state)
{
    (void)state;
    static const struct wrong table[] = {
        {"{\"twins\": [7]}", "text:1:12: /twins/0: expected an object"},
        {"{\"twins\": [{\"kind\": \"building\"}]}",
         "text:1:12: /twins/0: the key id is missing: "},
        {"{\"twins\": [{\"id\": \"a\"}]}",
         "text:1:12: /twins/0: the key kind is missing: "},
        {"{\"twins\": [{\"id\": \"a\", \"kind\": \"biulding\"}]}",
         "text:1:32: /twins/0/kind: there is no kind \"biulding\"; did you mean building?"},
        {"{\"twins\": [{\"id\": \"a\", \"kind\": \"x\"}]}",
         "text:1:32: /twins/0/kind: there is no kind \"x\"; allowed: greenhouse, "
         "building, "},
        {"{\"twins\": [{\"id\": \"a\", \"kind\": \"building\", \"detail\": \"layer\"}]}",
         "text:1:54: /twins/0/detail: the kind building has no detail \"layer\"; did you "
         "mean "
         "layers?"},
        {"{\"twins\": [{\"id\": \"a\", \"kind\": \"greenhouse\", \"detail\": \"x\"}]}",
         "text:1:46: /twins/0/detail: the kind greenhouse has no details to choose from"},
        {"{\"twins\": [{\"id\": \"a b\", \"kind\": \"building\"}]}",
         "text:1:19: /twins/0/id: \"a b\" is no id; allowed: "},
        {"{\"twins\": [{\"id\": \"a-{B}\", \"kind\": \"building\"}]}",
         "text:1:19: /twins/0/id: \"a-{B}\" is no id"},
        {"{\"twins\": [{\"id\": \"a\", \"kind\": \"building\"},\n{\"id\": \"a\","
         " \"kind\": \"building\"}]}",
         "text:2:8: /twins/1/id: the id \"a\" stands twice; the first is at 1:13"},
        {TWIN("\"params\": {\"flor_area\": 5}"),
         "text:2:12: /twins/0/params/flor_area: unknown key; did you mean floor_area?"},
        {TWIN("\"params\": {\"floor_area\": -5}"),
         "text:2:26: /twins/0/params/floor_area: -5 m2 is outside the allowed 1 to 1e+06 "
         "m2"},
        {TWIN("\"max\": 5"), "text:2:1: /twins/0/max: max is for fleets"},
        {TWIN("\"signals\": {}"),
         "text:2:1: /twins/0/signals: the kind building has its own"},
        {TWIN("\"step\": \"0s\""), "text:2:9: /twins/0/step: 0s is outside the allowed"},
    };
    CHECK_ALL(table);
}

static void test_a_bad_binding_is_told(void **state)
{
    (void)state;
    static const struct wrong table[] = {
        {TWIN("\"bind\": {\"tarif\": \"t\"}"), "text:2:10: /twins/0/bind/tarif: the kind "
                                               "building has no signal tarif to bind; did "
                                               "you mean tariff?"},
        {TWIN("\"bind\": {\"pmv\": \"t\"}"),
         "text:2:10: /twins/0/bind/pmv: the kind building computes pmv, no sensor can be "
         "bound to it; allowed: "},
        {TWIN("\"bind\": {\"tariff\": {}}"),
         "text:2:20: /twins/0/bind/tariff: the key topic is missing"},
        {TWIN("\"bind\": {\"tariff\": 5}"),
         "text:2:20: /twins/0/bind/tariff: expected an "},
        {TWIN("\"bind\": {\"tariff\": {\"topic\": 5}}"),
         "text:2:30: /twins/0/bind/tariff/topic: expected a topic"},
        {TWIN("\"bind\": {\"tariff\": \"a/#/b\"}"), "text:2:20: /twins/0/bind/tariff: "},
        {TWIN("\"bind\": {\"tariff\": {\"topic\": \"t\", \"path\": \"x\"}}"),
         "text:2:43: /twins/0/bind/tariff/path: \"x\" is no JSON Pointer"},
        {TWIN("\"bind\": {\"outdoor_temperature\": {\"topic\": \"t\", \"unit\": \"Pa\"}}"),
         "text:2:56: /twins/0/bind/outdoor_temperature/unit: "},
        {TWIN("\"bind\": {\"tariff\": {\"topic\": \"t\", \"sd\": 0}}"),
         "text:2:41: /twins/0/bind/tariff/sd: 0 is outside the allowed"},
        {TWIN("\"bind\": {\"tariff\": {\"topic\": \"t\", \"range\": [2, 1]}}"),
         "text:2:44: /twins/0/bind/tariff/range: the range's first number"},
        {TWIN("\"bind\": {\"tariff\": {\"topic\": \"t\", \"range\": [2]}}"),
         "text:2:44: /twins/0/bind/tariff/range: a range is two numbers"},
        {TWIN("\"bind\": {\"tariff\": {\"topic\": \"t\", \"column\": 2}}"),
         "text:2:35: /twins/0/bind/tariff/column: column is for \"format\": \"csv\""},
        {TWIN("\"bind\": {\"tariff\": {\"topic\": \"t\", \"format\": \"csv\","
              " \"column\": 1.5}}"),
         "text:2:62: /twins/0/bind/tariff/column: 1.5 is no whole number"},
        {TWIN("\"bind\": {\"tariff\": {\"topic\": \"t\", \"format\": \"csv\","
              " \"name\": \"x\"}}"),
         "text:2:52: /twins/0/bind/tariff/name: name is for \"format\": \"senml\""},
        {TWIN("\"bind\": {\"tariff\": {\"topic\": \"t\", \"find\": {\"key\": \"k\","
              " \"value\": \"v\"}}}"),
         "text:2:43: /twins/0/bind/tariff/find: the key equals is missing"},
        {TWIN("\"bind\": {\"tariff\": {\"topic\": \"t\", \"when\": {\"x\": 1}}}"),
         "text:2:44: /twins/0/bind/tariff/when/x: \"x\" is no JSON Pointer"},
        {TWIN("\"bind\": {\"tariff\": {\"topic\": \"t\", \"when\": {\"/x\": []}}}"),
         "text:2:50: /twins/0/bind/tariff/when/~1x: expected a text, a number"},
        {TWIN("\"bind\": {\"tariff\": {\"topic\": \"t\", \"zone\": \"CET\"}}"),
         "text:2:43: /twins/0/bind/tariff/zone: \"CET\" is no time zone; write \"UTC\""},
        {TWIN("\"actuate\": {\"lightning\": \"t\"}"),
         "text:2:13: /twins/0/actuate/lightning: the kind building has no input lightning "
         "to "
         "set; did you mean lighting?"},
        {TWIN("\"actuate\": {\"lighting\": \"t/+\"}"),
         "text:2:25: /twins/0/actuate/lighting: \"t/+\" is no topic to publish to"},
    };
    CHECK_ALL(table);
}

#define FLEET(id, rest)                                                                    \
    "{\"twins\": [{\"id\": \"" id "\", \"kind\": \"building\",\n" rest "}]}"

static void test_a_bad_fleet_is_told(void **state)
{
    (void)state;
    static const struct wrong table[] = {
        {FLEET("f-{a}", "\"name\": \"x\""), "text:1:12: /twins/0: a fleet needs a binding"},
        {FLEET("f-{a}-{b}", "\"bind\": {\"tariff\": \"t/{a}\"}"),
         "text:2:20: /twins/0/bind/tariff: {b} of the fleet's id must be a level of each "
         "topic"},
        {FLEET("f-{a}", "\"bind\": {\"tariff\": \"t/{a}\"}, \"name\": \"{c}\""),
         "text:2:38: /twins/0/name: {c} is not in the id f-{a}"},
        {FLEET("f-{a}", "\"bind\": {\"tariff\": \"t/{a}\"},\n\"actuate\": {\"lighting\":"
                        " \"x/{c}\"}"),
         "text:3:25: /twins/0/actuate/lighting: {c} is not in the id f-{a}"},
        {FLEET("f-{a}", "\"bind\": {\"tariff\": \"t/{a}\"}, \"max\": 0"),
         "text:2:37: /twins/0/max: 0 is outside the allowed 1 to 1e+06"},
    };
    CHECK_ALL(table);
}

#define SIGNALS(rest) "{\"twins\": [{\"id\": \"a\", \"kind\": \"generic\"" rest "}]}"

static void test_bad_signals_are_told(void **state)
{
    (void)state;
    static const struct wrong table[] = {
        {SIGNALS(""), "text:1:12: /twins/0: the kind generic needs the key signals"},
        {SIGNALS(",\n\"signals\": {}"),
         "text:2:12: /twins/0/signals: 0 signals, allowed are 1 to "},
        {SIGNALS(",\n\"signals\": {\"a b\": {}}"),
         "text:2:13: /twins/0/signals/a b: \"a b\" is no name for a signal"},
        {SIGNALS(",\n\"signals\": {\"a\": {\"min\": 2, \"max\": 1}}"),
         "text:2:18: /twins/0/signals/a: min (2) must be smaller than max (1)"},
        {SIGNALS(",\n\"signals\": {\"a\": {\"unti\": 2}}"),
         "text:2:19: /twins/0/signals/a/unti: unknown key; did you mean unit?"},
    };
    CHECK_ALL(table);
}

#define RULE(rest)                                                                         \
    TWIN("\"bind\": {\"indoor_temperature\": \"t\"}, \"rules\": [\n" rest "]")

static void test_a_bad_rule_is_told(void **state)
{
    (void)state;
    static const struct wrong table[] = {
        {RULE("7"), "text:3:1: /twins/0/rules/0: expected a rule"},
        {RULE("{\"id\": \"r\", \"on\": \"tariff\"}"),
         "text:3:1: /twins/0/rules/0: the key type is missing; allowed: threshold, "},
        {RULE("{\"id\": \"r\", \"type\": \"thresold\", \"on\": \"tariff\", \"above\": 1}"),
         "text:3:21: /twins/0/rules/0/type: \"thresold\" is no rule type; did you mean "
         "threshold?"},
        {RULE("{\"type\": \"threshold\", \"on\": \"tariff\", \"above\": 1}"),
         "text:3:1: /twins/0/rules/0: the key id is missing"},
        {RULE("{\"id\": \"r\", \"type\": \"threshold\", \"on\": \"tarif\", \"above\": 1}"),
         "text:3:40: /twins/0/rules/0/on: the kind building has no signal \"tarif\"; did "
         "you "
         "mean tariff?"},
        {RULE("{\"id\": \"r\", \"type\": \"threshold\", \"on\": \"measured.tariff\","
              " \"above\": 1}"),
         "text:3:40: /twins/0/rules/0/on: \"measured.tariff\" needs a sensor"},
        {RULE("{\"id\": \"r\", \"type\": \"schedule\", \"on\": \"tariff\","
              " \"hours\": \"Sat\"}"),
         "text:3:33: /twins/0/rules/0/on: a rule of the type schedule is on the twin as a "
         "whole; leave on out"},
        {RULE("{\"id\": \"r\", \"type\": \"schedule\"}"),
         "text:3:1: /twins/0/rules/0: the key hours is missing"},
        {RULE("{\"id\": \"r\", \"type\": \"schedule\", \"hours\": \"8-18\"}"),
         "text:3:42: /twins/0/rules/0/hours: \"8-18\" is no time of the week"},
        {RULE("{\"id\": \"r\", \"type\": \"schedule\", \"hours\": []}"),
         "text:3:42: /twins/0/rules/0/hours: an empty list"},
        {RULE("{\"id\": \"r\", \"type\": \"maintenance\", \"on\": \"tariff\"}"),
         "text:3:42: /twins/0/rules/0/on: \"tariff\": a rule of the type maintenance is on "
         "health.NAME"},
        {RULE("{\"id\": \"r\", \"type\": \"deviation\", \"on\": \"parameter.shading\"}"),
         "text:3:40: /twins/0/rules/0/on: a rule of the type deviation looks at a sensor, "
         "and \"parameter.shading\" has none"},
        {RULE("{\"id\": \"r\", \"type\": \"fault\", \"exclude\": \"on\"}"),
         "text:3:41: /twins/0/rules/0/exclude: \"on\" is not known; allowed: no, yes"},
        {RULE("{\"id\": \"r\", \"type\": \"composite\", \"all\": []}"),
         "text:3:1: /twins/0/rules/0: give at least one of all, any"},
        {RULE("{\"id\": \"r\", \"type\": \"composite\", \"any\": [\"q\"]}"),
         "text:3:42: /twins/0/rules/0/any/0: the twin has no rule \"q\""},
        {RULE("{\"id\": \"r\", \"type\": \"composite\", \"any\": [\"r\"]}"),
         "text:3:41: /twins/0/rules/0/any: rules look at each other in a circle: \"r\" and "
         "\"r\""},
        {RULE("{\"id\": \"r\", \"type\": \"composite\", \"any\": [],"
              " \"in_order\": 1}"),
         "text:3:57: /twins/0/rules/0/in_order: expected true or false, not a number"},
        {RULE("{\"id\": \"r\", \"type\": \"threshold\", \"above\": 1}"),
         "text:3:1: /twins/0/rules/0: a rule of the type threshold needs the key on"},
        {RULE("{\"id\": \"r\", \"type\": \"threshold\", \"on\": [\"tariff\","
              " \"lighting\"], \"above\": 1}"),
         "text:3:40: /twins/0/rules/0/on: a rule of the type threshold is on one signal, "
         "not on 2"},
        {RULE("{\"id\": \"r\", \"type\": \"threshold\", \"on\": 7, \"above\": 1}"),
         "text:3:40: /twins/0/rules/0/on: expected a text or a list of texts, not a "
         "number"},
        {RULE("{\"id\": \"r\", \"type\": \"threshold\", \"on\": \"parameter.volume\","
              " \"above\": 1}"),
         "text:3:40: /twins/0/rules/0/on: the kind building estimates no parameter "
         "\"volume\"; "},
        {RULE("{\"id\": \"r\", \"type\": \"threshold\", \"on\": \"health.roof\","
              " \"above\": 1}"),
         "text:3:40: /twins/0/rules/0/on: the kind building estimates no index of health "
         "\"roof\"; "},
        {RULE("{\"id\": \"r\", \"type\": \"stale\", \"on\": \"tariff\", \"after\": 60}"),
         "text:3:36: /twins/0/rules/0/on: \"tariff\" needs a sensor"},
        {RULE("{\"id\": \"r\", \"type\": \"stale\", \"on\": \"indoor_temperature\"}"),
         "text:3:1: /twins/0/rules/0: the key after is missing"},
        {RULE("{\"id\": \"r\", \"type\": \"stale\", \"on\": \"indoor_temperature\","
              " \"after\": \"10m\", \"above\": 3}"),
         "text:3:74: /twins/0/rules/0/above: unknown key; "},
        {RULE("{\"id\": \"r\", \"type\": \"threshold\", \"on\": \"tariff\"}"),
         "text:3:1: /twins/0/rules/0: give at least one of above"},
        {RULE("{\"id\": \"r\", \"type\": \"threshold\", \"on\": \"tariff\", \"above\": 1,"
              " \"clear_below\": 2}"),
         "text:3:1: /twins/0/rules/0: clear_below (2) must not be greater than above (1)"},
        {RULE("{\"id\": \"r\", \"type\": \"threshold\", \"on\": \"tariff\", \"above\": 1,\n"
              " \"levels\": []}"),
         "text:3:50: /twins/0/rules/0/above: above cannot stand beside levels"},
        {RULE("{\"id\": \"r\", \"type\": \"threshold\", \"on\": \"tariff\",\n"
              "\"levels\": [{\"severity\": \"warning\", \"above\": 1},"
              " {\"severity\": \"info\", \"above\": 2}]}"),
         "text:4:62: /twins/0/rules/0/levels/1/severity: the levels must rise"},
        {RULE("{\"id\": \"r\", \"type\": \"threshold\", \"on\": \"tariff\",\n"
              "\"levels\": [{\"above\": 1}]}"),
         "text:4:12: /twins/0/rules/0/levels/0: the key severity is missing"},
        {RULE("{\"id\": \"r\", \"type\": \"threshold\", \"on\": \"tariff\", \"above\": 1,\n"
              " \"severity\": \"bad\"}"),
         "text:4:14: /twins/0/rules/0/severity: \"bad\" is not known; allowed: info, "
         "warning, "
         "critical"},
        {RULE("{\"id\": \"r\", \"type\": \"threshold\", \"on\": \"tariff\", \"above\": 1,\n"
              " \"unless\": [\"q\"]}"),
         "text:4:13: /twins/0/rules/0/unless/0: the twin has no rule \"q\""},
        {RULE("{\"id\": \"r\", \"type\": \"threshold\", \"on\": \"tariff\", \"above\": 1,\n"
              " \"unless\": [\"r\"]}"),
         "text:4:12: /twins/0/rules/0/unless: rules suppress each other in a circle"},
        {RULE(
             "{\"id\": \"r\", \"type\": \"threshold\", \"on\": \"tariff\", \"above\": 1},\n"
             "{\"id\": \"r\", \"type\": \"threshold\", \"on\": \"tariff\", \"above\": 2}"),
         "text:4:8: /twins/0/rules/1/id: the twin has two rules \"r\""},
    };
    CHECK_ALL(table);
}

static void test_an_input_has_no_residual(void **state)
{
    (void)state;
    static const struct wrong table[] = {
        {TWIN("\"bind\": {\"tariff\": \"t\"}, \"rules\": [{\"id\": \"r\", \"type\":"
              " \"threshold\", \"on\":\n\"residual.tariff\", \"above\": 1}]"),
         "text:3:1: /twins/0/rules/0/on: tariff is an input"},
    };
    CHECK_ALL(table);
}

static void test_rules_in_a_longer_circle_are_told(void **state)
{
    (void)state;
    static const struct wrong table[] = {
        {RULE("{\"id\": \"p\", \"type\": \"threshold\", \"on\": \"tariff\", \"above\": 1,"
              " \"unless\": [\"q\"]},\n"
              "{\"id\": \"q\", \"type\": \"threshold\", \"on\": \"tariff\", \"above\": 1,"
              " \"unless\": [\"r\"]},\n"
              "{\"id\": \"r\", \"type\": \"threshold\", \"on\": \"tariff\", \"above\": 1,"
              " \"unless\":\n[\"p\"]}"),
         "text:6:1: /twins/0/rules/2/unless: rules suppress each other in a circle: \"r\" "
         "and \"p\""},
    };
    CHECK_ALL(table);
}

static void test_all_errors_are_told_in_one_run(void **state)
{
    (void)state;
    static const char *const places[] = {
        "text:1:2: /brokr: ",
        "text:2:9: /step: ",
        "text:4:8: /twins/0/id: ",
        "text:4:21: /twins/0/kind: ",
        "text:5:43: /twins/1/detail: ",
        "text:6:12: /twins/1/params/x",
        "text:7:12: /twins/1/bind/tarif: ",
        "text:7:36: /twins/1/bind/",
        "text:8:18: /twins/1/rules/0: ",
        "text:3:2: /step: ",
    };
    struct heard heard = {.n_errors = 0};
    struct config config;
    assert_false(heard_load(&heard,
                            "{\"brokr\": 1,\n\"step\": \"x\",\n \"step\": 4, \"twins\": [\n"
                            "{\"id\": \"?\", \"kind\": \"?\"},\n"
                            "{\"id\": \"b\", \"kind\": \"building\", \"detail\": \"y\",\n"
                            "\"params\": {\"x\": 5},\n"
                            "\"bind\": {  \"tarif\": \"t\", \"tariff\": \"t/#/x\"},\n"
                            "       \"rules\": [{\"type\": \"stuck\"}]}]}",
                            &config));
    for (size_t i = 0; i < sizeof places / sizeof *places; i++) {
        bool found = false;
        for (size_t j = 0; j < heard.n_errors && !found; j++)
            found = strncmp(heard.errors[j], places[i], strlen(places[i])) == 0;
        if (!found)
            for (size_t j = 0; j < heard.n_errors; j++)
                print_message("%s\n", heard.errors[j]);
        if (!found)
            fail_msg("nothing was said at %s", places[i]);
    }
    heard_clear(&heard);
}

static void test_a_flood_of_errors_ends(void **state)
{
    (void)state;
    struct heard heard = {.n_errors = 0};
    struct config config;
    char text[8192] = "{\"twins\": [0";
    for (size_t i = 0, n = strlen(text); i < 500; i++)
        n += (size_t)snprintf(text + n, sizeof text - n, ", %zu", i);
    strcat(text, "]}");
    assert_false(heard_load(&heard, text, &config));
    assert_int_equal(heard.n_errors, 101);
    assert_string_equal(heard.errors[100], "and more errors, which are not shown");
    heard_clear(&heard);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_broken_file_is_told_with_its_position),
        cmocka_unit_test(test_an_unknown_key_is_told_with_the_nearest_or_all),
        cmocka_unit_test(test_a_value_of_the_wrong_type_is_told_what_is_allowed),
        cmocka_unit_test(test_a_value_out_of_range_is_told_the_range),
        cmocka_unit_test(test_an_integrator_that_a_twin_cannot_have_is_told),
        cmocka_unit_test(test_a_bad_broker_is_told),
        cmocka_unit_test(test_a_key_that_stands_twice_is_told_with_both_places),
        cmocka_unit_test(test_a_bad_twin_is_told),
        cmocka_unit_test(test_a_bad_binding_is_told),
        cmocka_unit_test(test_a_bad_fleet_is_told),
        cmocka_unit_test(test_bad_signals_are_told),
        cmocka_unit_test(test_a_bad_rule_is_told),
        cmocka_unit_test(test_an_input_has_no_residual),
        cmocka_unit_test(test_rules_in_a_longer_circle_are_told),
        cmocka_unit_test(test_all_errors_are_told_in_one_run),
        cmocka_unit_test(test_a_flood_of_errors_ends),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
