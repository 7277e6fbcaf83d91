/* The layout of a twin's block, as offsets and as a text, and the way from one layout to
 * another by the names of things.
 *
 * The text has one line a thing, in the order of the block, its fields separated by tabs
 * and its name last:
 *
 *   head SIZE SENSOR_SIZE ALERT_SIZE   of the structs
 *   x BLOCK NAME                       a state
 *   e BLOCK NAME                       an estimated parameter
 *   u NAME                             an input
 *   m COUNT KIND                       the kind's memory
 *   s SIGNAL                           a sensor
 *   r COUNT TYPE SUBJECT SIGNAL ID     a rule and its doubles of state; not on one signal:
 *                                      SUBJECT is -1, SIGNAL what its state is of
 *   f BYTES VERSION HORIZON SIGNALS    what forecasts have learned, of which signals
 *   w BYTES NAME                       an index of wear
 *   i BYTES VERSION SIGNALS            what is known of faults, with which sensors */
#include "twind/layout.h"

#include "twind/forecast_block.h"
#include "twind/isolate.h"
#include "twind/mem.h"
#include "twind/subject.h"
#include "twind/text.h"
#include "twind/wear.h"

#include <stdlib.h>
#include <string.h>

void layout_place(struct plan *plan, const struct layout_counts *counts)
{
    plan->at_x = sizeof(struct twin_head);
    plan->at_cov = plan->at_x + plan->n_x * sizeof(double);
    plan->at_u = plan->at_cov + plan->n_cov * sizeof(double);
    plan->at_memory = plan->at_u + counts->n_inputs * sizeof(double);
    plan->at_sensors = plan->at_memory + counts->n_memory * sizeof(double);
    plan->at_alerts = plan->at_sensors + plan->n_sensors * sizeof(struct twin_sensor);
    plan->at_rules = plan->at_alerts + plan->n_rules * sizeof(struct alert);
    plan->at_forecast = plan->at_rules + counts->n_rule_state * sizeof(double);
    plan->at_wear = plan->at_forecast + counts->n_forecast;
    plan->at_isolate = plan->at_wear + counts->n_wear;
    plan->block_size = plan->at_isolate + counts->n_isolate;
}

/* What the state of a rule that is not on one signal is of. */
static void put_width(struct text *to, const struct plan *plan,
                      const struct plan_rule *rule)
{
    for (size_t i = 0; i < plan_rule_width(plan, rule); i++)
        text_put(to, "%s,", plan_rule_part(plan, rule, i));
}

static void put_rule(struct text *to, const struct plan *plan, const struct plan_rule *rule)
{
    const struct plan_subject *on = rule->subjects;
    size_t n = rule_state_size(rule->type, rule->params, plan_rule_width(plan, rule));
    bool one = rule->n_subjects == 1;
    text_put(to, "r\t%zu\t%s\t%d\t", n, rule->type->name, one ? (int)on->subject : -1);
    if (one)
        text_put(to, "%s", subject_name(plan->kind, on->subject, on->signal));
    else if (n > 0)
        put_width(to, plan, rule);
    text_put(to, "\t%s\n", rule->id);
}

static void put_sensors(struct text *to, const struct plan *plan)
{
    for (size_t i = 0; i < plan->n_sensors; i++)
        text_put(to, "%s,", plan_row(plan->kind, plan->sensors[i].signal)->name);
}

static void put_forecast(struct text *to, const struct plan *plan)
{
    const struct plan_forecast *forecast = &plan->forecast;
    if (!(forecast->every > 0))
        return;
    text_put(to, "f\t%zu\t%d\t%.17g\t", forecast_size(plan), FORECAST_VERSION,
             forecast->horizon);
    put_sensors(to, plan);
    for (size_t i = 0; i < forecast->n_given; i++)
        text_put(to, "given %s,", plan->kind->inputs[forecast->given[i]].name);
    text_put(to, "\n");
}

static void put_isolate(struct text *to, const struct plan *plan)
{
    if (!plan->isolate)
        return;
    text_put(to, "i\t%zu\t%d\t", isolate_size(plan), ISOLATE_VERSION);
    put_sensors(to, plan);
    text_put(to, "\n");
}

