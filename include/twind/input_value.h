/* A value for an input as people write it: a number, ON or OFF. */
#ifndef TWIND_INPUT_VALUE_H
#define TWIND_INPUT_VALUE_H

#include "twind/err.h"
#include "twind/kind.h"

struct cJSON;

/* False: it is none of the three, or ON says not how much. The range is not checked. */
bool input_value_read(const struct kind_row *row, const char *text, double *value,
                      struct err *e);

/* The same of a JSON value (a number, a text, true or false; null where the model's own
 * control can have it back: NAN), within the row's range. */
bool input_value_from(const struct kind_row *row, const struct cJSON *node, double *value,
                      struct err *e);

#endif
