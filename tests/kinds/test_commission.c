/* Commissioning, on simulated twins whose plants differ from their models: what is wired
 * rightly is left alone, and each gross mistake is named with what to write. */
#include "check.h"
#include "twind/commission.h"
#include "twind/mem.h"
#include "twind/random.h"
#include "twind/twin.h"

#include <stdlib.h>
#include <string.h>

enum { SIGNALS = 12, DAYS = 3 };

static const double begin = 19676 * 86400.0; /* a midnight, UTC */
static const double hour = 3600, turn = 6.283185307179586;

struct site {
    const char *kind;
    const char *signals[SIGNALS]; /* inputs, then outputs */
    double floor_area;
};

static const struct site house = {"building",
                                  {"outdoor_temperature", "outdoor_relative_humidity",
                                   "solar_irradiance", "wind_speed", "heating_setpoint",
                                   "indoor_temperature", "relative_humidity",
                                   "heating_power", "electric_energy"},
                                  150};
static const struct site glasshouse = {"greenhouse",
                                       {"outdoor_temperature", "outdoor_relative_humidity",
                                        "solar_irradiance", "wind_speed", "vent_lee",
                                        "vent_wind", "pipe_temperature", "air_temperature",
                                        "relative_humidity", "co2"},
                                       96};

struct record {
    struct plan *plan;
    struct commission_reading *readings;
    size_t n, room;
    struct commission_told told[SIGNALS];
};

static double weather(const char *name, double hours)
{
    double day = sin(turn * (hours / 24 - 0.25)), slow = sin(turn * hours / 61);
    double sun = 550 * fmax(day, 0) * (0.8 + 0.2 * sin(turn * hours / 5));
    if (strcmp(name, "outdoor_temperature") == 0)
        return 7 + 4 * sin(turn * (hours / 24 - 0.375)) + 2 * slow;
    if (strcmp(name, "outdoor_relative_humidity") == 0)
        return 78 - 12 * sin(turn * (hours / 24 - 0.375)) + 4 * slow;
    if (strcmp(name, "solar_irradiance") == 0)
        return sun;
    if (strcmp(name, "wind_speed") == 0)
        return 3 + 1.5 * sin(turn * hours / 17);
    if (strncmp(name, "vent_", 5) == 0)
        return fmax(0, sun / 550 * 45 - 8);
    if (strcmp(name, "pipe_temperature") == 0)
        return 48 - 14 * day;
    return fmod(hours, 24) < 6 ? 17 : 21;
}

static struct plan *make_plan(const struct site *site, double loss)
{
    struct plan *plan = plan_new(kinds_find(site->kind));
    struct err e;
    plan->sensors = mem_new(SIGNALS, sizeof *plan->sensors);
    for (size_t i = 0; i < SIGNALS && site->signals[i]; i++)
        plan->sensors[plan->n_sensors++] =
            plan_sensor_usual(plan->kind, plan_signal(plan->kind, site->signals[i]));
    for (size_t i = 0; i < plan->kind->n_params; i++) {
        const char *name = plan->kind->params[i].name;
        if (strcmp(name, "floor_area") == 0)
            plan->params[i] = site->floor_area;
        if (strcmp(name, "heat_loss_scale") == 0 || strcmp(name, "cover_u") == 0)
            plan->params[i] *= loss;
    }
    if (!plan_finish(plan, &e))
        fail_msg("%s", e.text);
    return plan;
}

static void read_moment(struct record *record, struct twin *plant, double time,
                        struct random *random, struct twin_scratch *scratch)
{
    const struct plan *plan = plant->plan;
    for (size_t s = 0; s < plan->n_sensors; s++) {
        size_t signal = plan->sensors[s].signal;
        bool input = signal < plan->kind->n_inputs;
        double value =
            input ? weather(plan_row(plan->kind, signal)->name, (time - begin) / hour)
                  : twin_signal(plant, signal, NULL, scratch) +
                        plan->sensors[s].sd * random_normal(random);
        if (input)
            twin_set_input(plant, signal, value);
        record->readings = mem_grow(record->readings, &record->room, record->n + 1,
                                    sizeof *record->readings);
        record->readings[record->n++] = (struct commission_reading){time, value, s};
    }
}

/* The plant loses a quarter more than its twin believes. */
static struct record make_record(const struct site *site)
{
    struct record record = {.plan = make_plan(site, 1)};
    struct random random = {7};
    struct plan *plan = make_plan(site, 1.25);
    struct twin plant = {.plan = plan, .block = mem_new(1, plan->block_size)};
    struct twin_scratch *scratch = twin_scratch_new();
    twin_start(&plant);
    for (double time = begin; time <= begin + DAYS * 86400; time += 3600) {
        if (time == begin)
            twin_begin(&plant, time);
        twin_advance(&plant, time, scratch);
        read_moment(&record, &plant, time, &random, scratch);
    }
    for (size_t i = 0; i < SIGNALS; i++)
        record.told[i] = (struct commission_told){.unit = units_same, .scale = 1};
    free(plant.block);
    free(scratch);
    plan_drop(plan);
    return record;
}

