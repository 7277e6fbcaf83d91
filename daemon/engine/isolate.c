/* Which fault it is.
 *
 * By Bayes' rule among all hypotheses: P(i) = prior exp(T E_i) / sum, E_i the evidence, T
 * <= 1 for the model's own errors. How rare as much evidence is: the bound
 * P(evidence > E) <= exp(-E), which holds for every likelihood ratio (Ville 1939), or what
 * has been usual (tail.h), whichever is the less rare. */
#include "isolate_block.h"

#include "twind/shift.h"

#include <math.h>
#include <string.h>

static const double raster = 900, day = 86400; /* s between what the tails learn */
static const double look_every = 60, look_share = 0.9;
/* s: until habits are known; until what evidence is usual is, and something is said */
static const double habits_known = 4 * 86400.0, bank_known = 7 * 86400.0;
static const double signs_known = 2 * 86400.0;
static const double usual_evidence = 4, background_share = 0.003;
/* How likely a fault is beforehand, beside others. */
static const double prior[ISOLATE_CAUSES] = {
    [ISOLATE_BIAS] = 1,        [ISOLATE_DRIFT] = 1, [ISOLATE_SCALE] = 0.3,
    [ISOLATE_INPUT] = 1,       [ISOLATE_PLANT] = 1, [ISOLATE_STUCK] = 1,
    [ISOLATE_NOISE] = 1,       [ISOLATE_SPIKE] = 1, [ISOLATE_SILENT] = 1,
    [ISOLATE_UNIT] = 0.05,     [ISOLATE_RANGE] = 1, [ISOLATE_CLOCK] = 1,
    [ISOLATE_INPUT_SCALE] = 1,
};
static const double alarming = 0.01;    /* chance a day */
static const double worth_saying = 0.9; /* chance */
static const double exclude_from = 0.9, exclude_until = 0.2;
static const double thing_from = 0.3, thing_keeps = 86400;

/* What is learned stays; evidence begins anew. */
void isolate_shift(struct twin *twin, double by, double below)
{
    struct isolate_block block = isolate_block(twin);
    if (!block.head)
        return;
    shift_time(&block.head->looked, by, below);
    shift_time(&block.head->weighed, by, below);
    shift_time(&block.head->learned, by, below);
    shift_time(&block.head->moment, by, below);
    shift_time(&block.head->heard, by, below);
    shift_time(&block.head->began, by, below);
    shift_time(&block.head->thing, by, below);
    for (size_t i = 0; i < twin->plan->n_sensors; i++) {
        struct isolate_sensor *s = &block.sensors[i];
        double *const times[] = {&s->time,        &s->stuck_since, &s->noisy_since,
                                 &s->spiky_since, &s->unit_since,  &s->range_since,
                                 &s->clock_since};
        for (size_t k = 0; k < sizeof times / sizeof *times; k++)
            shift_time(times[k], by, below);
    }
    isolate_bank_begin(twin, twin_head(twin)->time);
}

/* ---- evidence ---- */

static double surprise_of(const struct isolate_fact *fact)
{
    double bound = fact->evidence / log(10);
    if (isnan(tail_usual(&fact->tail)))
        return fmax(bound, 0);
    return fmax(fmin(bound, tail_surprise(&fact->tail, fact->evidence)), 0);
}

static bool is_learning(const struct twin *twin, size_t j, double time)
{
    const struct isolate_head *head = isolate_block(twin).head;
    bool bank = j < twin->plan->isolate->n_bank;
    return time - head->began < (bank ? bank_known : signs_known);
}

static void weigh(struct twin *twin, double time)
{
    const struct isolate_plan *iso = twin->plan->isolate;
    struct isolate_block block = isolate_block(twin);
    for (size_t j = 0; j < iso->n; j++) {
        struct isolate_fact *fact = &block.facts[j];
        struct isolate_finding found =
            j < iso->n_bank ? isolate_bank_find(twin, j) : isolate_sign_find(twin, j, time);
        fact->evidence = found.evidence;
        fact->odds = found.odds;
        fact->size = found.size;
        fact->since = found.since;
        fact->surprise = is_learning(twin, j, time) ? 0 : surprise_of(fact);
        fact->peak = fmax(fact->peak, found.evidence);
    }
}

