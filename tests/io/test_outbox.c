#include "check.h"
#include "twind/outbox.h"

#include <stdio.h>
#include <string.h>

static bool put(struct outbox *outbox, const char *topic, const char *text, unsigned flags)
{
    const struct outbox_item item = {
        .topic = topic, .payload = text, .length = strlen(text), .flags = flags};
    return outbox_put(outbox, &item);
}

static void expect(struct outbox *outbox, const char *topic, const char *text)
{
    struct outbox_message *m = outbox_take(outbox);
    assert_non_null(m);
    assert_string_equal(m->item.topic, topic);
    assert_int_equal(m->item.length, strlen(text));
    assert_memory_equal(m->item.payload, text, m->item.length);
    outbox_end(m);
}

static void test_messages_leave_in_their_order_with_all_they_carry(void **state)
{
    (void)state;
    struct outbox *outbox = outbox_new(10, 100000);
    assert_true(put(outbox, "a", "1", MQTT_QOS1));
    const struct outbox_item item = {.topic = "b",
                                     .payload = "2",
                                     .length = 1,
                                     .correlation = "corr",
                                     .correlation_length = 4,
                                     .flags = MQTT_QOS1 | MQTT_RETAIN,
                                     .tag = 99};
    assert_true(outbox_put(outbox, &item));
    expect(outbox, "a", "1");
    struct outbox_message *m = outbox_take(outbox);
    assert_int_equal(m->item.tag, 99);
    assert_int_equal(m->item.flags, MQTT_QOS1 | MQTT_RETAIN);
    assert_memory_equal(m->item.correlation, "corr", 4);
    outbox_end(m);
    assert_null(outbox_take(outbox));
    outbox_free(outbox);
}

static void test_the_newest_takes_the_place_of_the_older(void **state)
{
    (void)state;
    struct outbox *outbox = outbox_new(10, 100000);
    put(outbox, "s/1", "old", MQTT_NEWEST);
    put(outbox, "s/2", "other", MQTT_NEWEST);
    put(outbox, "s/1", "a longer new one", MQTT_NEWEST);
    assert_int_equal(outbox_count(outbox), 2);
    assert_int_equal(outbox_dropped(outbox), 0);
    expect(outbox, "s/1", "a longer new one");
    expect(outbox, "s/2", "other");
    outbox_free(outbox);
}

static void test_the_newest_does_not_overtake_another_of_its_topic(void **state)
{
    (void)state;
    struct outbox *outbox = outbox_new(10, 100000);
    put(outbox, "t", "1", MQTT_NEWEST);
    put(outbox, "t", "2", MQTT_QOS1);
    put(outbox, "t", "3", MQTT_NEWEST);
    put(outbox, "t", "4", MQTT_NEWEST);
    expect(outbox, "t", "1");
    expect(outbox, "t", "2");
    expect(outbox, "t", "4");
    outbox_free(outbox);
}

static void test_qos_1_stays_where_others_give_way(void **state)
{
    (void)state;
    struct outbox *outbox = outbox_new(4, 100000);
    put(outbox, "a", "keep 1", MQTT_QOS1);
    put(outbox, "b", "loose 1", 0);
    put(outbox, "c", "loose 2", MQTT_NEWEST | MQTT_QOS1);
    put(outbox, "d", "keep 2", MQTT_QOS1);
    assert_true(put(outbox, "e", "keep 3", MQTT_QOS1));
    assert_true(put(outbox, "f", "keep 4", MQTT_QOS1));
    assert_int_equal(outbox_dropped(outbox), 2);
    assert_false(put(outbox, "g", "keep 5", MQTT_QOS1));
    assert_false(put(outbox, "h", "loose 3", 0));
    assert_int_equal(outbox_dropped(outbox), 4);
    expect(outbox, "a", "keep 1");
    expect(outbox, "d", "keep 2");
    expect(outbox, "e", "keep 3");
    expect(outbox, "f", "keep 4");
    outbox_free(outbox);
}