char *plan_layout(const struct plan *plan)
{
    struct text to = {0};
    const struct kind *kind = plan->kind;
    text_put(&to, "head\t%zu\t%zu\t%zu\n", sizeof(struct twin_head),
             sizeof(struct twin_sensor), sizeof(struct alert));
    for (size_t i = 0; i < plan->n_x; i++)
        text_put(&to, "%c\t%d\t%s\n", i < kind->n_states ? 'x' : 'e',
                 plan->x_rows[i]->block, plan->x_rows[i]->name);
    for (size_t i = 0; i < kind->n_inputs; i++)
        text_put(&to, "u\t%s\n", kind->inputs[i].name);
    text_put(&to, "m\t%zu\t%s\n", kind->n_memory, kind->name);
    for (size_t i = 0; i < plan->n_sensors; i++)
        text_put(&to, "s\t%s\n", plan_row(kind, plan->sensors[i].signal)->name);
    for (size_t i = 0; i < plan->n_rules; i++)
        put_rule(&to, plan, &plan->rules[i]);
    put_forecast(&to, plan);
    for (size_t i = 0; i < plan->n_wear; i++)
        text_put(&to, "w\t%zu\t%s\n", sizeof(struct wear_state), plan->wear[i].name);
    put_isolate(&to, plan);
    return to.at;
}

/* ---- reading an old text ---- */

enum { PARTS = 8, NAMES_MAX = 256 };
enum part { STATE, INPUT, MEMORY, SENSOR, RULE, FORECAST, WEAR, ISOLATE };

/* What a text says. Lines are kept whole, for a rule must agree in all of its fields. */
struct old {
    char *text; /* a copy, cut into lines */
    char *lines[PARTS][NAMES_MAX];
    size_t n[PARTS];
    size_t first[NAMES_MAX];                   /* of a rule's state, in doubles */
    size_t block[NAMES_MAX], place[NAMES_MAX]; /* of a state: block, and its index there */
    size_t block_n[KIND_STATES_MAX], block_p[KIND_STATES_MAX];
    size_t n_rule_state, n_memory, n_forecast, n_wear, n_isolate;
    struct plan plan; /* only what layout_place() needs and gives */
};

static bool part_of(char letter, enum part *part)
{
    static const char letters[] = "xeumsrfwi";
    static const enum part parts[] = {STATE, STATE,    INPUT, MEMORY, SENSOR,
                                      RULE,  FORECAST, WEAR,  ISOLATE};
    const char *at = letter ? strchr(letters, letter) : NULL;
    if (at)
        *part = parts[at - letters];
    return at != NULL;
}

static bool take_line(struct old *old, char *line)
{
    enum part part;
    if (!part_of(line[0], &part) || line[1] != '\t' || old->n[part] == NAMES_MAX)
        return false;
    size_t i = old->n[part]++, number = strtoul(line + 2, NULL, 10);
    old->lines[part][i] = line;
    if (part == STATE) {
        if (number >= KIND_STATES_MAX)
            return false;
        old->block[i] = number;
        old->place[i] = old->block_n[number]++;
    } else if (part == MEMORY) {
        old->n_memory += number;
    } else if (part == RULE) {
        old->first[i] = old->n_rule_state;
        old->n_rule_state += number;
    } else if (part == FORECAST) {
        old->n_forecast += number;
        return number % sizeof(double) == 0;
    } else if (part == WEAR) {
        old->n_wear += number;
    } else if (part == ISOLATE) {
        old->n_isolate += number;
        return number % sizeof(double) == 0;
    }
    return number <= (part == RULE ? (size_t)RULE_STATE_MAX : (size_t)KIND_MEMORY_MAX);
}

