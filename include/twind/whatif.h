/* What would be: a twin's forecast beside the forecast with other inputs. The live twin is
 * only looked at. */
#ifndef TWIND_WHATIF_H
#define TWIND_WHATIF_H

#include "twind/question.h"

/* Two forecasts for the same times, and what they come to. */
struct whatif {
    const struct question *question;
    const double *start; /* the kind's outputs now */
    const struct forecast *base, *changed;
};

/* Answers the JSON of PREFIX/TWIN/whatif, appended to `answer` as JSON. False: it was
 * refused, and the answer says why. `now` is the twin's. */
bool whatif_answer(const struct twin *twin, double now, const char *payload, size_t length,
                   struct text *answer);

/* {"ok":false,"error":..} */
void whatif_refuse(struct text *to, const char *id, const struct err *e);

/* ---- for answers that hold two forecasts ---- */

/* "time", "horizon_s" and "step_s", and before them "ok", "id" and "twin"; opens the
 * object. */
void whatif_put_head(struct text *to, const struct question *q);

/* ,"units":{..},"now":{..},"values":{..},"sd":{..},"base":{..},"difference":{..},
 * "totals":{..}, and energy_kwh and cost where the kind has them. */
void whatif_put_pair(struct text *to, const struct whatif *w);

/* What an output comes to over the horizon. */
double whatif_total(const struct whatif *w, const struct forecast *of, size_t output);

/* ,"NAME":{"base":..,"whatif":..,"difference":..} */
void whatif_put_three(struct text *to, const char *name, double base, double changed);

/* `changed` holds what the model does under the changes, `model` what it does without:
 * becomes the base forecast plus the difference, with the base's standard deviations. */
void whatif_add(const struct forecast *base, const struct forecast *model,
                struct forecast *changed);

/* The outputs' present values, for whatif.start: n_outputs. */
void whatif_start(const struct twin *twin, double *start);

#endif
