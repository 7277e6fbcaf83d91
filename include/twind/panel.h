/* A detector on one or more signals: on all of them together where it can, else on each by
 * itself, of which the greatest score counts. Its state is plain data, zero at the start.
 */
#ifndef TWIND_PANEL_H
#define TWIND_PANEL_H

#include "twind/detector.h"

struct panel {
    const struct detector *detector; /* see detectors_for() */
    const double *params;
    size_t n; /* signals */
};

/* Why the last score is what it is; plain data too. */
struct panel_reason {
    char text[DETECTOR_TEXT]; /* without the signal */
    double signal, share;     /* as in detector.h; a share of 1: it is said of it alone */
};

/* Bytes of the state, a multiple of those of a double. */
size_t panel_size(const struct panel *panel);

/* As detectors_step(). */
double panel_step(const struct panel *panel, void *state, double time,
                  const double *values);

void panel_explain(const struct panel *panel, const void *state, struct panel_reason *why);

/* "level: value 7.2, usually 3.1 to 5", "distance 9, usually 2 to 4; mostly level (62 %)".
 * `names` of the signals; NULL: "value 1", "value 2". */
void panel_text(const struct panel_reason *why, const char *const *names,
                char text[DETECTOR_TEXT]);

#endif
