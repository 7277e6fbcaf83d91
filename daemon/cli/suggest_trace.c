/* The twin is relived with a plan of its own: the sensors that are bound or that the
 * history has readings of, and in place of its rules probes, which answer nothing and note
 * what they are asked. */
#include "suggest_trace.h"

#include "twind/cli.h"
#include "twind/engine.h"
#include "twind/history_tape.h"
#include "twind/mem.h"
#include "twind/subject.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static const double COARSE = 60; /* s: a step that is fine enough to see alerts with */
enum { MOMENT = 64 };

/* ---- probes ---- */

/* What stands for the probe's parameters; the plan frees it. */
struct probe {
    double none;
    struct suggest_trace *trace;
};

static struct rule_verdict look(const double *params, double *state,
                                const struct rule_input *in)
{
    (void)state;
    struct suggest_trace *trace = ((const struct probe *)(const void *)params)->trace;
    trace->at = mem_grow(trace->at, &trace->room, trace->n + 1, sizeof *trace->at);
    trace->watched = in->watched;
    trace->at[trace->n++] = (struct suggest_moment){
        .time = in->time,
        .value = in->value,
        .sample_time = in->sample_time,
        .changed = in->changed,
        .nis = in->nis,
        .surprise = in->n_sensors > 0 ? in->sensors[0].surprise : (double)NAN,
        .fresh = in->fresh,
    };
    return (struct rule_verdict){RULE_UNKNOWN, SEVERITY_INFO, NAN, NAN, 0};
}

static const struct rule_type probe_type = {.name = "probe",
                                            .help = "notes what it sees",
                                            .asks_sensors = true,
                                            .step = look,
                                            .message = ""};

static void set_probe(struct plan_rule *rule, struct suggest_trace *trace)
{
    struct probe *probe = mem_new(1, sizeof *probe);
    probe->trace = trace;
    rule->id = mem_text(trace->on);
    rule->type = &probe_type;
    rule->params = &probe->none;
    rule->subjects = mem_new(1, sizeof *rule->subjects);
    rule->subjects[0] =
        (struct plan_subject){.subject = trace->subject, .signal = trace->signal};
    rule->n_subjects = 1;
}

/* ---- the plan ---- */

static bool has_series(struct history_tape *tape, const char *twin,
                       const struct kind_row *row)
{
    size_t n;
    const struct history_tape_series *series = history_tape_series(tape, &n);
    for (size_t i = 0; i < n; i++)
        if (strcmp(series[i].twin, twin) == 0 && strcmp(series[i].signal, row->name) == 0 &&
            strcmp(series[i].unit, row->unit) == 0)
            return true;
    return false;
}

static bool is_bound(const struct config_twin *from, size_t sensor)
{
    for (size_t i = 0; i < from->n_bindings; i++)
        if (from->bindings[i].sensor == sensor)
            return true;
    return false;
}

static void copy_sensors(const struct plan *from, const struct config_twin *entry,
                         struct history_tape *tape, const char *twin, struct plan *to)
{
    to->sensors = mem_new(from->n_sensors + 1, sizeof *to->sensors);
    for (size_t i = 0; i < from->n_sensors; i++)
        if (is_bound(entry, i) ||
            has_series(tape, twin, plan_row(from->kind, from->sensors[i].signal)))
            to->sensors[to->n_sensors++] = from->sensors[i];
}

static size_t sensor_of(const struct plan *plan, size_t signal)
{
    for (size_t i = 0; i < plan->n_sensors; i++)
        if (plan->sensors[i].signal == signal)
            return i;
    return PLAN_NONE;
}

static bool add_subject(struct suggest_traces *traces, const struct plan *plan,
                        const char *on, struct err *e)
{
    if (traces->n == SUGGEST_SUBJECTS)
        return err_set(e, "at most %d signals; name some with --on", SUGGEST_SUBJECTS);
    struct suggest_trace *trace = &traces->at[traces->n];
    const char *name = subject_split(on, &trace->subject);
    trace->signal = subject_find(plan->kind, trace->subject, name);
    if (trace->signal == PLAN_NONE)
        return err_set(e,
                       "the kind %s has no signal '%s' (as NAME, measured.NAME, "
                       "residual.NAME)",
                       plan->kind->name, on);
    const struct plan_subject subject = {.subject = trace->subject,
                                         .signal = trace->signal};
    trace->on = on;
    trace->sensor =
        trace->subject <= RULE_RESIDUAL && sensor_of(plan, trace->signal) != PLAN_NONE;
    snprintf(trace->unit, sizeof trace->unit, "%s", subject_unit(plan->kind, &subject));
    traces->n++;
    return true;
}

static bool add_subjects(const struct suggest_trace_options *options,
                         struct suggest_traces *traces, const struct plan *plan,
                         struct err *e)
{
    for (size_t i = 0; i < options->n; i++)
        if (!add_subject(traces, plan, options->on[i], e))
            return false;
    for (size_t i = 0; options->n == 0 && i < plan->n_sensors; i++)
        if (plan->sensors[i].signal >= plan->kind->n_inputs &&
            !add_subject(traces, plan, plan_row(plan->kind, plan->sensors[i].signal)->name,
                         e))
            return false;
    return traces->n > 0 ||
           err_set(e, "the twin %s has no output with a sensor; name signals with --on",
                   options->twin);
}

