/* How a forecast lies in the database: one row for each output, its values in one JSON list
 * of whole numbers that the view `forecasts` unpacks:
 *
 *   element = (k - base) * m + s;  mean = k / scale;  sd = (s - 1) / sd_scale, s = 0: none
 *
 * A mean is kept to at most a hundredth of the least standard deviation, and 7 digits; a
 * standard deviation to 2 to 4 digits. Only history*.c needs it. */
#ifndef TWIND_HISTORY_FORECAST_H
#define TWIND_HISTORY_FORECAST_H

#include "twind/history.h"
#include "twind/history_db.h"

/* Stored once for each series and time at which it was made: a later one replaces it. */
bool history_forecast_add(struct history_db *db, uint32_t series,
                          const struct history_forecast *forecast);

#endif
