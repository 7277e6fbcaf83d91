#include "twind/payload.h"

#include "twind/json.h"

#include "check.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { ROOM = 16 };
static const double ARRIVAL = 1767268800; /* 2026-01-01T12:00:00Z */

/* A binding as the configuration has it; what is left out has its default. */
struct binding {
    enum payload_format format;
    const char *path, *find[3], *when[2], *time, *unit, *unit_path, *own, *name;
    unsigned column;
    double scale, offset, zone, molar_mass;
};

static struct json_pointer *pointer(const char *text)
{
    struct err e;
    struct json_pointer *made = text ? json_pointer_new(text, &e) : NULL;
    if (text && !made)
        fail_msg("%s", e.text);
    return made;
}

static char *copy(const char *text)
{
    return text ? strdup(text) : NULL;
}

static struct payload_mapping compile(const struct binding *b)
{
    struct payload_mapping m = payload_mapping_default;
    struct err e;
    m.format = b->format;
    m.path = pointer(b->path);
    m.time = pointer(b->time);
    m.unit_path = pointer(b->unit_path);
    m.find.key = copy(b->find[0]);
    m.find.equals = copy(b->find[1]);
    m.find.value = copy(b->find[2]);
    if (b->when[0]) {
        m.when = calloc(1, sizeof *m.when);
        m.when[m.n_when++] = (struct payload_when){pointer(b->when[0]), copy(b->when[1])};
    }
    m.name = copy(b->name);
    m.own_unit = copy(b->own);
    m.column = b->column;
    m.zone = b->zone;
    m.molar_mass = b->molar_mass;
    if (b->scale > 0)
        m.scale = b->scale;
    m.offset = b->offset;
    if (b->unit && !units_convert(b->unit, b->own, b->molar_mass, &m.unit, &e))
        fail_msg("%s", e.text);
    return m;
}

struct decoded {
    size_t n, left;
    struct payload_sample samples[ROOM];
    const char *why;
};

static struct decoded decode_bytes(const struct binding *b, const char *text, size_t length)
{
    struct payload_mapping m = compile(b);
    struct payload payload = {
        .json = json_new(), .text = text, .length = length, .received = ARRIVAL};
    struct decoded d;
    d.n = payload_decode(&payload, &m, d.samples, ROOM, &d.why);
    d.left = payload.left;
    json_free(payload.json);
    payload_mapping_clear(&m);
    return d;
}

static struct decoded decode(const struct binding *b, const char *text)
{
    return decode_bytes(b, text, strlen(text));
}

/* One good sample, of arrival. */
static void assert_value(const struct binding *b, const char *text, double expected)
{
    struct decoded d = decode(b, text);
    if (d.n != 1 || d.samples[0].verdict != PAYLOAD_VALUE)
        fail_msg("%s: %zu samples, %s", text, d.n, d.why ? d.why : "no reason");
    assert_close(d.samples[0].value, expected, 1e-9);
    assert_int_equal(d.samples[0].timed, b->time != NULL);
}

static void assert_time(const struct binding *b, const char *text, double expected)
{
    struct decoded d = decode(b, text);
    assert_int_equal(d.n, 1);
    assert_true(d.samples[0].timed);
    assert_close(d.samples[0].time, expected, 1e-6);
}

static void assert_bad(const struct binding *b, const char *text)
{
    struct decoded d = decode(b, text);
    if (d.n != 1 || d.samples[0].verdict != PAYLOAD_BAD || !isnan(d.samples[0].value) ||
        !d.why)
        fail_msg("%s: %zu samples", text, d.n);
    assert_close(d.samples[0].time, ARRIVAL, 0);
}

static void assert_none(const struct binding *b, const char *text)
{
    struct decoded d = decode(b, text);
    if (d.n != 0 || !d.why)
        fail_msg("%s: %zu samples", text, d.n);
}

/* The table of payloads in the wild, row by row. */

static void test_zigbee2mqtt(void **state)
{
    (void)state;
    struct binding t = {.path = "/temperature"};
    assert_value(&t, "{\"temperature\":27.34,\"humidity\":44.72}", 27.34);
    assert_none(&t, "{\"humidity\":44.72}");
}

