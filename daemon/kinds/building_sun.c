/* The sun on a building: position, split and sky of solar.c, the position once a step (kept
 * in the memory); through windows by g, lowered for direct light by its angle. Where place
 * or clock are wrong and the sun shines though it should be down, all light is diffuse.
 *
 * Photovoltaic power as PVWatts has it (Dobos 2014, NREL/TP-6A20-62641): P = P_0 G/1000 (1
 * - 0.0047 (T_c - 25)) (1 - losses), then the inverter, 0.96 at rated load (-0.0162 z -
 * 0.0059/z
 * + 0.9858 at the load z); a module's reflection of direct light 0.05 (1/cos i - 1) (Souka
 * and Safwat 1966); cell temperature T_c = T + G/(25 + 6.84 v) (Faiman 2008, Progress in
 * Photovoltaics 16, 307). */
#include "building_parts.h"

#include <string.h>

static const double gamma = -0.0047; /* 1/K */

bool building_sun_is_placed(const struct kind_point *at)
{
    return at->p[LATITUDE] != 0.0 || at->p[LONGITUDE] != 0.0;
}

static double longitude(const struct kind_point *at)
{
    double given = at->p[LONGITUDE];
    return given == 0.0 ? 15.0 * at->p[UTC_OFFSET] : given;
}

void building_sun_keep(const struct kind_point *at, double time, double *m)
{
    if (!building_sun_is_placed(at))
        return;
    struct solar_sun sun = solar_find_sun(time, at->p[LATITUDE], longitude(at));
    memcpy(&m[SUN], &sun, sizeof sun);
}

/* The sun that is kept, and its sky. */
static struct solar_sky find_sky(const struct kind_point *at, struct solar_sun *sun)
{
    const double *u = at->u;
    memcpy(sun, &at->m[SUN], sizeof *sun);
    return solar_find_sky(sun, u[SOLAR_IRRADIANCE], u[DIRECT_IRRADIANCE],
                          u[DIFFUSE_IRRADIANCE]);
}

/* Where no place is told: ratio of the annual sums on the walls to that on the horizontal,
 * as six programs of ASHRAE 140-2020 find them for Denver (S 0.81, E 0.63, W 0.57, N 0.26),
 * east and west made alike. A month's gain may be 30 % off; the unknown gain takes it up.
 */
static struct building_sun mean_sun(const struct kind_point *at)
{
    static const double ratio[BUILDING_FACADES] = {0.26, 0.60, 0.81, 0.60};
    double level = at->u[SOLAR_IRRADIANCE];
    struct building_sun on = {.roof = level};
    for (size_t i = 0; i < BUILDING_FACADES; i++) {
        on.walls[i] = ratio[i] * level;
        on.spread += at->p[WINDOWS_NORTH + i] * on.walls[i];
    }
    return on;
}

static struct building_sun placed_sun(const struct kind_point *at)
{
    static const struct solar_plane facades[BUILDING_FACADES] = {
        {.north = 1.0, .side = 1.0},
        {.east = 1.0, .side = 1.0},
        {.north = -1.0, .side = 1.0},
        {.east = -1.0, .side = 1.0}};
    struct solar_sun sun;
    struct solar_sky sky = find_sky(at, &sun);
    struct building_sun on = {.roof = sky.direct * fmax(sun.up, 0.0) + sky.diffuse};
    if (on.roof <= 0.0 && sky.direct <= 0.0)
        return on;
    for (size_t i = 0; i < BUILDING_FACADES; i++) {
        struct solar_light light =
            solar_light_plane(&sun, &sky, &facades[i], at->p[GROUND_ALBEDO]);
        on.walls[i] = light.direct + light.spread;
        on.beam += at->p[WINDOWS_NORTH + i] * light.direct * solar_pass_glass(light.cosine);
        on.spread += at->p[WINDOWS_NORTH + i] * light.spread;
    }
    return on;
}

struct building_sun building_sun_find(const struct kind_point *at)
{
    _Static_assert(WINDOWS_WEST - WINDOWS_NORTH + 1 == BUILDING_FACADES,
                   "a facade is blind");
    const double *p = at->p;
    struct building_sun on = building_sun_is_placed(at) ? placed_sun(at) : mean_sun(at);
    double window = 0.01 * p[FLOOR_AREA] * p[GLASS_G] * p[SHADING];
    on.beam *= window;
    on.spread *= window;
    return on;
}

/* W/m2 that a module takes in. */
static double light_module(const struct kind_point *at)
{
    if (!building_sun_is_placed(at))
        return at->u[SOLAR_IRRADIANCE];
    struct solar_sun sun;
    struct solar_sky sky = find_sky(at, &sun);
    struct solar_plane plane = solar_make_plane(at->p[PV_TILT], at->p[PV_AZIMUTH]);
    struct solar_light light = solar_light_plane(&sun, &sky, &plane, at->p[GROUND_ALBEDO]);
    double bounced = 0.05 * (1.0 / fmax(light.cosine, 0.05) - 1.0);
    return light.direct * (1.0 - fmin(bounced, 1.0)) + light.spread;
}

/* What leaves an inverter of the modules' rated power. */
static double invert(double share)
{
    const double rated = 0.96, reference = 0.9637;
    if (share <= 0.0)
        return 0.0;
    double efficiency = rated / reference * (-0.0162 * share - 0.0059 / share + 0.9858);
    return fmin(fmax(efficiency * share, 0.0), rated);
}

double building_sun_make_power(const struct kind_point *at)
{
    const double *p = at->p;
    if (p[PV_PEAK_POWER] <= 0.0)
        return 0.0;
    double light = light_module(at);
    double cell =
        at->u[OUTDOOR_TEMPERATURE] + light / (25.0 + 6.84 * fmax(at->u[WIND_SPEED], 0.0));
    double share = 1e-3 * light * (1.0 + gamma * (cell - 25.0));
    return 1e3 * p[PV_PEAK_POWER] * invert(share * (1.0 - 0.01 * p[PV_LOSSES]));
}
