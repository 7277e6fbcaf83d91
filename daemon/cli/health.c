/* twinctl health: how the parts and sensors of running twins wear, and what is left. */
#include "live.h"

#include "twind/json.h"
#include "twind/json_tree.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Retained messages come at once; when none has come for this long, all are there. */
static const double quiet_s = 0.7;

static const char *word(const struct cJSON *object, const char *key)
{
    const char *text = json_text(json_member(object, key));
    return text ? text : "-";
}

/* Days; beyond the horizon none are told. */
static void print_days(const struct cJSON *part, const char *key)
{
    double days = json_number(json_member(part, key), NAN);
    if (isnan(days))
        printf(" %9s", "10 a +");
    else
        printf(" %7.0f d", days);
}

static void print_part(const char *twin, const struct cJSON *part)
{
    printf("%-16s %-14s %-24s %7.3f +- %-6.2g %6.4g", twin, word(part, "part"),
           word(part, "name"), json_number(json_member(part, "value"), NAN),
           json_number(json_member(part, "sd"), NAN),
           json_number(json_member(part, "limit"), NAN));
    print_days(part, "days_left");
    print_days(part, "least");
    print_days(part, "most");
    printf("  %.10s\n", word(part, "serviced"));
}

static int print_twin(const struct cJSON *root)
{
    int n = 0;
    const struct cJSON *part = json_first(json_member(root, "parts"));
    for (; part; part = json_next(part), n++)
        print_part(word(root, "twin"), part);
    return n;
}

static int print_all(struct live *live, const char *twin)
{
    struct json *json = json_new();
    struct live_message m;
    int n = 0;
    printf("%-16s %-14s %-24s %17s %6s %9s %9s %9s  %s\n", "twin", "part", "index",
           "value        ", "limit", "left", "least", "most", "serviced");
    while (live_next(live, quiet_s, &m) && m.retained) {
        const struct cJSON *root = json_parse(json, m.payload, m.payload_length);
        if (!twin || strcmp(twin, word(root, "twin")) == 0)
            n += print_twin(root);
    }
    json_free(json);
    return n;
}

static int run(int argc, char **argv)
{
    static const char *const topics[] = {"+/health", NULL};
    struct live_options o = {.file = NULL};
    const char *twin = NULL;
    const struct cli_option rows[] = {{.name = "-c", .value = &o.file},
                                      {.name = "--broker", .value = &o.broker},
                                      {.name = "--prefix", .value = &o.prefix},
                                      {.name = "--twin", .value = &twin},
                                      {.name = NULL}};
    int status;
    if (cli_options(argc, argv, rows) != 0)
        return cli_usage(&cli_health);
    struct live *live = live_connect(&cli_health, &o, topics, &status);
    if (!live)
        return status;
    int n = print_all(live, twin);
    live_close(live);
    return n > 0 ? CLI_OK
                 : cli_fail(&cli_health, CLI_RESOURCE,
                            "the broker knows of no health%s%s: it is concluded once a day",
                            twin ? " of " : "", twin ? twin : "");
}

const struct cli_verb cli_health = {
    "health", "[--twin T] [-c FILE | --broker URL] [--prefix P]",
    "how parts and sensors wear, and the time that is left to each", run};