static void test_tasmota(void **state)
{
    (void)state;
    struct binding t = {.path = "/BME280/Temperature",
                        .time = "/Time",
                        .zone = 3600,
                        .unit_path = "/TempUnit",
                        .own = "Cel"};
    static const char *const celsius =
        "{\"Time\":\"2026-01-01T13:00:00\",\"BME280\":{\"Temperature\":21.7,"
        "\"Humidity\":49.0},\"TempUnit\":\"C\"}";
    assert_value(&t, celsius, 21.7);
    assert_time(&t, celsius, ARRIVAL);
    assert_value(&t,
                 "{\"BME280\":{\"Temperature\":50},\"Time\":1767268800,"
                 "\"TempUnit\":\"F\"}",
                 10);
    struct binding pm = {.path = "/PMS5003/PM2.5"};
    assert_value(&pm, "{\"PMS5003\":{\"PM2.5\":7}}", 7);
}

static void test_shelly(void **state)
{
    (void)state;
    assert_value(&(struct binding){.path = NULL}, "230.35", 230.35);
    struct binding power = {.path = "/params/switch:0/apower", .time = "/params/ts"};
    static const char *const text = "{\"method\":\"NotifyStatus\",\"params\":{\"ts\":"
                                    "1661517410.45,\"switch:0\":{\"apower\":12.1}}}";
    assert_value(&power, text, 12.1);
    assert_time(&power, text, 1661517410.45);
    assert_none(&power, "{\"method\":\"NotifyStatus\",\"params\":{\"switch:1\":{}}}");
}

static void test_esphome(void **state)
{
    (void)state;
    struct binding scalar = {.path = NULL};
    assert_bad(&scalar, "nan");
    assert_value(&scalar, "21.70", 21.7);
    assert_value(&scalar, "ON", 1);
}

static void test_the_things_network(void **state)
{
    (void)state;
    struct binding t = {.path = "/uplink_message/decoded_payload/temperature",
                        .time = "/received_at"};
    static const char *const text =
        "{\"uplink_message\":{\"decoded_payload\":{\"temperature\":1.0}},"
        "\"received_at\":\"2026-01-01T00:00:00.123456789Z\"}";
    assert_value(&t, text, 1);
    assert_time(&t, text, 1767225600.123457);
}

static void test_senml(void **state)
{
    (void)state;
    struct binding t = {.format = PAYLOAD_SENML, .name = "urn:dev:x/temp", .own = "Cel"};
    struct decoded d = decode(
        &t, "[{\"bn\":\"urn:dev:x/\",\"bt\":1.276020076e9,\"n\":\"temp\",\"u\":\"Cel\","
            "\"v\":23.1},{\"n\":\"temp\",\"u\":\"K\",\"t\":-5,\"v\":296.05},"
            "{\"n\":\"hum\",\"v\":50}]");
    assert_int_equal(d.n, 2);
    assert_close(d.samples[0].time, 1276020071, 0);
    assert_close(d.samples[0].value, 22.9, 1e-9);
    assert_close(d.samples[1].time, 1276020076, 0);
    assert_close(d.samples[1].value, 23.1, 0);
    assert_null(d.why);
}

static void test_purpleair(void **state)
{
    (void)state;
    static const char *const text =
        "{\"pm2_5_atm\":\"nan\",\"current_temp_f\":72,\"pm2.5_aqi\":17}";
    assert_bad(&(struct binding){.path = "/pm2_5_atm"}, text);
    assert_value(&(struct binding){.path = "/pm2.5_aqi"}, text, 17);
    struct binding t = {.path = "/current_temp_f", .unit = "[degF]", .own = "Cel"};
    assert_value(&t, text, 22.2222222222222);
}

static void test_airgradient(void **state)
{
    (void)state;
    assert_value(&(struct binding){.path = "/pm02"},
                 "{\"pm02\":7,\"rco2\":447,\"atmp\":25.87}", 7);
}

