/* Memory is zeroed and grows by doubling; hashes spread and stay what they are. */
#include "check.h"
#include "twind/mem.h"

#include <stdlib.h>
#include <string.h>

static void test_new_memory_is_zeroed_and_never_null(void **state)
{
    (void)state;
    unsigned char *bytes = mem_new(1000, 3);
    for (size_t i = 0; i < 3000; i++)
        assert_int_equal(bytes[i], 0);
    free(bytes);
    void *none = mem_new(0, 8), *nothing = mem_new(8, 0);
    assert_non_null(none);
    assert_non_null(nothing);
    free(none);
    free(nothing);
}

static void test_an_array_keeps_its_content_and_zeroes_what_is_new(void **state)
{
    (void)state;
    size_t room = 0;
    unsigned *array = NULL;
    for (unsigned i = 0; i < 1000; i++) {
        array = mem_grow(array, &room, i + 1, sizeof *array);
        assert_int_equal(array[i], 0);
        array[i] = i + 7;
    }
    for (unsigned i = 0; i < 1000; i++)
        assert_int_equal(array[i], i + 7);
    free(array);
}

static void test_an_array_at_least_doubles(void **state)
{
    (void)state;
    size_t room = 0, moves = 0, before = 0;
    char *array = NULL;
    for (size_t i = 1; i <= 100000; i++) {
        array = mem_grow(array, &room, i, 1);
        moves += room != before;
        before = room;
    }
    assert_in_range(moves, 1, 15);
    array = mem_grow(array, &room, 5 * room, 1);
    assert_int_equal(room, 5 * before);
    assert_ptr_equal(mem_grow(array, &room, 3, 1), array);
    free(array);
}

static void test_texts_are_copied_and_terminated(void **state)
{
    (void)state;
    char from[] = "greenhouse";
    char *whole = mem_text(from), *part = mem_text_n(from, 5), *empty = mem_text_n(from, 0);
    memset(from, 'x', 10);
    assert_string_equal(whole, "greenhouse");
    assert_string_equal(part, "green");
    assert_string_equal(empty, "");
    free(whole);
    free(part);
    free(empty);
}

/* The values stand in files: they may never change. */
static void test_a_hash_is_the_same_for_ever(void **state)
{
    (void)state;
    assert_true(mem_hash("", 0) == mem_hash("other", 0));
    assert_true(mem_hash("twind", 5) == mem_hash("twind!", 5));
    uint64_t known[] = {mem_hash("", 0), mem_hash("twind", 5), mem_hash("farm/a/gh/1", 11)};
    const uint64_t golden[] = {UINT64_C(0x96EFAA916BBE48DA), UINT64_C(0xA9BFFD0B3CDA54F3),
                               UINT64_C(0x0FDFA3DE5997E986)};
    for (int i = 0; i < 3; i++)
        assert_int_equal(known[i], golden[i]);
}

static void test_each_bit_of_the_input_turns_about_half_of_the_hash(void **state)
{
    (void)state;
    unsigned char text[21] = "zigbee2mqtt/kitchen";
    uint64_t whole = mem_hash(text, sizeof text);
    for (size_t bit = 0; bit < 8 * sizeof text; bit++) {
        text[bit / 8] ^= (unsigned char)(1u << bit % 8);
        uint64_t changed = whole ^ mem_hash(text, sizeof text);
        text[bit / 8] ^= (unsigned char)(1u << bit % 8);
        int turned = 0;
        for (; changed; changed &= changed - 1)
            turned++;
        assert_in_range(turned, 10, 54);
    }
}

static void test_zeros_of_different_length_differ(void **state)
{
    (void)state;
    const unsigned char zeros[40] = {0};
    for (size_t n = 0; n < sizeof zeros; n++)
        for (size_t m = 0; m < n; m++)
            assert_true(mem_hash(zeros, n) != mem_hash(zeros, m));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_new_memory_is_zeroed_and_never_null),
        cmocka_unit_test(test_an_array_keeps_its_content_and_zeroes_what_is_new),
        cmocka_unit_test(test_an_array_at_least_doubles),
        cmocka_unit_test(test_texts_are_copied_and_terminated),
        cmocka_unit_test(test_a_hash_is_the_same_for_ever),
        cmocka_unit_test(test_each_bit_of_the_input_turns_about_half_of_the_hash),
        cmocka_unit_test(test_zeros_of_different_length_differ),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
