/* How warm people feel: Fanger's indices as ISO 7730 defines them. */
#ifndef TWIND_COMFORT_H
#define TWIND_COMFORT_H

struct comfort {
    double air, radiant; /* Cel: air, mean radiant temperature */
    double air_speed;    /* m/s, relative to the body */
    double humidity;     /* % */
    double activity;     /* met */
    double clothing;     /* clo */
};

/* Predicted mean vote, -3 cold .. +3 hot. Valid (ISO 7730, 4.1) for 10..30 Cel, radiant
 * 10..40 Cel, 0..1 m/s, 0.8..4 met, 0..2 clo, vapour 0..2700 Pa and a vote of -2..2; finite
 * outside too. */
double comfort_vote(const struct comfort *c);

/* Predicted percentage of dissatisfied, %, for a vote. */
double comfort_dissatisfied(double vote);

#endif
