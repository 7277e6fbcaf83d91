/* A record of readings made ready for calibration: moments on a raster, where predictions
 * begin, and which readings they are compared with. Only calibrate*.c needs it. */
#ifndef TWIND_CALIBRATE_RECORD_H
#define TWIND_CALIBRATE_RECORD_H

#include "twind/calibrate.h"

enum { RECORD_OPEN = 3 };          /* predictions under way at once */
extern const double record_raster; /* share of the horizon between moments */

struct record_score {
    size_t reading, row; /* which of the readings; which residual */
    size_t slot;         /* which prediction */
    size_t cell;
};

struct record_moment {
    double time;
    size_t readings, scores; /* where its own begin */
    bool anchor;             /* a prediction starts here, afterwards */
    size_t slot;
    unsigned closed; /* bit s: the prediction in slot s is over */
};

struct calibrate_record {
    const struct plan *plan;
    double horizon, from, split, to;
    struct calibrate_reading *readings;
    struct record_moment *moments; /* one more than there are */
    struct record_score *scores;
    size_t n_readings, n_moments, n_scores, room_scores, n_training_moments;
    size_t n_training, n_held; /* rows, training first */
    size_t n_anchors[2];       /* training, held out */
    uint32_t *group;           /* of each row: they err together */
    size_t *row_cell;          /* cell: sensor * CALIBRATE_BANDS + band */
    size_t n_cells, *cell_rows[2];
};

void calibrate_record_make(struct calibrate_record *record,
                           const struct calibrate_task *task);
void calibrate_record_clear(struct calibrate_record *record);

static inline bool record_is_output(const struct calibrate_record *record, size_t sensor)
{
    return record->plan->sensors[sensor].signal >= record->plan->kind->n_inputs;
}

#endif
