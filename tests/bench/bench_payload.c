/* Nanoseconds of parsing a small message and of decoding one signal of it, one JSON line
 * each. */
#include "twind/json.h"
#include "twind/payload.h"

#include <cjson/cJSON.h>

#include <stdio.h>
#include <string.h>
#include <time.h>

enum { ROUNDS = 1000000 };

static double seconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

static void report(const char *what, double start)
{
    printf("{\"bench\":\"payload\",\"what\":\"%s\",\"ns\":%.1f}\n", what,
           (seconds() - start) / ROUNDS * 1e9);
}

static void bench_parse(struct json *json, const char *text)
{
    double start = seconds();
    for (int i = 0; i < ROUNDS; i++)
        json_parse(json, text, strlen(text));
    report("json_parse", start);
    start = seconds();
    for (int i = 0; i < ROUNDS; i++)
        cJSON_Delete(cJSON_ParseWithLength(text, strlen(text)));
    report("cJSON alone, from the heap", start);
}

/* Parsed before, as for the second and later signals of one message. */
static void bench_decode(struct json *json, const char *what, const char *text,
                         struct payload_mapping *mapping)
{
    struct payload payload = {.json = json, .text = text, .length = strlen(text)};
    struct payload_sample samples[4];
    size_t n = payload_decode(&payload, mapping, samples, 4, NULL);
    double start = seconds();
    for (int i = 0; i < ROUNDS; i++)
        n += payload_decode(&payload, mapping, samples, 4, NULL);
    report(n == ROUNDS + 1 ? what : "WRONG", start);
}

int main(void)
{
    static const char climate[] = "{\"temperature\":27.34,\"humidity\":44.72}";
    static const char tasmota[] =
        "{\"Time\":\"2026-01-01T12:00:00\",\"BME280\":{\"Temperature\":21.7,"
        "\"Humidity\":49.0},\"TempUnit\":\"C\"}";
    struct json *json = json_new();
    struct err e;
    struct payload_mapping mapping = payload_mapping_default;
    bench_parse(json, climate);
    bench_decode(json, "scalar", "230.35", &mapping);
    mapping.path = json_pointer_new("/humidity", &e);
    bench_decode(json, "path, parsed", climate, &mapping);
    payload_mapping_clear(&mapping);
    mapping.path = json_pointer_new("/BME280/Temperature", &e);
    mapping.time = json_pointer_new("/Time", &e);
    bench_decode(json, "path and time, parsed", tasmota, &mapping);
    static char cel[] = "Cel";
    mapping.own_unit = cel;
    mapping.unit_path = json_pointer_new("/TempUnit", &e);
    bench_decode(json, "path, time and unit, parsed", tasmota, &mapping);
    mapping.own_unit = NULL;
    payload_mapping_clear(&mapping);
    json_free(json);
    return 0;
}
