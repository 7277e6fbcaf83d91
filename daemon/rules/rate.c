/* A value rises or falls too fast: the slope of a least-squares line through the values of
 * the last `over`, per `per`. Values are thinned to at most POINTS in the window, and the
 * last one before the window is kept, so that a slow sensor has two points as well. */
#include "limits.h"
#include "twind/rule.h"

#include <math.h>
#include <string.h>

enum { ABOVE, BELOW, PER, OVER, PARAMS };
enum { POINTS = 24, COUNT = 0, FIRST = 1, STATE = FIRST + 2 * POINTS };

struct points {
    double *count;
    double (*at)[2]; /* time, value; oldest first */
};

static void drop_oldest(struct points p)
{
    *p.count -= 1;
    memmove(p.at, p.at + 1, (size_t)*p.count * sizeof *p.at);
}

static void forget(struct points p, double over, double time)
{
    while (*p.count >= 2 && p.at[1][0] <= time - over)
        drop_oldest(p);
}

static void remember(struct points p, double over, double time, double value)
{
    if (*p.count > 0 && time - p.at[(size_t)*p.count - 1][0] < over / (POINTS - 3))
        return;
    if (*p.count == POINTS)
        drop_oldest(p);
    p.at[(size_t)*p.count][0] = time;
    p.at[(size_t)*p.count][1] = value;
    *p.count += 1;
}

/* Per second; times relative to the newest, so that nothing cancels. */
static double slope(struct points p, double time, double value)
{
    size_t n = (size_t)*p.count;
    double st = 0, sv = 0, stt = 0, stv = 0;
    for (size_t i = 0; i <= n; i++) {
        double t = i < n ? p.at[i][0] - time : 0, v = i < n ? p.at[i][1] - value : 0;
        st += t;
        sv += v;
        stt += t * t;
        stv += t * v;
    }
    double m = (double)n + 1, spread = m * stt - st * st;
    return spread > 0 ? (m * stv - st * sv) / spread : 0;
}

static struct rule_verdict step(const double *params, double *state,
                                const struct rule_input *in)
{
    struct rule_verdict verdict = {RULE_UNKNOWN, SEVERITY_WARNING, NAN, NAN, 0};
    struct points p = {&state[COUNT], (double(*)[2])(void *)&state[FIRST]};
    if (isnan(in->value))
        return verdict;
    forget(p, params[OVER], in->time);
    bool enough = *p.count > 0 && in->time - p.at[0][0] >= params[OVER] / 2;
    if (enough) {
        double rate = slope(p, in->time, in->value) * params[PER];
        verdict.value = rate;
        verdict.limit =
            rate < params[BELOW] || isnan(params[ABOVE]) ? params[BELOW] : params[ABOVE];
        verdict.answer = rate > params[ABOVE] || rate < params[BELOW] ? RULE_UP : RULE_DOWN;
    }
    remember(p, params[OVER], in->time, in->value);
    return verdict;
}

static bool check(const double *params, struct err *e)
{
    return limits_check_band(params[ABOVE], params[BELOW], e);
}

static const struct rule_row params[] = {
    [ABOVE] = {"above", "up when it rises faster than this in the time per", RULE_SIGNAL,
               NAN, -1e12, 1e12, false},
    [BELOW] = {"below",
               "up when its change in the time per is smaller (negative: it falls)",
               RULE_SIGNAL, NAN, -1e12, 1e12, false},
    [PER] = {"per", "the time that above and below speak of", RULE_DURATION, 3600, 1,
             31536000, false},
    [OVER] = {"over", "the window in which the change is measured", RULE_DURATION, 900, 1,
              2592000, false},
};

_Static_assert(sizeof params / sizeof *params == PARAMS, "one row a parameter");

const struct rule_type rule_rate = {
    .name = "rate",
    .help = "a value rises or falls too fast",
    .params = params,
    .n_params = PARAMS,
    .n_state = STATE,
    .step = step,
    .check = check,
    .message = "{on} changes by {value} {unit}, limit {limit} {unit}",
};
