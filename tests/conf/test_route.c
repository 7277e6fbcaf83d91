#include "twind/route.h"

#include "check.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* What `each` saw, as text: "target name=text;" for each match. */
struct seen {
    char text[400];
    bool refuse;
};

static uint64_t note(void *context, const struct route_match *match)
{
    struct seen *seen = context;
    size_t used = strlen(seen->text);
    used += (size_t)snprintf(seen->text + used, sizeof seen->text - used, "%d",
                             (int)match->target);
    for (size_t i = 0; i < match->n_captures; i++) {
        const struct route_capture *c = &match->captures[i];
        used +=
            (size_t)snprintf(seen->text + used, sizeof seen->text - used, " %.*s=%.*s",
                             (int)strcspn(c->name, "}"), c->name, (int)c->length, c->text);
    }
    snprintf(seen->text + used, sizeof seen->text - used, ";");
    return seen->refuse ? ROUTE_NOTHING : match->target + 1000;
}

static size_t resolve(struct route *route, const char *topic, struct seen *seen,
                      const uint64_t **targets)
{
    memset(seen->text, 0, sizeof seen->text);
    return route_resolve(route, topic, strlen(topic), note, seen, targets);
}

static bool matches(const char *filter, const char *topic)
{
    struct route *route = route_new();
    struct err e;
    const uint64_t *targets;
    struct seen seen = {.refuse = false};
    if (!route_filter_valid(filter, &e))
        fail_msg("%s", e.text);
    route_add(route, filter, 1);
    bool found = route_find(route, topic, strlen(topic), &targets) > 0 ||
                 resolve(route, topic, &seen, &targets) > 0;
    route_free(route);
    return found;
}

/* The examples of MQTT 3.1.1, section 4.7. */
static void test_wildcards_match_as_the_standard_says(void **state)
{
    (void)state;
    static const struct {
        const char *filter, *topic;
        bool match;
    } rows[] = {
        {"sport/tennis/player1/#", "sport/tennis/player1", true},
        {"sport/tennis/player1/#", "sport/tennis/player1/ranking", true},
        {"sport/tennis/player1/#", "sport/tennis/player1/score/wimbledon", true},
        {"sport/#", "sport", true},
        {"sport/#", "sports", false},
        {"#", "a/b/c", true},
        {"sport/tennis/+", "sport/tennis/player1", true},
        {"sport/tennis/+", "sport/tennis/player1/ranking", false},
        {"sport/+", "sport", false},
        {"sport/+", "sport/", true},
        {"+/+", "/finance", true},
        {"/+", "/finance", true},
        {"+", "/finance", false},
        {"+/tennis/#", "sport/tennis", true},
        {"#", "$SYS/broker", false},
        {"+/monitor/Clients", "$SYS/monitor/Clients", false},
        {"$SYS/#", "$SYS/broker", true},
        {"$SYS/+/Clients", "$SYS/monitor/Clients", true},
        {"a/b", "a/b", true},
        {"a/b", "A/b", false},
        {"a/b", "a/b/", false},
        {"a//b", "a//b", true},
        {"a/+/b", "a//b", true},
        {"farm/{site}/t", "farm/north/t", true},
        {"farm/{site}/t", "farm/north/u", false},
        {"a/+/c", "a/+/c", true},
        {"a/b/c", "a/+/c", false},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        if (matches(rows[i].filter, rows[i].topic) != rows[i].match)
            fail_msg("%s and %s", rows[i].filter, rows[i].topic);
}

static void test_filters_are_checked(void **state)
{
    (void)state;
    static const char *const fine[] = {
        "a",           "/",      "a b/c",
        "+",           "#",      "+/#",
        "a/{b}/{c_1}", "$SYS/#", "zigbee2mqtt/weather sensor"};
    static const struct {
        const char *filter, *part;
    } wrong[] = {
        {"", "empty"},
        {"a/#/b", "last"},
        {"a+", "whole levels"},
        {"a/b#", "whole levels"},
        {"a/{}", "named level"},
        {"a/{B}", "named level"},
        {"a/x{b}", "named level"},
        {"a/{b", "named level"},
        {"{a}/{a}", "twice"},
        {"{a}/{b}/{c}/{d}/{e}/{f}/{g}/{h}/{i}", "more than 8"},
        {"$share/g/a", "shared"},
    };
    struct err e;
    for (size_t i = 0; i < sizeof fine / sizeof *fine; i++)
        if (!route_filter_valid(fine[i], &e))
            fail_msg("%s", e.text);
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        if (route_filter_valid(wrong[i].filter, &e))
            fail_msg("accepted: %s", wrong[i].filter);
        assert_non_null(strstr(e.text, wrong[i].part));
    }
    static char text[65537];
    memset(text, 'a', 65535);
    assert_true(route_filter_valid(text, &e));
    memset(text, 'a', 65536);
    assert_false(route_filter_valid(text, &e));
}

