/* twinctl suggest: rules for a twin, from its history, for a wanted number of alarms. */
#include "suggest_form.h"

#include "twind/cli.h"
#include "twind/mem.h"
#include "twind/text.h"
#include "twind/times.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { PROPOSALS = SUGGEST_SUBJECTS * SUGGEST_FORMS, NAME = 34 };
static const double DAY = 86400, LEARN_SHARE = 2.0 / 3;

struct request {
    struct suggest_trace_options options;
    const char *on[SUGGEST_SUBJECTS], *types[SUGGEST_FORMS];
    size_t n_types;
    double rate; /* alarms a week, of each rule */
    bool json, together;
    struct suggest_traces traces;
    double split;
    struct suggest_proposal proposals[PROPOSALS];
    size_t n;
};

static bool add_on(void *context, const char *value, struct err *e)
{
    struct request *request = context;
    if (request->options.n == SUGGEST_SUBJECTS)
        return err_set(e, "at most %d signals", SUGGEST_SUBJECTS);
    request->on[request->options.n++] = value;
    return true;
}

static bool add_type(void *context, const char *value, struct err *e)
{
    struct request *request = context;
    for (size_t i = 0; i < SUGGEST_FORMS; i++)
        if (strcmp(suggest_form_type(suggest_forms[i]), value) == 0 &&
            request->n_types < SUGGEST_FORMS) {
            request->types[request->n_types++] = value;
            return true;
        }
    return err_set(e, "threshold, rate, deviation, stale or stuck");
}

static bool set_time(void *context, const char *value, struct err *e)
{
    return cli_time(value, context) || err_set(e, "ISO 8601 or seconds since 1970");
}

static bool set_rate(void *context, const char *value, struct err *e)
{
    double *rate = context;
    return (cli_number(value, rate) && *rate > 0 && *rate <= 10000) ||
           err_set(e, "a number above 0, at most 10000");
}

/* ---- finding ---- */

static bool is_wanted(const struct request *request, const struct suggest_form *form)
{
    for (size_t i = 0; i < request->n_types; i++)
        if (strcmp(request->types[i], suggest_form_type(form)) == 0)
            return true;
    return request->n_types == 0;
}

/* Every rule that there may be, still without its limits. */
static void list(struct request *request)
{
    const struct suggest_traces *traces = &request->traces;
    for (size_t i = 0; i < traces->n; i++)
        for (size_t f = 0; f < SUGGEST_FORMS; f++)
            if (is_wanted(request, suggest_forms[f]) &&
                suggest_form_suits(suggest_forms[f], &traces->at[i], traces->plan))
                request->proposals[request->n++] = (struct suggest_proposal){
                    .form = suggest_forms[f], .trace = &traces->at[i]};
}

static void find(struct request *request)
{
    const struct suggest_traces *traces = &request->traces;
    request->split = traces->from + LEARN_SHARE * (traces->to - traces->from);
    list(request);
    if (request->together && request->n > 0)
        request->rate /= (double)request->n;
    for (size_t i = 0; i < request->n; i++)
        suggest_form_find(request->proposals[i].form, traces, request->proposals[i].trace,
                          request->split, request->rate, &request->proposals[i]);
}

/* ---- telling ---- */

static void put_param(struct text *to, const struct suggest_rule *rule, size_t param)
{
    const struct rule_row *row = &rule->type->params[param];
    size_t set = rule->type->ladder ? SEVERITY_WARNING : 0;
    double value = rule->params[set * rule->type->n_params + param];
    enum { DIGITS = 12 };
    char duration[TIME_TEXT];
    if (isnan(value) || value == row->value)
        return;
    text_put(to, ", \"%s\": ", row->name);
    if (row->unit == RULE_DURATION)
        text_put(to, "\"%s\"", times_format_duration(value, duration));
    else
        text_number(to, value, DIGITS);
}

static void put_delay(struct text *to, const char *name, double seconds)
{
    char duration[TIME_TEXT];
    if (seconds > 0)
        text_put(to, ", \"%s\": \"%s\"", name, times_format_duration(seconds, duration));
}

/* As the configuration has it. */
static void put_rule(struct text *to, const struct suggest_proposal *p)
{
    text_put(to, "{ \"id\": \"%s\", \"type\": \"%s\", \"on\": \"%s\"", p->id,
             p->rule.type->name, p->trace->on);
    for (size_t i = 0; i < p->rule.type->n_params; i++)
        put_param(to, &p->rule, i);
    put_delay(to, "for", p->rule.policy.delay);
    put_delay(to, "keep", p->rule.policy.keep);
    text_put(to, " }");
}

static void print_proposal(const struct suggest_proposal *p)
{
    const char *note = p->unlike   ? "  changed since: the second part is unlike the first"
                       : p->beyond ? "  beyond all that was seen"
                                   : "";
    printf("%-*s %9.3g %9.3g %6zu%s\n", NAME, p->id, p->learned, p->tried, p->tail.peaks,
           note);
}

static void print_rules(const struct request *request)
{
    struct text text = {.used = 0};
    bool first = true;
    for (size_t i = 0; i < request->n; i++) {
        if (!request->proposals[i].found)
            continue;
        text_put(&text, "%s", first ? "\n\"rules\": [\n  " : ",\n  ");
        put_rule(&text, &request->proposals[i]);
        first = false;
    }
    printf("%s%s", first ? "" : text.at, first ? "" : "\n]\n");
    text_free(&text);
}

