/* The configuration: twind.json and twins.d, read by tables, all errors in one run.
 *
 * A key is one row of a table in config_tables.c: name, type, default, range, help. Checks,
 * defaults, --dump-config and the manual page are derived from the rows. */
#ifndef TWIND_CONFIG_H
#define TWIND_CONFIG_H

#include "twind/payload.h"
#include "twind/plan.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

struct payload_series;
struct config_shape; /* what like twins share: plan, mappings, actuators. See config_shape.h
                      */

struct config_binding {
    char *topic;                           /* filter, with named levels */
    size_t sensor;                         /* of the twin's plan */
    const struct payload_mapping *mapping; /* shared by like twins */
    const struct payload_mapping *battery; /* NULL: none */
};

/* Where a command goes when an input is set. */
struct config_actuator {
    size_t signal;       /* an input of the kind */
    char *topic;         /* may hold the fleet's {names} */
    const char *payload; /* {value} stands for the number; default "{value}". Shared */
    bool retain;
};

/* A topic that tells what an input will be. */
struct config_future {
    char *topic; /* filter, with named levels */
    size_t input;
    const struct payload_series *series; /* shared by like twins */
};

struct config_twin {
    char *id, *name; /* a fleet's hold {names}; no name given: it is the id */
    bool fleet;
    size_t max;          /* twins that a fleet may have; 1: no fleet */
    bool optimise_apply; /* advice that was asked for is carried out */
    struct config_shape *shape;
    const struct config_calibrate *calibrate; /* NULL: not on a schedule */
    struct plan *plan; /* the shape's, which like twins share, or a calibrated one */
    struct config_binding *bindings;
    size_t n_bindings;
    struct config_actuator *actuators;
    size_t n_actuators;
    struct config_future *futures;
    size_t n_futures;
};

struct config {
    char *file; /* as given */
    struct {
        char *url; /* mqtt://HOST:PORT or mqtts://HOST:PORT, always with a port */
        char *client_id;
        char *username, *password_file; /* NULL: none; files are resolved to their paths */
        char *ca_file, *cert_file, *key_file; /* NULL: none */
        char *password;                       /* read from the file; NULL: none */
        bool version5;
        double keepalive, session_expiry;
    } broker;
    char *topic_prefix, *state_dir;
    bool event_clock;
    bool commission;   /* twins are looked at after their first days */
    bool every_signal; /* see config_load_all() */
    double step;
    struct {
        char *file; /* resolved against state_dir */
        double raw, minutes, hours, states, commit;
    } history;
    struct {
        double interval; /* s between states published of one twin, at least */
        double rate;     /* states published a second over all twins, at most */
    } publish;
    double inbox_bytes;
    struct {
        size_t alerts; /* 0: no floods are looked for */
        double within; /* s */
    } flood;
    struct config_twin *twins;
    size_t n_twins;
    struct config_variant {
        char *id;
        struct plan *plan;
    } * variants; /* twins of fleets that have been calibrated */
    size_t n_variants;
};

/* Told each error, or warning, as "FILE:LINE:COL: JSON/path: message". */
struct config_report {
    void *context;
    void (*say)(void *context, bool warning, const char *text);
};

/* Reads the file and, beside it, twins.d/ *.json in the order of their names. False: at
 * least one error was reported; `config` is then cleared. `environment` looks variables up
 * (getenv; a test hands its own): STATE_DIRECTORY, CREDENTIALS_DIRECTORY. NULL: for tools
 * that do not connect; then no secret is read, nor missed.
 *
 * Calibrations in STATE_DIR/calibrations (overlay.h) are laid over the parameters; one that
 * cannot be used is a warning, and the parameters stay as configured. */
bool config_load(const char *file, char *(*environment)(const char *name),
                 const struct config_report *report, struct config *config);

/* The same for a tool that hands readings over by name: what can be bound and is not has
 * the kind's usual sensor all the same, and a fleet needs no binding. No secret is read. */
bool config_load_all(const char *file, const struct config_report *report,
                     struct config *config);

/* The same from a text, for tests and fuzzing: no drop-ins, no files are opened. */
bool config_load_text(const char *text, const struct config_report *report,
                      struct config *config);

void config_clear(struct config *config);

/* The plan in force for the twin that comes from this entry. */
struct plan *config_plan(const struct config *config, const struct config_twin *from,
                         const char *id);

/* Reads the twin's calibration anew: the plan that is in force from now on, which is the
 * configuration's. NULL: e says why; all is as it was. */
struct plan *config_overlay_take(struct config *config, const char *id, struct err *e);

/* The entry of which the twin with this id comes or would come, a fleet's too. NULL: none.
 */
const struct config_twin *config_find_twin(const struct config *config, const char *id);

/* All that is in force, defaults included, as a configuration that reads back the same. */
void config_dump(const struct config *config, FILE *to);

/* The manual's table of keys, from the same rows, in man(7). */
void config_write_manual(FILE *to);

#endif
