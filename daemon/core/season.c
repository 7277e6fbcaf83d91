/* A mean for each slot of the day, exponentially weighted over days (the seasonal part of
 * Winters 1960, Management Science 6, with a mean in place of a trend), and of what is left
 * for each hour of the week (two seasonal cycles: Taylor 2003, J. Oper. Res. Soc. 54). The
 * week is added where it has been nearer to the values by a tenth, by their mean absolute
 * error. Steps of the clock do no harm: a slot is what the time says. */
#include "twind/season.h"

#include <math.h>

static const double DAY = 86400, HOUR = 3600;
static const double DAYS = 3, WEEKS = 2; /* before a slot's mean is built upon */
static const double WEEK_WEIGHT = 0.3;   /* of a new week, at least */
static const double JUDGED = 500;        /* rows over which the week is judged */
static const double BETTER = 0.9;

static int slot_of(double time)
{
    double of_day = time - floor(time / DAY) * DAY;
    int slot = (int)(of_day / DAY * SEASON_SLOTS);
    return slot < SEASON_SLOTS ? slot : SEASON_SLOTS - 1;
}

static int hour_of(double time)
{
    double hours = floor(time / HOUR);
    return (int)(hours - floor(hours / SEASON_HOURS) * SEASON_HOURS);
}

bool season_is_weekly(const struct season *season)
{
    return season->rows >= JUDGED && season->by_week < BETTER * season->by_day;
}

bool season_expect(const struct season *season, double time, double days, double *usual)
{
    if (isnan(time))
        return false;
    const struct season_slot *day = &season->day[slot_of(time)];
    const struct season_slot *week = &season->week[hour_of(time)];
    *usual = day->mean;
    if (week->times >= WEEKS && season_is_weekly(season))
        *usual += week->mean;
    return day->times >= days;
}

/* The mean of the slot that is left goes over into what is usual for it. */
static void take(struct season_now *now, struct season_slot *slots, int slot, double value,
                 double weight)
{
    if (now->rows > 0 && slot != now->slot) {
        struct season_slot *left = &slots[now->slot];
        double a = fmax(weight, 1 / ++left->times);
        left->mean += a * (now->mean - left->mean);
        now->rows = 0;
    }
    now->slot = slot;
    if (++now->rows == 1)
        now->mean = value;
    else
        now->mean += (value - now->mean) / now->rows;
}

static void judge_week(struct season *season, double left, double hour)
{
    double a = fmax(1 / ++season->rows, 1 / JUDGED);
    season->by_day += a * (fabs(left) - season->by_day);
    season->by_week += a * (fabs(left - hour) - season->by_week);
}

void season_learn(struct season *season, double time, double value, double weight)
{
    if (isnan(time))
        return;
    int slot = slot_of(time), hour = hour_of(time);
    const struct season_slot *day = &season->day[slot], *week = &season->week[hour];
    if (day->times >= DAYS) {
        double left = value - day->mean;
        if (week->times >= WEEKS)
            judge_week(season, left, week->mean);
        take(&season->now_week, season->week, hour, left, WEEK_WEIGHT);
    }
    take(&season->now_day, season->day, slot, value, weight);
}
