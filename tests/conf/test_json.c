#include "twind/json.h"

#include "check.h"

#include <cjson/cJSON.h>

#include <float.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct cJSON *parse(struct json *json, const char *text)
{
    return json_parse(json, text, strlen(text));
}

static int setup(void **state)
{
    *state = json_new();
    return 0;
}

static int teardown(void **state)
{
    json_free(*state);
    return 0;
}

static void test_plain_json_of_devices_parses(void **state)
{
    static const char *const texts[] = {
        "{\"temperature\":27.34,\"humidity\":44.72}",
        "21.5",
        "\"on\"",
        "null",
        "[]",
        "{}",
        " [ 1 , -0.5e3, true, {\"a\":{}} ]\r\n",
        "0",
        "-0.0",
        "1E5",
        "\xEF\xBB\xBF{\"bom\":1}",
        "\"\\u00b0C\"",
    };
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        if (!parse(*state, texts[i]))
            fail_msg("refused: %s", texts[i]);
}

static void test_what_is_no_json_is_refused(void **state)
{
    static const char *const texts[] = {
        "",         " ",         "{",           "[1,]",      "{\"a\":1,}", "01",
        "-01",      "1.",        ".5",          "-",         "1e",         "1e999",
        "-1e+400",  "[1] x",     "1 2",         "{\"a\" 1}", "{a:1}",      "tru",
        "\"open",   "\"\\x\"",   "\"\\u12g4\"", "[1 2]",     "+1",         "'a'",
        "{\"a\":}", "[}",        "{]",          "]",         "// 1",       "\"\\ud800\"",
        "TRUE",     "[1e99999]", "0x10",        "\"\\",      "nanx",       ",",
    };
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        if (parse(*state, texts[i]))
            fail_msg("accepted: %s", texts[i]);
    assert_null(json_parse(*state, "1\0", 2));
    assert_null(json_parse(*state, "\0", 1));
}

static void test_text_needs_no_terminator(void **state)
{
    assert_close(json_parse(*state, "12345", 2)->valuedouble, 12, 0);
    assert_null(json_parse(*state, "[1,2]", 4));
}

static void test_depth_is_limited_to_64(void **state)
{
    char text[131072];
    memset(text, '[', 64);
    memset(text + 64, ']', 64);
    assert_non_null(json_parse(*state, text, 128));
    memset(text, '[', 65);
    memset(text + 65, ']', 65);
    assert_null(json_parse(*state, text, 130));
    memset(text, '[', sizeof text);
    assert_null(json_parse(*state, text, sizeof text));
}

static void test_nan_of_one_reading_does_not_lose_the_others(void **state)
{
    const struct cJSON *root =
        parse(*state, "{\"a\":nan,\"b\":-Infinity,\"c\":NaN,\"nan\":7}");
    assert_non_null(root);
    assert_string_equal(cJSON_GetObjectItemCaseSensitive(root, "a")->valuestring, "");
    assert_string_equal(cJSON_GetObjectItemCaseSensitive(root, "b")->valuestring, "");
    assert_close(cJSON_GetObjectItemCaseSensitive(root, "nan")->valuedouble, 7, 0);
}

static void test_large_message_after_small_ones_and_back(void **state)
{
    size_t n = 400000;
    char *text = malloc(2 * n + 1);
    for (size_t i = 0; i < n; i++)
        memcpy(text + 2 * i, i ? ",1" : "[1", 2);
    text[2 * n] = ']';
    for (int round = 0; round < 2; round++) {
        const struct cJSON *root = json_parse(*state, text, 2 * n + 1);
        assert_int_equal(cJSON_GetArraySize(root), n);
        assert_close(parse(*state, "{\"a\":[5]}")->child->child->valuedouble, 5, 0);
    }
    free(text);
}

static const struct cJSON *at(const struct cJSON *root, const char *text)
{
    struct err e;
    struct json_pointer *pointer = json_pointer_new(text, &e);
    assert_non_null(pointer);
    const struct cJSON *found = json_at(root, pointer);
    json_pointer_free(pointer);
    return found;
}