static void place_old(struct old *old)
{
    struct plan *plan = &old->plan;
    plan->n_x = old->n[STATE];
    plan->n_sensors = old->n[SENSOR];
    plan->n_rules = old->n[RULE];
    for (size_t b = 0; b < KIND_STATES_MAX; b++) {
        old->block_p[b] = plan->n_cov;
        plan->n_cov += old->block_n[b] * old->block_n[b];
    }
    layout_place(plan,
                 &(struct layout_counts){old->n[INPUT], old->n_memory, old->n_rule_state,
                                         old->n_forecast, old->n_wear, old->n_isolate});
}

/* False: not a text of this program, or its structs had other sizes. */
static bool read_old(struct old *old, const char *text, const char *head)
{
    size_t length = strcspn(head, "\n") + 1;
    if (strncmp(text, head, length) != 0)
        return false;
    old->text = mem_text(text);
    for (char *line = old->text + length, *end; *line; line = end + 1) {
        if (!(end = strchr(line, '\n')))
            return false;
        *end = '\0';
        if (!take_line(old, line))
            return false;
    }
    place_old(old);
    return true;
}

/* The index of the line that is the same but for a state's block; PLAN_NONE. */
static size_t find_line(const struct old *old, enum part part, const char *line)
{
    for (size_t i = 0; i < old->n[part]; i++) {
        const char *a = old->lines[part][i], *b = line;
        if (part == STATE) {
            if (a[0] != b[0])
                continue;
            a = strrchr(a, '\t');
            b = strrchr(b, '\t');
        }
        if (strcmp(a, b) == 0)
            return i;
    }
    return PLAN_NONE;
}

/* A line from its field of this number; "". */
static const char *line_from(const char *line, size_t field)
{
    for (; field > 0 && line; field--) {
        line = strchr(line, '\t');
        line += line != NULL;
    }
    return line ? line : "";
}

/* Whether an alert goes on though its rule's state does not: the same type, signal and id,
 * or where it is not on one signal, the same type and id. */
static bool same_alert(const char *a, const char *b)
{
    enum { TYPE = 2, SUBJECT = 3 };
    const char *type_a = line_from(a, TYPE), *type_b = line_from(b, TYPE);
    if (strncmp(line_from(b, SUBJECT), "-1\t", 3) != 0)
        return strcmp(type_a, type_b) == 0;
    size_t length = strcspn(type_b, "\t");
    return strncmp(type_a, type_b, length + 1) == 0 &&
           strcmp(strrchr(a, '\t'), strrchr(b, '\t')) == 0;
}

/* The old rule whose alert the new one takes over; PLAN_NONE. */
static size_t find_rule(const struct old *old, const char *line)
{
    size_t i = 0;
    while (i < old->n[RULE] && !same_alert(old->lines[RULE][i], line))
        i++;
    return i < old->n[RULE] ? i : PLAN_NONE;
}

/* ---- carrying over ---- */

static double *doubles(char *block, size_t offset)
{
    return (double *)(void *)(block + offset);
}

static const double *old_doubles(const char *block, size_t offset)
{
    return (const double *)(const void *)(block + offset);
}

struct adoption {
    const struct plan *plan;
    char *block;
    const struct old *old;
    const char *old_block;
    size_t from[KIND_STATES_MAX]; /* of each state: the old index; PLAN_NONE */
};

static void adopt_covariance(const struct adoption *a, const struct plan_block *block)
{
    const struct old *old = a->old;
    double *P = doubles(a->block, a->plan->at_cov) + block->p;
    for (size_t i = 0; i < block->n; i++)
        for (size_t j = 0; j < block->n; j++) {
            size_t k = a->from[block->index[i]], l = a->from[block->index[j]];
            if (k == PLAN_NONE || l == PLAN_NONE || old->block[k] != old->block[l])
                continue;
            size_t b = old->block[k];
            P[i * block->n + j] = old_doubles(
                a->old_block,
                old->plan.at_cov)[old->block_p[b] + old->place[k] * old->block_n[b] +
                                  old->place[l]];
        }
}

/* A block of which a state is new has yet to be measured. */
static bool was_measured(const struct adoption *a, const struct plan_block *block)
{
    const struct twin_head *head = (const struct twin_head *)(const void *)a->old_block;
    for (size_t i = 0; i < block->n; i++) {
        size_t k = a->from[block->index[i]];
        if (k == PLAN_NONE || !(head->measured >> a->old->block[k] & 1))
            return false;
    }
    return true;
}