static void free_record(struct record *record)
{
    plan_drop(record->plan);
    free(record->readings);
}

static size_t sensor_of(const struct record *record, const char *name)
{
    size_t i = 0;
    while (strcmp(plan_row(record->plan->kind, record->plan->sensors[i].signal)->name,
                  name) != 0)
        i++;
    return i;
}

static void change(struct record *record, const char *name, double scale, double offset)
{
    size_t sensor = sensor_of(record, name);
    for (size_t i = 0; i < record->n; i++)
        if (record->readings[i].sensor == sensor)
            record->readings[i].value = scale * record->readings[i].value + offset;
}

static void exchange(struct record *record, const char *one, const char *two)
{
    size_t a = sensor_of(record, one), b = sensor_of(record, two);
    for (size_t i = 0; i < record->n; i++) {
        size_t *at = &record->readings[i].sensor;
        *at = *at == a ? b : *at == b ? a : *at;
    }
}

static struct commission_result run(const struct record *record)
{
    struct commission_result result;
    struct err e;
    const struct commission_task task = {record->plan, record->readings, record->n,
                                         record->told};
    if (!commission_run(&task, &result, &e))
        fail_msg("%s", e.text);
    for (size_t i = 0; i < result.n; i++)
        print_message("%.3f %s: %s\n", result.findings[i].probability,
                      result.findings[i].mistake, result.findings[i].says);
    return result;
}

/* The only finding. */
static struct commission_finding only(const struct record *record)
{
    const struct commission_result result = run(record);
    assert_int_equal(result.n, 1);
    return result.findings[0];
}

static void a_house_that_is_wired_rightly_is_left_alone(void **state)
{
    (void)state;
    struct record record = make_record(&house);
    const struct commission_result result = run(&record);
    assert_int_equal(result.n, 0);
    assert_true(result.weighed > 20);
    assert_close(result.to - result.from, DAYS * 86400.0, 1);
    free_record(&record);
}

static void a_greenhouse_that_is_wired_rightly_is_left_alone(void **state)
{
    (void)state;
    struct record record = make_record(&glasshouse);
    assert_int_equal(run(&record).n, 0);
    free_record(&record);
}

struct wrong {
    const char *signal;
    double scale, offset; /* reading = scale * true + offset */
    const char *mistake, *fix;
};

static void check_wrong(const struct site *site, const struct wrong *wrong)
{
    struct record record = make_record(site);
    change(&record, wrong->signal, wrong->scale, wrong->offset);
    const struct commission_finding found = only(&record);
    assert_int_equal(found.sensor, sensor_of(&record, wrong->signal));
    assert_string_equal(found.mistake, wrong->mistake);
    assert_string_equal(found.fix, wrong->fix);
    assert_close(found.scale * wrong->scale, 1, 1e-9);
    assert_close(found.offset + found.scale * wrong->offset, 0, 1e-6);
    assert_true(found.probability > 0.5);
    assert_non_null(strstr(found.says, wrong->signal));
    free_record(&record);
}

