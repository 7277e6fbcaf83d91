/* Indices of wear, and what they are seen by.
 *
 * A part: a slow factor on a parameter of the model. What the model cannot explain without
 * it (an unknown flux that the filter has found, with what habits have taken over of it) is
 * compared, day by day, with what the factor would explain at the weather and use of that
 * day. The main estimate does not notice. (Innovations alone would not do: the filter's
 * unknown states and habits take a slow change over before it grows.)
 *
 * A sensor's noise: the mean difference of its successive innovations against what is usual
 * of it, as a logarithm, so that twice is twice. (Of an input the weather makes more of a
 * difference than its sensor.)
 *
 * The trend and the remaining time: wear_trend.c. */
#include "twind/wear.h"

#include "twind/filter.h"
#include "twind/text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const double day_length = 86400;
static const double settling = 2;       /* days of a twin's life before the first look */
static const double usual_life = 150;   /* days in which wear may well reach its limit */
static const double horizon = 10 * 365; /* days: nothing is told beyond */
static const double band = 0.05;        /* at each side */
static const double looks_least = 8, differences_least = 24; /* in a day */
static const double factor_least = 0.1, factor_most = 10;
static const double nudge = 0.01; /* of a factor, for its slope */

/* A sensor's noise, as a logarithm; a battery's charge less 1. */
static const double noise_limit = 2, battery_limit = 0.1;
static const struct wear_prior noise_prior = {.spread = 20,
                                              .noise = 0.02,
                                              .slope = 0.0035,
                                              .scatter = 0.3},
                               battery_prior = {
                                   .noise = 0.003, .slope = 0.0045, .scatter = 0.01};

/* ---- what there is ---- */

static bool is_bound(const struct plan *plan, const char *name)
{
    size_t signal = plan_signal(plan->kind, name);
    for (size_t i = 0; i < plan->n_sensors; i++)
        if (plan->sensors[i].signal == signal)
            return true;
    return false;
}

static bool is_seen(const struct plan *plan, const struct kind_health *health)
{
    for (size_t i = 0; i < KIND_NEEDS_MAX && health->needs[i]; i++)
        if (!is_bound(plan, health->needs[i]))
            return false;
    return true;
}

/* "cover: heating loss" */
static void put_label(struct plan_wear *wear, const char *part, const char *what)
{
    int used = snprintf(wear->label, sizeof wear->label, "%s: ", part);
    for (size_t i = (size_t)used; *what && i + 1 < sizeof wear->label; i++, what++)
        wear->label[i] = (char)(*what == '_' ? ' ' : *what);
}

static void add_part(struct plan *plan, size_t row)
{
    const struct kind_health *health = &plan->kind->health[row];
    struct plan_wear *wear = &plan->wear[plan->n_wear++];
    *wear = (struct plan_wear){.health = health, .row = row};
    snprintf(wear->name, sizeof wear->name, "%s", health->name);
    put_label(wear, health->part, health->name);
}

static void add_sensor(struct plan *plan, size_t sensor, enum plan_wears what)
{
    const char *name = plan_row(plan->kind, plan->sensors[sensor].signal)->name;
    const char *word = what == PLAN_WEARS_BATTERY ? "battery" : "noise";
    if (plan->n_wear == WEAR_MOST)
        return;
    struct plan_wear *wear = &plan->wear[plan->n_wear++];
    *wear = (struct plan_wear){.what = what, .row = sensor};
    snprintf(wear->name, sizeof wear->name, "%s_%s", name, word);
    put_label(wear, name, word);
}

void wear_list(struct plan *plan)
{
    const struct kind *kind = plan->kind;
    if (!plan->health)
        return;
    for (size_t i = 0; i < kind->n_health && plan->n_wear < WEAR_MOST; i++)
        if (is_seen(plan, &kind->health[i]))
            add_part(plan, i);
    for (size_t i = 0; i < plan->n_sensors; i++) {
        if (plan->sensors[i].signal >= kind->n_inputs)
            add_sensor(plan, i, PLAN_WEARS_NOISE);
        if (plan->sensors[i].battery)
            add_sensor(plan, i, PLAN_WEARS_BATTERY);
    }
}

