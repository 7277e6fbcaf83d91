#include "twind/kind.h"
#include "twind/units.h"

#include "check.h"

static void assert_known(const struct kind *kind, const struct kind_row *rows, size_t n)
{
    struct err e;
    for (size_t i = 0; i < n; i++)
        if (!units_known(rows[i].unit, &e))
            fail_msg("%s, %s: %s", kind->name, rows[i].name, e.text);
}

static void test_unit_of_every_row_of_every_kind_is_known(void **state)
{
    (void)state;
    for (size_t i = 0; kinds_all[i]; i++) {
        const struct kind *kind = kinds_all[i];
        assert_known(kind, kind->params, kind->n_params);
        assert_known(kind, kind->inputs, kind->n_inputs);
        assert_known(kind, kind->states, kind->n_states);
        assert_known(kind, kind->outputs, kind->n_outputs);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_unit_of_every_row_of_every_kind_is_known),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