static void test_broker_gets_plus_for_named_levels(void **state)
{
    (void)state;
    char plain[40];
    route_filter_plain("farm/{site}/gh/{house}/+/#", plain, sizeof plain);
    assert_string_equal(plain, "farm/+/gh/+/+/#");
    route_filter_plain("/a//", plain, sizeof plain);
    assert_string_equal(plain, "/a//");
    route_filter_plain("abcdef", plain, 4);
    assert_string_equal(plain, "abc");
}

static void test_exact_topic_gives_its_targets_in_their_order(void **state)
{
    (void)state;
    struct route *route = route_new();
    const uint64_t *targets;
    for (uint64_t i = 0; i < 9; i++) {
        route_add(route, "tele/gh1/SENSOR", 40 - i);
        route_add(route, "tele/gh2/SENSOR", i);
    }
    assert_int_equal(route_find(route, "tele/gh1/SENSOR", 15, &targets), 9);
    for (uint64_t i = 0; i < 9; i++)
        assert_int_equal(targets[i], 40 - i);
    assert_int_equal(route_find(route, "tele/gh1", 8, &targets), 0);
    assert_null(targets);
    route_free(route);
}

static void test_every_match_is_asked_once_and_its_answer_remembered(void **state)
{
    (void)state;
    struct route *route = route_new();
    struct seen seen = {.refuse = false};
    const uint64_t *targets;
    route_add(route, "farm/{site}/gh/{house}/t", 1);
    route_add(route, "farm/#", 2);
    route_add(route, "farm/north/gh/7/t", 3);
    route_add(route, "farm/+/gh/{h}/+", 4);
    route_add(route, "+/other", 5);
    const char *topic = "farm/north/gh/7/t";
    assert_int_equal(route_find(route, topic, strlen(topic), &targets), 0);
    assert_int_equal(resolve(route, topic, &seen, &targets), 4);
    assert_string_equal(seen.text, "1 site=north house=7;2;4 h=7;");
    assert_int_equal(route_find(route, topic, strlen(topic), &targets), 4);
    assert_int_equal(targets[0], 3);
    assert_int_equal(targets[1], 1001);
    assert_int_equal(targets[2], 1002);
    assert_int_equal(targets[3], 1004);
    assert_int_equal(resolve(route, topic, &seen, &targets), 4);
    assert_string_equal(seen.text, "");
    route_free(route);
}

static void test_refused_topic_is_asked_again(void **state)
{
    (void)state;
    struct route *route = route_new();
    struct seen seen = {.refuse = true};
    const uint64_t *targets;
    route_add(route, "gh/{house}", 1);
    assert_int_equal(resolve(route, "gh/a", &seen, &targets), 0);
    seen.refuse = false;
    assert_int_equal(resolve(route, "gh/a", &seen, &targets), 1);
    assert_string_equal(seen.text, "1 house=a;");
    assert_int_equal(resolve(route, "other", &seen, &targets), 0);
    route_free(route);
}

