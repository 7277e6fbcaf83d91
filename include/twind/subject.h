/* What a rule is on, by its name: "NAME", "measured.NAME", "residual.NAME",
 * "parameter.NAME", "health.NAME". */
#ifndef TWIND_SUBJECT_H
#define TWIND_SUBJECT_H

#include "twind/plan.h"

/* The length of the other twin's id that "TWIN/NAME" begins with; 0: it is the twin's own.
 */
size_t subject_twin(const char *text);

/* Cuts the prefix off: returns the name that follows, and which subject that is. */
const char *subject_split(const char *text, enum rule_subject *subject);

/* Names that such a subject may have, one by one; "" for a fixed parameter, of which
 * nothing becomes; NULL: there are no more. */
const char *subject_name(const struct kind *kind, enum rule_subject subject, size_t index);

/* The index of the name; PLAN_NONE: there is none. */
size_t subject_find(const struct kind *kind, enum rule_subject subject, const char *name);

/* As the configuration says it; free(). */
char *subject_text(enum rule_subject subject, const char *name);

const char *subject_unit(const struct kind *kind, const struct plan_subject *subject);

/* All subjects of the rule, joined by "+"; "" for the twin. What does not fit is cut off.
 * Returns `to`. */
const char *subject_join(const struct plan_rule *rule, char *to, size_t size);

#endif
