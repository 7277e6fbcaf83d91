/* Pollution by bearing (after the wind roses of Carslaw & Beevers 2013, Environ. Model.
 * Softw. 40, 325): factors in sectors of 30 degrees, straight lines between their middles.
 */
#include "twind/air_rose.h"

#include <math.h>

#define HOUR 3600.0

static const double pace = 0.1;                          /* 1/h, of a memory of one day */
static const double least = -0.9, most = 4, loudest = 1; /* of a factor less 1 */

struct between {
    size_t sector[2];
    double weight[2];
};

static struct between find(double bearing)
{
    double width = 360.0 / AIR_ROSE_SECTORS, at = bearing / width, before = floor(at);
    size_t sector = (size_t)fmax(before, 0) % AIR_ROSE_SECTORS;
    return (struct between){{sector, (sector + 1) % AIR_ROSE_SECTORS},
                            {1 - (at - before), at - before}};
}

double air_rose_factor(const double *room, size_t channel, double bearing)
{
    struct between b = find(bearing);
    const double *rose = room + channel * AIR_ROSE_SECTORS;
    return 1 + b.weight[0] * rose[b.sector[0]] + b.weight[1] * rose[b.sector[1]];
}

void air_rose_learn(double *room, size_t n, double bearing, double seconds, double days,
                    const double *missing)
{
    struct between b = find(bearing);
    double amount = days > 0 ? pace / days * seconds / HOUR : 0;
    for (size_t channel = 0; channel < n; channel++)
        for (size_t i = 0; i < 2; i++) {
            double *factor = room + channel * AIR_ROSE_SECTORS + b.sector[i];
            double step = fmin(fmax(missing[channel], -loudest), loudest);
            *factor += amount * b.weight[i] * step;
            *factor = fmin(fmax(*factor, least), most);
        }
}
