/* Calibrations laid over the configuration: what is written reads back, what is broken is
 * told and passed over, and the user's own file is never touched. */
#include "check.h"
#include "twind/config.h"
#include "twind/mem.h"
#include "twind/overlay.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct stage {
    char folder[64], file[96], warnings[2000];
    struct config config;
};

static void say(void *context, bool warning, const char *text)
{
    struct stage *stage = context;
    assert_true(warning);
    strncat(stage->warnings, text, sizeof stage->warnings - strlen(stage->warnings) - 1);
}

static void write_text(const char *path, const char *text)
{
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    fputs(text, file);
    fclose(file);
}

static void make_stage(struct stage *stage)
{
    char text[1000];
    *stage = (struct stage){.folder = "/tmp/twind-overlay-XXXXXX"};
    assert_non_null(mkdtemp(stage->folder));
    snprintf(stage->file, sizeof stage->file, "%s/twind.json", stage->folder);
    snprintf(text, sizeof text,
             "{\"state_dir\": \"%s\", \"twins\": ["
             "{\"id\": \"a\", \"kind\": \"greenhouse\", \"params\": {\"cover_u\": 4}},"
             "{\"id\": \"b\", \"kind\": \"greenhouse\", \"params\": {\"cover_u\": 4}},"
             "{\"id\": \"gh-{n}\", \"kind\": \"greenhouse\", \"max\": 9, \"bind\": "
             "{\"co2\": {\"topic\": \"gh/{n}\"}}}]}",
             stage->folder);
    write_text(stage->file, text);
}

static void load(struct stage *stage)
{
    const struct config_report report = {stage, say};
    config_clear(&stage->config);
    stage->warnings[0] = '\0';
    assert_true(config_load(stage->file, NULL, &report, &stage->config));
}

static void clear_stage(struct stage *stage)
{
    char command[128];
    config_clear(&stage->config);
    snprintf(command, sizeof command, "rm -r %s", stage->folder);
    assert_int_equal(system(command), 0);
}

/* The parameter that is in force for a twin. */
static double in_force(const struct stage *stage, const char *id, const char *name)
{
    const struct config_twin *entry = config_find_twin(&stage->config, id);
    assert_non_null(entry);
    const struct plan *plan = config_plan(&stage->config, entry, id);
    for (size_t i = 0; i < plan->kind->n_params; i++)
        if (strcmp(plan->kind->params[i].name, name) == 0)
            return plan->params[i];
    return NAN;
}

static void add(struct overlay *overlay, const char *name, double value)
{
    struct overlay_entry *entry = overlay_add(overlay);
    entry->time = 1.7e9 + (double)overlay->n;
    entry->from = 1.6e9;
    entry->to = 1.65e9;
    entry->error_before = 1.02;
    entry->error_after = 0.1 + 0.2;
    entry->n = 1;
    snprintf(entry->values[0].name, OVERLAY_NAME, "%s", name);
    entry->values[0].value = value;
    entry->values[0].standard_error = 1.0 / 3;
}

static void put(const struct stage *stage, const char *id, const char *name, double value)
{
    struct overlay overlay = {.twin = mem_text(id), .kind = mem_text("greenhouse")};
    struct err e;
    char *path = overlay_path(stage->folder, id);
    add(&overlay, name, value);
    if (!overlay_write(path, &overlay, &e))
        fail_msg("%s", e.text);
    overlay_clear(&overlay);
    free(path);
}

static void test_what_is_written_reads_back_to_the_last_bit(void **state)
{
    (void)state;
    struct stage stage;
    struct err e;
    make_stage(&stage);
    struct overlay overlay = {.twin = mem_text("a"), .kind = mem_text("greenhouse")}, back;
    add(&overlay, "cover_u", 10.0 / 3);
    add(&overlay, "leakage", 1e-4 / 3);
    overlay.entries[1].values[0].standard_error = INFINITY;
    char *path = overlay_path(stage.folder, "a");
    assert_true(overlay_write(path, &overlay, &e));
    assert_true(overlay_read(path, &back, &e));
    assert_int_equal(back.n, 2);
    for (size_t i = 0; i < 2; i++)
        assert_memory_equal(&back.entries[i], &overlay.entries[i],
                            sizeof overlay.entries[i]);
    assert_string_equal(back.twin, "a");
    assert_string_equal(back.kind, "greenhouse");
    overlay_clear(&overlay);
    overlay_clear(&back);
    free(path);
    clear_stage(&stage);
}

static void test_a_calibration_counts_for_its_twin_alone(void **state)
{
    (void)state;
    struct stage stage;
    make_stage(&stage);
    load(&stage);
    assert_close(in_force(&stage, "a", "cover_u"), 4, 0);
    put(&stage, "a", "cover_u", 5.5);
    load(&stage);
    assert_string_equal(stage.warnings, "");
    assert_close(in_force(&stage, "a", "cover_u"), 5.5, 0);
    assert_close(in_force(&stage, "b", "cover_u"), 4, 0);
    clear_stage(&stage);
}