static void test_sensor_community(void **state)
{
    (void)state;
    struct binding pm = {.path = "/sensordatavalues",
                         .find = {"value_type", "SDS_P2", "value"}};
    assert_value(&pm,
                 "{\"sensordatavalues\":[{\"value_type\":\"SDS_P1\",\"value\":\"9\"},"
                 "{\"value_type\":\"SDS_P2\",\"value\":\"0.20\"}]}",
                 0.2);
    assert_none(&pm,
                "{\"sensordatavalues\":[{\"value_type\":\"SDS_P1\",\"value\":\"9\"}]}");
    assert_none(&pm, "{\"sensordatavalues\":[3,{\"value_type\":\"SDS_P2\"}]}");
    struct binding at_root = {.find = {"id", "17", "v"}};
    assert_value(&at_root, "[{\"id\":16,\"v\":1},{\"id\":17,\"v\":2}]", 2);
    struct binding pressure = {.path = "/sensordatavalues",
                               .find = {"value_type", "BME280_pressure", "value"},
                               .unit = "Pa",
                               .own = "hPa"};
    assert_value(&pressure,
                 "{\"sensordatavalues\":[{\"value_type\":\"BME280_pressure\","
                 "\"value\":\"99530.50\"}]}",
                 995.305);
}

static void test_rtl_433(void **state)
{
    (void)state;
    struct binding t = {.path = "/temperature_C", .when = {"/id", "140"}};
    assert_value(&t, "{\"model\":\"Fineoffset-WH24\",\"id\":140,\"temperature_C\":5.5}",
                 5.5);
    assert_value(&t, "{\"id\":\"140\",\"temperature_C\":5.5}", 5.5);
    assert_none(&t, "{\"model\":\"Fineoffset-WH24\",\"id\":141,\"temperature_C\":5.5}");
    assert_none(&t, "{\"temperature_C\":5.5}");
    struct binding ok = {.path = "/t", .when = {"/ok", "true"}};
    assert_value(&ok, "{\"ok\":true,\"t\":1}", 1);
    assert_none(&ok, "{\"ok\":false,\"t\":1}");
}

static void test_victron(void **state)
{
    (void)state;
    struct binding power = {.path = "/value"};
    assert_value(&power, "{\"value\":936}", 936);
    assert_bad(&power, "{\"value\":null}");
    assert_bad(&power, "");
    assert_bad(&power, "{\"value\":[]}");
}

static void test_dsmr_reader(void **state)
{
    (void)state;
    struct binding power = {
        .path = "/electricity_currently_delivered", .unit = "kW", .own = "W"};
    assert_value(&power, "{\"electricity_currently_delivered\":\"0.243\"}", 243);
}

static void test_emoncms(void **state)
{
    (void)state;
    struct binding second = {.format = PAYLOAD_CSV, .column = 1};
    assert_value(&second, "10,11,12", 11);
}

/* Variants. */

static void test_csv_of_every_kind(void **state)
{
    (void)state;
    struct binding b = {.format = PAYLOAD_CSV, .column = 2};
    assert_value(&b, "10, 11 , 12.5 ,13", 12.5);
    assert_value(&b, "\"a,b\",\"11\",\"12.5\"\r\n", 12.5);
    assert_value(&b, "10;11;12,5", 12.5);
    assert_value(&b, "a b\t11\t12.5\t", 12.5);
    assert_value(&b, "\t\t12.5", 12.5);
    assert_value(&b, "10  11   12.5", 12.5);
    assert_value(&b, "gh1,ok,71.6", 71.6);
    assert_bad(&b, "10,11,");
    assert_bad(&b, "10,11,twelve");
    assert_none(&b, "10,11");
    struct binding timed = {.format = PAYLOAD_CSV, .column = 1, .time = "/0"};
    struct decoded d = decode(&timed, "# time,value\n2026-01-01T00:01:00Z,2\n\n"
                                      "2026-01-01 00:00:00,1\n");
    assert_int_equal(d.n, 2);
    assert_close(d.samples[0].value, 1, 0);
    assert_close(d.samples[1].time, 1767225660, 0);
    struct binding one = {.format = PAYLOAD_CSV, .column = 1, .when = {"/0", "gh2"}};
    d = decode(&one, "gh1,5\ngh2,6\n");
    assert_int_equal(d.n, 1);
    assert_close(d.samples[0].value, 6, 0);
}

