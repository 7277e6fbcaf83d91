/* What like twins share: a plan, and how its sensors' messages and its commands look. Only
 * ids, names and topics are a twin's own. */
#ifndef TWIND_CONFIG_SHAPE_H
#define TWIND_CONFIG_SHAPE_H

#include "twind/config_binding.h"
#include "twind/config_calibrate.h"
#include "twind/config_forecast.h"

struct config_drive {
    size_t signal;
    struct config_actuator_keys keys;
};

struct config_shape {
    unsigned references;
    struct plan *plan;
    struct config_mapping *mappings; /* one for each of the plan's sensors */
    struct config_drive *drives;
    size_t n_drives;
    struct config_outlook *outlooks; /* one for each of the plan's given inputs */
    size_t n_outlooks;
    struct config_calibrate calibrate;
};

/* From the keys of one twin and what the root says for all. NULL: errors were told. */
struct config_shape *config_shape_read(struct config_reader *reader,
                                       const struct config_place *twin,
                                       const struct config_twin_keys *keys,
                                       const struct config *config);
struct config_shape *config_shape_hold(struct config_shape *shape);
void config_shape_drop(struct config_shape *shape); /* NULL: nothing */

#endif