static void test_one_twin_of_a_fleet_can_be_calibrated(void **state)
{
    (void)state;
    struct stage stage;
    make_stage(&stage);
    put(&stage, "gh-7", "cover_u", 5.5);
    load(&stage);
    assert_string_equal(stage.warnings, "");
    assert_close(in_force(&stage, "gh-7", "cover_u"), 5.5, 0);
    assert_close(in_force(&stage, "gh-8", "cover_u"), 6, 0);
    clear_stage(&stage);
}

static void test_the_last_of_each_parameter_counts_and_can_be_taken_back(void **state)
{
    (void)state;
    struct stage stage;
    struct err e;
    make_stage(&stage);
    load(&stage);
    const struct kind *kind = kinds_find("greenhouse");
    struct overlay overlay = {.twin = mem_text("a"), .kind = mem_text("greenhouse")};
    double params[KIND_ROWS_MAX];
    add(&overlay, kind->params[3].name, kind->params[3].max);
    add(&overlay, kind->params[4].name, 5);
    add(&overlay, kind->params[4].name, 7);
    assert_true(overlay_apply(&overlay, kind, params, &e));
    assert_close(params[3], kind->params[3].max, 0);
    assert_close(params[4], 7, 0);
    overlay.n--;
    assert_true(overlay_apply(&overlay, kind, params, &e));
    assert_close(params[4], 5, 0);
    overlay_clear(&overlay);
    clear_stage(&stage);
}

static void expect_ignored(struct stage *stage, const char *word)
{
    load(stage);
    if (!strstr(stage->warnings, word) || !strstr(stage->warnings, "ignored"))
        fail_msg("'%s' does not say '%s'", stage->warnings, word);
    assert_close(in_force(stage, "a", "cover_u"), 4, 0);
}

static void test_a_broken_overlay_is_told_and_ignored(void **state)
{
    (void)state;
    struct stage stage;
    make_stage(&stage);
    put(&stage, "a", "cover_u", 99);
    expect_ignored(&stage, "cover_u is 99, allowed are 0.5 to 9");
    put(&stage, "a", "cover_v", 5);
    expect_ignored(&stage, "no parameter cover_v");
    char *path = overlay_path(stage.folder, "a");
    write_text(path, "{\"twin\": \"a\", ");
    expect_ignored(&stage, "a.json:1:");
    write_text(path, "{\"twin\": \"a\", \"kind\": \"building\", \"calibrations\": "
                     "[{\"params\": {}}]}");
    expect_ignored(&stage, "kind building");
    write_text(path, "{\"twin\": \"b\", \"kind\": \"greenhouse\", \"calibrations\": []}");
    expect_ignored(&stage, "of the twin b");
    write_text(path, "[]");
    expect_ignored(&stage, "expected an object");
    free(path);
    clear_stage(&stage);
}

static double *param_of(struct plan *plan, const char *name)
{
    size_t i = 0;
    while (strcmp(plan->kind->params[i].name, name) != 0)
        i++;
    return &plan->params[i];
}

static void test_a_calibration_can_be_taken_again_and_again(void **state)
{
    (void)state;
    static const char *const ids[] = {"a", "gh-7"};
    struct stage stage;
    struct err e;
    make_stage(&stage);
    load(&stage);
    for (size_t i = 0; i < 2; i++) {
        double configured = i ? 6 : 4;
        assert_null(config_overlay_take(&stage.config, ids[i], &e));
        for (double value = 5; value < 8; value++) {
            put(&stage, ids[i], "cover_u", value);
            struct plan *plan = config_overlay_take(&stage.config, ids[i], &e);
            assert_non_null(plan);
            assert_close(*param_of(plan, "cover_u"), value, 0);
            assert_close(*param_of(plan->base, "cover_u"), configured, 0);
            assert_close(in_force(&stage, ids[i], "cover_u"), value, 0);
        }
        put(&stage, ids[i], "cover_u", 99);
        assert_null(config_overlay_take(&stage.config, ids[i], &e));
        assert_non_null(strstr(e.text, "cover_u is 99"));
        assert_close(in_force(&stage, ids[i], "cover_u"), 7, 0);
    }
    assert_null(config_overlay_take(&stage.config, "none", &e));
    clear_stage(&stage);
}

static void test_a_twin_that_is_gone_leaves_its_overlay_alone(void **state)
{
    (void)state;
    struct stage stage;
    make_stage(&stage);
    put(&stage, "gone", "cover_u", 5);
    load(&stage);
    assert_string_equal(stage.warnings, "");
    clear_stage(&stage);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_what_is_written_reads_back_to_the_last_bit),
        cmocka_unit_test(test_a_calibration_counts_for_its_twin_alone),
        cmocka_unit_test(test_one_twin_of_a_fleet_can_be_calibrated),
        cmocka_unit_test(test_the_last_of_each_parameter_counts_and_can_be_taken_back),
        cmocka_unit_test(test_a_broken_overlay_is_told_and_ignored),
        cmocka_unit_test(test_a_calibration_can_be_taken_again_and_again),
        cmocka_unit_test(test_a_twin_that_is_gone_leaves_its_overlay_alone),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
