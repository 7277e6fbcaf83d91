/* The sun's position and the light on a plane.
 *
 * Position: the Astronomical Almanac's low-precision formulas as in Michalsky (1988), Solar
 * Energy 40, 227: 0.01 degrees, 1950 to 2050; from ecliptic longitude to east, north and up
 * by rotations instead of angles. Extraterrestrial: 1367 W/m2 (the constant with which the
 * two correlations below were made) by the distance squared. Air mass: Kasten and Young
 * (1989), Applied Optics 28, 4735.
 *
 * Diffuse share of the global irradiance by the clearness index k_t = G / (I_0 cos z):
 * Erbs, Klein and Duffie (1982), Solar Energy 28, 293. Between 8 and 3 degrees of elevation
 * its direct part fades out, and it never exceeds 0.8 of the extraterrestrial. Denver's
 * walls get within 3 % of the year's sum from measured direct and diffuse so; a single hour
 * may be far off.
 *
 * Anisotropic sky: Perez, Ineichen, Seals, Michalsky and Stewart (1990), Solar Energy 44,
 * 271, "all sites composite":
 *   eps = ((D + I)/D + 1.041 z^3) / (1 + 1.041 z^3),  delta = D m / I_0
 *   F1 = max(0, f11 + f12 delta + f13 z),  F2 = f21 + f22 delta + f23 z
 *   D_plane = D ((1 - F1)(1 + cos b)/2 + F1 max(0, cos i)/max(cos 85, cos z) + F2 sin b)
 * With readings that do not fit the sun's position in mind, delta and F1 are taken as 1 at
 * most, and F1 D / cos z and I together as I_0. Ground: albedo (I cos z + D)(1 - cos b)/2.
 *
 * Glass: a fit, within 0.02, to the cubic of the angle by which the ISO 13790 models of
 * ASHRAE 140's case 600 in the Modelica Buildings library lower g for direct light (1 -
 * 0.189 i + 0.644 i^2 - 0.596 i^3); as there, g is not lowered for spread light, for which
 * the mean of a hemisphere would be 0.87. */
#include "twind/solar.h"

#include <math.h>
#include <stddef.h>

#define RADIAN 0.017453292519943295

static const double solar_constant = 1367.0;
static const double cos_85 = 0.08715574;
static const double fade_end = 0.05234, fade_start = 0.13917; /* sine of 3 and 8 degrees */
static const double most_direct = 0.8;

/* Kasten and Young's; the zenith's angle no more than the horizon's. */
static double find_air_mass(double up, double zenith)
{
    double degrees = fmin(zenith / RADIAN, 90.0);
    return 1.0 / (fmax(up, 0.0) + 0.50572 * pow(96.07995 - degrees, -1.6364));
}

struct solar_sun solar_find_sun(double time, double latitude, double longitude)
{
    double day = time / 86400.0 - 10957.5; /* from noon of the first of January 2000 */
    double anomaly = RADIAN * fmod(357.528 + 0.9856003 * day, 360.0);
    double sg = sin(anomaly), cg = cos(anomaly);
    double mean = fmod(280.460 + 0.9856474 * day, 360.0);
    double ecliptic = RADIAN * (mean + 1.915 * sg + 0.040 * sg * cg);
    double obliquity = RADIAN * (23.439 - 4e-7 * day);
    double distance = 1.00014 - 0.01671 * cg - 0.00014 * (2.0 * cg * cg - 1.0);

    double x = cos(ecliptic); /* to the equinox, 90 degrees east of it, to the pole */
    double y = cos(obliquity) * sin(ecliptic), z = sin(obliquity) * sin(ecliptic);
    double turned = fmod(280.46062 + 360.98564737 * day, 360.0); /* sidereal, Greenwich */
    double meridian = RADIAN * (turned + longitude);
    double cm = cos(meridian), sm = sin(meridian);
    double cl = cos(RADIAN * latitude), sl = sin(RADIAN * latitude);
    double toward = x * cm + y * sm;

    struct solar_sun sun = {
        .east = y * cm - x * sm,
        .north = cl * z - sl * toward,
        .up = fmax(fmin(sl * z + cl * toward, 1.0), -1.0),
        .beyond = solar_constant / (distance * distance),
    };
    sun.zenith = acos(sun.up);
    sun.air_mass = find_air_mass(sun.up, sun.zenith);
    return sun;
}

struct solar_plane solar_make_plane(double tilt, double azimuth)
{
    double side = sin(RADIAN * tilt);
    return (struct solar_plane){
        .east = side * sin(RADIAN * azimuth),
        .north = side * cos(RADIAN * azimuth),
        .up = cos(RADIAN * tilt),
        .side = side,
    };
}

