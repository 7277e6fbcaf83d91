/* The configuration as files: the contract's example, drop-ins, secrets, what is shipped,
 * and the dump that reads back the same. */
#include "config_heard.h"

#include <sys/stat.h>
#include <unistd.h>

enum { PATH = 512 };

static char folder[] = "/tmp/twind-config-XXXXXX";

static const char example[] =
    "{\n"
    "  \"broker\": {\n"
    "    \"url\": \"mqtt://127.0.0.1:1883\",        // mqtts:// for TLS\n"
    "    \"client_id\": \"twind\", \"protocol\": \"3.1.1\", // or \"5\"\n"
    "    \"username\": \"twind\", \"password_file\": \"broker-password\", // relative\n"
    "    \"ca_file\": \"\", \"cert_file\": \"\", \"key_file\": \"\",\n"
    "    \"keepalive\": \"60s\", \"session_expiry\": \"1d\"\n"
    "  },\n"
    "  \"topic_prefix\": \"twind\",\n"
    "  \"clock\": \"wall\",   // or \"event\"\n"
    "  \"state_dir\": \"/var/lib/twind\",\n"
    "  \"step\": \"10s\",\n"
    "  \"history\": { \"file\": \"history.db\", \"raw\": \"30d\", \"minutes\": \"1y\",\n"
    "    \"hours\": \"10y\", \"states\": \"1m\", \"commit\": \"50ms\" },\n"
    "  \"http\": { \"listen\": \"127.0.0.1:8080\", \"token_file\": \"\" },   // null: "
    "none\n"
    "  \"home_assistant\": { \"discovery\": true, \"prefix\": \"homeassistant\" },\n"
    "  \"twins\": [\n"
    "    {\n"
    "      \"id\": \"gh1\", \"name\": \"North house\", \"kind\": \"greenhouse\",\n"
    "      \"params\": { \"floor_area\": 144 },\n"
    "      \"bind\": {\n"
    "        \"air_temperature\": { \"topic\": \"zigbee2mqtt/gh1\", \"path\":\n"
    "          \"/temperature\", \"unit\": \"Cel\" },\n"
    "        \"relative_humidity\": { \"topic\": \"zigbee2mqtt/gh1\", \"path\":\n"
    "          \"/humidity\", \"sd\": 2.0, \"timeout\": \"15m\" }\n"
    "      },\n"
    "      \"actuate\": { \"heating_setpoint\": { \"topic\": \"plc/gh1/heat/set\",\n"
    "        \"payload\": \"{\\\"setpoint\\\":{value}}\" } },\n"
    "      \"forecast\": { \"every\": \"1h\", \"horizon\": \"24h\", \"step\": \"15m\" },\n"
    "      \"rules\": [\n"
    "        { \"id\": \"hot\", \"type\": \"threshold\", \"on\": \"air_temperature\",\n"
    "          \"above\": 30, \"clear_below\": 28, \"for\": \"5m\","
    " \"severity\": \"warning\" }\n"
    "      ]\n"
    "    },\n"
    "    // a fleet\n"
    "    { \"id\": \"gh-{site}-{house}\", \"kind\": \"greenhouse\", \"max\": 10000,\n"
    "      \"bind\": { \"air_temperature\": { \"topic\":\n"
    "        \"farm/{site}/gh/{house}/climate\", \"path\": \"/t\" } } }\n"
    "  ]\n"
    "}\n";

static char *path_of(const char *name, char path[PATH])
{
    snprintf(path, PATH, "%s/%s", folder, name);
    return path;
}

static void put(const char *name, const char *text)
{
    char path[PATH];
    FILE *file = fopen(path_of(name, path), "w");
    assert_non_null(file);
    fputs(text, file);
    fclose(file);
}

static char *bare_environment(const char *name)
{
    (void)name;
    return NULL;
}

static char *service_environment(const char *name)
{
    static char credentials[PATH], state[] = "/var/lib/first:/var/lib/second";
    if (strcmp(name, "CREDENTIALS_DIRECTORY") == 0)
        return path_of("credentials", credentials);
    return strcmp(name, "STATE_DIRECTORY") == 0 ? state : NULL;
}

static bool load(const char *name, char *(*environment)(const char *), struct heard *heard,
                 struct config *config)
{
    char path[PATH];
    struct config_report report = {heard, heard_say};
    *heard = (struct heard){.n_errors = 0};
    return config_load(path_of(name, path), environment, &report, config);
}

static void remove_all(void)
{
    static const char *const names[] = {
        "twind.json",
        "broker-password",
        "again.json",
        "twins.d/b.json",
        "twins.d/a.json",
        "twins.d/.hidden.json",
        "twins.d/c.json.example",
        "credentials/broker-password",
    };
    char path[PATH];
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        unlink(path_of(names[i], path));
}

