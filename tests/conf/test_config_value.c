/* The pieces of the configuration: values of each type, words, addresses, the index. */
#include "check.h"

#include "twind/config_index.h"
#include "twind/config_node.h"
#include "twind/config_tables.h"
#include "twind/config_url.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static char last[2048];

static void keep_last(void *context, bool warning, const char *text)
{
    (void)context;
    (void)warning;
    snprintf(last, sizeof last, "%s", text);
}

/* Reads a JSON value as the key's and puts it again: "" where it is refused or absent. */
static void reread(const struct config_key *key, const char *json, char *to, size_t size)
{
    struct err e;
    const struct config_report report = {.say = keep_last};
    struct config_source source = {.file = (char[]){"f"}};
    struct config_reader reader = {.report = &report, .source = &source};
    union {
        double numbers[2];
        struct config_texts texts;
        char *text;
        int word;
    } field;
    memset(&field, 0, sizeof field);
    *to = '\0';
    if (!json_read_text(json, &source.document, &e))
        fail_msg("%s", e.text);
    struct config_place root = {.node = source.document.root};
    struct text text = {0};
    config_value_start(key, &field);
    if (config_value_read(&reader, &root, key, &field) &&
        config_value_put(&text, key, &field))
        snprintf(to, size, "%s", text.at);
    text_free(&text);
    config_value_clear(key, &field);
    json_document_free(&source.document);
}

struct pair {
    const char *json, *put;
};

static void check_pairs(const struct config_key *key, const struct pair *pairs)
{
    char put[512], again[512];
    for (; pairs->json; pairs++) {
        reread(key, pairs->json, put, sizeof put);
        assert_string_equal(put, pairs->put);
        if (!*put)
            continue;
        reread(key, put, again, sizeof again);
        assert_string_equal(again, put);
    }
}

static void test_durations_are_put_in_their_shortest_exact_form(void **state)
{
    (void)state;
    struct config_key key = {.type = CONFIG_DURATION, .max = 1e9};
    static const struct pair pairs[] = {
        {"\"250ms\"", "\"250ms\""},
        {"300", "\"5m\""},
        {"\"24h\"", "\"1d\""},
        {"0", "\"0s\""},
        {"\"90m\"", "\"90m\""},
        {"0.3333333333333", "0.3333333333333"},
        {"\"never\"", ""},
        {"\"-5s\"", ""},
        {"\"\"", ""},
        {"-1", ""},
        {"true", ""},
        {NULL, NULL},
    };
    check_pairs(&key, pairs);
}

static void test_never_is_a_duration_only_where_it_makes_sense(void **state)
{
    (void)state;
    struct config_key key = {.type = CONFIG_DURATION, .max = INFINITY};
    static const struct pair pairs[] = {
        {"\"never\"", "\"never\""}, {"\"Never\"", ""}, {NULL, NULL}};
    check_pairs(&key, pairs);
}

static void test_sizes_are_bytes(void **state)
{
    (void)state;
    struct config_key key = {.type = CONFIG_SIZE, .max = 1e10};
    static const struct pair pairs[] = {
        {"\"64MB\"", "64000000"}, {"\"64 MiB\"", "67108864"},
        {"\"1.5kB\"", "1500"},    {"\"1GiB\"", "1073741824"},
        {"4096", "4096"},         {"\"12B\"", "12"},
        {"\"12\"", ""},           {"\"MB\"", ""},
        {"\"1e3MB\"", ""},        {"\"-1MB\"", ""},
        {"\"99GB\"", ""},         {NULL, NULL},
    };
    check_pairs(&key, pairs);
}

static void test_zones_are_offsets(void **state)
{
    (void)state;
    struct config_key key = {.type = CONFIG_ZONE};
    static const struct pair pairs[] = {
        {"\"UTC\"", "\"+00:00\""},
        {"\"Z\"", "\"+00:00\""},
        {"\"-09:30\"", "\"-09:30\""},
        {"\"+14:00\"", "\"+14:00\""},
        {"\"+15:00\"", ""},
        {"\"+01:60\"", ""},
        {"\"+1\"", ""},
        {"\"CET\"", ""},
        {"\"+ab:cd\"", ""},
        {"3600", ""},
        {NULL, NULL},
    };
    check_pairs(&key, pairs);
}

static void test_whole_numbers_are_whole(void **state)
{
    (void)state;
    struct config_key key = {.type = CONFIG_COUNT, .max = 100};
    static const struct pair pairs[] = {{"7", "7"}, {"7.0", "7"}, {"7.5", ""},
                                        {"-1", ""}, {"101", ""},  {NULL, NULL}};
    check_pairs(&key, pairs);
}

