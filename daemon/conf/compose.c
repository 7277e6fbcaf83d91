#include "twind/compose.h"

#include "twind/isolate.h"
#include "twind/judge.h"
#include "twind/subject.h"
#include "twind/times.h"
#include "twind/wear.h"

#include <math.h>
#include <stdio.h>

/* Estimates carry no more digits than any sensor; readings carry what they came with. */
enum { ESTIMATE_DIGITS = 7, FORECAST_DIGITS = 6, SD_DIGITS = 4, READING_DIGITS = 12 };

static void put_time(struct text *to, double time)
{
    char text[TIME_TEXT];
    if (isfinite(time) && time > 0)
        text_put(to, "\"%s\"", times_format(time, text));
    else
        text_put(to, "null");
}

static void put_name(struct text *to, bool *first, const char *name)
{
    text_put(to, "%s\"%s\":", *first ? "" : ",", name);
    *first = false;
}

static void put_sensor(struct text *to, const struct twin *twin, size_t sensor, double now)
{
    const struct twin_sensor *s = &twin_sensors(twin)[sensor];
    const struct plan_sensor *plan = &twin->plan->sensors[sensor];
    bool stale = isnan(s->time) || now - s->time > plan->timeout;
    text_put(to, "{\"value\":");
    text_number(to, isnan(s->time) ? s->time : s->value, READING_DIGITS);
    text_put(to, ",\"time\":");
    put_time(to, s->time);
    text_put(to, ",\"predicted\":");
    text_number(to, s->predicted, ESTIMATE_DIGITS);
    text_put(to, ",\"nis\":");
    text_number(to, s->nis, SD_DIGITS);
    text_put(to, ",\"quality\":\"%s\"}",
             quality_name(stale ? QUALITY_STALE : (enum quality)s->quality));
}

static void put_estimates(struct text *to, const struct twin *twin, bool deviations,
                          struct twin_scratch *scratch)
{
    const struct kind *kind = twin->plan->kind;
    bool first = true;
    for (size_t i = 0; i < kind->n_outputs; i++) {
        double sd, value = twin_estimate(twin, i, deviations ? &sd : NULL, scratch);
        put_name(to, &first, kind->outputs[i].name);
        text_number(to, deviations ? sd : value, deviations ? SD_DIGITS : ESTIMATE_DIGITS);
    }
}

/* At 1/24, 1/4 and the whole of the horizon: an hour, six and a day of the usual one. */
enum { LEADS = 3 };

struct skills {
    double lead[LEADS], rmse[LEADS], persistence[LEADS], within[LEADS];
};

static bool look_up_skill(const struct twin *twin, size_t output, struct skills *skills)
{
    static const double shares[LEADS] = {1.0 / 24, 1.0 / 4, 1};
    bool any = false;
    for (size_t i = 0; i < LEADS; i++) {
        struct forecast_skill skill = {NAN, NAN, NAN, 0};
        skills->lead[i] = shares[i] * twin->plan->forecast.horizon;
        any |= forecast_skill(twin, output, skills->lead[i], &skill);
        skills->rmse[i] = skill.rmse;
        skills->persistence[i] = skill.persistence;
        skills->within[i] = skill.within;
    }
    return any;
}

static void put_leads(struct text *to, const char *name, const double *values)
{
    text_put(to, "\"%s\":", name);
    for (size_t i = 0; i < LEADS; i++) {
        text_bytes(to, i > 0 ? "," : "[", 1);
        text_number(to, values[i], SD_DIGITS);
    }
    text_bytes(to, "]", 1);
}

/* Nothing where nothing has been learned. */
static void put_skill(struct text *to, const struct twin *twin)
{
    const struct kind *kind = twin->plan->kind;
    struct skills skills;
    bool first = true;
    for (size_t i = 0; twin->plan->forecast.every > 0 && i < kind->n_outputs; i++) {
        if (!look_up_skill(twin, i, &skills))
            continue;
        text_put(to, "%s", first ? ",\"skill\":{" : "");
        put_name(to, &first, kind->outputs[i].name);
        text_put(to, "{\"lead_s\":[%.12g,%.12g,%.12g],", skills.lead[0], skills.lead[1],
                 skills.lead[2]);
        put_leads(to, "rmse", skills.rmse);
        text_put(to, ",");
        put_leads(to, "persistence", skills.persistence);
        text_put(to, ",");
        put_leads(to, "within", skills.within);
        text_put(to, "}");
    }
    text_put(to, "%s", first ? "" : "}");
}

/* Nothing where nothing is wrong. */
static void put_faults(struct text *to, const struct twin *twin)
{
    enum { MOST = 6 };
    const double likely = 0.01, worth = 0.05;
    struct rule_fault faults[MOST];
    double chance = 1;
    size_t n = isolate_faults(twin, faults, MOST);
    for (size_t i = 0; i < n; i++)
        chance = fmin(chance, faults[i].chance);
    for (size_t i = 0; chance <= likely && i < n; i++) {
        if (i > 0 && faults[i].probability < worth)
            break;
        text_put(to, "%s{\"name\":\"%s\",\"says\":\"%s\",\"probability\":",
                 i > 0 ? "," : ",\"faults\":[", faults[i].name, faults[i].says);
        text_number(to, faults[i].probability, SD_DIGITS);
        text_put(to, ",\"size\":");
        text_number(to, faults[i].size, SD_DIGITS);
        text_put(to, ",\"since\":");
        put_time(to, faults[i].since);
        text_put(to, "}");
    }
    text_put(to, chance <= likely ? "]" : "");
}

