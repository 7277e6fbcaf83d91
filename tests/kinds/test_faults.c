/* The kinds' tables of what may go wrong: each row changes something, and says so. */
#include "check.h"

#include "twind/kind.h"

#include <string.h>

static size_t rows_of(const struct kind *kind, enum kind_change change)
{
    if (change == KIND_INPUT_IS)
        return kind->n_inputs;
    return change == KIND_PARAM_TIMES ? kind->n_params : kind->n_states;
}

static void check_fault(const struct kind *kind, const struct kind_fault *fault)
{
    assert_true(strlen(fault->name) > 0 && strlen(fault->says) > 0);
    assert_int_not_equal(fault->effects[0].change, KIND_NO_CHANGE);
    for (size_t i = 0; i < KIND_EFFECTS_MAX; i++) {
        const struct kind_effect *effect = &fault->effects[i];
        if (effect->change == KIND_NO_CHANGE)
            break;
        assert_true(effect->row < rows_of(kind, effect->change));
        assert_true(isfinite(effect->value));
        if (effect->change == KIND_INPUT_IS)
            assert_true(effect->value >= kind->inputs[effect->row].min &&
                        effect->value <= kind->inputs[effect->row].max);
        else if (effect->change == KIND_PARAM_TIMES)
            assert_true(effect->value >= 0 && effect->value != 1);
        else
            assert_true(effect->value != 0);
    }
}

static void test_every_fault_has_an_effect_within_the_tables(void **state)
{
    (void)state;
    size_t n = 0;
    for (const struct kind *const *kind = kinds_all; *kind; kind++)
        for (size_t i = 0; i < (*kind)->n_faults; i++, n++)
            check_fault(*kind, &(*kind)->faults[i]);
    assert_true(n > 20);
}

static void test_no_two_faults_of_a_kind_have_one_name(void **state)
{
    (void)state;
    for (const struct kind *const *kind = kinds_all; *kind; kind++)
        for (size_t i = 0; i < (*kind)->n_faults; i++)
            for (size_t j = 0; j < i; j++)
                assert_string_not_equal((*kind)->faults[i].name, (*kind)->faults[j].name);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_fault_has_an_effect_within_the_tables),
        cmocka_unit_test(test_no_two_faults_of_a_kind_have_one_name),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
