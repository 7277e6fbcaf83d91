#include "commission_print.h"

#include "twind/times.h"

#include <stdio.h>

static const double day = 86400;

static const char *name_of(const struct plan *plan, size_t sensor)
{
    return plan_row(plan->kind, plan->sensors[sensor].signal)->name;
}

void commission_print(const struct plan *plan, const char *twin,
                      const struct commission_result *r)
{
    char from[TIME_TEXT], to[TIME_TEXT];
    printf("%s (%s): %.1f days, %s .. %s, %zu mistakes weighed\n", twin, plan->kind->name,
           (r->to - r->from) / day, times_format(r->from, from), times_format(r->to, to),
           r->weighed);
    for (size_t i = 0; i < r->n; i++)
        printf("%5.1f %%  %s\n", 100 * r->findings[i].probability, r->findings[i].says);
    if (r->n == 0)
        puts("nothing wrong was found");
}

void commission_print_line(const struct commission_result *r)
{
    if (r->n == 0)
        printf("nothing wrong was found in %.1f days of readings\n",
               (r->to - r->from) / day);
    else
        printf("%zu finding%s: %s (%.0f %%)\n", r->n, r->n == 1 ? "" : "s",
               r->findings[0].says, 100 * r->findings[0].probability);
}

static void put_name(struct text *to, const char *key, const struct plan *plan,
                     size_t sensor)
{
    if (sensor == PLAN_NONE)
        return;
    text_put(to, "\"%s\":", key);
    text_quoted(to, name_of(plan, sensor));
    text_put(to, ",");
}

static void put_finding(struct text *to, const struct plan *plan,
                        const struct commission_finding *f)
{
    text_put(to, "{");
    put_name(to, "sensor", plan, f->sensor);
    put_name(to, "other", plan, f->other);
    text_put(to, "\"mistake\":\"%s\",\"probability\":", f->mistake);
    text_number(to, f->probability, 4);
    text_put(to, ",\"scale\":");
    text_number(to, f->scale, 9);
    text_put(to, ",\"offset\":");
    text_number(to, f->offset, 9);
    text_put(to, ",\"fix\":");
    text_quoted(to, f->fix);
    text_put(to, ",\"says\":");
    text_quoted(to, f->says);
    text_put(to, "}");
}

void commission_put_json(struct text *to, const struct plan *plan, const char *twin,
                         const struct commission_result *r)
{
    char from[TIME_TEXT], until[TIME_TEXT];
    text_put(
        to, "{\"twin\":\"%s\",\"from\":\"%s\",\"to\":\"%s\",\"weighed\":%zu,\"findings\":[",
        twin, times_format(r->from, from), times_format(r->to, until), r->weighed);
    for (size_t i = 0; i < r->n; i++) {
        text_put(to, "%s", i ? "," : "");
        put_finding(to, plan, &r->findings[i]);
    }
    text_put(to, "]}");
}