/* The rules once more, in the plainest way: for comparison only. */
static bool plain_match(const char *filter, const char *topic)
{
    if ((*filter == '+' || *filter == '#') && *topic == '$')
        return false;
    for (;;) {
        size_t f = strcspn(filter, "/"), t = strcspn(topic, "/");
        if (*filter == '#')
            return true;
        bool wild = f == 1 && *filter == '+';
        if (!wild && (f != t || memcmp(filter, topic, f) != 0))
            return false;
        filter += f;
        topic += t;
        if (*topic == '\0')
            return *filter == '\0' || strcmp(filter, "/#") == 0;
        if (*filter == '\0')
            return false;
        filter++;
        topic++;
    }
}

static uint32_t random_below(uint64_t *seed, uint32_t n)
{
    *seed = *seed * 6364136223846793005u + 1442695040888963407u;
    return (uint32_t)(*seed >> 33) % n;
}

static void make_text(uint64_t *seed, const char *const *levels, uint32_t n, char *to)
{
    uint32_t count = 1 + random_below(seed, 4);
    *to = '\0';
    for (uint32_t i = 0; i < count; i++) {
        const char *level = levels[random_below(seed, n)];
        if (*level == '#' && i + 1 < count)
            level = "b";
        strcat(strcat(to, i ? "/" : ""), level);
    }
}

static void test_tree_agrees_with_the_plain_rules(void **state)
{
    (void)state;
    static const char *const levels[] = {"a", "b", "", "$x", "+", "#"};
    enum { FILTERS = 60 };
    uint64_t seed = 20260101;
    for (int round = 0; round < 200; round++) {
        struct route *route = route_new();
        char filters[FILTERS][32], topic[32];
        for (int i = 0; i < FILTERS; i++) {
            make_text(&seed, levels, 6, filters[i]);
            route_add(route, filters[i], (uint64_t)i);
        }
        for (int i = 0; i < 50; i++) {
            make_text(&seed, levels, 4, topic);
            size_t expected = 0;
            for (int f = 0; f < FILTERS; f++)
                expected += plain_match(filters[f], topic);
            const uint64_t *targets;
            struct seen seen = {.refuse = false};
            size_t n = resolve(route, topic, &seen, &targets);
            if (n != expected)
                fail_msg("topic \"%s\": %zu targets, not %zu", topic, n, expected);
            assert_int_equal(route_find(route, topic, strlen(topic), &targets), n);
        }
        route_free(route);
    }
}

static void test_hundred_thousand_topics_are_each_found(void **state)
{
    (void)state;
    enum { N = 100000 };
    struct route *route = route_new();
    const uint64_t *targets;
    char topic[64];
    size_t bytes = 0;
    for (int i = 0; i < N; i++) {
        bytes += (size_t)snprintf(topic, sizeof topic, "site/%d/gh/%d/t", i % 317, i);
        route_add(route, topic, (uint64_t)i);
    }
    for (int i = 0; i < N; i++) {
        snprintf(topic, sizeof topic, "site/%d/gh/%d/t", i % 317, i);
        assert_int_equal(route_find(route, topic, strlen(topic), &targets), 1);
        assert_int_equal(targets[0], i);
    }
    assert_true(route_memory(route) <= 48 * (size_t)N + bytes);
    route_free(route);
}

/* All are found; how much is kept of them? */
static size_t memory_after(size_t topics, size_t bytes, size_t n, size_t length)
{
    struct route *route = route_new();
    struct seen seen = {.refuse = false};
    const uint64_t *targets;
    char topic[2048];
    route_set_limit(route, topics, bytes);
    route_add(route, "a/#", 1);
    size_t empty = route_memory(route);
    for (size_t i = 0; i < n; i++) {
        snprintf(topic, sizeof topic, "a/%0*zu", (int)length - 2, i);
        assert_int_equal(resolve(route, topic, &seen, &targets), 1);
        assert_int_equal(targets[0], 1001);
    }
    size_t memory = route_memory(route) - empty;
    route_free(route);
    return memory;
}