/* Of as much evidence of any hypothesis in a day without faults. */
static double chance(const struct isolate_plan *iso, double surprise)
{
    return fmin(day / raster * (double)iso->n * pow(10, -surprise), 1);
}

static double least_chance(const struct twin *twin)
{
    const struct isolate_plan *iso = twin->plan->isolate;
    const struct isolate_fact *facts = isolate_block(twin).facts;
    double most = 0;
    for (size_t j = 0; j < iso->n; j++)
        most = fmax(most, facts[j].surprise);
    return chance(iso, most);
}

/* What is alarming is no measure of what is usual: it counts as what just is not. */
static void learn(struct twin *twin, double time)
{
    const struct isolate_plan *iso = twin->plan->isolate;
    struct isolate_block block = isolate_block(twin);
    for (size_t j = 0; j < iso->n; j++) {
        struct isolate_fact *fact = &block.facts[j];
        double usual = tail_usual(&fact->tail);
        double most = isnan(usual) || is_learning(twin, j, time)
                          ? fact->peak
                          : 2 * fmax(usual, usual_evidence);
        if (j >= iso->n_bank || time - block.head->began > habits_known)
            tail_learn(&fact->tail, fmin(fact->peak, most));
        fact->peak = 0;
        fact->background +=
            background_share * (fact->odds - fact->background) * (block.head->alarmed <= 0);
    }
    if (block.head->alarmed <= 0)
        isolate_bank_learn(twin);
    block.head->learned = time;
}

/* ---- the likeliest ---- */

/* Beyond what the model's errors usually bring about, of what is unusual at all. */
static double unusual(const struct isolate_fact *fact)
{
    const double enough = 1, background = 2;
    return fact->surprise < enough ? 0
                                   : fmax(fact->odds - background * fact->background, 0);
}

/* The greatest evidence would make a certainty of any difference, but the model is not
 * true to the last digit: what is beyond `enough` counts by its share. */
static double temper(const struct twin *twin)
{
    const double enough = 20;
    const struct isolate_plan *iso = twin->plan->isolate;
    const struct isolate_fact *facts = isolate_block(twin).facts;
    double greatest = 0;
    for (size_t j = 0; j < iso->n; j++)
        greatest = fmax(greatest, unusual(&facts[j]));
    return fmin(enough / greatest, 1);
}

/* Of each hypothesis. */
static void find_probabilities(const struct twin *twin, double *to)
{
    const struct isolate_plan *iso = twin->plan->isolate;
    const struct isolate_fact *facts = isolate_block(twin).facts;
    double sum = 0, by = temper(twin);
    for (size_t j = 0; j < iso->n; j++)
        sum += to[j] = prior[iso->all[j].cause] * exp(by * unusual(&facts[j]));
    for (size_t j = 0; j < iso->n; j++)
        to[j] /= sum;
}

/* Of each sensor: the probability that it lies. */
static void add_lies(const struct isolate_plan *iso, const double *probability, bool bank,
                     double *share)
{
    for (size_t j = 0; j < iso->n; j++) {
        enum isolate_cause cause = iso->all[j].cause;
        bool lies = cause == ISOLATE_STUCK || cause == ISOLATE_UNIT;
        if (lies || (bank && cause <= ISOLATE_SCALE))
            share[iso->all[j].sensor] += probability[j];
    }
}

/* Of a fault of the thing, such as smoke that drifts in. */
static double thing_share(const struct isolate_plan *iso, const double *probability)
{
    double share = 0;
    for (size_t j = 0; j < iso->n; j++)
        share += iso->all[j].cause == ISOLATE_PLANT ? probability[j] : 0;
    return share;
}

