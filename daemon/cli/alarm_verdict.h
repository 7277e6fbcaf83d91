/* The figures of an alarm system beside their benchmarks. */
#ifndef TWIND_CLI_ALARM_VERDICT_H
#define TWIND_CLI_ALARM_VERDICT_H

#include "alarm_figures.h"

enum { ALARM_MEASURES = 16 };

enum alarm_unit { ALARM_COUNT, ALARM_SHARE, ALARM_SECONDS };

struct alarm_measure {
    const char *name, *key; /* for people, for JSON */
    const char *benchmark;  /* "": none */
    enum alarm_unit unit;
    double value;        /* NAN: there is none */
    const char *verdict; /* "good", "manageable", "too much"; "": not judged */
};

void alarm_verdict_all(const struct alarm_figures *figures,
                       struct alarm_measure measures[ALARM_MEASURES]);

#endif
