/* The answer: the schedule, the forecast under it beside the plain one, and which limits
 * bind. */
#include "advice_parts.h"

#include "twind/times.h"

#include <math.h>

enum { DIGITS = 6 };

static void put_time(struct text *to, const char *key, double time)
{
    char text[TIME_TEXT];
    text_put(to, "\"%s\":\"%s\"", key, times_format(time, text));
}

static void put_number(struct text *to, const char *key, double number)
{
    text_put(to, ",\"%s\":", key);
    text_number(to, number, DIGITS);
}

static void put_schedule(struct text *to, const struct advice *a)
{
    double end = a->question.made + a->question.horizon;
    text_put(to, ",\"schedule\":[");
    for (size_t i = 0; i < a->n_items; i++) {
        text_put(to, i > 0 ? ",{" : "{");
        put_time(to, "from", a->items[i].from);
        text_put(to, ",");
        put_time(to, "to", i + 1 < a->n_items ? a->items[i + 1].from : end);
        put_number(to, "value", a->items[i].value);
        text_put(to, "}");
    }
    text_put(to, "]");
}

static void put_limit(struct text *to, const struct advice *a, const struct limit *limit,
                      const struct forecast *under)
{
    const struct limit_verdict with =
        limit_judge(limit, under, a->base->sd, a->z, a->question.zone);
    const struct limit_verdict without =
        limit_judge(limit, a->base, a->base->sd, a->z, a->question.zone);
    text_put(to, "{\"keep\":");
    text_quoted(to, limit->text);
    text_put(to, ",\"kept\":%s,\"binds\":%s", with.margin >= 0 ? "true" : "false",
             with.margin <= limit->scale ? "true" : "false");
    put_number(to, "margin", with.margin);
    put_number(to, "base_margin", without.margin);
    text_put(to, ",");
    put_time(to, "at", with.when);
    text_put(to, "}");
}

static void put_limits(struct text *to, const struct advice *a,
                       const struct forecast *under)
{
    text_put(to, ",\"limits\":[");
    for (size_t i = 0; i < a->n_limits; i++) {
        text_put(to, i > 0 ? "," : "");
        put_limit(to, a, &a->limits[i], under);
    }
    text_put(to, "]");
}

static void put_request(struct text *to, const struct advice *a)
{
    text_put(to, ",\"over\":\"%s\",\"unit\":", advice_input(a));
    text_quoted(to, a->kind->inputs[a->input].unit);
    text_put(to, ",\"%s\":", a->sense > 0 ? "minimise" : "maximise");
    text_quoted(to, a->aim_name);
    put_number(to, "block_s", a->block);
    put_number(to, "probability", a->probability);
    text_put(to, ",\"tried\":%zu", a->search.evaluations);
}

void advice_answer(struct advice *a, bool applied, struct text *to)
{
    const struct forecast *under = a->worthwhile ? a->trial : a->base;
    if (a->worthwhile)
        advice_try(a, a->values);
    whatif_put_head(to, &a->question);
    put_request(to, a);
    text_put(to, ",\"applied\":%s", applied ? "true" : "false");
    put_schedule(to, a);
    whatif_put_three(to, "aim", a->sense * advice_aim(a, a->base),
                     a->sense * advice_aim(a, under));
    put_limits(to, a, under);
    whatif_put_pair(to, &(struct whatif){&a->question, a->start, a->base, under});
    text_put(to, "}");
}
