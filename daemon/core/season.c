/* A mean for each slot of the day, exponentially weighted over days (the seasonal part of
 * Winters 1960, Management Science 6, with a mean in place of a trend). Steps of the clock
 * do no harm: a slot is what the time says. */
#include "twind/season.h"

#include <math.h>

static const double DAY = 86400;

static int slot_of(double time)
{
    double of_day = time - floor(time / DAY) * DAY;
    int slot = (int)(of_day / DAY * SEASON_SLOTS);
    return slot < SEASON_SLOTS ? slot : SEASON_SLOTS - 1;
}

bool season_expect(const struct season *season, double time, double days, double *usual)
{
    if (isnan(time))
        return false;
    int slot = slot_of(time);
    *usual = season->mean[slot];
    return season->days[slot] >= days;
}

static void close_slot(struct season *season, double weight)
{
    int slot = season->slot;
    season->days[slot]++;
    double a = fmax(weight, 1 / season->days[slot]);
    season->mean[slot] += a * (season->now - season->mean[slot]);
    season->rows = 0;
}

void season_learn(struct season *season, double time, double value, double weight)
{
    if (isnan(time))
        return;
    int slot = slot_of(time);
    if (season->rows > 0 && slot != season->slot)
        close_slot(season, weight);
    season->slot = slot;
    if (++season->rows == 1)
        season->now = value;
    else
        season->now += (value - season->now) / season->rows;
}