static void test_numbers_in_text(void **state)
{
    (void)state;
    struct binding b = {.path = NULL};
    static const struct {
        const char *text;
        double value;
    } rows[] = {
        {" 21.5\n", 21.5},
        {"\"21.5\"", 21.5},
        {"'21.5'", 21.5},
        {"+7", 7},
        {"-0.25", -0.25},
        {".5", 0.5},
        {"5.", 5},
        {"2.15e1", 21.5},
        {"1E-3", 0.001},
        {"21,5", 21.5},
        {"-21,5", -21.5},
        {"1,234.5", 1234.5},
        {"1.234,5", 1234.5},
        {"1,234,567.5", 1234567.5},
        {"true", 1},
        {"False", 0},
        {"on", 1},
        {"OFF", 0},
        {"0.1", 0.1},
        {"123456789012345678", 123456789012345680.0},
        {"0.30000000000000004", 0.30000000000000004},
        {"00012", 12},
        {"1e22", 1e22},
        {"9007199254740993", 9007199254740992.0},
        {"0.000000000000000000000000000001", 1e-30},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        assert_value(&b, rows[i].text, rows[i].value);
}

static void test_what_is_no_number_is_a_bad_reading(void **state)
{
    (void)state;
    static const char *const texts[] = {
        "",          "  ",    "nan",        "NaN",      "null",        "unavailable",
        "unknown",   "None",  "-",          ".",        ",",           "inf",
        "-Infinity", "1e999", "1.2.3",      "1,2,3",    "1,23.4",      "10:30",
        "0x10 ",     "open",  "2026-01-01", "\"\"",     "--5",         "12,345,67.8",
        "5 6",       "{",     "[1",         "{\"a\":}", "192.168.1.1", "+",
    };
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        struct decoded d = decode(&(struct binding){.own = "Cel"}, texts[i]);
        if (d.n != 1 || d.samples[0].verdict == PAYLOAD_VALUE)
            fail_msg("accepted: %s", texts[i]);
    }
    assert_bad(&(struct binding){.path = "/t"}, "hello");
    assert_bad(&(struct binding){.path = "/t"}, "{\"t\":nan}");
    assert_bad(&(struct binding){.path = "/t"}, "{\"t\":\"\"}");
    assert_bad(&(struct binding){.path = "/t"}, "{\"t\":{}}");
}

static void test_decimals_are_read_as_exactly_as_by_the_library(void **state)
{
    (void)state;
    struct binding b = {.path = NULL};
    unsigned long long seed = 1;
    for (int i = 0; i < 2000; i++) {
        char text[40];
        seed = seed * 6364136223846793005u + 1442695040888963407u;
        snprintf(text, sizeof text, "%llu.%0*llue%d", seed >> 50, (int)(seed % 7),
                 (seed >> 20) % 1000, (int)(seed >> 11) % 30 - 15);
        struct decoded d = decode(&b, text);
        assert_int_equal(d.n, 1);
        assert_close(d.samples[0].value, strtod(text, NULL), 0);
    }
}

static void test_unit_behind_the_number_is_converted(void **state)
{
    (void)state;
    struct binding t = {.own = "Cel"};
    assert_value(&t, "21.5 °C", 21.5);
    assert_value(&t, "71.6°F", 22);
    assert_value(&(struct binding){.path = "/t", .own = "Cel"}, "{\"t\":\"294.65 K\"}",
                 21.5);
    assert_value(&(struct binding){.own = "%"}, "45%", 45);
    assert_value(&(struct binding){.unit = "W", .own = "W"}, "0.243 kW", 243);
    assert_value(&(struct binding){.own = ""}, "12 apples", 12);
    struct decoded d = decode(&t, "21.5 furlong");
    assert_int_equal(d.samples[0].verdict, PAYLOAD_UNIT);
    d = decode(&t, "45 %");
    assert_int_equal(d.samples[0].verdict, PAYLOAD_UNIT);
}

