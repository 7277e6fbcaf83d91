/* How an alarm system does, by the measures of ISA-18.2 and EEMUA 191. */
#ifndef TWIND_CLI_ALARM_FIGURES_H
#define TWIND_CLI_ALARM_FIGURES_H

#include "alarm_log.h"

/* Of one source within the time looked at. */
struct alarm_tally {
    size_t source;
    size_t raised, chatter, fleeting;
    double active;         /* s that it was up, all together */
    double longest;        /* s, of what rang or stood within */
    double standing_since; /* still up at the end; NAN: it is not */
};

struct alarm_figures {
    double from, to;
    size_t alarms;
    double per_day, per_ten; /* means; per_ten: in 10 minutes */
    size_t most_ten;         /* in one period of 10 minutes */
    double most_ten_at;      /* when that began; NAN: nothing rang */
    double over_ten;         /* share of these periods with more than 10 */
    double over_thirty;      /* share of hours with more than 30 */
    size_t floods;
    double flood;                         /* share of the time in flood */
    double frequent;                      /* share of the ten most frequent sources */
    size_t chattering, chatter, fleeting; /* sources; alarms; alarms */
    size_t standing;                      /* most on one day that were up for over 24 h */
    double severity[SEVERITY_COUNT];      /* shares */
    size_t caused;                        /* alarms that came under another's cause */
    size_t acknowledged;
    double answer; /* s: median time to the acknowledgement; NAN: there was none */
    struct alarm_tally
        *tallies; /* of sources that rang or stood, the most frequent first */
    size_t n_tallies;
};

/* Between `from` and `to` (s since the epoch, from < to). Free with alarm_figures_free().
 */
struct alarm_figures alarm_figures_of(const struct alarm_log *log, double from, double to);
void alarm_figures_free(struct alarm_figures *figures);

#endif