static void adopt_states(const struct adoption *a)
{
    struct twin_head *head = (struct twin_head *)(void *)a->block;
    memcpy(head, a->old_block, sizeof *head);
    head->measured = 0;
    for (size_t i = 0; i < a->plan->n_x; i++)
        if (a->from[i] != PLAN_NONE)
            doubles(a->block, a->plan->at_x)[i] =
                old_doubles(a->old_block, a->old->plan.at_x)[a->from[i]];
    for (size_t b = 0; b < a->plan->n_blocks; b++) {
        adopt_covariance(a, &a->plan->blocks[b]);
        head->measured |= (uint64_t)was_measured(a, &a->plan->blocks[b]) << b;
    }
}

/* One thing of `size` bytes, the i-th of a part that begins at these offsets. */
static void carry(const struct adoption *a, size_t i, size_t at, size_t k, size_t old_at,
                  size_t size)
{
    memcpy(a->block + at + i * size, a->old_block + old_at + k * size, size);
}

/* The state only where it is of the same things. */
static void adopt_rule(const struct adoption *a, size_t i, const char *line)
{
    const struct plan *plan = a->plan, *old = &a->old->plan;
    size_t k = find_line(a->old, RULE, line);
    size_t alert = k != PLAN_NONE ? k : find_rule(a->old, line);
    if (alert != PLAN_NONE)
        carry(a, i, plan->at_alerts, alert, old->at_alerts, sizeof(struct alert));
    if (k != PLAN_NONE)
        memcpy(doubles(a->block, plan->at_rules) + plan->rule_state[i],
               old_doubles(a->old_block, old->at_rules) + a->old->first[k],
               strtoul(line_from(line, 1), NULL, 10) * sizeof(double));
}

/* Lines of the new layout in their order; each finds its old one. */
static void adopt_line(struct adoption *a, size_t *n, const char *line)
{
    const struct plan *plan = a->plan, *old = &a->old->plan;
    enum part part;
    if (!part_of(line[0], &part))
        return;
    size_t i = n[part]++, k = find_line(a->old, part, line);
    if (part == STATE)
        a->from[i] = k;
    else if (part == RULE)
        adopt_rule(a, i, line);
    else if (k == PLAN_NONE)
        return;
    else if (part == INPUT)
        carry(a, i, plan->at_u, k, old->at_u, sizeof(double));
    else if (part == MEMORY)
        carry(a, 0, plan->at_memory, 0, old->at_memory,
              plan->kind->n_memory * sizeof(double));
    else if (part == SENSOR)
        carry(a, i, plan->at_sensors, k, old->at_sensors, sizeof(struct twin_sensor));
    else if (part == WEAR)
        carry(a, i, plan->at_wear, k, old->at_wear, sizeof(struct wear_state));
    else if (part == FORECAST)
        carry(a, 0, plan->at_forecast, 0, old->at_forecast,
              plan->at_wear - plan->at_forecast);
    else
        carry(a, 0, plan->at_isolate, 0, old->at_isolate,
              plan->block_size - plan->at_isolate);
}

static void adopt(struct adoption *a, char *layout)
{
    size_t n[PARTS] = {0};
    char *line = strchr(layout, '\n') + 1;
    for (char *end; (end = strchr(line, '\n')); line = end + 1) {
        *end = '\0';
        adopt_line(a, n, line);
    }
    adopt_states(a);
}

bool plan_adopt(const struct plan *plan, void *block, const char *old_layout,
                const void *old_block, size_t old_size)
{
    struct old *old = mem_new(1, sizeof *old);
    char *layout = plan_layout(plan);
    bool known = read_old(old, old_layout, layout) && old->plan.block_size == old_size;
    if (known)
        adopt(
            &(struct adoption){
                .plan = plan, .block = block, .old = old, .old_block = old_block},
            layout);
    free(layout);
    free(old->text);
    free(old);
    return known;
}