size_t wear_find(const struct plan *plan, size_t row)
{
    for (size_t i = 0; i < plan->n_wear && plan->wear[i].health; i++)
        if (plan->wear[i].row == row)
            return i;
    return PLAN_NONE;
}

static const char *part_of(const struct plan *plan, const struct plan_wear *wear)
{
    return wear->health ? wear->health->part
                        : plan_row(plan->kind, plan->sensors[wear->row].signal)->name;
}

static struct wear_prior prior_of(const struct plan_wear *wear)
{
    const struct kind_health *h = wear->health;
    if (!h)
        return wear->what == PLAN_WEARS_BATTERY ? battery_prior : noise_prior;
    return (struct wear_prior){
        .spread = h->spread,
        .noise = h->noise,
        .slope = fabs(h->limit - 1) / usual_life,
        .offset = 2 * h->scatter,
        .scatter = h->scatter,
    };
}

static double limit_of(const struct plan_wear *wear)
{
    if (wear->health)
        return wear->health->limit;
    return wear->what == PLAN_WEARS_BATTERY ? battery_limit : noise_limit;
}

/* As a wear, which is 0 of what is new. */
static double limit_as_wear(const struct plan_wear *wear)
{
    double limit = limit_of(wear);
    return wear->what == PLAN_WEARS_NOISE ? log(limit) : limit - 1;
}

static struct wear_state *states(const struct twin *twin)
{
    return (struct wear_state *)(void *)(twin->block + twin->plan->at_wear);
}

/* ---- looking ---- */

/* What the factor is thought to be. */
static double factor_of(const struct wear_state *s)
{
    double factor = 1 + s->trend.x[WEAR_BIAS] + s->trend.x[WEAR_LEVEL];
    return fmin(fmax(factor, factor_least), factor_most);
}

static bool is_heard(const struct twin *twin, const struct kind_health *health, double time)
{
    const struct plan *plan = twin->plan;
    for (size_t i = 0; i < plan->n_sensors; i++)
        for (size_t j = 0; j < KIND_NEEDS_MAX && health->needs[j]; j++)
            if (strcmp(plan_row(plan->kind, plan->sensors[i].signal)->name,
                       health->needs[j]) == 0 &&
                twin_sensor_quality(twin, i, time) == QUALITY_STALE)
                return false;
    return true;
}

/* What stays unexplained where the factor is this. */
static double unexplained(const struct kind_point *at, const struct kind *kind,
                          const struct plan_wear *wear, double factor)
{
    double worn[KIND_ROWS_MAX];
    const struct kind_row *row = &kind->params[wear->health->param];
    double *param = &worn[wear->health->param];
    memcpy(worn, at->p, kind->n_params * sizeof *worn);
    *param *= factor;
    if (row->min < row->max)
        *param = fmin(fmax(*param, row->min), row->max);
    return kind->unexplained(at, worn, wear->row);
}

static void look_at_part(const struct twin *twin, const struct plan_wear *wear,
                         struct wear_state *s, struct twin_scratch *scratch)
{
    const struct kind *kind = twin->plan->kind;
    const struct kind_point at = filter_point(twin, scratch);
    double factor = factor_of(s), left = unexplained(&at, kind, wear, factor);
    double less = unexplained(&at, kind, wear, factor + nudge);
    if (!isfinite(left) || !isfinite(less))
        return;
    s->n++;
    s->unexplained += left;
    s->gain += (left - less) / nudge;
}

/* NULL: that is not looked after. */
static struct wear_state *sensor_state(const struct twin *twin, size_t sensor,
                                       enum plan_wears what)
{
    const struct plan *plan = twin->plan;
    for (size_t i = 0; i < plan->n_wear; i++)
        if (plan->wear[i].what == what && plan->wear[i].row == sensor)
            return &states(twin)[i];
    return NULL;
}

