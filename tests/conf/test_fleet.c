/* Fleets: what an id says of its names, and twins that come to be by their topics. */
#include "world_stage.h"

#include "twind/fleet.h"

enum { T = 1700000000 };

static void expect_names(enum fleet_fit fit, const char *pattern, const char *id,
                         const char *names)
{
    struct route_match match;
    char seen[256] = "";
    assert_int_equal(fleet_match(pattern, id, &match), fit);
    if (fit != FLEET_NONE)
        for (size_t i = 0; i < match.n_captures; i++)
            snprintf(seen + strlen(seen), sizeof seen - strlen(seen), "%s%.*s",
                     i ? " " : "", (int)match.captures[i].length, match.captures[i].text);
    assert_string_equal(seen, names);
}

static void test_an_id_says_what_its_names_stand_for(void **state)
{
    (void)state;
    expect_names(FLEET_ONE, "gh-{site}-{house}", "gh-north-2", "north 2");
    expect_names(FLEET_ONE, "{site}", "anything-at-all", "anything-at-all");
    expect_names(FLEET_ONE, "x{a}y", "xyy", "y");
    expect_names(FLEET_NONE, "gh-{site}-{house}", "gh-north", "");
    expect_names(FLEET_NONE, "gh-{site}-{house}", "gh--2", "");
    expect_names(FLEET_NONE, "gh-{site}", "hg-north", "");
    expect_names(FLEET_NONE, "gh-{site}", "gh-", "");
    expect_names(FLEET_NONE, "gh-{site}x", "gh-north", "");
}

static void test_an_id_that_can_be_read_in_several_ways_is_told(void **state)
{
    (void)state;
    expect_names(FLEET_SEVERAL, "gh-{site}-{house}", "gh-a-b-c", "a b-c");
    expect_names(FLEET_SEVERAL, "{a}{b}", "xyz", "x yz");
    expect_names(FLEET_ONE, "{a}{b}", "xy", "x y");
}

static void test_no_id_makes_the_reading_slow(void **state)
{
    (void)state;
    char id[FLEET_ID];
    memset(id, '-', sizeof id - 1);
    id[sizeof id - 1] = '\0';
    expect_names(FLEET_NONE, "{a}-{b}-{c}-{d}-{e}-{f}-{g}-{h}x", id, "");
    char much[4 * FLEET_ID];
    memset(much, 'a', sizeof much - 1);
    much[sizeof much - 1] = '\0';
    expect_names(FLEET_NONE, "{a}", much, "");
    expect_names(FLEET_NONE, much, "a", "");
}

#define FARM                                                                               \
    "{'twins': [{'id': 'gh-{site}-{house}', 'name': 'House {house} of {site}', 'max': 3,"  \
    " 'kind': 'greenhouse', 'bind': {"                                                     \
    " 'air_temperature': 'farm/{site}/gh/{house}/t',"                                      \
    " 'relative_humidity': 'farm/{site}/gh/{house}/rh'},"                                  \
    " 'actuate': {'heating_setpoint': {'topic': 'plc/{site}/{house}/heat',"                \
    " 'payload': '{value} C', 'retain': true}}}]}"

static void test_a_topic_makes_its_twin_and_finds_it_again(void **state)
{
    (void)state;
    struct stage s;
    stage_begin(&s, FARM);
    assert_int_equal(engine_count(world_engine(s.world)), 0);
    stage_say(&s, T, "farm/n/gh/1/t", "20");
    stage_say(&s, T, "farm/n/gh/1/rh", "80");
    stage_say(&s, T, "farm/n/gh/2/t", "22");
    stage_say(&s, T + 9, "farm/n/gh/1/t", "20.1");
    assert_int_equal(s.n_created, 2);
    stage_expect(&s, 1, "gh-n-1", "relative_humidity", T, 80);
    stage_expect(&s, 2, "gh-n-2", "air_temperature", T, 22);
    stage_expect(&s, 3, "gh-n-1", "air_temperature", T + 9, 20.1);
    assert_string_equal(stage_twin(&s, "gh-n-1")->name, "House 1 of n");
    stage_end(&s);
}

static void test_a_fleet_that_is_full_refuses_and_works_on(void **state)
{
    (void)state;
    struct stage s;
    char topic[64];
    stage_begin(&s, FARM);
    for (int i = 0; i < 5; i++) {
        snprintf(topic, sizeof topic, "farm/n/gh/%d/t", i);
        stage_say(&s, T, topic, "20");
        stage_say(&s, T + 1, topic, "21");
    }
    assert_int_equal(engine_count(world_engine(s.world)), 3);
    assert_int_equal(world_stats(s.world)->fleet_full, 4);
    assert_int_equal(s.n_readings, 6);
    stage_end(&s);
}

static void test_levels_that_make_no_id_are_refused(void **state)
{
    (void)state;
    struct stage s;
    char topic[256] = "farm//gh/1/t";
    stage_begin(&s, FARM);
    stage_say(&s, T, topic, "20");
    stage_say(&s, T, "farm/a\x01/gh/1/t", "20");
    memset(topic, 'x', 200);
    memcpy(topic, "farm/", 5);
    strcpy(topic + 200, "/gh/1/t");
    stage_say(&s, T, topic, "20");
    assert_int_equal(engine_count(world_engine(s.world)), 0);
    assert_int_equal(world_stats(s.world)->fleet_full, 3);
    stage_end(&s);
}

