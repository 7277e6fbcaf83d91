/* shapes: the last readings have a form that none had before.
 *
 *   w = the last WINDOW readings less their mean
 *   D = min over the forms known of |w - form| / sqrt(WINDOW)
 *
 * How rare the distance D is, its greatest peaks say (tail.c). A window within the usual
 * distance moves the form that is nearest towards it, as in Lloyd's and MacQueen's k-means
 * (MacQueen 1967, Berkeley Symposium 1); one beyond becomes a form itself, in place of the
 * one that is least used. What is new is said once, until the windows are usual again. That
 * the past's nearest neighbour tells what is new: Keogh, Lin, Fu 2005, "HOT SAX:
 * efficiently finding the most unusual time series subsequence", ICDM; Burnaev, Ishimtsev
 * 2016, "Conformalized density- and distance-based anomaly detection in time-series data".
 * The size of a form counts, its level does not. Valid for signals whose forms come again;
 * it counts in readings. */
#include "twind/detector.h"
#include "twind/tail.h"

#include <float.h>
#include <math.h>
#include <string.h>

enum param { RISK, SLOWEST, PARAMS };
enum { WINDOW = 16, FORMS = 32, HALVED = 1024 };

static const struct detector_row rows[PARAMS] = {
    [RISK] = {"risk", "alarm where a reading is rarer than 10^-risk", 3.6, 1, 12},
    [SLOWEST] = {"slowest", "least weight of a new window in a form that is known", 0.02,
                 0.0001, 1},
};
_Static_assert(sizeof rows / sizeof *rows == PARAMS, "a row for each parameter");

static const double ROUNDING = 1e-9; /* of the range: a distance that is none */

struct form {
    double shape[WINDOW];
    double used; /* how often, halved now and then */
};

struct state {
    double last[WINDOW]; /* a ring */
    double rows, low, high;
    struct form forms[FORMS];
    int n;
    struct tail tail;
    double distance, surprise; /* of the last reading */
};

static void take_window(const struct state *s, double *window)
{
    size_t oldest = (size_t)fmod(s->rows, WINDOW);
    double mean = 0;
    for (size_t i = 0; i < WINDOW; i++) {
        window[i] = s->last[(oldest + i) % WINDOW];
        mean += window[i] / WINDOW;
    }
    for (size_t i = 0; i < WINDOW; i++)
        window[i] -= mean;
}

static double distance(const double *a, const double *b)
{
    double sum = 0;
    for (size_t i = 0; i < WINDOW; i++)
        sum += (a[i] - b[i]) * (a[i] - b[i]);
    return sqrt(sum / WINDOW);
}

/* NULL: there is none yet. */
static struct form *find_nearest(struct state *s, const double *window, double *least)
{
    struct form *nearest = NULL;
    *least = DBL_MAX;
    for (int i = 0; i < s->n; i++) {
        double d = distance(s->forms[i].shape, window);
        if (d < *least) {
            *least = d;
            nearest = &s->forms[i];
        }
    }
    return nearest;
}

static struct form *find_room(struct state *s)
{
    if (s->n < FORMS)
        return &s->forms[s->n++];
    struct form *least = s->forms;
    for (int i = 1; i < FORMS; i++)
        if (s->forms[i].used < least->used)
            least = &s->forms[i];
    return least;
}

static void add_form(struct state *s, const double *window)
{
    struct form *form = find_room(s);
    memcpy(form->shape, window, sizeof form->shape);
    form->used = 1;
}

static void move_form(struct form *form, const double *window, double slowest)
{
    form->used++;
    double weight = fmax(1 / form->used, slowest);
    for (size_t i = 0; i < WINDOW; i++)
        form->shape[i] += weight * (window[i] - form->shape[i]);
}

static void learn(const double *params, struct state *s, struct form *nearest,
                  const double *window)
{
    double usual = fmax(tail_usual(&s->tail), 0);
    bool is_new = !nearest || s->distance > (s->n < FORMS ? usual / 2 : usual);
    if (is_new)
        add_form(s, window);
    else
        move_form(nearest, window, params[SLOWEST]);
    if (fmod(s->rows, HALVED) == 0)
        for (int i = 0; i < s->n; i++)
            s->forms[i].used /= 2;
}

static void look(const double *params, struct state *s)
{
    double window[WINDOW];
    take_window(s, window);
    struct form *nearest = find_nearest(s, window, &s->distance);
    if (s->distance <= ROUNDING * (s->high - s->low))
        s->distance = 0;
    if (nearest) {
        s->surprise = tail_surprise(&s->tail, s->distance);
        tail_learn(&s->tail, s->distance);
    }
    learn(params, s, nearest, window);
}

static double step(const double *params, void *state, double time, const double *values,
                   size_t n)
{
    (void)time, (void)n;
    struct state *s = state;
    double x = values[0];
    s->low = s->rows > 0 ? fmin(s->low, x) : x;
    s->high = s->rows > 0 ? fmax(s->high, x) : x;
    s->last[(size_t)fmod(s->rows, WINDOW)] = x;
    s->rows++;
    s->surprise = 0;
    if (s->rows >= WINDOW)
        look(params, s);
    double score = tail_score(s->surprise, params[RISK]);
    if (score >= 0.5)
        tail_say(&s->tail);
    return score;
}

static struct detector_reason reason(const double *params, const void *state)
{
    (void)params;
    const struct state *s = state;
    return (struct detector_reason){
        .what = "distance of the last 16 readings from every form known",
        .value = s->distance,
        .low = 0,
        .high = tail_usual(&s->tail),
        .where = "",
        .readings = pow(10, s->surprise),
    };
}

static size_t size(const double *params, size_t n)
{
    (void)params, (void)n;
    return sizeof(struct state);
}

const struct detector detector_shapes = {
    .name = "shapes",
    .help = "the last readings have a form that none had before",
    .reference = "Keogh et al. 2005; MacQueen 1967",
    .params = rows,
    .n_params = PARAMS,
    .size = size,
    .step = step,
    .reason = reason,
};