static int setup(void **state)
{
    char path[PATH];
    (void)state;
    if (!mkdtemp(folder) || mkdir(path_of("twins.d", path), 0700) != 0 ||
        mkdir(path_of("credentials", path), 0700) != 0)
        return -1;
    return 0;
}

static int teardown(void **state)
{
    char path[PATH];
    (void)state;
    remove_all();
    rmdir(path_of("twins.d", path));
    rmdir(path_of("credentials", path));
    return rmdir(folder);
}

static int clean(void **state)
{
    (void)state;
    remove_all();
    return 0;
}

static void test_the_contracts_example_loads(void **state)
{
    (void)state;
    struct heard heard;
    struct config config;
    char path[PATH];
    put("twind.json", example);
    put("broker-password", "s3cret\n");
    if (!load("twind.json", bare_environment, &heard, &config))
        fail_msg("%s", heard.errors[0]);
    assert_int_equal(config.n_twins, 2);
    assert_string_equal(config.broker.password, "s3cret");
    assert_string_equal(config.broker.password_file, path_of("broker-password", path));
    assert_null(config.broker.ca_file);
    assert_string_equal(config.history.file, "/var/lib/twind/history.db");
    assert_int_equal(config.twins[1].max, 10000);
    assert_int_equal(heard.n_warnings, 2);
    heard_clear(&heard);
    config_clear(&config);
}

static void test_a_secret_is_looked_for_in_the_credentials_first(void **state)
{
    (void)state;
    struct heard heard;
    struct config config;
    put("twind.json",
        "{\"broker\": {\"username\": \"u\", \"password_file\": \"broker-password\"}}");
    put("broker-password", "beside");
    assert_true(load("twind.json", service_environment, &heard, &config));
    assert_string_equal(config.broker.password, "beside");
    config_clear(&config);
    put("credentials/broker-password", "given by systemd\r\n");
    assert_true(load("twind.json", service_environment, &heard, &config));
    assert_string_equal(config.broker.password, "given by systemd");
    assert_string_equal(config.state_dir, "/var/lib/first");
    assert_string_equal(config.history.file, "/var/lib/first/history.db");
    config_clear(&config);
}

static void test_a_secret_that_cannot_be_read_is_told_with_its_path(void **state)
{
    (void)state;
    struct heard heard;
    struct config config;
    char expected[2 * PATH];
    put("twind.json",
        "{\"broker\": {\"username\": \"u\",\n\"password_file\": \"broker-password\"}}");
    assert_false(load("twind.json", bare_environment, &heard, &config));
    assert_int_equal(heard.n_errors, 1);
    snprintf(
        expected, sizeof expected,
        "%s/twind.json:2:18: /broker/password_file: cannot read %s/broker-password: No "
        "such file or directory; make the file, readable for twind's user, or remove "
        "the key",
        folder, folder);
    assert_string_equal(heard.errors[0], expected);
    heard_clear(&heard);
    put("broker-password", "\n");
    assert_false(load("twind.json", bare_environment, &heard, &config));
    assert_non_null(strstr(heard.errors[0], "must hold the password and nothing else"));
    heard_clear(&heard);
}

static void test_a_file_that_is_not_there_is_told(void **state)
{
    (void)state;
    struct heard heard;
    struct config config;
    char expected[2 * PATH];
    assert_false(load("twind.json", bare_environment, &heard, &config));
    snprintf(expected, sizeof expected,
             "%s/twind.json:1:1: /: cannot read %s/twind.json: No such file or directory",
             folder, folder);
    assert_string_equal(heard.errors[0], expected);
    heard_clear(&heard);
}

static void test_drop_ins_are_read_in_the_order_of_their_names(void **state)
{
    (void)state;
    struct heard heard;
    struct config config;
    put("twind.json", "{\"step\": \"7s\", \"twins\": [{\"id\": \"main\", \"kind\": "
                      "\"building\"}]}");
    put("twins.d/b.json", "{\"twins\": [{\"id\": \"b\", \"kind\": \"building\"}]}");
    put("twins.d/a.json",
        "# first\n{\"twins\": [{\"id\": \"a\", \"kind\": \"building\"}]}");
    put("twins.d/.hidden.json", "not read");
    put("twins.d/c.json.example", "not read");
    if (!load("twind.json", bare_environment, &heard, &config))
        fail_msg("%s", heard.errors[0]);
    assert_int_equal(config.n_twins, 3);
    assert_string_equal(config.twins[0].id, "main");
    assert_string_equal(config.twins[1].id, "a");
    assert_string_equal(config.twins[2].id, "b");
    assert_close(config.twins[2].plan->step, 7, 0);
    config_clear(&config);
}