/* The examples of RFC 6901, section 5. */
static void test_pointer_finds_what_the_rfc_says(void **state)
{
    static const char text[] =
        "{\"foo\":[\"bar\",\"baz\"],\"\":0,\"a/b\":1,\"c%d\":2,\"e^f\":3,\"g|h\":4,"
        "\"i\\\\j\":5,\"k\\\"l\":6,\" \":7,\"m~n\":8}";
    static const struct {
        const char *pointer;
        double value;
    } rows[] = {{"/", 0},     {"/a~1b", 1}, {"/c%d", 2}, {"/e^f", 3}, {"/g|h", 4},
                {"/i\\j", 5}, {"/k\"l", 6}, {"/ ", 7},   {"/m~0n", 8}};
    const struct cJSON *root = parse(*state, text);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        assert_non_null(at(root, rows[i].pointer));
        assert_close(at(root, rows[i].pointer)->valuedouble, rows[i].value, 0);
    }
    assert_ptr_equal(at(root, ""), root);
    assert_string_equal(at(root, "/foo/1")->valuestring, "baz");
    assert_null(at(root, "/foo/01"));
    assert_null(at(root, "/foo/2"));
    assert_null(at(root, "/foo/-"));
    assert_null(at(root, "/FOO"));
    assert_null(at(root, "/a~1b/c"));
}

static void test_first_of_equal_keys_is_seen_and_case_counts(void **state)
{
    const struct cJSON *root = parse(*state, "{\"T\":1,\"t\":2,\"t\":3}");
    assert_close(at(root, "/t")->valuedouble, 2, 0);
}

static void test_wrong_pointer_says_how_it_is_written(void **state)
{
    (void)state;
    struct err e;
    assert_null(json_pointer_new("temperature", &e));
    assert_non_null(strstr(e.text, "/temperature"));
    assert_null(json_pointer_new("/a~2", &e));
    assert_null(json_pointer_new("/a~", &e));
}

static void test_star_reads_beside_each_element(void **state)
{
    struct err e;
    const struct cJSON *root =
        parse(*state, "{\"u\":\"C\",\"m\":[{\"t\":1,\"v\":10},{\"t\":2,\"v\":20}]}");
    struct json_pointer *value = json_pointer_new("/m/*/v", &e);
    struct json_pointer *time = json_pointer_new("/m/*/t", &e);
    struct json_pointer *unit = json_pointer_new("/u", &e);
    const struct cJSON *second = json_list(root, value)->child->next;
    assert_close(json_beside(root, second, value, value)->valuedouble, 20, 0);
    assert_close(json_beside(root, second, value, time)->valuedouble, 2, 0);
    assert_string_equal(json_beside(root, second, value, unit)->valuestring, "C");
    assert_null(json_list(root, unit));
    assert_null(json_at(root, value));
    json_pointer_free(value);
    json_pointer_free(time);
    json_pointer_free(unit);
}

static void test_configuration_with_comments_keeps_its_positions(void **state)
{
    (void)state;
    struct json_document document;
    struct err e;
    int line, column;
    assert_true(json_read_text("// head \"\n{ # one\n  \"a\": /* { */ [1, 22],\n"
                               "  \"\xC2\xB0\": {\"url\": \"mqtt://x#y\"}\n}\n",
                               &document, &e));
    const struct cJSON *second = document.root->child->child->next;
    json_position(&document, second, &line, &column);
    assert_int_equal(line, 3);
    assert_int_equal(column, 20);
    const struct cJSON *url = document.root->child->next->child;
    assert_string_equal(url->valuestring, "mqtt://x#y");
    json_position(&document, url, &line, &column);
    assert_int_equal(line, 4);
    assert_int_equal(column, 16);
    json_key_position(&document, url, &line, &column);
    assert_int_equal(column, 9);
    json_key_position(&document, second, &line, &column);
    assert_int_equal(column, 20);
    json_position(&document, document.root, &line, &column);
    assert_int_equal(line, 2);
    assert_int_equal(column, 1);
    json_document_free(&document);
}

static void assert_refused(const char *text, const char *position, const char *part)
{
    struct json_document document;
    struct err e;
    if (json_read_text(text, &document, &e))
        fail_msg("accepted: %s", text);
    if (strncmp(e.text, position, strlen(position)) != 0 || !strstr(e.text, part))
        fail_msg("\"%s\" for %s", e.text, text);
    assert_null(document.text);
}

static void test_configuration_fault_is_named_with_its_position(void **state)
{
    (void)state;
    assert_refused("", "1:1: ", "empty");
    assert_refused("// only this", "1:13: ", "empty");
    assert_refused("{\n \"a\": 1,\n}", "3:1: ", "key in double quotes");
    assert_refused("{\"a\": 01}", "1:7: ", "zero");
    assert_refused("{\"a\": nan}", "1:7: ", "expected a value");
    assert_refused("{\"a\": \"x\n}", "1:9: ", "quote missing");
    assert_refused("{\"a\": \"\xFF\"}", "1:8: ", "UTF-8");
    assert_refused("{\"a\": \"\\u0000\"}", "1:8: ", "\\u0000");
    assert_refused("{\"a\": \"\\udc00\"}", "1:", "no character");
    assert_refused("{} /* x", "1:4: ", "comment that does not end");
    assert_refused("{} {}", "1:4: ", "follows after the end");
    assert_refused("{\"a\" = 1}", "1:6: ", "colon");
}