static void test_ranges_rise(void **state)
{
    (void)state;
    struct config_key key = {.type = CONFIG_RANGE, .min = -100, .max = 100};
    static const struct pair pairs[] = {
        {"[-1, 2.5]", "[-1, 2.5]"},
        {"[2, 2]", ""},
        {"[1, 2, 3]", ""},
        {"[1, \"2\"]", ""},
        {"[]", ""},
        {"[1, 1000]", ""},
        {NULL, NULL},
    };
    check_pairs(&key, pairs);
}

static void test_scalars_and_lists_of_texts_come_back(void **state)
{
    (void)state;
    struct config_key scalar = {.type = CONFIG_SCALAR};
    static const struct pair scalars[] = {
        {"140", "\"140\""}, {"true", "\"true\""}, {"\"a\\\"b\"", "\"a\\\"b\""},
        {"null", ""},       {"[]", ""},           {NULL, NULL},
    };
    check_pairs(&scalar, scalars);
    struct config_key texts = {.type = CONFIG_TEXTS};
    static const struct pair lists[] = {{"[\"a\", \"b\"]", "[\"a\", \"b\"]"},
                                        {"[]", "[]"},
                                        {"[\"a\", 1]", ""},
                                        {"\"a\"", ""},
                                        {NULL, NULL}};
    check_pairs(&texts, lists);
    static const struct pair names[] = {
        {"\"a\"", "\"a\""}, {"[\"a\"]", "\"a\""}, {"[\"a\", \"b\"]", "[\"a\", \"b\"]"},
        {"[]", ""},         {"[1]", ""},          {"1", ""},
        {NULL, NULL}};
    struct config_key either = {.type = CONFIG_NAMES};
    check_pairs(&either, names);
}

static void test_words_are_known_and_near_ones_named(void **state)
{
    (void)state;
    static const char *const words[] = {"hold", "alert", "normal", NULL};
    struct config_key key = {.type = CONFIG_WORD, .words = words};
    static const struct pair pairs[] = {
        {"\"alert\"", "\"alert\""}, {"\"Alert\"", ""}, {NULL, NULL}};
    check_pairs(&key, pairs);
    assert_string_equal(last, "f:1:1: /: \"Alert\" is not known; did you mean alert?");
}

/* -- hints -- */

static const char *hint_for(const char *word, struct config_hint *hint)
{
    static const char *const known[] = {"air_temperature", "co2", "max", "par"};
    *hint = (struct config_hint){.word = word};
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        config_hint_offer(hint, known[i]);
    return config_hint_text(hint);
}

static void test_the_nearest_word_is_named_or_else_all(void **state)
{
    (void)state;
    static const struct {
        const char *word, *said;
    } cases[] = {
        {"air_temperatur", "did you mean air_temperature?"},
        {"air_tempreature", "did you mean air_temperature?"},
        {"temperature", "allowed: air_temperature, co2, max, par"},
        {"c2o", "did you mean co2?"},
        {"mxa", "did you mean max?"},
        {"no", "allowed: air_temperature, co2, max, par"}, /* too short to be near */
        {"x", "allowed: air_temperature, co2, max, par"},
        {"", "allowed: air_temperature, co2, max, par"},
    };
    struct config_hint hint;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        assert_string_equal(hint_for(cases[i].word, &hint), cases[i].said);
}

static void test_a_hint_of_very_many_words_is_cut(void **state)
{
    (void)state;
    struct config_hint hint = {.word = "zzz"};
    char words[200][16];
    for (size_t i = 0; i < 200; i++) {
        snprintf(words[i], sizeof words[i], "word_%zu", i);
        config_hint_offer(&hint, words[i]);
    }
    const char *said = config_hint_text(&hint);
    assert_true(strlen(said) < CONFIG_HINT_TEXT);
    assert_non_null(strstr(said, "word_0, word_1"));
    assert_string_equal(said + strlen(said) - 4, ", ..");
}

/* -- addresses -- */

static void test_addresses_have_their_schemes_port(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        bool fine, tls;
        unsigned port;
    } cases[] = {
        {"mqtt://h", true, false, 1883},
        {"mqtts://h", true, true, 8883},
        {"mqtt://h.example:2000", true, false, 2000},
        {"mqtts://[fe80::1]", true, true, 8883},
        {"mqtt://[::1]:99", true, false, 99},
        {"mqtt://h:", false, false, 0},
        {"mqtt://h:0", false, false, 0},
        {"mqtt://[]", false, false, 0},
        {"mqtt:/h", false, false, 0},
        {"h:1883", false, false, 0},
        {"mqtt://h:1883000", false, false, 0},
        {"mqttx://h", false, false, 0},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct config_url url;
        struct err e;
        bool fine = config_url_read(cases[i].text, &url, &e);
        if (fine != cases[i].fine)
            fail_msg("%s", cases[i].text);
        if (!fine)
            continue;
        assert_int_equal(url.tls, cases[i].tls);
        assert_int_equal(url.port, cases[i].port);
    }
}

