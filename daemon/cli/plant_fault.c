/* Faults by a script: of sensors (stuck, bias, drift, spike, noise, scale, unit, dropout),
 * of their device (clock, frozen) and of the plant (an input jams, an actuator does not
 * obey, a parameter breaks or wears, a state gets a source). */
#include "plant.h"

#include "twind/times.h"

#include <math.h>
#include <string.h>

enum {
    STUCK,
    BIAS,
    DRIFT,
    SPIKE,
    NOISE,
    SCALE,
    UNIT,
    DROPOUT,
    CLOCK,
    FROZEN,
    INPUT,
    ACTUATOR,
    GAIN,
    PARAM,
    WEAR,
    STATE,
    TYPES
};

static const struct {
    const char *name;
    enum plant_target target;
} types[TYPES] = {
    [STUCK] = {"stuck", PLANT_SENSOR}, [BIAS] = {"bias", PLANT_SENSOR},
    [DRIFT] = {"drift", PLANT_SENSOR}, [SPIKE] = {"spike", PLANT_SENSOR},
    [NOISE] = {"noise", PLANT_SENSOR}, [SCALE] = {"scale", PLANT_SENSOR},
    [UNIT] = {"unit", PLANT_SENSOR},   [DROPOUT] = {"dropout", PLANT_SENSOR},
    [CLOCK] = {"clock", PLANT_DEVICE}, [FROZEN] = {"frozen", PLANT_DEVICE},
    [INPUT] = {"input", PLANT_INPUT},  [ACTUATOR] = {"actuator", PLANT_INPUT},
    [GAIN] = {"gain", PLANT_INPUT},    [PARAM] = {"parameter", PLANT_PARAM},
    [WEAR] = {"wear", PLANT_PARAM},    [STATE] = {"state", PLANT_STATE},
};

const char plant_fault_types[] = "stuck, bias, drift, spike, noise, scale, unit, dropout, "
                                 "clock, frozen, input, actuator, gain, parameter, wear, "
                                 "state";

bool plant_fault_type(const char *name, int *type)
{
    for (*type = 0; *type < TYPES; ++*type)
        if (strcmp(types[*type].name, name) == 0)
            return true;
    return false;
}

enum plant_target plant_fault_target(int type)
{
    return types[type].target;
}

static double elapsed(const struct plant *plant, const struct plant_fault *fault)
{
    return plant->now - plant->start - fault->at;
}

static bool holds(const struct plant *plant, const struct plant_fault *fault)
{
    double since = elapsed(plant, fault), hour = plant_hour(plant);
    bool daily = fault->from < fault->to || fault->from > fault->to;
    bool inside = fault->from < fault->to ? hour >= fault->from && hour < fault->to
                                          : hour >= fault->from || hour < fault->to;
    return since >= 0 && since < fault->lasts && (!daily || inside);
}

static double spoil(struct plant *plant, struct plant_fault *fault, double value,
                    bool *silent)
{
    switch (fault->type) {
    case STUCK:
        fault->held = fault->begun ? fault->held : value;
        fault->begun = true;
        return fault->held;
    case BIAS:
        return value + fault->value;
    case DRIFT:
        return value + fault->value * elapsed(plant, fault) / 3600;
    case SPIKE: /* one reading in twenty */
        return random_uniform(&plant->fate) < 0.05 ? value + fault->value : value;
    case NOISE:
        return value + fault->value * random_normal(&plant->fate);
    case SCALE:
        return value * fault->value;
    case DROPOUT: /* value: the share that is lost; 0: all */
        *silent =
            *silent || fault->value <= 0 || random_uniform(&plant->fate) < fault->value;
        return value;
    default:
        return value;
    }
}

double plant_fault_sensor(struct plant *plant, const char *signal, double value,
                          bool *silent)
{
    for (size_t i = 0; i < plant->n_faults; i++)
        if (types[plant->faults[i].type].target == PLANT_SENSOR &&
            holds(plant, &plant->faults[i]) && strcmp(plant->faults[i].signal, signal) == 0)
            value = spoil(plant, &plant->faults[i], value, silent);
    return value;
}

