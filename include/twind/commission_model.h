/* How well the twin's own model foretells its outputs, with its sensors wired as they are
 * now taken to be. Only commission*.c needs it. */
#ifndef TWIND_COMMISSION_MODEL_H
#define TWIND_COMMISSION_MODEL_H

#include "twind/commission_record.h"

/* Root mean square errors of predictions over half a day from the twin's own estimates. */
struct commission_errors {
    size_t n; /* sensors; 0: the record or the kind does not allow it */
    double rms[2 * KIND_ROWS_MAX];    /* in the sensor's unit; NAN: an input, or too few */
    double size[2 * KIND_ROWS_MAX];   /* root mean square of what was compared */
    size_t scores[2 * KIND_ROWS_MAX]; /* how many */
    struct commission_wire wires[2 * KIND_ROWS_MAX]; /* as they were */
    size_t pieces;                                   /* predictions that began */
};

void commission_model(const struct commission_record *record,
                      struct commission_errors *errors);

/* ln of how much better `now` explains the record than `before` did. */
double commission_model_gain(const struct commission_record *record,
                             const struct commission_errors *before,
                             const struct commission_errors *now);

#endif