static void test_errors_in_drop_ins_name_their_files(void **state)
{
    (void)state;
    struct heard heard;
    struct config config;
    char expected[2 * PATH];
    put("twind.json", "{\"twins\": [{\"id\": \"x\", \"kind\": \"building\"}]}");
    put("twins.d/a.json", "{\"step\": 1, \"twins\": []}");
    put("twins.d/b.json", "{\"twins\": [\n{\"id\": \"x\", \"kind\": \"building\"}]}");
    assert_false(load("twind.json", bare_environment, &heard, &config));
    assert_int_equal(heard.n_errors, 2);
    snprintf(expected, sizeof expected,
             "%s/twins.d/a.json:1:2: /step: unknown key; allowed: twins", folder);
    assert_string_equal(heard.errors[0], expected);
    snprintf(
        expected, sizeof expected,
        "%s/twins.d/b.json:2:8: /twins/0/id: the id \"x\" stands twice; the first is at "
        "%s/twind.json:1:13",
        folder, folder);
    assert_string_equal(heard.errors[1], expected);
    heard_clear(&heard);
    put("twins.d/a.json", "{");
    assert_false(load("twind.json", bare_environment, &heard, &config));
    snprintf(expected, sizeof expected, "%s/twins.d/a.json:1:2: /: ", folder);
    assert_memory_equal(heard.errors[0], expected, strlen(expected));
    heard_clear(&heard);
}

/* -- what is shipped -- */

static void test_everything_shipped_is_valid(void **state)
{
    (void)state;
    static const struct {
        const char *file;
        size_t n_twins;
    } shipped[] = {
        {"twind.json", 0},
        {"twins.d/greenhouse.json.example", 1},
        {"twins.d/building.json.example", 1},
        {"twins.d/air_quality.json.example", 1},
        {"twins.d/fleet.json.example", 1},
    };
    for (size_t i = 0; i < sizeof shipped / sizeof *shipped; i++) {
        char path[PATH];
        struct heard heard = {.n_errors = 0};
        struct config_report report = {&heard, heard_say};
        struct config config;
        snprintf(path, sizeof path, "%s/config/%s", SOURCE_DIR, shipped[i].file);
        if (!config_load(path, bare_environment, &report, &config))
            fail_msg("%s", heard.errors[0]);
        assert_int_equal(heard.n_warnings, 0);
        assert_int_equal(config.n_twins, shipped[i].n_twins);
        config_clear(&config);
    }
}

/* -- the dump -- */

static char *dump(const struct config *config)
{
    char *text = NULL;
    size_t length = 0;
    FILE *to = open_memstream(&text, &length);
    assert_non_null(to);
    config_dump(config, to);
    fclose(to);
    return text;
}

/* Its dump, loaded again, gives the same dump, without an error or warning. */
static char *check_round_trip(const char *name)
{
    struct heard heard;
    struct config config, again;
    if (!load(name, bare_environment, &heard, &config))
        fail_msg("%s", heard.errors[0]);
    heard_clear(&heard);
    char *first = dump(&config);
    put("again.json", first);
    if (!load("again.json", bare_environment, &heard, &again))
        fail_msg("%s\n%s", heard.errors[0], first);
    assert_int_equal(heard.n_warnings, 0);
    assert_int_equal(again.n_twins, config.n_twins);
    for (size_t i = 0; i < config.n_twins; i++)
        assert_int_equal(again.twins[i].plan->block_size, config.twins[i].plan->block_size);
    char *second = dump(&again);
    assert_string_equal(first, second);
    free(second);
    config_clear(&config);
    config_clear(&again);
    return first;
}

static void test_the_dump_of_the_example_reads_back_the_same(void **state)
{
    (void)state;
    put("twind.json", example);
    put("broker-password", "x");
    char *text = check_round_trip("twind.json");
    assert_non_null(strstr(text, "\"session_expiry\": \"1d\""));
    assert_non_null(strstr(text, "\"timeout\": \"90m\""));
    assert_non_null(strstr(text, "\"stuck_after\": \"never\""));
    assert_null(strstr(text, "home_assistant"));
    free(text);
}