static void test_remembered_topics_have_a_bound_and_are_found_beyond_it(void **state)
{
    (void)state;
    enum { BLOCK = 64 << 10 };
    assert_in_range(memory_after(2000000, 256 << 20, 3000, 1000), 3000000, 3300000);
    assert_in_range(memory_after(2000000, 1 << 20, 3000, 1000), 1 << 20,
                    (1 << 20) + 2 * BLOCK);
    assert_in_range(memory_after(1000, 256 << 20, 3000, 1000), 900000, 1200000);
}

static void test_any_bytes_are_a_topic_that_nothing_is_bound_to(void **state)
{
    (void)state;
    struct route *route = route_new();
    struct seen seen = {.refuse = false};
    const uint64_t *targets;
    route_add(route, "a/{x}", 1);
    route_add(route, "a/b", 2);
    static const char topic[] = "a/\0\xFF/+";
    assert_int_equal(route_find(route, topic, 4, &targets), 0);
    assert_int_equal(route_find(route, "", 0, &targets), 0);
    assert_int_equal(resolve(route, "", &seen, &targets), 0);
    char *slashes = malloc(70000);
    memset(slashes, '/', 70000);
    assert_int_equal(route_resolve(route, slashes, 70000, note, &seen, &targets), 0);
    free(slashes);
    route_free(route);
}

static uint64_t fill(void *context, const struct route_match *match)
{
    char **parts = context;
    struct err e = {""};
    char id[16];
    bool fine = route_fill(parts[0], match, id, sizeof id, &e);
    if (parts[1])
        assert_string_equal(fine ? id : "", parts[1]);
    else if (fine || !strstr(e.text, parts[2]))
        fail_msg("%s: %s", fine ? id : "refused", e.text);
    return 1;
}

static void assert_filled(const char *topic, size_t length, const char *pattern,
                          const char *expected, const char *part)
{
    struct route *route = route_new();
    const uint64_t *targets;
    const char *parts[] = {pattern, expected, part};
    route_add(route, "farm/{site}/gh/{s}", 1);
    assert_int_equal(route_resolve(route, topic, length, fill, parts, &targets), 1);
    route_free(route);
}

static void test_pattern_is_filled_from_the_topic(void **state)
{
    (void)state;
    assert_filled("farm/north/gh/7", 15, "gh-{site}-{s}", "gh-north-7", NULL);
    assert_filled("farm/north/gh/7", 15, "{s}{s}", "77", NULL);
    assert_filled("farm/north/gh/7", 15, "plain", "plain", NULL);
    assert_filled("farm/north/gh/7", 15, "{house}", NULL, "{house}");
    assert_filled("farm/north/gh/7", 15, "{si}", NULL, "{si}");
    assert_filled("farm/north/gh/", 14, "gh-{s}", NULL, "empty");
    assert_filled("farm/n\nh/gh/7", 13, "gh-{site}", NULL, "control");
    assert_filled("farm/north/gh/7", 15, "12345678901234{s}", "123456789012347", NULL);
    assert_filled("farm/north/gh/7", 15, "123456789012345{s}", NULL, "longer than 15");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_wildcards_match_as_the_standard_says),
        cmocka_unit_test(test_filters_are_checked),
        cmocka_unit_test(test_broker_gets_plus_for_named_levels),
        cmocka_unit_test(test_exact_topic_gives_its_targets_in_their_order),
        cmocka_unit_test(test_every_match_is_asked_once_and_its_answer_remembered),
        cmocka_unit_test(test_refused_topic_is_asked_again),
        cmocka_unit_test(test_tree_agrees_with_the_plain_rules),
        cmocka_unit_test(test_hundred_thousand_topics_are_each_found),
        cmocka_unit_test(test_remembered_topics_have_a_bound_and_are_found_beyond_it),
        cmocka_unit_test(test_any_bytes_are_a_topic_that_nothing_is_bound_to),
        cmocka_unit_test(test_pattern_is_filled_from_the_topic),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
