/* Benchmarks for one person who is to act on what rings: ANSI/ISA-18.2-2016, table of
 * performance metrics; EEMUA Publication 191 (2013). A share of alarms is judged from
 * enough of them on, that of the ten most frequent where ten rules are few among all. */
#include "alarm_verdict.h"

#include <math.h>

enum { ENOUGH_ALARMS = 20, MANY_SOURCES = 200 };

enum { ALWAYS, ENOUGH, MANY, NEVER };

enum {
    PER_DAY,
    PER_TEN,
    MOST_TEN,
    OVER_TEN,
    OVER_THIRTY,
    FLOOD,
    CAUSED,
    FREQUENT,
    CHATTERING,
    FLEETING,
    STANDING,
    CRITICAL,
    WARNING,
    INFO,
    ACKNOWLEDGED,
    ANSWER,
};

/* Up to `good`, up to `bearable`, above. */
static const struct row {
    const char *name, *key, *benchmark;
    enum alarm_unit unit;
    double good, bearable;
    int judged;
} rows[] = {
    [PER_DAY] = {"alarms a day", "per_day", "144, at most 288", ALARM_COUNT, 144, 288,
                 ALWAYS},
    [PER_TEN] = {"alarms in 10 minutes, mean", "per_ten_minutes", "1, at most 2",
                 ALARM_COUNT, 1, 2, ALWAYS},
    [MOST_TEN] = {"alarms in 10 minutes, most", "most_in_ten_minutes", "10", ALARM_COUNT,
                  10, 10, ALWAYS},
    [OVER_TEN] = {"10 minutes with more than 10", "ten_minutes_over_ten", "1 %",
                  ALARM_SHARE, 0.01, 0.01, ALWAYS},
    [OVER_THIRTY] = {"hours with more than 30", "hours_over_thirty", "1 %", ALARM_SHARE,
                     0.01, 0.01, ALWAYS},
    [FLOOD] = {"time in flood", "flood_share", "1 %", ALARM_SHARE, 0.01, 0.01, ALWAYS},
    [CAUSED] = {"share under another's cause", "caused_share", "", ALARM_SHARE, 1, 1,
                NEVER},
    [FREQUENT] = {"share of the 10 most frequent", "top_ten_share", "1 %, at most 5 %",
                  ALARM_SHARE, 0.01, 0.05, MANY},
    [CHATTERING] = {"rules that chatter", "chattering", "0", ALARM_COUNT, 0, 0, ALWAYS},
    [FLEETING] = {"fleeting alarms", "fleeting", "0", ALARM_COUNT, 0, 0, ALWAYS},
    [STANDING] = {"standing over 24 h, most a day", "standing", "below 5", ALARM_COUNT, 4,
                  4, ALWAYS},
    [CRITICAL] = {"share critical", "critical_share", "5 %", ALARM_SHARE, 0.05, 0.1,
                  ENOUGH},
    [WARNING] = {"share warning", "warning_share", "15 %", ALARM_SHARE, 0.15, 0.3, ENOUGH},
    [INFO] = {"share info", "info_share", "80 %", ALARM_SHARE, 1, 1, NEVER},
    [ACKNOWLEDGED] = {"share acknowledged", "acknowledged_share", "", ALARM_SHARE, 1, 1,
                      NEVER},
    [ANSWER] = {"acknowledged after, median", "acknowledged_after_s", "", ALARM_SECONDS, 0,
                0, NEVER},
};

_Static_assert(sizeof rows / sizeof *rows == ALARM_MEASURES, "a row for each");

static void find_values(const struct alarm_figures *f, double values[ALARM_MEASURES])
{
    values[PER_DAY] = f->per_day;
    values[PER_TEN] = f->per_ten;
    values[MOST_TEN] = (double)f->most_ten;
    values[OVER_TEN] = f->over_ten;
    values[OVER_THIRTY] = f->over_thirty;
    values[FLOOD] = f->flood;
    values[CAUSED] = f->alarms ? (double)f->caused / (double)f->alarms : (double)NAN;
    values[FREQUENT] = f->frequent;
    values[CHATTERING] = (double)f->chattering;
    values[FLEETING] = (double)f->fleeting;
    values[STANDING] = (double)f->standing;
    values[CRITICAL] = f->severity[SEVERITY_CRITICAL];
    values[WARNING] = f->severity[SEVERITY_WARNING];
    values[INFO] = f->severity[SEVERITY_INFO];
    values[ACKNOWLEDGED] =
        f->alarms ? (double)f->acknowledged / (double)f->alarms : (double)NAN;
    values[ANSWER] = f->answer;
}

static bool is_judged(const struct row *row, const struct alarm_figures *f)
{
    switch (row->judged) {
    case ENOUGH:
        return f->alarms >= ENOUGH_ALARMS;
    case MANY:
        return f->n_tallies >= MANY_SOURCES;
    default:
        return row->judged == ALWAYS;
    }
}

void alarm_verdict_all(const struct alarm_figures *figures,
                       struct alarm_measure measures[ALARM_MEASURES])
{
    double values[ALARM_MEASURES];
    find_values(figures, values);
    for (int i = 0; i < ALARM_MEASURES; i++) {
        const struct row *row = &rows[i];
        const char *verdict = values[i] <= row->good       ? "good"
                              : values[i] <= row->bearable ? "manageable"
                                                           : "too much";
        measures[i] = (struct alarm_measure){
            row->name, row->key,  row->benchmark,
            row->unit, values[i], is_judged(row, figures) ? verdict : ""};
    }
}
