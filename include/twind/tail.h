/* How rare is a value that far out? The tail of a stream's greatest peaks, learned as it
 * goes. Only values above 0 are peaks: give deviations, one tail a side. */
#ifndef TWIND_TAIL_H
#define TWIND_TAIL_H

#include <stdbool.h>

enum { TAIL_PEAKS = 10, TAIL_GREATEST = 300 };

/* Zero at the start. */
struct tail {
    double peaks[TAIL_PEAKS]; /* of different clusters, the greatest first */
    double cluster;           /* the peak of the present one */
    double rows;
    int n, age; /* peaks; rows since the cluster's peak */
    bool said;  /* the excursion that lasts has been told of */
};

/* -log10 of the probability that a row is that far out, TAIL_GREATEST at most; 0 for what
 * is not beyond the least peak, for an excursion that has been said, and while the tail is
 * young. */
double tail_surprise(const struct tail *tail, double x);

/* Takes the value in. */
void tail_learn(struct tail *tail, double x);

/* The excursion beyond the least peak is said: it is no surprise until it has been back. */
void tail_say(struct tail *tail);

/* Of so many rows, how many count as independent. */
double tail_rows(double rows);

/* The least of the peaks: what is usual. NAN: not known yet. */
double tail_usual(const struct tail *tail);

/* surprise 0..: a score that is 0.5 where the surprise is `risk`. */
double tail_score(double surprise, double risk);

#endif