static void units_scales_and_signs_of_a_house_are_named(void **state)
{
    static const struct wrong wrongs[] = {
        {"outdoor_temperature", 1.8, 32, "unit", "\"unit\": \"[degF]\""},
        {"indoor_temperature", 1.8, 32, "unit", "\"unit\": \"[degF]\""},
        {"indoor_temperature", 1, 273.15, "unit", "\"unit\": \"K\""},
        {"heating_setpoint", 10, 0, "tenfold", "\"scale\": 0.1"},
        {"relative_humidity", 0.01, 0, "unit", "\"unit\": \"1\""},
        {"solar_irradiance", 0.001, 0, "unit", "\"unit\": \"kW/m2\""},
        {"solar_irradiance", -1, 0, "sign", "\"scale\": -1"},
        {"heating_power", 0.001, 0, "unit", "\"unit\": \"kW\""},
        {"heating_power", -1, 0, "sign", "\"scale\": -1"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof wrongs / sizeof *wrongs; i++)
        check_wrong(&house, &wrongs[i]);
}

static void a_vent_that_reads_backwards_is_named(void **state)
{
    static const struct wrong wrong = {"vent_lee", -1, 100, "reversed",
                                       "\"scale\": -1, \"offset\": 100"};
    (void)state;
    check_wrong(&glasshouse, &wrong);
}

static void exchanged_sensors_are_named(void **state)
{
    (void)state;
    struct record record = make_record(&house);
    exchange(&record, "indoor_temperature", "outdoor_temperature");
    const struct commission_finding found = only(&record);
    assert_string_equal(found.mistake, "swapped");
    assert_true(found.other != PLAN_NONE && found.sensor != found.other);
    free_record(&record);
}

static void one_sensor_bound_twice_is_named(void **state)
{
    (void)state;
    struct record record = make_record(&house);
    size_t from = sensor_of(&record, "outdoor_temperature"),
           to = sensor_of(&record, "indoor_temperature");
    for (size_t i = 0, at = 0; i < record.n; i++) {
        at = record.readings[i].sensor == from ? i : at;
        if (record.readings[i].sensor == to)
            record.readings[i].value = record.readings[at].value;
    }
    assert_string_equal(only(&record).mistake, "same");
    free_record(&record);
}

static void a_zone_that_was_not_told_is_found_by_the_sun(void **state)
{
    (void)state;
    struct record record = make_record(&house);
    for (size_t i = 0; i < record.n; i++)
        record.readings[i].time -= 6 * hour;
    const struct commission_finding found = only(&record);
    assert_string_equal(found.mistake, "clock");
    assert_int_equal(found.sensor, PLAN_NONE);
    assert_string_equal(found.fix, "\"utc_offset\": 6");
    free_record(&record);
}

/* The binding says [degF], the sensor sends Celsius. */
static void a_unit_that_was_told_wrongly_is_named(void **state)
{
    struct err e;
    (void)state;
    struct record record = make_record(&house);
    struct commission_told *told = &record.told[sensor_of(&record, "indoor_temperature")];
    assert_true(units_convert("[degF]", "Cel", 0, &told->unit, &e));
    change(&record, "indoor_temperature", told->unit.scale, told->unit.offset);
    assert_string_equal(only(&record).fix, "\"unit\": \"Cel\"");
    free_record(&record);
}

/* scale and offset that the binding has are counted in. */
static void a_scale_that_was_told_is_counted_in(void **state)
{
    (void)state;
    struct record record = make_record(&house);
    record.told[sensor_of(&record, "heating_power")].scale = 2;
    change(&record, "heating_power", -1, 0);
    assert_string_equal(only(&record).fix, "\"scale\": -2");
    free_record(&record);
}

static void a_meter_that_falls_is_named(void **state)
{
    (void)state;
    struct record record = make_record(&house);
    size_t meter = sensor_of(&record, "electric_energy");
    double middle = begin + DAYS * 43200.0, then = 0;
    for (size_t i = 0; i < record.n; i++) {
        struct commission_reading *r = &record.readings[i];
        if (r->sensor == meter)
            r->value = (r->time - begin) / hour * 0.4;
        if (r->sensor == meter && r->time > middle)
            r->value -= then = then > 0 ? then : r->value;
    }
    assert_string_equal(only(&record).mistake, "falls");
    free_record(&record);
}

static void what_no_mistake_explains_is_told_as_such(void **state)
{
    (void)state;
    struct record record = make_record(&house);
    change(&record, "relative_humidity", 0, -40);
    const struct commission_finding found = only(&record);
    assert_string_equal(found.mistake, "implausible");
    assert_string_equal(found.fix, "");
    free_record(&record);
}

static void less_than_a_day_is_refused(void **state)
{
    (void)state;
    struct commission_result result;
    struct err e = {""};
    struct record record = make_record(&house);
    const struct commission_task task = {record.plan, record.readings, 40, NULL};
    assert_false(commission_run(&task, &result, &e));
    assert_non_null(strstr(e.text, "too few"));
    free_record(&record);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_house_that_is_wired_rightly_is_left_alone),
        cmocka_unit_test(a_greenhouse_that_is_wired_rightly_is_left_alone),
        cmocka_unit_test(units_scales_and_signs_of_a_house_are_named),
        cmocka_unit_test(a_vent_that_reads_backwards_is_named),
        cmocka_unit_test(exchanged_sensors_are_named),
        cmocka_unit_test(one_sensor_bound_twice_is_named),
        cmocka_unit_test(a_zone_that_was_not_told_is_found_by_the_sun),
        cmocka_unit_test(a_unit_that_was_told_wrongly_is_named),
        cmocka_unit_test(a_scale_that_was_told_is_counted_in),
        cmocka_unit_test(a_meter_that_falls_is_named),
        cmocka_unit_test(what_no_mistake_explains_is_told_as_such),
        cmocka_unit_test(less_than_a_day_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