void wear_charge(struct twin *twin, size_t sensor, double charge)
{
    struct wear_state *s = sensor_state(twin, sensor, PLAN_WEARS_BATTERY);
    if (!s || !(charge >= 0 && charge <= 1))
        return;
    s->n++;
    s->unexplained += charge - 1;
}

void wear_hear(struct twin *twin, size_t sensor)
{
    struct wear_state *s = sensor_state(twin, sensor, PLAN_WEARS_NOISE);
    if (!s)
        return;
    const struct twin_sensor *heard = &twin_sensors(twin)[sensor];
    double now = heard->value - heard->predicted;
    double difference = fabs(now - s->before);
    s->before = now;
    if (!isfinite(difference) || s->concluded == 0)
        return;
    s->n++;
    s->unexplained += difference;
}

/* ---- concluding ---- */

static void tell_left(struct wear_state *s, const struct plan_wear *wear, double time)
{
    const struct wear_prior prior = prior_of(wear);
    const struct passage way = wear_trend_passage(&s->trend, &prior, limit_as_wear(wear));
    s->left_least = passage_quantile(&way, band, horizon) * day_length;
    s->left = passage_quantile(&way, 0.5, horizon) * day_length;
    s->left_most = passage_quantile(&way, 1 - band, horizon) * day_length;
    s->concluded = time;
}

static void see_part(struct wear_state *s, const struct wear_prior *prior)
{
    double gain = s->gain / s->n, by_factor = gain * (factor_of(s) - 1);
    wear_trend_see(&s->trend, prior, s->unexplained / s->n + by_factor, gain);
}

static void see_battery(struct wear_state *s, const struct wear_prior *prior)
{
    wear_trend_see(&s->trend, prior, s->unexplained / s->n, 1);
}

static void see_noise(struct wear_state *s, const struct wear_prior *prior)
{
    if (s->unexplained > 0)
        wear_trend_see(&s->trend, prior, log(s->unexplained / s->n), 1);
}

static void conclude(struct wear_state *s, const struct plan_wear *wear, double time)
{
    const struct wear_prior prior = prior_of(wear);
    wear_trend_advance(&s->trend, &prior, time / day_length);
    if (s->n >= looks_least && wear->what == PLAN_WEARS_PART)
        see_part(s, &prior);
    else if (s->n >= differences_least && wear->what == PLAN_WEARS_NOISE)
        see_noise(s, &prior);
    else if (s->n > 0 && wear->what == PLAN_WEARS_BATTERY)
        see_battery(s, &prior);
    s->n = s->unexplained = s->gain = 0;
    tell_left(s, wear, time);
}

static void begin(struct wear_state *s, const struct plan_wear *wear, double time)
{
    const struct wear_prior prior = prior_of(wear);
    wear_trend_start(&s->trend, &prior, time / day_length);
    if (wear->what == PLAN_WEARS_BATTERY) /* it may well be half empty */
        s->trend.P[WEAR_LEVEL * (WEAR_STATES + 1)] = 1;
    s->before = NAN;
    tell_left(s, wear, time);
}

/* A calibration has changed the parameter: the part is as worn as before, and the model is
 * off by another factor. */
static void heed_param(struct wear_state *s, const struct plan_wear *wear,
                       const double *params)
{
    double param = wear->health ? params[wear->health->param] : 0;
    double *bias = &s->trend.x[WEAR_BIAS], level = s->trend.x[WEAR_LEVEL];
    if (s->param > 0 && param > 0 && (s->param < param || s->param > param))
        *bias = (1 + *bias + level) * s->param / param - 1 - level;
    s->param = param;
}

/* True: a day has ended. */
static bool keep_one(struct twin *twin, size_t i, double time, struct twin_scratch *scratch)
{
    const struct plan_wear *wear = &twin->plan->wear[i];
    struct wear_state *s = &states(twin)[i];
    bool begins = s->concluded == 0;
    bool ended = floor(time / day_length) > floor(s->concluded / day_length);
    if (begins)
        begin(s, wear, time);
    else if (ended)
        conclude(s, wear, time);
    s->looked = time;
    heed_param(s, wear, twin->plan->params);
    if (wear->health && is_heard(twin, wear->health, time))
        look_at_part(twin, wear, s, scratch);
    return ended && !begins;
}

