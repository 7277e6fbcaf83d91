/* Advice: the schedule of one input under which a cost is least and limits are kept, by
 * search over what-ifs. Works on a copy of the twin, one look ahead at a time. */
#ifndef TWIND_ADVICE_H
#define TWIND_ADVICE_H

#include "twind/question.h"

struct advice;

/* From the JSON of PREFIX/TWIN/optimise. NULL: it was refused, and `answer` says why. The
 * twin may change or go away afterwards. `now` is the twin's. */
struct advice *advice_new(const struct twin *twin, double now, const char *payload,
                          size_t length, struct text *answer);
void advice_free(struct advice *advice); /* NULL: nothing */

/* Tries one schedule. False: the search has ended. */
bool advice_step(struct advice *advice);

/* The answer of a search that has ended, as JSON. `applied`: it is carried out. */
void advice_answer(struct advice *advice, bool applied, struct text *answer);

/* What is advised: `input` by name, `n` values, each from its time on; neighbours differ.
 */
struct advice_item {
    double from, value;
};
const char *advice_input(const struct advice *advice);
const struct advice_item *advice_schedule(const struct advice *advice, size_t *n);
const char *advice_twin(const struct advice *advice);

#endif