/* -- the index and texts of trees -- */

struct numbers {
    const size_t *at;
    size_t wanted;
};

static bool same_number(const void *context, size_t value)
{
    const struct numbers *numbers = context;
    return numbers->at[value] == numbers->wanted;
}

static void test_the_index_finds_what_was_added_though_hashes_collide(void **state)
{
    (void)state;
    enum { N = 1000, HASHES = 7 };
    struct config_index index = {NULL, 0, 0};
    static size_t at[N];
    for (size_t i = 0; i < N; i++) {
        at[i] = i * 31;
        struct numbers numbers = {at, at[i]};
        assert_int_equal(config_index_add(&index, at[i] % HASHES, same_number, &numbers, i),
                         i);
    }
    for (size_t i = 0; i < N; i++) {
        struct numbers numbers = {at, at[i]};
        assert_int_equal(config_index_add(&index, at[i] % HASHES, same_number, &numbers, N),
                         i);
    }
    assert_int_equal(index.n, N);
    free(index.slots);
}

static void shape_of(const char *json, struct text *text)
{
    struct json_document document;
    struct err e;
    if (!json_read_text(json, &document, &e))
        fail_msg("%s", e.text);
    text_clear(text);
    config_node_put_shape(text, document.root);
    json_document_free(&document);
}

static void test_the_shape_of_a_twin_leaves_out_what_is_its_own(void **state)
{
    (void)state;
    struct text a = {0}, b = {0};
    shape_of(
        "{\"id\": \"a\", \"kind\": \"k\", \"bind\": {\"x\": {\"topic\": \"1\", \"path\":"
        " \"/p\"}, \"y\": \"2\"}}",
        &a);
    shape_of("{\"name\": \"b\", \"kind\": \"k\", \"max\": 3, \"bind\": {\"x\": {\"path\":"
             " \"/p\", \"topic\": \"3\"}, \"y\": \"4\"}}",
             &b);
    assert_string_equal(a.at, b.at);
    assert_string_equal(a.at,
                        "{\"kind\":\"k\",\"bind\":{\"x\":{\"path\":\"/p\"},\"y\":T}}");
    shape_of("{\"kind\": \"k\", \"bind\": {\"x\": {\"path\": \"/p\"}, \"y\": {}}}", &b);
    assert_string_not_equal(a.at, b.at);
    shape_of("{\"kind\": \"k\", \"rules\": [{\"id\": \"r\", \"topic\": \"t\"}]}", &b);
    assert_string_equal(b.at,
                        "{\"kind\":\"k\",\"rules\":[{\"id\":\"r\",\"topic\":\"t\"}]}");
    text_free(&a);
    text_free(&b);
}

static void test_every_row_has_words_for_the_manual(void **state)
{
    (void)state;
    const struct config_table *const tables[] = {
        &config_root_table,     &config_twin_table,   &config_binding_table,
        &config_actuator_table, &config_signal_table, &config_rule_table,
    };
    for (size_t t = 0; t < sizeof tables / sizeof *tables; t++) {
        assert_true(tables[t]->n <= 64);
        for (size_t i = 0; i < tables[t]->n; i++) {
            const struct config_key *key = &tables[t]->keys[i];
            if (!key->help || key->help[strlen(key->help) - 1] == '.')
                fail_msg("%s has no help, or one that ends with a full stop", key->name);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_durations_are_put_in_their_shortest_exact_form),
        cmocka_unit_test(test_never_is_a_duration_only_where_it_makes_sense),
        cmocka_unit_test(test_sizes_are_bytes),
        cmocka_unit_test(test_zones_are_offsets),
        cmocka_unit_test(test_whole_numbers_are_whole),
        cmocka_unit_test(test_ranges_rise),
        cmocka_unit_test(test_scalars_and_lists_of_texts_come_back),
        cmocka_unit_test(test_words_are_known_and_near_ones_named),
        cmocka_unit_test(test_the_nearest_word_is_named_or_else_all),
        cmocka_unit_test(test_a_hint_of_very_many_words_is_cut),
        cmocka_unit_test(test_addresses_have_their_schemes_port),
        cmocka_unit_test(test_the_index_finds_what_was_added_though_hashes_collide),
        cmocka_unit_test(test_the_shape_of_a_twin_leaves_out_what_is_its_own),
        cmocka_unit_test(test_every_row_has_words_for_the_manual),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
