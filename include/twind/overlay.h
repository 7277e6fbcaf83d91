/* A twin's calibrations, in STATE_DIR/calibrations/TWIN.json: never in the user's own file.
 * All are kept; of each parameter the last value counts, so that taking the last
 * calibration away restores what was before. */
#ifndef TWIND_OVERLAY_H
#define TWIND_OVERLAY_H

#include "twind/kind.h"
#include "twind/text.h"

#include "twind/err.h"

enum { OVERLAY_NAME = 64, OVERLAY_VALUES = KIND_ROWS_MAX };

struct overlay_value {
    char name[OVERLAY_NAME];
    double value, standard_error; /* INFINITY: not known */
};

struct overlay_entry {
    double time, from, to; /* when it was made, of which readings */
    double error_before, error_after;
    size_t n;
    struct overlay_value values[OVERLAY_VALUES];
};

struct overlay {
    char *twin, *kind;
    struct overlay_entry *entries; /* oldest first */
    size_t n, room;
};

/* "STATE_DIR/calibrations" and "STATE_DIR/calibrations/TWIN.json". Free with free(). */
char *overlay_folder(const char *state_dir);
char *overlay_path(const char *state_dir, const char *twin);

/* False: e says what is wrong; `overlay` is then empty. A file that is not there is wrong,
 * too. */
bool overlay_read(const char *path, struct overlay *overlay, struct err *e);

/* Replaces the file at once or not at all; makes the folder. */
bool overlay_write(const char *path, const struct overlay *overlay, struct err *e);

struct overlay_entry *overlay_add(struct overlay *overlay); /* a new last one, zeroed */
void overlay_clear(struct overlay *overlay);

/* Lays the values over `params`. False: e names what the kind does not have or does not
 * allow; `params` are then as they were. */
bool overlay_apply(const struct overlay *overlay, const struct kind *kind, double *params,
                   struct err *e);

#endif