/* A sensor that shows what nobody expected may be the only one that sees it: where the
 * thing itself was likely at fault lately, a sensor is not put by for being off. */
static void exclude(struct twin *twin, double time)
{
    const struct isolate_plan *iso = twin->plan->isolate;
    struct isolate_block block = isolate_block(twin);
    double share[2 * KIND_ROWS_MAX] = {0}, probability[ISOLATE_MOST];
    bool alarmed = block.head->alarmed > 0;
    if (alarmed) {
        find_probabilities(twin, probability);
        if (thing_share(iso, probability) >= thing_from)
            block.head->thing = time;
        bool lately = block.head->thing > 0 && time - block.head->thing < thing_keeps;
        add_lies(iso, probability, !lately, share);
    }
    for (size_t i = 0; i < twin->plan->n_sensors; i++) {
        double *excluded = &block.sensors[i].excluded;
        double from = *excluded > 0 ? exclude_until : exclude_from;
        bool model = twin->plan->sensors[i].signal >= twin->plan->kind->n_inputs;
        *excluded =
            iso->excludes && iso->n_bank > 0 && alarmed && model && share[i] >= from;
    }
}

/* All that there was is of another life. */
static void begin(struct twin *twin, double time)
{
    struct isolate_head *head = isolate_block(twin).head;
    memset(twin->block + twin->plan->at_isolate, 0, isolate_size(twin->plan));
    head->began = head->learned = head->looked = time;
    isolate_bank_begin(twin, time);
}

static bool is_due(const struct isolate_head *head, double time)
{
    double soon = fmin(look_every, look_share * head->pace);
    return time - head->looked >= look_every ||
           (head->met > 0 && time - head->weighed >= soon);
}

void isolate_look(struct twin *twin, double time)
{
    struct isolate_head *head = isolate_block(twin).head;
    if (!head || !(twin_head(twin)->time > 0) || !is_due(head, time))
        return;
    head->looked = time;
    head->weighed = head->met > 0 ? time : head->weighed;
    head->met = 0;
    if (!(head->began > 0) || head->began < twin_head(twin)->born)
        begin(twin, time);
    isolate_bank_renew(twin, time);
    weigh(twin, time);
    head->alarmed = least_chance(twin) <= alarming;
    exclude(twin, time);
    if (time - head->learned < raster)
        return;
    if (twin->plan->isolate->n_bank > 0) {
        double room[ISOLATE_COLUMNS];
        isolate_habit_weigh(twin, time, time - head->learned, room);
        if (head->alarmed <= 0)
            isolate_habit_learn(twin, time);
    }
    learn(twin, time);
}

static void insert(struct rule_fault *to, size_t *n, size_t most, struct rule_fault fault)
{
    if (*n == most && to[most - 1].probability >= fault.probability)
        return;
    size_t i = *n < most ? (*n)++ : most - 1;
    for (; i > 0 && to[i - 1].probability < fault.probability; i--)
        to[i] = to[i - 1];
    to[i] = fault;
}

size_t isolate_faults(const struct twin *twin, struct rule_fault *to, size_t most)
{
    const struct isolate_plan *iso = twin->plan->isolate;
    if (!iso)
        return 0;
    const struct isolate_fact *facts = isolate_block(twin).facts;
    double probability[ISOLATE_MOST];
    size_t n = 0;
    if (least_chance(twin) > worth_saying)
        return 0;
    find_probabilities(twin, probability);
    for (size_t j = 0; j < iso->n; j++)
        if (facts[j].evidence > 0)
            insert(to, &n, most,
                   (struct rule_fault){
                       .name = iso->all[j].name,
                       .says = iso->all[j].says,
                       .probability = probability[j],
                       .chance = chance(iso, facts[j].surprise),
                       .size = facts[j].size,
                       .since = facts[j].since,
                       .sensor = iso->all[j].sensor,
                   });
    return n;
}

bool isolate_excludes(const struct twin *twin, size_t sensor)
{
    return twin->plan->isolate && isolate_block(twin).sensors[sensor].excluded > 0;
}