static void test_scale_and_offset_come_before_the_unit(void **state)
{
    (void)state;
    struct binding t = {
        .path = "/t", .scale = 0.1, .offset = 32, .unit = "[degF]", .own = "Cel"};
    assert_value(&t, "{\"t\":180}", 10);
}

static void test_gas_is_left_for_the_twin_to_convert(void **state)
{
    (void)state;
    struct binding no2 = {.path = "/no2",
                          .unit = "ppb",
                          .own = "ug/m3",
                          .molar_mass = 46.0055,
                          .unit_path = "/u"};
    struct decoded d = decode(&no2, "{\"no2\":10}");
    assert_int_equal(d.samples[0].unit.gas, 1);
    assert_close(units_apply(&d.samples[0].unit, d.samples[0].value, 25, 1013.25), 18.8,
                 0.05);
    d = decode(&no2, "{\"no2\":10,\"u\":\"µg/m³\"}");
    assert_int_equal(d.samples[0].unit.gas, 0);
    assert_close(units_apply(&d.samples[0].unit, d.samples[0].value, 25, 1013.25), 10, 0);
}

static void test_unit_of_another_quantity_is_said(void **state)
{
    (void)state;
    struct binding t = {.path = "/t", .unit_path = "/u", .own = "Cel"};
    struct decoded d = decode(&t, "{\"t\":1,\"u\":\"hPa\"}");
    assert_int_equal(d.n, 1);
    assert_int_equal(d.samples[0].verdict, PAYLOAD_UNIT);
    assert_non_null(d.why);
}

static void test_times_in_every_form(void **state)
{
    (void)state;
    struct binding b = {.path = "/v", .time = "/t"};
    static const char *const forms[] = {"1767268800",
                                        "1767268800000",
                                        "1767268800000000",
                                        "1767268800000000000",
                                        "\"1767268800\"",
                                        "\"1767268800000\"",
                                        "\"2026-01-01T12:00:00Z\"",
                                        "\"2026-01-01T12:00:00\"",
                                        "\"2026-01-01T13:00:00+01:00\"",
                                        "1.7672688e9"};
    for (size_t i = 0; i < sizeof forms / sizeof *forms; i++) {
        char text[80];
        snprintf(text, sizeof text, "{\"v\":1,\"t\":%s}", forms[i]);
        assert_time(&b, text, ARRIVAL);
    }
}

static void test_unreadable_time_is_that_of_arrival(void **state)
{
    (void)state;
    static const char *const texts[] = {"{\"v\":1}", "{\"v\":1,\"t\":null}",
                                        "{\"v\":1,\"t\":\"soon\"}", "{\"v\":1,\"t\":-1}",
                                        "{\"v\":1,\"t\":[]}"};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        struct decoded d = decode(&(struct binding){.path = "/v", .time = "/t"}, texts[i]);
        assert_int_equal(d.n, 1);
        assert_int_equal(d.samples[0].verdict, PAYLOAD_VALUE);
        assert_false(d.samples[0].timed);
        assert_close(d.samples[0].time, ARRIVAL, 0);
    }
}

static void assert_series(const struct binding *b, const char *text, size_t n)
{
    struct decoded d = decode(b, text);
    assert_int_equal(d.n, n);
    for (size_t i = 0; i < n; i++) {
        assert_close(d.samples[i].value, (double)(i + 1), 0);
        assert_close(d.samples[i].time, ARRIVAL + (double)i, 0);
    }
}

