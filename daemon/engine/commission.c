/* The mistakes are weighed by Bayes' rule: ln of a mistake's prior odds, and by how much
 * better the record is explained without it. The surest is taken for true, the record is
 * rewired, and the rest is weighed again, until nothing more is sure. The model is asked
 * only of what the signals alone have not decided: it costs a walk over the record. */
#include "twind/commission.h"

#include "twind/commission_clock.h"
#include "twind/commission_model.h"
#include "twind/commission_pair.h"
#include "twind/commission_say.h"
#include "twind/commission_usual.h"
#include "twind/mem.h"

#include <stdlib.h>
#include <string.h>

static const double hours_least = 24, hour = 3600;
static const double sure = 3; /* ln of the odds: 95 % */
static const double kin_prior = -6, swap_prior = -10, clock_prior = -6, late_prior = -7;
static const double doubtful_factor = 4, doubtful_size = 30;
static const double soft = 1, loud = 4, loudest = 12; /* ln: what the model may say */
static const double late_least = 2.5; /* h: a zone's own whims are smaller */
static const double odd = -10;        /* ln: so unusual that it is told without a reason */
enum { ROUNDS = 8, ALL_SUSPECTS = 1024 };

struct inquiry {
    struct commission_record record;
    struct commission_result *result;
    struct commission_suspect suspects[ALL_SUSPECTS];
    double weights[ALL_SUSPECTS];
    size_t n;
    bool guilty[2 * KIND_ROWS_MAX], clock_told;
    struct commission_wire wires[2 * KIND_ROWS_MAX]; /* while a mistake is weighed */
    double usual, pairs;                             /* as it is wired now */
    struct commission_errors errors;
};

/* ---- one suspect ---- */

static void rewire(struct commission_record *r, const struct commission_suspect *s)
{
    if (s->sensor == PLAN_NONE) {
        for (size_t i = 0; i < r->n_sensors; i++)
            r->wires[i].late += s->late;
        return;
    }
    struct commission_wire *wire = &r->wires[s->sensor];
    if (s->other != PLAN_NONE) {
        struct commission_wire other = r->wires[s->other];
        r->wires[s->other] = *wire;
        *wire = other;
        return;
    }
    wire->offset = s->scale * wire->offset + s->offset;
    wire->scale *= s->scale;
    wire->late += s->late;
}

static double usual_of(const struct commission_record *r,
                       const struct commission_suspect *s)
{
    double sum = s->sensor == PLAN_NONE ? 0 : commission_usual(r, s->sensor);
    return s->other == PLAN_NONE ? sum : sum + commission_usual(r, s->other);
}

/* Nothing but a factor, or a sign. */
static bool is_factor(const struct commission_suspect *s)
{
    return s->other == PLAN_NONE && s->offset == 0 && s->scale != 1;
}

/* What drives the model may be too large by what its parameters are too small: a vent's
 * area, a pane's transmission; a heat, where the floor's area is not told. A factor that
 * these could make up for speaks against nobody, and a larger one not loudly; nor do
 * signals that nobody would exchange. A sign is plain without a model. The most that the
 * model may say for a suspect. */
static double loudness(const struct inquiry *q, const struct commission_suspect *s)
{
    const struct commission_record *r = &q->record;
    if (s->sensor == PLAN_NONE)
        return 0;
    if (s->other != PLAN_NONE)
        return s->prior < kin_prior ? loud : loudest;
    if (!is_factor(s))
        return loudest;
    bool input = r->plan->sensors[s->sensor].signal < r->plan->kind->n_inputs,
         heat = strcmp(commission_row(r, s->sensor)->unit, "W") == 0 &&
                commission_size_doubt(r) > 1;
    double factor = fabs(log(fabs(s->scale)));
    return s->scale < 0 || (heat && factor < log(doubtful_size)) ||
                   (input && factor < log(doubtful_factor))
               ? 0
               : loud;
}

static double model_gain(struct inquiry *q, const struct commission_suspect *s, double most)
{
    struct commission_errors errors;
    commission_model(&q->record, &errors);
    double gain = commission_model_gain(&q->record, &q->errors, &errors);
    return fmin(is_factor(s) ? fmax(gain, -soft) : gain, most);
}

/* ln of the odds that it is so, against that all is well. */
static double weigh(struct inquiry *q, const struct commission_suspect *s)
{
    struct commission_record *r = &q->record;
    double sum = s->prior - usual_of(r, s), most = loudness(q, s);
    memcpy(q->wires, r->wires, r->n_sensors * sizeof *r->wires);
    rewire(r, s);
    sum += usual_of(r, s) + commission_pairs(r) - q->pairs;
    if (s->sensor != PLAN_NONE && sum + most > 0)
        sum += model_gain(q, s, most);
    memcpy(r->wires, q->wires, r->n_sensors * sizeof *r->wires);
    return sum;
}

/* ---- all of them ---- */

static void add(struct inquiry *q, const struct commission_suspect *s)
{
    if (q->n < ALL_SUSPECTS)
        q->suspects[q->n++] = *s;
}

static bool is_free(const struct inquiry *q, size_t sensor)
{
    return !q->guilty[sensor] && q->record.series[sensor].n_sorted > 0;
}

static bool may_swap(const struct inquiry *q, size_t a, size_t b)
{
    return is_free(q, b) && strcmp(commission_row(&q->record, a)->unit,
                                   commission_row(&q->record, b)->unit) == 0;
}

/* "outdoor_temperature" and "air_temperature", "pm10" and "pm2_5": what people exchange. */
static bool are_kin(const char *a, const char *b)
{
    const char *x = strrchr(a, '_'), *y = strrchr(b, '_');
    return strncmp(a, b, 2) == 0 || (x && y && strcmp(x, y) == 0);
}

