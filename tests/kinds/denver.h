/* Denver's typical year (TMY3 725650), by which ASHRAE 140 tests. Include check.h before.
 */
#ifndef TESTS_KINDS_DENVER_H
#define TESTS_KINDS_DENVER_H

#include "twind/mem.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { HOURS = 8760, ROW_COLUMNS = 14 };

static const double denver_start = 1483254000.0; /* s, 1 January 2017, -07:00 */

struct hour {
    double outdoor, humidity, infrared, global, direct, diffuse, wind;
};

static struct hour *weather;

static inline int read_weather(void **state)
{
    (void)state;
    FILE *file = fopen(SHARED_DATA "/weather_denver_725650_tmy3_hourly.csv", "r");
    if (!file)
        return 0;
    char line[512];
    weather = mem_new(HOURS, sizeof *weather);
    assert_non_null(fgets(line, sizeof line, file));
    for (int hour = 0; hour < HOURS; hour++) {
        double v[ROW_COLUMNS] = {0};
        assert_non_null(fgets(line, sizeof line, file));
        const char *at = line;
        for (int i = 1; i < ROW_COLUMNS && (at = strchr(at, ',')); i++)
            v[i] = strtod(++at, NULL);
        weather[hour] = (struct hour){v[4], v[6], v[8], v[9], v[10], v[11], v[13]};
    }
    fclose(file);
    return 0;
}

static inline int drop_weather(void **state)
{
    (void)state;
    free(weather);
    return 0;
}

static inline void need_weather(void)
{
    if (weather)
        return;
    print_message("%s is not there: skipped\n", SHARED_DATA);
    skip();
}

#endif
