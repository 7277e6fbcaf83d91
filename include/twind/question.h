/* What is asked of a twin's future: for which times, and which inputs are to be other than
 * expected. From JSON, with words for what is wrong. */
#ifndef TWIND_QUESTION_H
#define TWIND_QUESTION_H

#include "twind/forecast.h"
#include "twind/json.h"
#include "twind/json_tree.h"
#include "twind/text.h"

enum { QUESTION_STEPS = 672 };

struct question {
    const struct twin *twin;
    double made, step, horizon;      /* s */
    size_t n;                        /* steps */
    double zone;                     /* s east of UTC, for times of day */
    struct forecast_change *changes; /* the first n_released by question_release() */
    size_t n_changes, n_released, room;
    const struct cJSON *set; /* as it was said; NULL: nothing */
    const char *id;          /* the asker's own, to be given back; NULL */
};

/* The payload as JSON, bounded in length. NULL: e says what is wrong. */
const struct cJSON *question_parse(struct json *json, const char *payload, size_t length,
                                   struct err *e);

/* Reads the keys `set`, `horizon`, `step` and `id`; others must be among `more` (ends with
 * NULL). The tree must outlive the question. False: e says what is wrong. Clear it either
 * way. */
bool question_read(struct question *q, const struct twin *twin, double now,
                   const struct cJSON *root, const char *const *more, struct err *e);
void question_clear(struct question *q);

/* Puts changes first that give back to the model's own control what the others release
 * (forecast_releases()). */
void question_release(struct question *q);

/* A key that holds a duration; left as it is where the key is absent. */
bool question_duration(const struct cJSON *root, const char *key, double min, double max,
                       double *seconds, struct err *e);

/* One input held at a value, in the times of the question only. */
void question_add(struct question *q, size_t input, double from, double to, double value);

/* The number of the input; false: e says which there are. */
bool question_input(const struct twin *twin, const char *name, size_t *input,
                    struct err *e);

/* The request with the first so many of the changes. */
struct forecast_request question_request(const struct question *q, size_t n_changes);

#endif