static void test_several_readings_in_one_message(void **state)
{
    (void)state;
    assert_series(&(struct binding){.path = "/v", .time = "/t"},
                  "[{\"v\":1,\"t\":1767268800},{\"v\":2,\"t\":1767268801}]", 2);
    assert_series(&(struct binding){.path = "/v", .time = "/t"},
                  "[{\"v\":2,\"t\":1767268801},{\"x\":0},{\"v\":1,\"t\":1767268800}]", 2);
    assert_series(&(struct binding){.path = "/m/*/value", .time = "/m/*/ts"},
                  "{\"m\":[{\"value\":1,\"ts\":1767268800},{\"value\":2,\"ts\":1767268801},"
                  "{\"value\":3,\"ts\":1767268802}]}",
                  3);
    assert_series(&(struct binding){.path = "/*/v", .time = "/*/t"},
                  "[{\"v\":1,\"t\":1767268800}]", 1);
    struct binding of_one = {.path = "/m/*/v", .when = {"/m/*/id", "a"}, .time = "/t"};
    assert_series(&of_one,
                  "{\"t\":1767268800,\"m\":[{\"id\":\"b\",\"v\":9},"
                  "{\"id\":\"a\",\"v\":1}]}",
                  1);
    assert_value(&(struct binding){.path = "/1/v"}, "[{\"v\":1},{\"v\":2}]", 2);
    assert_value(&(struct binding){.path = "/v/0"}, "{\"v\":[5,6]}", 5);
    assert_none(&(struct binding){.path = "/m/*/v"}, "{\"m\":[]}");
}

static void test_more_readings_than_room_are_counted(void **state)
{
    (void)state;
    char text[] = "[0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19]";
    struct decoded d = decode(&(struct binding){.path = "/*"}, text);
    assert_int_equal(d.n, ROOM);
    assert_int_equal(d.left, 20 - ROOM);
}

/* RFC 8428, section 5.1, and its rules. */
static void test_senml_base_values_and_kinds_of_value(void **state)
{
    (void)state;
    struct binding a = {.format = PAYLOAD_SENML, .name = "a", .own = "A"};
    assert_value(&a, "[{\"bn\":\"a\",\"bv\":10,\"v\":1.5}]", 11.5);
    assert_value(&a, "[{\"n\":\"b\",\"bv\":10,\"v\":1},{\"n\":\"a\",\"v\":-2}]", 8);
    assert_value(&a, "[{\"n\":\"a\",\"vb\":true}]", 1);
    assert_value(&a, "[{\"n\":\"a\",\"vs\":\"2.5\"}]", 2.5);
    assert_value(&a, "[{\"n\":\"a\",\"bs\":100,\"s\":5}]", 105);
    assert_value(&a, "[{\"bu\":\"mA\"},{\"n\":\"a\",\"v\":500}]", 0.5);
    assert_value(&a, "{\"n\":\"a\",\"v\":500}", 500);
    assert_bad(&a, "[{\"n\":\"a\",\"vd\":\"aGk\"}]");
    assert_bad(&a, "[{\"n\":\"a\",\"v\":1,\"x_\":1}]");
    assert_bad(&a, "21.5 A but no list");
    assert_none(&a, "[{\"bn\":\"a\",\"bt\":1}]");
    assert_none(&a, "[{\"n\":\"A\",\"v\":1}]");
    assert_none(&a, "[1,\"a\",null]");
    struct decoded d = decode(&a, "[{\"n\":\"a\",\"u\":\"Cel\",\"v\":1}]");
    assert_int_equal(d.samples[0].verdict, PAYLOAD_UNIT);
}

static void test_senml_times_below_2_to_28_are_relative_to_arrival(void **state)
{
    (void)state;
    struct binding a = {.format = PAYLOAD_SENML, .name = "a"};
    assert_time(&a, "[{\"n\":\"a\",\"t\":-5,\"v\":1}]", ARRIVAL - 5);
    assert_time(&a, "[{\"bt\":-60,\"n\":\"a\",\"t\":5,\"v\":1}]", ARRIVAL - 55);
    assert_time(&a, "[{\"bt\":1767268800,\"n\":\"a\",\"t\":-5,\"v\":1}]", ARRIVAL - 5);
    struct decoded d = decode(&a, "[{\"n\":\"a\",\"v\":1}]");
    assert_false(d.samples[0].timed);
    assert_close(d.samples[0].time, ARRIVAL, 0);
}