static void test_the_dump_of_every_key_reads_back_the_same(void **state)
{
    (void)state;
    put("twind.json",
        "{\"broker\": {\"protocol\": \"5\"}, \"clock\": \"event\", \"step\": 0.3333333333,"
        "\"history\": {\"states\": \"never\"}, \"inbox\": {\"size\": \"1GiB\"}, \"twins\": "
        "["
        "{\"id\": \"a\", \"kind\": \"building\", \"name\": \"Caf\\u00e9 \\\"x\\\"\", "
        "\"bind\":"
        "{\"tariff\": {\"topic\": \"t\", \"path\": \"/a~1b\", \"find\": {\"key\": \"k\","
        "\"equals\": true, \"value\": \"v\"}, \"when\": {\"/x\": null, \"/y\": -1.5e-7},"
        "\"unit_path\": \"/u\", \"time\": \"/t\", \"zone\": \"-09:30\", \"scale\": 0.1,"
        "\"counter\": true, \"min_interval\": \"3s\", \"range\": [-1, 1e6]},"
        "\"wind_speed\": {\"topic\": \"w\", \"format\": \"csv\", \"column\": 4},"
        "\"indoor_temperature\": {\"topic\": \"i\", \"format\": \"senml\", \"name\": "
        "\"n\"}},"
        "\"actuate\": {\"lighting\": {\"topic\": \"l\", \"retain\": true}}, \"rules\": ["
        "{\"id\": \"r1\", \"type\": \"threshold\", \"on\": \"ppd\", \"levels\": ["
        "{\"severity\": \"info\", \"above\": 1}, {\"severity\": \"critical\", \"above\": "
        "2}],"
        "\"unless\": [\"r2\"], \"message\": \"{twin}\"},"
        "{\"id\": \"r2\", \"type\": \"deviation\", \"on\": \"indoor_temperature\","
        "\"severity\": \"info\", \"no_data\": \"normal\", \"for\": 1, \"keep\": 2},"
        "{\"id\": \"r3\", \"type\": \"rate\", \"on\": \"measured.tariff\", \"below\": "
        "-1}]},"
        "{\"id\": \"f-{x}\", \"kind\": \"generic\", \"step\": \"1m\", \"signals\": {\"v\":"
        "{\"unit\": \"V\", \"min\": 0}, \"w\": {\"sd\": 2}}, \"params\": {\"v_pace\": 3},"
        "\"bind\": {\"v\": \"a/{x}/v\"}}]}");
    free(check_round_trip("twind.json"));
}

static void test_the_dump_of_what_is_shipped_reads_back_the_same(void **state)
{
    (void)state;
    static const char *const names[] = {"greenhouse", "building", "air_quality", "fleet"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        char path[PATH], text[16384];
        snprintf(path, sizeof path, "%s/config/twins.d/%s.json.example", SOURCE_DIR,
                 names[i]);
        FILE *file = fopen(path, "r");
        assert_non_null(file);
        text[fread(text, 1, sizeof text - 1, file)] = '\0';
        fclose(file);
        put("twind.json", text);
        free(check_round_trip("twind.json"));
    }
}

/* -- the manual -- */

static void test_the_manual_names_every_key_but_those_not_built(void **state)
{
    (void)state;
    static const char *const keys[] = {
        "broker.url",  "history.commit", "inbox.size", "publish.rate",
        "find.equals", "stuck_after",    "no_data",    "payload",
        "max",         "topic_prefix",   "horizon",    "values",
    };
    char *text = NULL;
    size_t length = 0;
    FILE *to = open_memstream(&text, &length);
    assert_non_null(to);
    config_write_manual(to);
    fclose(to);
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) {
        char line[64];
        snprintf(line, sizeof line, "\n.B %s\n", keys[i]);
        if (!strstr(text, line))
            fail_msg("the manual does not name %s", keys[i]);
    }
    assert_non_null(strstr(text, "\"100ms\" to \"1d\"; default 10s"));
    assert_non_null(strstr(text, "(\"3.1.1\", \"5\"; default 3.1.1)"));
    assert_null(strstr(text, "http"));
    assert_null(strstr(text, "discovery"));
    free(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(test_the_contracts_example_loads, clean),
        cmocka_unit_test_teardown(test_a_secret_is_looked_for_in_the_credentials_first,
                                  clean),
        cmocka_unit_test_teardown(test_a_secret_that_cannot_be_read_is_told_with_its_path,
                                  clean),
        cmocka_unit_test_teardown(test_a_file_that_is_not_there_is_told, clean),
        cmocka_unit_test_teardown(test_drop_ins_are_read_in_the_order_of_their_names,
                                  clean),
        cmocka_unit_test_teardown(test_errors_in_drop_ins_name_their_files, clean),
        cmocka_unit_test(test_everything_shipped_is_valid),
        cmocka_unit_test_teardown(test_the_dump_of_the_example_reads_back_the_same, clean),
        cmocka_unit_test_teardown(test_the_dump_of_every_key_reads_back_the_same, clean),
        cmocka_unit_test_teardown(test_the_dump_of_what_is_shipped_reads_back_the_same,
                                  clean),
        cmocka_unit_test(test_the_manual_names_every_key_but_those_not_built),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