static double prior_of_swap(const struct inquiry *q, size_t a, size_t b)
{
    return are_kin(commission_row(&q->record, a)->name, commission_row(&q->record, b)->name)
               ? kin_prior
               : swap_prior;
}

static void add_sensor(struct inquiry *q, size_t sensor)
{
    struct commission_suspect own[COMMISSION_SUSPECTS];
    size_t n = commission_suspects(&q->record, sensor, own);
    for (size_t i = 0; i < n; i++)
        add(q, &own[i]);
    for (size_t b = sensor + 1; b < q->record.n_sensors; b++)
        if (may_swap(q, sensor, b))
            add(q, &(struct commission_suspect){.sensor = sensor,
                                                .other = b,
                                                .mistake = "swapped",
                                                .scale = 1,
                                                .prior = prior_of_swap(q, sensor, b)});
    double late = commission_late(&q->record, sensor);
    if (fabs(late) > late_least)
        add(q, &(struct commission_suspect){.sensor = sensor,
                                            .other = PLAN_NONE,
                                            .mistake = "clock",
                                            .scale = 1,
                                            .late = round(late) * hour,
                                            .prior = late_prior});
}

/* All times together, by the sun. */
static void add_clock(struct inquiry *q)
{
    size_t sun = commission_sensor(&q->record, "solar_irradiance");
    double late = sun == PLAN_NONE ? (double)NAN : commission_late(&q->record, sun);
    if (fabs(late) > late_least && !q->clock_told)
        add(q, &(struct commission_suspect){.sensor = PLAN_NONE,
                                            .other = PLAN_NONE,
                                            .mistake = "clock",
                                            .scale = 1,
                                            .late = round(late) * hour,
                                            .prior = clock_prior});
}

static void weigh_all(struct inquiry *q)
{
    q->n = 0;
    q->pairs = commission_pairs(&q->record);
    commission_model(&q->record, &q->errors);
    for (size_t s = 0; s < q->record.n_sensors; s++)
        if (is_free(q, s))
            add_sensor(q, s);
    add_clock(q);
    for (size_t i = 0; i < q->n; i++)
        q->weights[i] = weigh(q, &q->suspects[i]);
    q->result->weighed += q->n;
}

/* The sensor's mistakes together, and the share of one of them in that and in none. */
static double odds_of(const struct inquiry *q, size_t of, double *probability)
{
    double sum = 0;
    for (size_t i = 0; i < q->n; i++)
        if (q->suspects[i].sensor == q->suspects[of].sensor)
            sum += exp(fmin(q->weights[i], 300));
    *probability = exp(fmin(q->weights[of], 300)) / (1 + sum);
    return log(sum);
}

static size_t heaviest(const struct inquiry *q)
{
    size_t best = 0;
    for (size_t i = 1; i < q->n; i++)
        if (q->weights[i] > q->weights[best])
            best = i;
    return best;
}

static struct commission_finding *next_finding(struct inquiry *q)
{
    return q->result->n < COMMISSION_FINDINGS ? &q->result->findings[q->result->n++] : NULL;
}

static void mark(struct inquiry *q, const struct commission_suspect *s)
{
    if (s->sensor == PLAN_NONE)
        q->clock_told = true;
    else
        q->guilty[s->sensor] = true;
    if (s->other != PLAN_NONE)
        q->guilty[s->other] = true;
}

/* The surest mistake is taken for true; false: none is sure. */
static bool convict(struct inquiry *q)
{
    weigh_all(q);
    double probability;
    size_t best = heaviest(q);
    if (q->n == 0 || odds_of(q, best, &probability) < sure)
        return false;
    const struct commission_suspect *s = &q->suspects[best];
    struct commission_finding *finding = next_finding(q);
    if (finding && s->sensor == PLAN_NONE)
        commission_say_clock(&q->record, s->late / hour, probability, finding);
    else if (finding)
        commission_say_suspect(&q->record, s, probability, finding);
    rewire(&q->record, s);
    mark(q, s);
    return true;
}

/* ---- what needs no weighing against others ---- */

static void check_same(struct inquiry *q)
{
    struct commission_finding *finding;
    for (size_t a = 0, b = 0; commission_same(&q->record, &a, &b);) {
        q->guilty[a] = q->guilty[b] = true;
        if ((finding = next_finding(q)))
            commission_say_same(&q->record, a, b, finding);
    }
}

static void check_rest(struct inquiry *q)
{
    struct commission_finding *finding;
    for (size_t s = 0; s < q->record.n_sensors; s++) {
        if (commission_falls(&q->record, s) && (finding = next_finding(q)))
            commission_say_falls(&q->record, s, finding);
        double usual = commission_usual(&q->record, s);
        if (is_free(q, s) && usual < odd && (finding = next_finding(q)))
            commission_say_implausible(&q->record, s, 1 - exp(usual + sure), finding);
    }
}

bool commission_run(const struct commission_task *task, struct commission_result *result,
                    struct err *e)
{
    struct inquiry *q = mem_new(1, sizeof *q);
    *result = (struct commission_result){.n = 0};
    q->result = result;
    commission_record_make(&q->record, task);
    result->from = q->record.from;
    result->to = q->record.to;
    bool enough = (double)q->record.n_hours >= hours_least;
    if (enough) {
        check_same(q);
        for (unsigned round = 0; round < ROUNDS && convict(q);)
            round++;
        check_rest(q);
    } else {
        err_set(e, "%zu readings over %zu hours are too few: a day of them is needed",
                task->n_readings, q->record.n_hours);
    }
    commission_record_clear(&q->record);
    free(q);
    return enough;
}