static void test_a_fleet_does_not_take_an_explicit_twins_id(void **state)
{
    (void)state;
    struct stage s;
    stage_begin(&s, "{'twins': [{'id': 'x-1', 'kind': 'building', 'bind': {"
                    "'indoor_temperature': 'own'}},"
                    "{'id': 'x-{n}', 'kind': 'building', 'bind': {"
                    "'indoor_temperature': 'x/{n}'}}]}");
    stage_say(&s, T, "x/1", "20");
    stage_say(&s, T, "own", "21");
    assert_int_equal(s.n_readings, 1);
    assert_int_equal(world_stats(s.world)->fleet_full, 1);
    stage_end(&s);
}

static void test_a_known_twin_is_revived_once_and_only_by_a_fleet(void **state)
{
    (void)state;
    struct stage s;
    stage_begin(&s, FARM);
    struct twin *twin = world_revive(s.world, "gh-n-1");
    assert_non_null(twin);
    assert_ptr_equal(world_revive(s.world, "gh-n-1"), twin);
    assert_string_equal(twin->name, "House 1 of n");
    assert_null(world_revive(s.world, "house-7"));
    stage_say(&s, T, "farm/n/gh/1/t", "20");
    assert_int_equal(s.n_created, 1);
    assert_string_equal(world_origin(s.world, twin)->id, "gh-{site}-{house}");
    world_revive(s.world, "gh-n-2");
    world_revive(s.world, "gh-n-3");
    assert_null(world_revive(s.world, "gh-n-4")); /* full */
    stage_end(&s);
}

static void test_a_command_goes_to_the_device_of_this_twin(void **state)
{
    (void)state;
    struct stage s;
    stage_begin(&s, FARM);
    stage_say(&s, T, "farm/n/gh/1/t", "20");
    stage_say(&s, T, "twind/gh-n-1/set/heating_setpoint", "19.5");
    assert_string_equal(s.published.at, "retained plc/n/1/heat 19.5 C\n"
                                        "twind/gh-n-1/set/heating_setpoint/result "
                                        "{\"ok\":true}\n");
    stage_end(&s);
}

/* "gh-a-b-c" may be house c of site a-b, or house b-c of site a. */
static void test_an_ambiguous_id_commands_the_device_that_spoke(void **state)
{
    (void)state;
    struct stage s;
    stage_begin(&s, FARM);
    stage_say(&s, T, "farm/a-b/gh/c/t", "20");
    assert_string_equal(stage_twin(&s, "gh-a-b-c")->name, "House c of a-b");
    stage_say(&s, T, "twind/gh-a-b-c/set/heating_setpoint", "19");
    assert_non_null(strstr(s.published.at, "plc/a-b/c/heat 19 C\n"));
    stage_say(&s, T, "farm/a/gh/b-c/t", "5"); /* another house: it must not be mixed in */
    assert_int_equal(s.n_readings, 1);
    assert_int_equal(world_stats(s.world)->fleet_full, 1);
    stage_end(&s);
}

static void test_a_revived_ambiguous_id_waits_for_its_device(void **state)
{
    (void)state;
    struct stage s;
    stage_begin(&s, FARM);
    struct twin *twin = world_revive(s.world, "gh-a-b-c");
    stage_say(&s, T, "twind/gh-a-b-c/set/heating_setpoint", "19");
    assert_non_null(strstr(s.published.at, "{\"ok\":false"));
    assert_null(strstr(s.published.at, "plc/"));
    stage_say(&s, T, "farm/a/gh/b-c/t", "20");
    stage_say(&s, T, "twind/gh-a-b-c/set/heating_setpoint", "19");
    assert_non_null(strstr(s.published.at, "plc/a/b-c/heat 19 C\n"));
    char text[8];
    assert_false(world_fill(s.world, twin, "{site}/{house}/much", text, sizeof text));
    assert_true(world_fill(s.world, twin, "{house}/{site}", text, sizeof text));
    assert_string_equal(text, "b-c/a");
    stage_end(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_an_id_says_what_its_names_stand_for),
        cmocka_unit_test(test_an_id_that_can_be_read_in_several_ways_is_told),
        cmocka_unit_test(test_no_id_makes_the_reading_slow),
        cmocka_unit_test(test_a_topic_makes_its_twin_and_finds_it_again),
        cmocka_unit_test(test_a_fleet_that_is_full_refuses_and_works_on),
        cmocka_unit_test(test_levels_that_make_no_id_are_refused),
        cmocka_unit_test(test_a_fleet_does_not_take_an_explicit_twins_id),
        cmocka_unit_test(test_a_known_twin_is_revived_once_and_only_by_a_fleet),
        cmocka_unit_test(test_a_command_goes_to_the_device_of_this_twin),
        cmocka_unit_test(test_an_ambiguous_id_commands_the_device_that_spoke),
        cmocka_unit_test(test_a_revived_ambiguous_id_waits_for_its_device),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