/* Erbs: diffuse by global at a clearness index. */
static double diffuse_share(double kt)
{
    if (kt <= 0.22)
        return 1.0 - 0.09 * kt;
    if (kt > 0.80)
        return 0.165;
    return 0.9511 + kt * (-0.1604 + kt * (4.388 + kt * (-16.638 + kt * 12.336)));
}

void solar_split_global(const struct solar_sun *sun, double global, double *direct,
                        double *diffuse)
{
    *direct = 0.0;
    *diffuse = global;
    if (sun->up <= fade_end || global <= 0.0)
        return;
    double beam = (1.0 - diffuse_share(global / (sun->beyond * sun->up))) * global;
    double fade = fmin((sun->up - fade_end) / (fade_start - fade_end), 1.0);
    *direct = fmin(fade * beam / sun->up, most_direct * sun->beyond);
    *diffuse = global - *direct * sun->up;
}

/* f11 f12 f13 f21 f22 f23 for a clearness up to `below`. */
static const struct brightness {
    double below, f1[3], f2[3];
} brightness[] = {
    {1.065, {-0.008, 0.588, -0.062}, {-0.060, 0.072, -0.022}},
    {1.230, {0.130, 0.683, -0.151}, {-0.019, 0.066, -0.029}},
    {1.500, {0.330, 0.487, -0.221}, {0.055, -0.064, -0.026}},
    {1.950, {0.568, 0.187, -0.295}, {0.109, -0.152, -0.014}},
    {2.800, {0.873, -0.392, -0.362}, {0.226, -0.462, 0.001}},
    {4.500, {1.132, -1.237, -0.412}, {0.288, -0.823, 0.056}},
    {6.200, {1.060, -1.600, -0.359}, {0.264, -1.127, 0.131}},
    {INFINITY, {0.678, -0.327, -0.250}, {0.156, -1.377, 0.251}},
};

struct solar_sky solar_make_sky(const struct solar_sun *sun, double direct, double diffuse)
{
    struct solar_sky sky = {direct, diffuse, 0.0, 0.0};
    if (diffuse <= 0.0 || sun->up <= 0.0)
        return sky;
    double z = sun->zenith, cubed = 1.041 * z * z * z;
    double clearness = (1.0 + direct / diffuse + cubed) / (1.0 + cubed);
    double delta = fmin(diffuse * sun->air_mass / sun->beyond, 1.0);
    const struct brightness *row = brightness;
    while (clearness >= row->below)
        row++;
    double f1 = row->f1[0] + row->f1[1] * delta + row->f1[2] * z;
    double room = fmax(sun->beyond - direct, 0.0) * fmax(sun->up, cos_85);
    sky.circumsolar = fmin(fmax(f1, 0.0), fmin(room / diffuse, 1.0));
    sky.horizon = row->f2[0] + row->f2[1] * delta + row->f2[2] * z;
    return sky;
}

struct solar_sky solar_find_sky(const struct solar_sun *sun, double global, double direct,
                                double diffuse)
{
    double up = fmax(sun->up, 0.0);
    if (isnan(direct) && isnan(diffuse)) {
        solar_split_global(sun, global, &direct, &diffuse);
    } else if (isnan(diffuse)) {
        diffuse = fmax(global - direct * up, 0.0);
    } else if (isnan(direct)) {
        double most = up > fade_end ? most_direct * sun->beyond : 0.0;
        direct = fmin(fmax(global - diffuse, 0.0) / fmax(up, fade_end), most);
        diffuse = fmax(diffuse, global - direct * up);
    }
    return solar_make_sky(sun, direct, diffuse);
}

struct solar_light solar_light_plane(const struct solar_sun *sun,
                                     const struct solar_sky *sky,
                                     const struct solar_plane *plane, double albedo)
{
    double facing =
        plane->east * sun->east + plane->north * sun->north + plane->up * sun->up;
    double cosine = sun->up > 0.0 ? fmax(facing, 0.0) : 0.0;
    double around = sky->circumsolar * sky->diffuse;
    double dome = 0.5 * (1.0 + plane->up) * (sky->diffuse - around) +
                  sky->horizon * plane->side * sky->diffuse;
    double level = sky->direct * fmax(sun->up, 0.0) + sky->diffuse;
    return (struct solar_light){
        .direct = sky->direct * cosine,
        .spread = fmax(dome, 0.0) + around * cosine / fmax(sun->up, cos_85) +
                  0.5 * albedo * (1.0 - plane->up) * level,
        .cosine = cosine,
    };
}

double solar_pass_glass(double cosine)
{
    return cosine * (2.4749 + cosine * (-1.8680 + cosine * 0.3931));
}