/* NULL: e says why. */
static struct plan *make_plan(const struct suggest_trace_options *options,
                              struct suggest_traces *traces, struct history_tape *tape,
                              const struct config_twin *entry, struct err *e)
{
    const struct plan *from = config_plan(&traces->config, entry, options->twin);
    struct plan *plan = plan_new(from->kind);
    traces->plan = from;
    memcpy(plan->params, from->params, from->kind->n_params * sizeof *plan->params);
    plan->step = fmax(from->step, COARSE);
    plan->integrator = from->integrator;
    plan->states_every = INFINITY;
    copy_sensors(from, entry, tape, options->twin, plan);
    bool fine = add_subjects(options, traces, plan, e);
    plan->rules = mem_new(traces->n + 1, sizeof *plan->rules);
    for (; fine && plan->n_rules < traces->n; plan->n_rules++)
        set_probe(&plan->rules[plan->n_rules], &traces->at[plan->n_rules]);
    if (fine && plan_finish(plan, e))
        return plan;
    plan_drop(plan);
    return NULL;
}

/* ---- reliving ---- */

struct relive {
    struct suggest_traces *traces;
    struct engine *engine;
    struct twin *twin;
    struct engine_reading readings[MOMENT];
    size_t n;
    uint64_t moments;
};

static void apply(struct relive *r)
{
    if (r->n == 0)
        return;
    double time = r->readings[0].time;
    if (r->moments++ == 0)
        r->traces->from = time;
    r->traces->to = time;
    engine_advance(r->engine, time);
    engine_apply(r->engine, r->twin, r->readings, r->n);
    r->n = 0;
}

static bool take_reading(void *context, const struct history_tape_series *series,
                         double time, double value, enum quality quality, struct err *e)
{
    struct relive *r = context;
    const struct plan *plan = r->twin->plan;
    (void)e;
    size_t sensor = sensor_of(plan, plan_signal(plan->kind, series->signal));
    if (sensor == PLAN_NONE || quality == QUALITY_LATE || quality == QUALITY_STALE)
        return true;
    if (r->n == MOMENT || (r->n > 0 && time != r->readings[0].time))
        apply(r);
    r->readings[r->n++] = (struct engine_reading){
        .sensor = sensor, .time = time, .value = value, .timed = true};
    return true;
}

static bool take_command(void *context, double time, const char *twin, const char *input,
                         const char *value, struct err *e)
{
    struct relive *r = context;
    double number;
    if (strcmp(twin, r->twin->id) != 0 || !cli_number(value, &number))
        return true;
    apply(r);
    engine_advance(r->engine, time);
    engine_set(r->engine, r->twin, input, number, time, e);
    return true;
}

static void skip_others(struct history_tape *tape, const char *twin,
                        const struct plan *plan)
{
    size_t n;
    struct history_tape_series *series = history_tape_series(tape, &n);
    for (size_t i = 0; i < n; i++) {
        size_t signal = plan_signal(plan->kind, series[i].signal);
        series[i].skip = strcmp(series[i].twin, twin) != 0 || signal == PLAN_NONE ||
                         strcmp(series[i].unit, plan_row(plan->kind, signal)->unit) != 0;
    }
}

static int relive(const struct suggest_trace_options *options,
                  struct suggest_traces *traces, struct history_tape *tape,
                  struct plan *plan, struct err *e)
{
    const struct engine_sink sink = {.context = NULL};
    struct relive r = {.traces = traces, .engine = engine_new(&sink)};
    const struct history_tape_hooks hooks = {&r, take_reading, take_command};
    r.twin = engine_add(r.engine, options->twin, NULL, plan);
    skip_others(tape, options->twin, plan);
    bool played = history_tape_play(tape, options->from, options->to, &hooks, e);
    apply(&r);
    engine_free(r.engine);
    if (played && r.moments < 2)
        played = err_set(e, "the history holds no readings of %s", options->twin);
    traces->interval = (traces->to - traces->from) / fmax((double)r.moments - 1, 1);
    return played ? CLI_OK : CLI_RESOURCE;
}

static int open_with(const struct suggest_trace_options *options,
                     struct suggest_traces *traces, struct history_read *reader,
                     struct err *e)
{
    const struct config_twin *entry = config_find_twin(&traces->config, options->twin);
    struct history_tape *tape = history_tape_open(reader, e);
    if (!tape)
        return CLI_RESOURCE;
    struct plan *plan = make_plan(options, traces, tape, entry, e);
    int status = plan ? relive(options, traces, tape, plan, e) : CLI_INPUT;
    if (plan)
        plan_drop(plan);
    history_tape_close(tape);
    return status;
}

int suggest_trace_open(const struct suggest_trace_options *options,
                       struct suggest_traces *traces, struct err *e)
{
    const struct config_report report = {.say = cli_say};
    e->text[0] = '\0';
    if (!config_load_all(options->file, &report, &traces->config))
        return CLI_INPUT;
    if (!config_find_twin(&traces->config, options->twin)) {
        err_set(e, "there is no twin '%s' in %s", options->twin, options->file);
        return CLI_INPUT;
    }
    const char *path = options->history ? options->history : traces->config.history.file;
    struct history_read *reader = history_read_open(path, e);
    if (!reader)
        return CLI_RESOURCE;
    int status = open_with(options, traces, reader, e);
    history_read_close(reader);
    return status;
}

void suggest_trace_close(struct suggest_traces *traces)
{
    for (size_t i = 0; i < traces->n; i++)
        free(traces->at[i].at);
    config_clear(&traces->config);
}
