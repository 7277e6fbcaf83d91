/* Options, CSV and times as all verbs read them. */
#include "cli_stage.h"

static bool note(void *context, const char *value, struct err *e)
{
    char *seen = context;
    strcat(strcat(seen, value), ";");
    return strcmp(value, "bad") != 0 || err_set(e, "it is bad");
}

struct read_options {
    const char *input;
    bool json;
    char params[64];
};

static int read_options(struct read_options *to, char **argv)
{
    const struct cli_option rows[] = {
        {.name = "--input", .value = &to->input},
        {.name = "--json", .flag = &to->json},
        {.name = "--param", .each = note, .context = to->params},
        {.name = NULL}};
    int argc = 0;
    while (argv[argc])
        argc++;
    return cli_options(argc, argv, rows);
}

static void test_options_may_stand_anywhere(void **state)
{
    (void)state;
    struct read_options o = {.input = "default"};
    char *argv[] = {"v",      "first",   "--json", "--param", "a=1",
                    "second", "--param", "b=2",    NULL};
    assert_int_equal(read_options(&o, argv), 2);
    assert_string_equal(argv[1], "first");
    assert_string_equal(argv[2], "second");
    assert_true(o.json);
    assert_string_equal(o.params, "a=1;b=2;");
    assert_string_equal(o.input, "default");
}

static void test_a_number_below_zero_is_an_operand(void **state)
{
    (void)state;
    struct read_options o = {.json = false};
    char *argv[] = {"v", "gh1", "heating", "-5.5", "-", "--", "--json", NULL};
    assert_int_equal(read_options(&o, argv), 5);
    assert_string_equal(argv[3], "-5.5");
    assert_string_equal(argv[4], "-");
    assert_string_equal(argv[5], "--json");
    assert_false(o.json);
}

static void expect_misuse(struct cli_stage *stage, char **argv, const char *word)
{
    struct read_options o = {.json = false};
    int kept = cli_redirect(STDERR_FILENO, cli_path(stage, "stderr"));
    int n = read_options(&o, argv);
    cli_restore(STDERR_FILENO, kept);
    cli_read(cli_path(stage, "stderr"), stage->err, sizeof stage->err);
    assert_int_equal(n, -1);
    if (!strstr(stage->err, word))
        fail_msg("%s is not in: %s", word, stage->err);
}

static void test_misuse_is_told(void **state)
{
    expect_misuse(*state, (char *[]){"v", "--jason", NULL}, "--jason");
    expect_misuse(*state, (char *[]){"v", "--input", NULL}, "needs a value");
    expect_misuse(*state, (char *[]){"v", "--param", "bad", NULL}, "it is bad");
}

/* Rows joined by '\n', cells by '|'. */
static void expect_rows(struct cli_stage *stage, const char *text, const char *expected)
{
    char seen[1024] = "";
    struct err e;
    char *const *cells;
    FILE *file = fopen(cli_path(stage, "x.csv"), "w");
    fputs(text, file);
    fclose(file);
    struct cli_csv *csv = cli_csv_open(cli_path(stage, "x.csv"), &e);
    assert_non_null(csv);
    for (size_t n; (n = cli_csv_next(csv, &cells)) > 0; strcat(seen, "\n"))
        for (size_t i = 0; i < n; i++)
            strcat(strcat(seen, i ? "|" : ""), cells[i]);
    assert_true(cli_csv_ended_well(csv, &e));
    cli_csv_close(csv);
    assert_string_equal(seen, expected);
}

static void test_cells_are_split_and_unquoted(void **state)
{
    expect_rows(*state, "a,b,c\n1,,3\n,\n", "a|b|c\n1||3\n|\n");
    expect_rows(*state, "t,\"x,y\",\"say \"\"hi\"\"\",\"\"\n", "t|x,y|say \"hi\"|\n");
    expect_rows(*state, "a \"b\" c,5\" pipe\n", "a \"b\" c|5\" pipe\n");
    expect_rows(*state, "\"x\"junk,y", "x|y\n");
}

static void test_a_quoted_cell_may_hold_line_ends(void **state)
{
    expect_rows(*state, "t,\"1;2\n3;4\n\n5\",z\nnext,\"\"\"\n\",\n",
                "t|1;2\n3;4\n\n5|z\nnext|\"\n|\n");
}

static void test_blank_lines_cr_and_byte_order_marks_are_taken_off(void **state)
{
    expect_rows(*state, "\xEF\xBB\xBFtime,x\r\n\r\n\n1,2\r\n", "time|x\n1|2\n");
    expect_rows(*state, "", "");
    expect_rows(*state, "\n\n", "");
}

static void test_the_line_of_a_row_is_where_it_begins(void **state)
{
    struct err e;
    char *const *cells;
    struct cli_csv *csv = cli_csv_open(cli_file(*state, "x.csv", "a\n\n'b\nc'\nd\n"), &e);
    static const unsigned long lines[] = {1, 3, 5};
    for (int i = 0; i < 3; i++) {
        assert_int_equal(cli_csv_next(csv, &cells), 1);
        assert_int_equal(cli_csv_line(csv), lines[i]);
    }
    cli_csv_close(csv);
}

static void test_an_open_quote_at_the_end_is_an_error(void **state)
{
    struct err e;
    char *const *cells;
    struct cli_csv *csv = cli_csv_open(cli_file(*state, "x.csv", "a,'b\nc\n"), &e);
    assert_int_equal(cli_csv_next(csv, &cells), 0);
    assert_false(cli_csv_ended_well(csv, &e));
    assert_non_null(strstr(e.text, "not closed"));
    cli_csv_close(csv);
    assert_null(cli_csv_open(cli_path(*state, "missing.csv"), &e));
    assert_non_null(strstr(e.text, "missing.csv"));
    cli_csv_close(NULL);
}

static void test_times_are_iso_or_seconds(void **state)
{
    (void)state;
    double time;
    assert_true(cli_time("2023-11-14T22:13:20Z", &time));
    assert_close(time, 1700000000, 0);
    assert_true(cli_time("2023-11-14T23:13:20+01:00", &time));
    assert_close(time, 1700000000, 0);
    assert_true(cli_time("2023-11-14T22:13:20", &time));
    assert_close(time, 1700000000, 0);
    assert_true(cli_time("3600.5", &time));
    assert_close(time, 3600.5, 0);
    assert_false(cli_time("", &time));
    assert_false(cli_time("nan", &time));
    assert_false(cli_time("yesterday", &time));
}

static void test_numbers_are_whole_texts_and_finite(void **state)
{
    (void)state;
    double number;
    assert_true(cli_number("-1.5e3", &number));
    assert_close(number, -1500, 0);
    static const char *const bad[] = {"", "1x", "1 ", "inf", "nan", "--1", "1,5"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        assert_false(cli_number(bad[i], &number));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_options_may_stand_anywhere),
        cmocka_unit_test(test_a_number_below_zero_is_an_operand),
        CLI_TEST(test_misuse_is_told),
        CLI_TEST(test_cells_are_split_and_unquoted),
        CLI_TEST(test_a_quoted_cell_may_hold_line_ends),
        CLI_TEST(test_blank_lines_cr_and_byte_order_marks_are_taken_off),
        CLI_TEST(test_the_line_of_a_row_is_where_it_begins),
        CLI_TEST(test_an_open_quote_at_the_end_is_an_error),
        cmocka_unit_test(test_times_are_iso_or_seconds),
        cmocka_unit_test(test_numbers_are_whole_texts_and_finite),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
