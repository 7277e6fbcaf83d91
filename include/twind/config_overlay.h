/* Calibrations laid over the configured parameters. */
#ifndef TWIND_CONFIG_OVERLAY_H
#define TWIND_CONFIG_OVERLAY_H

#include "twind/config.h"

/* Reads all of STATE_DIR/calibrations; what cannot be used is warned of and passed over. */
void config_overlays_read(const struct config_report *report, struct config *config);
void config_overlays_clear(struct config *config);

#endif
