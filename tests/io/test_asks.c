/* Questions on their way: which topics are, what is copied, what is dropped. */
#include "check.h"

#include "twind/asks.h"
#include "twind/log.h"

#include <stdio.h>
#include <string.h>

static bool put(struct asks *asks, const char *topic, const char *payload,
                const char *response)
{
    return asks_put_on_paho(asks, &(struct mqtt_message){
                                      .topic = topic,
                                      .topic_length = strlen(topic),
                                      .payload = payload,
                                      .payload_length = strlen(payload),
                                      .response_topic = response,
                                      .correlation = response ? "c\0d" : NULL,
                                      .correlation_length = response ? 3 : 0,
                                  });
}

static struct asks *begin(void)
{
    struct asks *asks = asks_new();
    log_set_level(LOG_ERROR);
    asks_set_prefix(asks, "site/x");
    return asks;
}

static void test_a_question_is_copied_with_its_way_back(void **state)
{
    (void)state;
    struct asks *asks = begin();
    assert_true(put(asks, "site/x/house-1/whatif", "{}", "answers/7"));
    struct ask *ask = asks_take(asks, false);
    assert_int_equal(ask->what, ASK_WHATIF);
    assert_string_equal(ask->twin, "house-1");
    assert_string_equal(ask->payload, "{}");
    assert_int_equal(ask->length, 2);
    assert_string_equal(ask->response_topic, "answers/7");
    assert_int_equal(ask->correlation_length, 3);
    assert_memory_equal(ask->correlation, "c\0d", 3);
    char topic[64];
    ask_result_topic(ask, "site/x", topic, sizeof topic);
    assert_string_equal(topic, "site/x/house-1/whatif/result");
    ask_free(ask);
    assert_null(asks_take(asks, false));
    asks_free(asks);
}

static void test_other_topics_are_nobodys(void **state)
{
    (void)state;
    static const char *const topics[] = {
        "site/x/whatif",
        "site/x//whatif",
        "site/x/a/b/whatif",
        "site/y/a/whatif",
        "site/x/a/whatif/more",
        "site/x/a/xwhatif",
        "site/x/a/set/lamp",
        "site/x",
        "/a/whatif",
        "site/x/a/optimiser",
        "whatif",
        "",
    };
    struct asks *asks = begin();
    for (size_t i = 0; i < sizeof topics / sizeof *topics; i++)
        if (put(asks, topics[i], "{}", NULL))
            fail_msg("'%s' is taken for a question", topics[i]);
    assert_null(asks_take(asks, false));
    asks_free(asks);
}

/* Nobody may be made to publish to a filter, or to the broker's own topics. */
static void test_a_response_topic_must_be_a_topic(void **state)
{
    (void)state;
    static const char *const responses[] = {"", "a/+", "#", "$SYS/x"};
    struct asks *asks = begin();
    for (size_t i = 0; i < sizeof responses / sizeof *responses; i++) {
        assert_true(put(asks, "site/x/a/optimise", "{}", responses[i]));
        struct ask *ask = asks_take(asks, false);
        assert_null(ask->response_topic);
        assert_int_equal(ask->what, ASK_OPTIMISE);
        ask_free(ask);
    }
    asks_free(asks);
}

static void test_what_ifs_pass_by_searches_in_their_order(void **state)
{
    (void)state;
    struct asks *asks = begin();
    put(asks, "site/x/a/optimise", "1", NULL);
    put(asks, "site/x/b/whatif", "2", NULL);
    put(asks, "site/x/c/whatif", "3", NULL);
    static const char *const order[] = {"2", "3"};
    for (size_t i = 0; i < 2; i++) {
        struct ask *ask = asks_take(asks, true);
        assert_string_equal(ask->payload, order[i]);
        ask_free(ask);
    }
    assert_null(asks_take(asks, true));
    struct ask *ask = asks_take(asks, false);
    assert_string_equal(ask->payload, "1");
    ask_free(ask);
    asks_free(asks);
}

static void test_retained_and_too_many_are_dropped(void **state)
{
    (void)state;
    struct asks *asks = begin();
    size_t n = 0;
    assert_true(asks_put_on_paho(asks, &(struct mqtt_message){.topic = "site/x/a/whatif",
                                                              .topic_length = 15,
                                                              .retained = true}));
    assert_null(asks_take(asks, false));
    for (int i = 0; i < 100; i++)
        assert_true(put(asks, "site/x/a/whatif", "{}", NULL));
    for (struct ask *ask; (ask = asks_take(asks, false)); n++)
        ask_free(ask);
    assert_int_equal(n, 64);
    put(asks, "site/x/a/whatif", "{}", "left/over"); /* freed with the rest */
    asks_free(asks);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_question_is_copied_with_its_way_back),
        cmocka_unit_test(test_other_topics_are_nobodys),
        cmocka_unit_test(test_a_response_topic_must_be_a_topic),
        cmocka_unit_test(test_what_ifs_pass_by_searches_in_their_order),
        cmocka_unit_test(test_retained_and_too_many_are_dropped),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