bool wear_keep(struct twin *twin, double time, struct twin_scratch *scratch)
{
    bool ended = false;
    if (twin->plan->n_wear == 0 || time - twin_head(twin)->born < settling * day_length ||
        floor(time / WEAR_RASTER) <= floor(states(twin)->looked / WEAR_RASTER))
        return false;
    for (size_t i = 0; i < twin->plan->n_wear; i++)
        ended |= keep_one(twin, i, time, scratch);
    return ended;
}

/* ---- commands and answers ---- */

static bool fail_part(const struct twin *twin, const char *part, struct err *e)
{
    const struct plan *plan = twin->plan;
    struct text parts = {0};
    if (plan->n_wear == 0)
        return err_set(e, "%s keeps no health: give the twin \"health\": \"on\"", twin->id);
    for (size_t i = 0; i < plan->n_wear; i++) {
        const char *name = part_of(plan, &plan->wear[i]);
        bool again = i > 0 && strcmp(name, part_of(plan, &plan->wear[i - 1])) == 0;
        if (!again)
            text_put(&parts, "%s%s", i > 0 ? ", " : "", name);
    }
    err_set(e, "%s has no part '%.64s'; its parts are %s", twin->id, part, parts.at);
    text_free(&parts);
    return false;
}

bool wear_serve(struct twin *twin, const char *part, double time, struct err *e)
{
    const struct plan *plan = twin->plan;
    bool found = false;
    for (size_t i = 0; i < plan->n_wear; i++) {
        struct wear_state *s = &states(twin)[i];
        const struct wear_prior prior = prior_of(&plan->wear[i]);
        if (strcmp(part_of(plan, &plan->wear[i]), part) != 0)
            continue;
        found = true;
        if (s->concluded == 0)
            begin(s, &plan->wear[i], time);
        wear_trend_serve(&s->trend, &prior, time / day_length);
        s->n = s->unexplained = s->gain = 0;
        s->serviced = time;
        tell_left(s, &plan->wear[i], fmax(time, s->concluded));
    }
    return found || fail_part(twin, part, e);
}

struct rule_part wear_part(const struct twin *twin, size_t i)
{
    const struct plan_wear *wear = &twin->plan->wear[i];
    const struct wear_state *s = &states(twin)[i];
    double level = s->trend.x[WEAR_LEVEL];
    double sd = sqrt(fmax(s->trend.P[WEAR_LEVEL * (WEAR_STATES + 1)], 0));
    bool begun = s->concluded > 0;
    static const char *const helps[] = {[PLAN_WEARS_NOISE] =
                                            "Noise of the sensor, of usual",
                                        [PLAN_WEARS_BATTERY] = "Charge of the battery"};
    bool noise = wear->what == PLAN_WEARS_NOISE;
    return (struct rule_part){
        .name = wear->name,
        .part = part_of(twin->plan, wear),
        .help = wear->health ? wear->health->help : helps[wear->what],
        .value = noise ? exp(level) : fmax(1 + level, 0),
        .sd = noise ? sd * exp(level) : sd,
        .limit = limit_of(wear),
        .left = begun ? s->left : (double)INFINITY,
        .left_least = begun ? s->left_least : (double)INFINITY,
        .left_most = begun ? s->left_most : (double)INFINITY,
        .serviced = s->serviced,
    };
}

void wear_shift(struct twin *twin, double by, double below)
{
    for (size_t i = 0; i < twin->plan->n_wear; i++) {
        struct wear_state *s = &states(twin)[i];
        if (s->concluded == 0 || !(s->concluded < below))
            continue;
        s->looked += by;
        s->concluded += by;
        s->serviced += s->serviced > 0 ? by : 0;
        s->trend.day += by / day_length;
    }
}