double plant_fault_unit(const struct plant *plant, const char *signal, double value)
{
    for (size_t i = 0; i < plant->n_faults; i++) {
        const struct plant_fault *fault = &plant->faults[i];
        if (fault->type == UNIT && holds(plant, fault) &&
            strcmp(fault->signal, signal) == 0)
            value = value * fault->value + fault->offset;
    }
    return value;
}

bool plant_fault_device(const struct plant *plant, struct plant_device *device)
{
    bool frozen = false;
    device->ahead = 0;
    for (size_t i = 0; i < plant->n_faults; i++) {
        const struct plant_fault *fault = &plant->faults[i];
        if (types[fault->type].target != PLANT_DEVICE || !holds(plant, fault) ||
            strcmp(fault->signal, device->topic) != 0)
            continue;
        frozen = frozen || fault->type == FROZEN;
        device->ahead += fault->type == CLOCK ? fault->value : 0;
    }
    return frozen;
}

/* Holds a parameter at the fault's value, or takes it there, and gives it back at its end.
 */
static void hold(struct plant_fault *fault, double share, double *value, bool on)
{
    if (on && !fault->begun)
        fault->held = *value;
    if (on)
        *value = fault->held + share * (fault->value - fault->held);
    else if (fault->begun)
        *value = fault->held;
    fault->begun = on;
}

static void hold_param(struct plant *plant, struct plant_fault *fault)
{
    const struct kind *kind = plant->model.kind;
    size_t row = model_find(kind->params, kind->n_params, fault->signal);
    double share = fault->type == WEAR ? elapsed(plant, fault) / fault->lasts : 1;
    hold(fault, share, &plant->model.p[row], holds(plant, fault));
}

static void hold_input(struct plant *plant, const struct plant_fault *fault)
{
    const struct kind *kind = plant->model.kind;
    size_t row = model_find(kind->inputs, kind->n_inputs, fault->signal);
    if (!holds(plant, fault))
        return;
    double *u = &plant->model.u[row];
    *u = fault->type == GAIN ? *u * fault->value + fault->offset : fault->value;
    if (fault->type == INPUT)
        plant->shown[row] = *u;
}

static void feed_state(struct plant *plant, const struct plant_fault *fault, double dt)
{
    const struct kind *kind = plant->model.kind;
    size_t row = model_find(kind->states, kind->n_states, fault->signal);
    if (holds(plant, fault))
        plant->model.x[row] += fault->value * dt / 3600;
}

/* What the site's own computer controls follows no set-point in the model. */
static void obey(struct plant *plant)
{
    const struct kind_row *inputs = plant->model.kind->inputs;
    memcpy(plant->shown, plant->wanted, sizeof plant->shown);
    memcpy(plant->model.u, plant->wanted, sizeof plant->model.u);
    for (size_t i = 0; i < plant->n_controls; i++) {
        const struct plant_control *c = &plant->controls[i];
        if (inputs[c->input].follows == c->setpoint + 1)
            plant->model.u[c->setpoint] = NAN;
    }
}

void plant_fault_apply(struct plant *plant, double dt)
{
    obey(plant);
    for (size_t f = 0; f < plant->n_faults; f++)
        switch (types[plant->faults[f].type].target) {
        case PLANT_PARAM:
            hold_param(plant, &plant->faults[f]);
            break;
        case PLANT_INPUT:
            hold_input(plant, &plant->faults[f]);
            break;
        case PLANT_STATE:
            feed_state(plant, &plant->faults[f], dt);
            break;
        default:
            break;
        }
}

void plant_fault_tell(struct plant *plant, FILE *to)
{
    for (size_t f = 0; f < plant->n_faults; f++) {
        struct plant_fault *fault = &plant->faults[f];
        const char *type = types[fault->type].name;
        char time[TIME_TEXT];
        if (holds(plant, fault) == fault->told)
            continue;
        fault->told = !fault->told;
        times_format(plant->now, time);
        fprintf(to, "> %.10s %.5s  %-6s fault of %s: %s (%s of %s)\n", time, time + 11,
                fault->told ? "begins" : "ends", plant->id,
                fault->note ? fault->note : type, type, fault->signal);
    }
}
