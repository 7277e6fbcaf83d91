/* When a twin is calibrated by the daemon, and from what. */
#ifndef TWIND_CONFIG_CALIBRATE_H
#define TWIND_CONFIG_CALIBRATE_H

#include "twind/config_key.h"

struct config_calibrate {
    double every, past, horizon; /* s; every NAN: not at all */
    struct config_texts params;  /* none: the kind's usual ones */
};

extern const struct config_table config_calibrate_table; /* fills a struct of these */

/* The object `calibrate` of a twin, whose plan has its parameters already. */
void config_calibrate_read(struct config_reader *reader, const struct config_place *place,
                           const struct plan *plan, const struct config *config,
                           struct config_calibrate *calibrate);

#endif