void compose_state(struct text *to, const struct twin *twin, double now,
                   struct twin_scratch *scratch)
{
    const struct plan *plan = twin->plan;
    double time = twin_head(twin)->time;
    text_put(to, "{\"time\":");
    put_time(to, time > 0 ? time : now); /* one that has heard nothing: as of now */
    text_put(to, ",\"twin\":");
    text_quoted(to, twin->id); /* a fleet's may hold what a topic's level does */
    text_put(to, ",\"kind\":\"%s\",\"health\":\"%s\",\"values\":{", plan->kind->name,
             twin_health_name(twin_health(twin, now)));
    put_estimates(to, twin, false, scratch);
    text_put(to, "},\"sd\":{");
    put_estimates(to, twin, true, scratch);
    text_put(to, "},\"sensors\":{");
    bool first = true;
    for (size_t i = 0; i < plan->n_sensors; i++) {
        put_name(to, &first, plan_row(plan->kind, plan->sensors[i].signal)->name);
        put_sensor(to, twin, i, now);
    }
    text_put(to, "}");
    put_skill(to, twin);
    put_faults(to, twin);
    text_put(to, "}");
}

static void put_part(struct text *to, const struct rule_part *part)
{
    static const double day = 86400;
    const struct {
        const char *name;
        double value;
    } numbers[] = {{"value", part->value},
                   {"sd", part->sd},
                   {"limit", part->limit},
                   {"days_left", part->left / day},
                   {"least", part->left_least / day},
                   {"most", part->left_most / day}};
    text_put(to, "{\"name\":\"%s\",\"part\":\"%s\"", part->name, part->part);
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) {
        text_put(to, ",\"%s\":", numbers[i].name);
        text_number(to, numbers[i].value, FORECAST_DIGITS);
    }
    text_put(to, ",\"serviced\":");
    put_time(to, part->serviced);
    text_put(to, "}");
}

void compose_health(struct text *to, const struct twin *twin, double time)
{
    text_put(to, "{\"time\":");
    put_time(to, time);
    text_put(to, ",\"twin\":");
    text_quoted(to, twin->id);
    text_put(to, ",\"parts\":[");
    for (size_t i = 0; i < twin->plan->n_wear; i++) {
        struct rule_part part = wear_part(twin, i);
        text_put(to, "%s", i > 0 ? "," : "");
        put_part(to, &part);
    }
    text_put(to, "]}");
}

static void put_rows(struct text *to, const struct forecast *forecast, const double *rows,
                     int digits)
{
    bool first = true;
    for (size_t i = 0; i < forecast->kind->n_outputs; i++) {
        put_name(to, &first, forecast->kind->outputs[i].name);
        for (size_t j = 0; j < forecast->n; j++) {
            text_bytes(to, j > 0 ? "," : "[", 1);
            text_number(to, rows[i * forecast->n + j], digits);
        }
        text_bytes(to, "]", 1);
    }
}

void compose_forecast(struct text *to, const struct forecast *forecast)
{
    text_put(to, "{\"time\":");
    put_time(to, forecast->made);
    text_put(to, ",\"horizon_s\":%.12g,\"step_s\":%.12g,\"values\":{",
             forecast->step * (double)forecast->n, forecast->step);
    put_rows(to, forecast, forecast->mean, FORECAST_DIGITS);
    text_put(to, "},\"sd\":{");
    put_rows(to, forecast, forecast->sd, SD_DIGITS);
    text_put(to, "}}");
}

void compose_alert(struct text *to, const struct engine_alert *a)
{
    const struct alert *alert = a->alert;
    char on[4096];
    text_put(to, "{\"id\":");
    text_quoted(to, a->id);
    text_put(to, ",\"twin\":");
    text_quoted(to, a->twin->id);
    text_put(to, ",\"rule\":\"%s\",\"type\":\"%s\"", a->rule->id, a->rule->type->name);
    text_put(to, ",\"severity\":\"%s\",\"state\":\"%s\",\"acknowledged\":%s",
             severity_name((enum severity)alert->severity),
             alert_state_name((enum alert_state)alert->state),
             alert->acknowledged ? "true" : "false");
    text_put(to, ",\"shelved_until\":");
    put_time(to, alert->shelved_until);
    text_put(to, ",\"on\":");
    text_quoted(to, subject_join(a->rule, on, sizeof on));
    text_put(to, ",\"value\":");
    text_number(to, alert->value, ESTIMATE_DIGITS);
    text_put(to, ",\"limit\":");
    text_number(to, alert->limit, ESTIMATE_DIGITS);
    text_put(to, ",\"unit\":");
    text_quoted(to, judge_unit(a));
    text_put(to, ",\"since\":");
    put_time(to, alert->since);
    text_put(to, ",\"time\":");
    put_time(to, a->time);
    text_put(to, ",\"sample_time\":");
    put_time(to, alert->sample_time);
    if (alert->when > 0) {
        text_put(to, ",\"when\":");
        put_time(to, alert->when);
    }
    if (a->cause[0]) {
        text_put(to, ",\"cause\":");
        text_quoted(to, a->cause);
    }
    text_put(to, ",\"message\":");
    text_quoted(to, a->message);
    text_put(to, "}");
}

void compose_flood(struct text *to, const struct flood_summary *flood)
{
    text_put(to, "{\"time\":");
    put_time(to, flood->time);
    text_put(to, ",\"state\":\"%s\",\"since\":", flood->on ? "active" : "normal");
    put_time(to, flood->since);
    text_put(to, ",\"alerts\":%zu,\"first\":", flood->alerts);
    text_quoted(to, flood->first);
    text_put(to, ",\"message\":");
    text_quoted(to, flood->message);
    text_put(to, "}");
}