static void print_left_out(const struct request *request)
{
    bool first = true;
    for (size_t i = 0; i < request->n; i++) {
        const struct suggest_proposal *p = &request->proposals[i];
        if (p->found)
            continue;
        printf("%s%s: %s\n", first ? "\nwithout a proposal\n" : "", p->id, p->why.text);
        first = false;
    }
}

static void print_all(const struct request *request)
{
    const struct suggest_traces *t = &request->traces;
    char from[TIME_TEXT], split[TIME_TEXT], to[TIME_TEXT];
    double learned = 0, tried = 0;
    printf("%s: learned from %s on, tried from %s to %s (%.3g and %.3g days)\n"
           "wanted of each rule: %.3g alarms a week\n\n",
           request->options.twin, times_format(t->from, from),
           times_format(request->split, split), times_format(t->to, to),
           (request->split - t->from) / DAY, (t->to - request->split) / DAY, request->rate);
    printf("%-*s %9s %9s %6s\n", NAME, "alarms a week", "learned", "tried", "peaks");
    for (size_t i = 0; i < request->n; i++) {
        if (!request->proposals[i].found)
            continue;
        print_proposal(&request->proposals[i]);
        learned += request->proposals[i].learned;
        tried += request->proposals[i].tried;
    }
    printf("%-*s %9.3g %9.3g\n", NAME, "all together", learned, tried);
    print_rules(request);
    print_left_out(request);
}

static void put_number(struct text *to, const char *name, double number)
{
    enum { DIGITS = 6 };
    text_put(to, ",\"%s\":", name);
    text_number(to, number, DIGITS);
}

static void put_proposal(struct text *to, const struct suggest_proposal *p)
{
    if (p->found) {
        text_put(to, "{\"rule\":");
        put_rule(to, p);
        put_number(to, "learned_per_week", p->learned);
        put_number(to, "tried_per_week", p->tried);
        put_number(to, "noise", p->tail.noise);
        put_number(to, "peaks", (double)p->tail.peaks);
        text_put(to, ",\"changed\":%s,\"beyond_seen\":%s}", p->unlike ? "true" : "false",
                 p->beyond ? "true" : "false");
    } else {
        text_put(to, "{\"id\":\"%s\",\"rule\":null,\"why\":", p->id);
        text_quoted(to, p->why.text);
        text_put(to, "}");
    }
}

static void print_json(const struct request *request)
{
    struct text text = {.used = 0};
    char from[TIME_TEXT], split[TIME_TEXT], to[TIME_TEXT];
    text_put(&text, "{\"twin\":");
    text_quoted(&text, request->options.twin);
    text_put(&text, ",\"from\":\"%s\",\"split\":\"%s\",\"to\":\"%s\"",
             times_format(request->traces.from, from), times_format(request->split, split),
             times_format(request->traces.to, to));
    put_number(&text, "wanted_per_week", request->rate);
    text_put(&text, ",\"proposals\":[");
    for (size_t i = 0; i < request->n; i++) {
        text_put(&text, "%s", i > 0 ? "," : "");
        put_proposal(&text, &request->proposals[i]);
    }
    text_put(&text, "]}");
    puts(text.at);
    text_free(&text);
}

static int run_with(struct request *request)
{
    struct err e;
    int status = suggest_trace_open(&request->options, &request->traces, &e);
    if (status == CLI_OK) {
        find(request);
        if (request->json)
            print_json(request);
        else
            print_all(request);
    } else if (e.text[0]) {
        cli_fail(&cli_suggest, status, "%s", e.text);
    }
    suggest_trace_close(&request->traces);
    return status;
}

static int run(int argc, char **argv)
{
    struct request *request = mem_new(1, sizeof *request);
    request->options.from = -(double)INFINITY;
    request->options.to = INFINITY;
    request->options.on = request->on;
    request->rate = 1;
    const struct cli_option options[] = {
        {.name = "-c", .value = &request->options.file},
        {.name = "--twin", .value = &request->options.twin},
        {.name = "--history", .value = &request->options.history},
        {.name = "--on", .each = add_on, .context = request},
        {.name = "--type", .each = add_type, .context = request},
        {.name = "--alarms-per-week", .each = set_rate, .context = &request->rate},
        {.name = "--together", .flag = &request->together},
        {.name = "--from", .each = set_time, .context = &request->options.from},
        {.name = "--to", .each = set_time, .context = &request->options.to},
        {.name = "--json", .flag = &request->json},
        {.name = NULL},
    };
    bool fine = cli_options(argc, argv, options) == 0 && request->options.file &&
                request->options.twin;
    int status = fine ? run_with(request) : cli_usage(&cli_suggest);
    free(request);
    return status;
}

const struct cli_verb cli_suggest = {
    "suggest",
    "-c FILE --twin T [--history DB] [--on SIGNAL ..] [--type TYPE ..] "
    "[--alarms-per-week N] [--together] [--from TIME] [--to TIME] [--json]",
    "rules for a wanted number of alarms, from the history", run};
