/* Signals that go together: each within its range, and yet not as usual. */
#include "check.h"

#include "twind/detector.h"

#include <string.h>

enum { SIGNALS = 4 };

struct plant {
    const struct detector *d;
    double params[DETECTOR_PARAMS_MAX];
    double state[512];
    uint64_t seed;
    double values[SIGNALS];
};

static void begin(struct plant *p)
{
    memset(p, 0, sizeof *p);
    p->d = detectors_find("t2");
    p->seed = 7;
    detectors_defaults(p->d, p->params);
    assert_true(p->d->size(p->params, SIGNALS) <= sizeof p->state);
}

static double noise(struct plant *p)
{
    double sum = -6;
    for (int i = 0; i < 12; i++) {
        p->seed = p->seed * 6364136223846793005u + 1442695040888963407u;
        sum += (double)(p->seed >> 11) * 0x1p-53;
    }
    return sum;
}

/* Two causes, four signals of different units. */
static void draw(struct plant *p)
{
    double a = noise(p), b = noise(p);
    p->values[0] = 20 + a + 0.1 * noise(p);
    p->values[1] = 1000 + 50 * a + 5 * noise(p);
    p->values[2] = 0.01 * b + 0.001 * noise(p);
    p->values[3] = a + b + 0.1 * noise(p);
}

static double step(struct plant *p)
{
    return detectors_step(p->d, p->params, p->state, 0, p->values, SIGNALS);
}

static int alarms(struct plant *p, int n)
{
    int count = 0;
    for (int i = 0; i < n; i++) {
        draw(p);
        count += step(p) >= 0.5;
    }
    return count;
}

static void test_it_is_quiet_while_all_is_usual(void **state)
{
    (void)state;
    struct plant p;
    begin(&p);
    assert_true(alarms(&p, 20000) <= 5);
}

static void test_it_finds_what_no_single_signal_shows_and_names_it(void **state)
{
    (void)state;
    struct plant p;
    char text[DETECTOR_TEXT];
    int found = 0;
    begin(&p);
    alarms(&p, 3000);
    for (int i = 0; i < 100; i++) {
        draw(&p);
        p.values[1] += 40; /* less than its standard deviation */
        found += step(&p) >= 0.5;
    }
    assert_true(found > 70);
    detectors_explain(p.d, p.params, p.state, text);
    assert_non_null(strstr(text, "value 2"));
}

static void test_it_recovers_when_all_is_usual_again(void **state)
{
    (void)state;
    struct plant p;
    begin(&p);
    alarms(&p, 3000);
    for (int i = 0; i < 50; i++) {
        draw(&p);
        p.values[0] += 100;
        step(&p);
    }
    alarms(&p, 100);
    assert_true(alarms(&p, 1000) <= 2);
}

static void test_a_missing_value_is_taken_as_usual(void **state)
{
    (void)state;
    struct plant p;
    int count = 0;
    begin(&p);
    alarms(&p, 3000);
    for (int i = 0; i < 500; i++) {
        draw(&p);
        p.values[i % SIGNALS] = NAN;
        count += step(&p) >= 0.5;
    }
    assert_true(count <= 3);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_it_is_quiet_while_all_is_usual),
        cmocka_unit_test(test_it_finds_what_no_single_signal_shows_and_names_it),
        cmocka_unit_test(test_it_recovers_when_all_is_usual_again),
        cmocka_unit_test(test_a_missing_value_is_taken_as_usual),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
