/* What is forecast of a twin, and which topics say what its inputs will be. */
#ifndef TWIND_CONFIG_FORECAST_H
#define TWIND_CONFIG_FORECAST_H

#include "twind/config_tables.h"
#include "twind/payload_series.h"

struct config_outlook {
    size_t input;
    struct config_future_keys keys; /* as given, defaults filled in */
    struct payload_series series;
};

/* The object `forecast` of a twin into its plan, whose parameters are there already. The
 * inputs with a topic are returned (free() after clearing each), `n` of them. */
struct config_outlook *config_forecast_read(struct config_reader *reader,
                                            const struct config_place *forecast,
                                            struct plan *plan, size_t *n);
void config_outlook_clear(struct config_outlook *outlook);

#endif