static void test_any_bytes_are_survived(void **state)
{
    (void)state;
    static const char bytes[] = "\0\xFF{\"t\":\0 1}";
    static const enum payload_format formats[] = {PAYLOAD_AUTO, PAYLOAD_NUMBER,
                                                  PAYLOAD_JSON, PAYLOAD_CSV, PAYLOAD_SENML};
    for (size_t i = 0; i < 5; i++) {
        struct binding b = {.format = formats[i], .path = "/t", .own = "Cel"};
        struct decoded d = decode_bytes(&b, bytes, sizeof bytes - 1);
        assert_true(d.n == 0 || d.samples[0].verdict != PAYLOAD_VALUE);
    }
    struct decoded d = decode_bytes(&(struct binding){.own = "Cel"}, "21\0007", 4);
    assert_true(d.samples[0].verdict != PAYLOAD_VALUE);
}

static void test_terminator_sent_along_does_no_harm(void **state)
{
    (void)state;
    struct decoded d = decode_bytes(&(struct binding){.path = NULL}, "21.5\0\0", 6);
    assert_close(d.samples[0].value, 21.5, 0);
    d = decode_bytes(&(struct binding){.path = "/t"}, "{\"t\":21.5}\0", 11);
    assert_close(d.samples[0].value, 21.5, 0);
}

static void test_message_is_parsed_once_for_all_bindings(void **state)
{
    (void)state;
    struct payload_mapping a = compile(&(struct binding){.path = "/a"});
    struct payload_mapping b = compile(&(struct binding){.path = "/b"});
    char text[] = "{\"a\":1,\"b\":2}";
    struct payload payload = {.json = json_new(), .text = text, .length = strlen(text)};
    struct payload_sample sample;
    assert_int_equal(payload_decode(&payload, &a, &sample, 1, NULL), 1);
    memset(text, '{', strlen(text));
    assert_int_equal(payload_decode(&payload, &b, &sample, 1, NULL), 1);
    assert_close(sample.value, 2, 0);
    json_free(payload.json);
    payload_mapping_clear(&a);
    payload_mapping_clear(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_zigbee2mqtt),
        cmocka_unit_test(test_tasmota),
        cmocka_unit_test(test_shelly),
        cmocka_unit_test(test_esphome),
        cmocka_unit_test(test_the_things_network),
        cmocka_unit_test(test_senml),
        cmocka_unit_test(test_purpleair),
        cmocka_unit_test(test_airgradient),
        cmocka_unit_test(test_sensor_community),
        cmocka_unit_test(test_rtl_433),
        cmocka_unit_test(test_victron),
        cmocka_unit_test(test_dsmr_reader),
        cmocka_unit_test(test_emoncms),
        cmocka_unit_test(test_csv_of_every_kind),
        cmocka_unit_test(test_numbers_in_text),
        cmocka_unit_test(test_what_is_no_number_is_a_bad_reading),
        cmocka_unit_test(test_decimals_are_read_as_exactly_as_by_the_library),
        cmocka_unit_test(test_unit_behind_the_number_is_converted),
        cmocka_unit_test(test_scale_and_offset_come_before_the_unit),
        cmocka_unit_test(test_gas_is_left_for_the_twin_to_convert),
        cmocka_unit_test(test_unit_of_another_quantity_is_said),
        cmocka_unit_test(test_times_in_every_form),
        cmocka_unit_test(test_unreadable_time_is_that_of_arrival),
        cmocka_unit_test(test_several_readings_in_one_message),
        cmocka_unit_test(test_more_readings_than_room_are_counted),
        cmocka_unit_test(test_senml_base_values_and_kinds_of_value),
        cmocka_unit_test(test_senml_times_below_2_to_28_are_relative_to_arrival),
        cmocka_unit_test(test_any_bytes_are_survived),
        cmocka_unit_test(test_terminator_sent_along_does_no_harm),
        cmocka_unit_test(test_message_is_parsed_once_for_all_bindings),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