static void test_file_that_is_missing_or_wrong_is_named(void **state)
{
    (void)state;
    struct json_document document;
    struct err e;
    assert_false(json_read("/nonexistent/twind.json", &document, &e));
    assert_non_null(strstr(e.text, "/nonexistent/twind.json"));
    char path[] = "/tmp/test_json_XXXXXX";
    int fd = mkstemp(path);
    assert_true(fd >= 0);
    FILE *file = fdopen(fd, "w");
    for (int i = 0; i < 2000; i++)
        fputs("# a comment\n", file);
    fputs("{\"a\": 1 \"b\"}", file);
    fclose(file);
    assert_false(json_read(path, &document, &e));
    assert_int_equal(strncmp(e.text, path, strlen(path)), 0);
    assert_non_null(strstr(e.text, ":2001:9: "));
    remove(path);
}

static void note_duplicate(void *context, const struct cJSON *first,
                           const struct cJSON *again)
{
    char *text = context;
    size_t used = strlen(text);
    snprintf(text + used, 200 - used, "%s %g %g;", first->string, first->valuedouble,
             again->valuedouble);
}

static void test_every_duplicate_key_is_listed(void **state)
{
    (void)state;
    struct json_document document;
    struct err e;
    char found[200] = "";
    assert_true(json_read_text("{\"z\":[{\"b\":1,\"a\":2,\"b\":3,\"b\":4},{\"a\":5}],"
                               "\"y\":6,\"Y\":7,\"y\":8}",
                               &document, &e));
    json_duplicates(&document, note_duplicate, found);
    assert_string_equal(found, "b 1 3;b 1 4;y 6 8;");
    json_document_free(&document);
}

static uint64_t random_bits(uint64_t *seed)
{
    *seed ^= *seed << 13;
    *seed ^= *seed >> 7;
    *seed ^= *seed << 17;
    return *seed;
}

static void test_written_number_reads_back_the_same(void **state)
{
    char text[40];
    uint64_t seed = 88172645463325252u;
    for (int i = 0; i < 20000; i++) {
        uint64_t bits = random_bits(&seed);
        double number, back;
        memcpy(&number, &bits, sizeof number);
        if (!isfinite(number))
            continue;
        assert_true(json_put_number(text, sizeof text, number) > 0);
        back = parse(*state, text)->valuedouble;
        if (memcmp(&back, &number, sizeof back) != 0)
            fail_msg("%.17g was written as %s", number, text);
    }
}

static void test_written_number_is_short(void **state)
{
    (void)state;
    char text[40];
    assert_int_equal(json_put_number(text, sizeof text, 21.7), 4);
    assert_string_equal(text, "21.7");
    json_put_number(text, sizeof text, 0.1 + 0.2);
    assert_string_equal(text, "0.30000000000000004");
    json_put_number(text, sizeof text, 1767268800);
    assert_string_equal(text, "1767268800");
    json_put_number(text, sizeof text, (double)NAN);
    assert_string_equal(text, "null");
    assert_int_equal(json_put_number(text, 4, 21.7), 0);
    assert_string_equal(text, "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_plain_json_of_devices_parses),
        cmocka_unit_test(test_what_is_no_json_is_refused),
        cmocka_unit_test(test_text_needs_no_terminator),
        cmocka_unit_test(test_depth_is_limited_to_64),
        cmocka_unit_test(test_nan_of_one_reading_does_not_lose_the_others),
        cmocka_unit_test(test_large_message_after_small_ones_and_back),
        cmocka_unit_test(test_pointer_finds_what_the_rfc_says),
        cmocka_unit_test(test_first_of_equal_keys_is_seen_and_case_counts),
        cmocka_unit_test(test_wrong_pointer_says_how_it_is_written),
        cmocka_unit_test(test_star_reads_beside_each_element),
        cmocka_unit_test(test_configuration_with_comments_keeps_its_positions),
        cmocka_unit_test(test_configuration_fault_is_named_with_its_position),
        cmocka_unit_test(test_file_that_is_missing_or_wrong_is_named),
        cmocka_unit_test(test_every_duplicate_key_is_listed),
        cmocka_unit_test(test_written_number_reads_back_the_same),
        cmocka_unit_test(test_written_number_is_short),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
