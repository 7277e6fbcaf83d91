/* Where the sun stands and what falls on a plane. Pure functions; W/m2, time in seconds
 * since the epoch, angles in degrees unless said otherwise. solar_find_sun costs a dozen of
 * trigonometric functions; what follows it costs none. */
#ifndef TWIND_SOLAR_H
#define TWIND_SOLAR_H

struct solar_sun {
    double east, north, up; /* unit vector to the sun's centre; up < 0: it has set */
    double zenith;          /* angle from the vertical, rad */
    double beyond;          /* on the normal outside of the atmosphere */
    double air_mass;        /* relative, 1 at the zenith, 38 at the horizon and below */
};

struct solar_plane {
    double east, north, up; /* unit normal */
    double side;            /* sine of the tilt: 0 level, 1 a wall */
};

/* Light from above: on the normal, and diffuse on the level. With the last two 0 the sky is
 * isotropic. */
struct solar_sky {
    double direct, diffuse;
    double circumsolar, horizon; /* F1 and F2 of Perez (1990) */
};

struct solar_light {
    double direct; /* from the sun itself */
    double spread; /* from the sky, its bright part around the sun too, and the ground */
    double cosine; /* of the angle between sun and normal; 0: from behind or set */
};

/* `latitude` north, `longitude` east positive. Geometric: refraction, 0.5 degrees at the
 * horizon and 0.02 at 40, is left out. Any finite time and place is taken. */
struct solar_sun solar_find_sun(double time, double latitude, double longitude);

/* `azimuth`: where it faces, from north by east. `tilt`: 0 level, 90 a wall. */
struct solar_plane solar_make_plane(double tilt, double azimuth);

/* Global irradiance on the level split in two, of which direct * max(up, 0) + diffuse is
 * `global` again. Where the sun is about to set or is down, all of it is diffuse: readings
 * that are means of an hour say little about a low sun. */
void solar_split_global(const struct solar_sun *sun, double global, double *direct,
                        double *diffuse);

/* An anisotropic sky. */
struct solar_sky solar_make_sky(const struct solar_sun *sun, double direct, double diffuse);

/* The same from what is measured: `direct`, `diffuse` or both NAN are found from `global`.
 */
struct solar_sky solar_find_sky(const struct solar_sun *sun, double global, double direct,
                                double diffuse);

/* What falls on a plane before ground that reflects `albedo` of what falls on it. */
struct solar_light solar_light_plane(const struct solar_sun *sun,
                                     const struct solar_sky *sky,
                                     const struct solar_plane *plane, double albedo);

/* What clear double glazing lets through at this angle by what it does at the normal. */
double solar_pass_glass(double cosine);

#endif
