/* Faults by a script: of sensors (stuck, bias, drift, spike, noise, scale, dropout) and of
 * the plant (an input jams, a parameter breaks, a state gets a source). */
#include "plant.h"

#include "twind/times.h"

#include <string.h>

enum { STUCK, BIAS, DRIFT, SPIKE, NOISE, SCALE, DROPOUT, INPUT, PARAM, STATE, TYPES };

static const char *const names[TYPES] = {
    [STUCK] = "stuck",     [BIAS] = "bias",   [DRIFT] = "drift",     [SPIKE] = "spike",
    [NOISE] = "noise",     [SCALE] = "scale", [DROPOUT] = "dropout", [INPUT] = "input",
    [PARAM] = "parameter", [STATE] = "state",
};

bool plant_fault_type(const char *name, int *type)
{
    for (*type = 0; *type < TYPES; ++*type)
        if (strcmp(names[*type], name) == 0)
            return true;
    return false;
}

static bool holds(const struct plant *plant, const struct plant_fault *fault)
{
    double since = plant->now - plant->start - fault->at;
    return since >= 0 && since < fault->lasts;
}

static double spoil(struct plant *plant, struct plant_fault *fault, double value,
                    bool *silent)
{
    double hours = (plant->now - plant->start - fault->at) / 3600;
    switch (fault->type) {
    case STUCK:
        fault->held = fault->begun ? fault->held : value;
        fault->begun = true;
        return fault->held;
    case BIAS:
        return value + fault->value;
    case DRIFT:
        return value + fault->value * hours;
    case SPIKE: /* one reading in twenty */
        return random_uniform(&plant->random) < 0.05 ? value + fault->value : value;
    case NOISE:
        return value + fault->value * random_normal(&plant->random);
    case SCALE:
        return value * fault->value;
    case DROPOUT:
        *silent = true;
        return value;
    default:
        return value;
    }
}

double plant_fault_sensor(struct plant *plant, const char *signal, double value,
                          bool *silent)
{
    for (size_t i = 0; i < plant->n_faults; i++)
        if (plant->faults[i].type < INPUT && holds(plant, &plant->faults[i]) &&
            strcmp(plant->faults[i].signal, signal) == 0)
            value = spoil(plant, &plant->faults[i], value, silent);
    return value;
}

/* Holds a value at the fault's, and gives it back at its end. */
static void hold(struct plant_fault *fault, double *value, bool on)
{
    if (on && !fault->begun)
        fault->held = *value;
    if (on)
        *value = fault->value;
    else if (fault->begun)
        *value = fault->held;
    fault->begun = on;
}

/* Called after the weather has set the inputs of this step. */
void plant_fault_apply(struct plant *plant, double dt)
{
    const struct kind *kind = plant->model.kind;
    for (size_t f = 0; f < plant->n_faults; f++) {
        struct plant_fault *fault = &plant->faults[f];
        bool on = holds(plant, fault);
        if (fault->type == PARAM)
            hold(fault,
                 &plant->model.p[model_find(kind->params, kind->n_params, fault->signal)],
                 on);
        else if (fault->type == INPUT)
            hold(fault,
                 &plant->model.u[model_find(kind->inputs, kind->n_inputs, fault->signal)],
                 on);
        else if (fault->type == STATE && on)
            plant->model.x[model_find(kind->states, kind->n_states, fault->signal)] +=
                fault->value * dt / 3600;
    }
}

void plant_fault_tell(struct plant *plant, FILE *to)
{
    for (size_t f = 0; f < plant->n_faults; f++) {
        struct plant_fault *fault = &plant->faults[f];
        char time[TIME_TEXT];
        if (holds(plant, fault) == fault->told)
            continue;
        fault->told = !fault->told;
        times_format(plant->now, time);
        fprintf(to, "> %.10s %.5s  %-6s fault of %s: %s (%s of %s)\n", time, time + 11,
                fault->told ? "begins" : "ends", plant->id,
                fault->note ? fault->note : names[fault->type], names[fault->type],
                fault->signal);
    }
}
