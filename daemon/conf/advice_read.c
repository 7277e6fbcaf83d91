/* What is asked for: "over", "minimise", "keep" and how finely. */
#include "advice_parts.h"

#include "twind/stats.h"
#include "twind/totals.h"

#include <math.h>
#include <stdint.h>
#include <string.h>

static const double usual_probability = 0.9, usual_block = 3600, least_block = 900;
enum { USUAL_LEVELS = 100 };

/* ---- the input ---- */

static bool read_over(struct advice *a, const struct cJSON *root, struct err *e)
{
    const char *name = json_text(json_member(root, "over"));
    if (!name)
        return err_set(e, "over: expected the name of an input, such as "
                          "\"heating_setpoint\"");
    if (!question_input(&a->twin, name, &a->input, e))
        return err_wrap(e, "over");
    if (json_member(a->question.set, name))
        return err_set(e, "set: %s is what is searched for; set others", name);
    return a->kind->inputs[a->input].flags & KIND_SWITCH ||
           err_set(e, "over: %s is no set-point or actuator that could be set", name);
}

/* ---- the aim ---- */

static size_t output_named(const struct kind *kind, const char *name)
{
    size_t signal = plan_signal(kind, name);
    if (signal == PLAN_NONE || signal >= kind->n_inputs)
        return signal == PLAN_NONE ? SIZE_MAX : signal - kind->n_inputs;
    for (size_t i = 0; i < kind->n_outputs; i++) /* an input of the same name came first */
        if (strcmp(kind->outputs[i].name, name) == 0)
            return i;
    return SIZE_MAX;
}

static bool read_aim(struct advice *a, const struct cJSON *root, struct err *e)
{
    const struct cJSON *least = json_member(root, "minimise"),
                       *most = json_member(root, "maximise");
    a->sense = most ? -1 : 1;
    a->aim_name = least || most ? json_text(least ? least : most) : "cost";
    if ((least && most) || !a->aim_name)
        return err_set(e,
                       "minimise (or maximise, not both) must be \"cost\", \"energy\" or "
                       "the name of an output");
    a->aim = strcmp(a->aim_name, "cost") == 0     ? totals_cost(a->kind)
             : strcmp(a->aim_name, "energy") == 0 ? totals_energy(a->kind)
                                                  : output_named(a->kind, a->aim_name);
    return a->aim != SIZE_MAX ||
           err_set(e,
                   "minimise: a %s tells no %.80s; name one of its outputs (twinctl kinds "
                   "%s lists them)",
                   a->kind->name, a->aim_name, a->kind->name);
}

/* ---- limits ---- */

static bool add_limit(struct advice *a, const struct cJSON *node, struct err *e)
{
    const char *text = json_text(node);
    if (!text || a->n_limits == ADVICE_LIMITS)
        return err_set(e,
                       "keep must be a limit such as \"indoor_temperature>=19\", or a "
                       "list of at most %d",
                       ADVICE_LIMITS);
    return limit_read(&a->limits[a->n_limits++], a->kind, text, e);
}

static bool read_limits(struct advice *a, const struct cJSON *root, struct err *e)
{
    const struct cJSON *keep = json_member(root, "keep");
    if (keep && json_type(keep) != JSON_LIST)
        return add_limit(a, keep, e);
    for (const struct cJSON *at = json_first(keep); at; at = json_next(at))
        if (!add_limit(a, at, e))
            return false;
    return true;
}

static bool read_probability(struct advice *a, const struct cJSON *root, struct err *e)
{
    const struct cJSON *node = json_member(root, "probability");
    a->probability = json_number(node, node ? (double)NAN : usual_probability);
    if (!(a->probability >= 0.5 && a->probability <= 0.999))
        return err_set(e, "probability must be 0.5 to 0.999, not %g", a->probability);
    a->z = stats_normal_quantile(a->probability);
    return true;
}

/* ---- levels ---- */

/* 1, 2 or 5 times a power of ten: the finest with which the range has about so many. */
static double round_step(double range)
{
    double raw = range / USUAL_LEVELS, power = pow(10, floor(log10(raw)));
    double digit = raw / power;
    return power * (digit <= 1 + 1e-9   ? 1
                    : digit <= 2 + 1e-9 ? 2
                    : digit <= 5 + 1e-9 ? 5
                                        : 10);
}

static bool use_range(struct advice *a, double from, double to, struct err *e)
{
    const struct kind_row *row = &a->kind->inputs[a->input];
    if (!(from < to && from >= row->min && to <= row->max))
        return err_set(e, "range must be [from, to] within %g to %g %s", row->min, row->max,
                       row->unit);
    double step = round_step(to - from);
    a->levels[a->n_levels++] = from;
    for (double k = floor(from / step + 1e-9) + 1; k * step < to - 1e-9 * step; k++)
        a->levels[a->n_levels++] = k * step;
    a->levels[a->n_levels++] = to;
    return true;
}

static bool add_level(struct advice *a, const struct cJSON *node, struct err *e)
{
    const struct kind_row *row = &a->kind->inputs[a->input];
    double value = json_number(node, NAN);
    if (!(value >= row->min && value <= row->max) || a->n_levels == OPTIMISE_LEVELS)
        return err_set(e, "levels must be a list of 1 to %d numbers from %g to %g %s",
                       OPTIMISE_LEVELS, row->min, row->max, row->unit);
    size_t i = a->n_levels++;
    for (; i > 0 && a->levels[i - 1] > value; i--)
        a->levels[i] = a->levels[i - 1];
    a->levels[i] = value;
    return true;
}

static bool read_levels(struct advice *a, const struct cJSON *root, struct err *e)
{
    const struct cJSON *levels = json_member(root, "levels"),
                       *range = json_member(root, "range");
    const struct kind_row *row = &a->kind->inputs[a->input];
    if (levels && range)
        return err_set(e, "levels or range, not both");
    if (range) {
        const struct cJSON *from = json_first(range), *to = json_next(from);
        return use_range(a, json_number(from, NAN), json_number(to, NAN), e);
    }
    if (!levels)
        return use_range(a, row->min, row->max, e);
    for (const struct cJSON *at = json_first(levels); at; at = json_next(at))
        if (!add_level(a, at, e))
            return false;
    return a->n_levels > 0 || add_level(a, NULL, e);
}

/* ---- blocks ---- */

/* They begin with the hours of the local clock; the first may be shorter. */
static bool cut_blocks(struct advice *a, struct err *e)
{
    const struct question *q = &a->question;
    double end = q->made + q->horizon;
    double next = (floor((q->made + q->zone) / a->block) + 1) * a->block - q->zone;
    if (ceil(q->horizon / a->block) + 1 > OPTIMISE_BLOCKS)
        return err_set(e, "%g blocks in the horizon; at most %d: the block must be longer",
                       ceil(q->horizon / a->block), OPTIMISE_BLOCKS - 1);
    a->edges[0] = q->made;
    for (; next < end; next += a->block)
        a->edges[++a->n_blocks] = next;
    a->edges[++a->n_blocks] = end;
    return true;
}

bool advice_read(struct advice *a, const struct cJSON *root, struct err *e)
{
    a->block = usual_block;
    return read_over(a, root, e) && read_aim(a, root, e) && read_limits(a, root, e) &&
           read_probability(a, root, e) && read_levels(a, root, e) &&
           question_duration(root, "block", least_block, 86400, &a->block, e) &&
           cut_blocks(a, e);
}
