#include "asking.h"

#include "twind/json.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { TOPIC = 512, NAME = 24 };

/* ---- the question ---- */

bool asking_add_set(void *context, const char *text, struct err *e)
{
    struct asking_sets *sets = context;
    if (!strchr(text, '=') || text[0] == '=')
        return err_set(e, "expected INPUT=VALUE or INPUT=VALUE@22:00-06:00");
    if (sets->n == ASKING_SETS)
        return err_set(e, "at most %d inputs can be set at once", ASKING_SETS);
    sets->at[sets->n++] = text;
    return true;
}

static size_t name_length(const char *set)
{
    return strcspn(set, "=");
}

static bool same_input(const char *a, const char *b)
{
    return name_length(a) == name_length(b) && strncmp(a, b, name_length(a)) == 0;
}

static void put_quoted(struct text *to, const char *text, size_t length)
{
    struct text part = {0};
    text_bytes(&part, text, length);
    text_quoted(to, part.used ? part.at : "");
    text_free(&part);
}

/* {"value":"18"} or {"value":"18","from":"22:00","to":"06:00"} */
static void put_item(struct text *to, const char *value)
{
    const char *at = strchr(value, '@');
    text_put(to, "{\"value\":");
    put_quoted(to, value, at ? (size_t)(at - value) : strlen(value));
    if (at) {
        size_t length = strcspn(++at, "-");
        text_put(to, ",\"from\":");
        put_quoted(to, at, length);
        text_put(to, ",\"to\":");
        put_quoted(to, at + length + (at[length] == '-'),
                   strlen(at + length + (at[length] == '-')));
    }
    text_put(to, "}");
}

static bool stands_before(const struct asking_sets *sets, size_t i)
{
    for (size_t j = 0; j < i; j++)
        if (same_input(sets->at[j], sets->at[i]))
            return true;
    return false;
}

void asking_put_sets(struct text *to, const struct asking_sets *sets)
{
    if (sets->n == 0)
        return;
    text_put(to, ",\"set\":{");
    for (size_t i = 0; i < sets->n; i++) {
        if (stands_before(sets, i))
            continue;
        text_put(to, i > 0 ? "," : "");
        put_quoted(to, sets->at[i], name_length(sets->at[i]));
        text_put(to, ":[");
        for (size_t j = i; j < sets->n; j++) {
            if (!same_input(sets->at[i], sets->at[j]))
                continue;
            text_put(to, j > i ? "," : "");
            put_item(to, sets->at[j] + name_length(sets->at[j]) + 1);
        }
        text_put(to, "]");
    }
    text_put(to, "}");
}

void asking_put_text(struct text *to, const char *key, const char *text)
{
    if (!text)
        return;
    text_put(to, ",\"%s\":", key);
    text_quoted(to, text);
}

/* ---- asking ---- */

void asking_id(char id[ASKING_ID])
{
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    snprintf(id, ASKING_ID, "twinctl-%ld-%09ld", (long)getpid(), now.tv_nsec);
}

/* A refusal of what could not even be read has no id. */
static bool is_ours(const struct live_message *m, const char *id)
{
    struct json *json = json_new();
    const struct cJSON *root = json_parse(json, m->payload, m->payload_length);
    const char *theirs = json_text(json_member(root, "id"));
    bool ok = json_number(json_member(root, "ok"), 0) == 1;
    bool ours = theirs ? strcmp(theirs, id) == 0 : !ok;
    json_free(json);
    return ours;
}

bool asking_send(struct live *live, const char *twin, const char *word,
                 const struct text *question, const char *id, double seconds,
                 struct live_message *answer)
{
    char topic[TOPIC], result[TOPIC];
    struct timespec begun, now;
    snprintf(topic, sizeof topic, "%s/%s", twin, word);
    snprintf(result, sizeof result, "%s/%s/result", twin, word);
    live_publish(live, topic, question->at);
    clock_gettime(CLOCK_MONOTONIC, &begun);
    for (double left = seconds; left > 0;) {
        if (live_next(live, left, answer) && strcmp(answer->topic, result) == 0 &&
            is_ours(answer, id))
            return true;
        clock_gettime(CLOCK_MONOTONIC, &now);
        left = seconds - (double)(now.tv_sec - begun.tv_sec) -
               (double)(now.tv_nsec - begun.tv_nsec) * 1e-9;
    }
    return false;
}

/* ---- the answer ---- */

/* What is as good as nothing is nothing. */
static double tidy(double number)
{
    return fabs(number) < 1e-9 ? 0 : number;
}

static double number(const struct cJSON *object, const char *key)
{
    return tidy(json_number(json_member(object, key), NAN));
}

static double last_of(const struct cJSON *list)
{
    double last = NAN;
    for (const struct cJSON *at = json_first(list); at; at = json_next(at))
        last = tidy(json_number(at, NAN));
    return last;
}

/* What counts has its total below. */
static void print_difference(const struct cJSON *answer, const struct cJSON *difference)
{
    const char *name = json_key(difference);
    const char *unit = json_text(json_member(json_member(answer, "units"), name));
    bool same = number(difference, "min") == 0 && number(difference, "max") == 0;
    if (same || json_member(json_member(answer, "totals"), name))
        return;
    printf("%-*s %-9s %10.4g %10.4g %10.4g %+10.3g\n", NAME, name, unit ? unit : "",
           number(json_member(answer, "now"), name),
           last_of(json_member(json_member(answer, "base"), name)),
           last_of(json_member(json_member(answer, "values"), name)),
           number(difference, "mean"));
}

static void print_three(const char *name, const char *unit, const struct cJSON *three)
{
    if (three)
        printf("%-*s %-9s %10s %10.4g %10.4g %+10.3g\n", NAME, name, unit, "",
               number(three, "base"), number(three, "whatif"), number(three, "difference"));
}

static void print_totals(const struct cJSON *answer)
{
    const struct cJSON *totals = json_member(answer, "totals"), *at = json_first(totals);
    if (!at)
        return;
    puts("\nover the whole time:");
    for (; at; at = json_next(at)) {
        const char *unit =
            json_text(json_member(json_member(answer, "units"), json_key(at)));
        print_three(json_key(at), unit ? unit : "", at);
    }
}

void asking_print_pair(const struct cJSON *answer)
{
    const struct cJSON *at = json_first(json_member(answer, "difference"));
    printf("%-*s %-9s %10s %10s %10s %10s\n", NAME, "", "", "now", "base", "what-if",
           "difference");
    printf("%-*s %-9s %10s %10s %10s %10s\n", NAME, "", "", "", "at the end", "at the end",
           "mean");
    for (; at; at = json_next(at))
        print_difference(answer, at);
    print_totals(answer);
}
