/* The JSON that twind publishes, as its users read it. */
#ifndef TWIND_COMPOSE_H
#define TWIND_COMPOSE_H

#include "twind/engine.h"
#include "twind/text.h"

/* PREFIX/TWIN/state: the estimate with its uncertainty, what each sensor said, and how good
 * the twin's forecasts were. */
void compose_state(struct text *to, const struct twin *twin, double now,
                   struct twin_scratch *scratch);

/* PREFIX/TWIN/health: how parts and sensors wear. */
void compose_health(struct text *to, const struct twin *twin, double time);

/* PREFIX/TWIN/forecast: what the outputs will be. */
void compose_forecast(struct text *to, const struct forecast *forecast);

/* PREFIX/TWIN/alert/RULE and PREFIX/alerts. */
void compose_alert(struct text *to, const struct engine_alert *alert);

/* PREFIX/flood: many alerts as one event. */
void compose_flood(struct text *to, const struct flood_summary *flood);

#endif