static void test_bytes_are_bounded_too(void **state)
{
    (void)state;
    struct outbox *outbox = outbox_new(1000, 10000);
    static char text[4001];
    memset(text, 'x', 4000);
    assert_true(put(outbox, "a", text, 0));
    assert_true(put(outbox, "b", text, 0));
    assert_true(put(outbox, "c", text, 0));
    assert_int_equal(outbox_count(outbox), 2);
    static char huge[20001];
    memset(huge, 'x', 20000);
    assert_false(put(outbox, "d", huge, MQTT_QOS1)); /* and nobody gave way in vain */
    assert_int_equal(outbox_count(outbox), 2);
    outbox_free(outbox);
}

static void test_returned_messages_are_first_again_in_their_order(void **state)
{
    (void)state;
    struct outbox *outbox = outbox_new(3, 100000);
    put(outbox, "a", "1", MQTT_QOS1);
    put(outbox, "b", "2", MQTT_NEWEST);
    put(outbox, "c", "3", MQTT_NEWEST);
    struct outbox_message *one = outbox_take(outbox), *two = outbox_take(outbox);
    struct outbox_message *three = outbox_take(outbox);
    put(outbox, "c", "3 newer", MQTT_NEWEST);
    put(outbox, "a", "4", MQTT_QOS1);
    outbox_return(outbox, three); /* overtaken */
    outbox_return(outbox, two);
    outbox_return(outbox, one); /* one more than the bound: nothing is lost */
    expect(outbox, "a", "1");
    expect(outbox, "b", "2");
    expect(outbox, "c", "3 newer");
    expect(outbox, "a", "4");
    assert_null(outbox_take(outbox));
    outbox_free(outbox);
}

/* Against a plain list that is searched from end to end. */
struct model {
    char topic[300][8], text[300][16];
    unsigned flags[300];
    size_t n;
};

static void model_remove(struct model *m, size_t at)
{
    m->n--;
    memmove(m->topic[at], m->topic[at + 1], (m->n - at) * sizeof *m->topic);
    memmove(m->text[at], m->text[at + 1], (m->n - at) * sizeof *m->text);
    memmove(&m->flags[at], &m->flags[at + 1], (m->n - at) * sizeof *m->flags);
}

static void model_put(struct model *m, const char *topic, const char *text, unsigned flags)
{
    size_t last = m->n;
    while (last > 0 && strcmp(m->topic[last - 1], topic) != 0)
        last--;
    if (last > 0 && (flags & MQTT_NEWEST) && (m->flags[last - 1] & MQTT_NEWEST)) {
        strcpy(m->text[last - 1], text);
        m->flags[last - 1] = flags;
        return;
    }
    strcpy(m->topic[m->n], topic);
    strcpy(m->text[m->n], text);
    m->flags[m->n++] = flags;
}

static void test_thousands_of_random_messages_behave_like_a_plain_list(void **state)
{
    (void)state;
    static struct model model;
    struct outbox *outbox = outbox_new(100000, 1 << 30);
    unsigned seed = 1;
    for (unsigned i = 0; i < 20000; i++) {
        seed = seed * 1664525u + 1013904223u;
        unsigned r = seed >> 8;
        char topic[8], text[16];
        snprintf(topic, sizeof topic, "t%u", r % 90);
        snprintf(text, sizeof text, "%u", i);
        unsigned flags = r / 100 % 4 == 0 ? MQTT_QOS1 : MQTT_NEWEST;
        if (model.n < 290 && r / 1000 % 100 < 55) {
            put(outbox, topic, text, flags);
            model_put(&model, topic, text, flags);
        } else if (model.n > 0) {
            expect(outbox, model.topic[0], model.text[0]);
            model_remove(&model, 0);
        }
        assert_int_equal(outbox_count(outbox), model.n);
    }
    outbox_free(outbox);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_messages_leave_in_their_order_with_all_they_carry),
        cmocka_unit_test(test_the_newest_takes_the_place_of_the_older),
        cmocka_unit_test(test_the_newest_does_not_overtake_another_of_its_topic),
        cmocka_unit_test(test_qos_1_stays_where_others_give_way),
        cmocka_unit_test(test_bytes_are_bounded_too),
        cmocka_unit_test(test_returned_messages_are_first_again_in_their_order),
        cmocka_unit_test(test_thousands_of_random_messages_behave_like_a_plain_list),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
