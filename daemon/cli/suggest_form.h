/* The rules that are proposed: which types, on which side, with which parameters. */
#ifndef TWIND_CLI_SUGGEST_FORM_H
#define TWIND_CLI_SUGGEST_FORM_H

#include "suggest_tail.h"

enum { SUGGEST_FORMS = 7 };

struct suggest_form;
extern const struct suggest_form *const suggest_forms[SUGGEST_FORMS];

/* One proposal. */
struct suggest_proposal {
    const struct suggest_form *form;
    const struct suggest_trace *trace;
    char id[96];
    struct suggest_rule rule;
    struct suggest_tail tail;
    double learned, tried; /* alarms a week in the two parts of the time; NAN: none found */
    bool unlike;           /* it rang far more often when tried than wanted */
    bool beyond;           /* the limit is beyond all that was seen */
    struct err why;        /* there is no rule: why */
    bool found;
};

const char *suggest_form_type(const struct suggest_form *form);

/* Whether a rule of this form can be on the subject at all. */
bool suggest_form_suits(const struct suggest_form *form, const struct suggest_trace *trace,
                        const struct plan *plan);

/* Learned from the moments up to `split` (s since the epoch), without the twin's first
 * hours, and tried on the rest. */
void suggest_form_find(const struct suggest_form *form, const struct suggest_traces *traces,
                       const struct suggest_trace *trace, double split, double rate,
                       struct suggest_proposal *proposal);

#endif
