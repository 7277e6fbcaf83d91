/* A finding in words. Only commission*.c needs it. */
#ifndef TWIND_COMMISSION_SAY_H
#define TWIND_COMMISSION_SAY_H

#include "twind/commission_mistake.h"

/* Fills the finding from a suspect that was found guilty; `before`: as it was wired. */
void commission_say_suspect(const struct commission_record *before,
                            const struct commission_suspect *suspect, double probability,
                            struct commission_finding *finding);

/* The hours by which all times of the twin are off. */
void commission_say_clock(const struct commission_record *record, double hours,
                          double probability, struct commission_finding *finding);

void commission_say_same(const struct commission_record *record, size_t a, size_t b,
                         struct commission_finding *finding);
void commission_say_falls(const struct commission_record *record, size_t sensor,
                          struct commission_finding *finding);
void commission_say_implausible(const struct commission_record *record, size_t sensor,
                                double probability, struct commission_finding *finding);

#endif
