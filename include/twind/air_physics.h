/* The air over a city: a well-mixed box, its chemistry of nitrogen oxides and ozone, its
 * height. SI units, but for concentrations in ug/m3 or ppb as named. */
#ifndef TWIND_AIR_PHYSICS_H
#define TWIND_AIR_PHYSICS_H

/* One pollutant in a box under constant conditions. */
struct air_box {
    double length;     /* m, along the wind */
    double height;     /* m, of the mixed layer; > 0 */
    double wind;       /* m/s */
    double emission;   /* ug/(m2 s) */
    double background; /* ug/m3, of the air that blows in */
    double deposition; /* m/s */
    double loss;       /* 1/s, by chemistry */
};

/* dC/dt in ug/(m3 s) at a concentration of `c` ug/m3. */
double air_box_rate(const struct air_box *b, double c);

/* 1 / (u/L + v_d/H + lambda) in s; INFINITY where nothing leaves the box. */
double air_box_time_constant(const struct air_box *b);

/* ug/m3 in the end; needs a finite time constant. */
double air_box_steady(const struct air_box *b);

/* ug/m3 after `t` s from `c`. */
double air_box_after(const struct air_box *b, double c, double t);

/* ug/m3 after `t` s of a closed box that grows by `growth` m/s (>= 0) from `height` m into
 * air of `above` ug/m3 and receives `emission` ug/(m2 s). */
double air_entrained(double height, double growth, double c, double above, double emission,
                     double t);

/* cm3/(molecule s) of NO + O3 -> NO2 + O2 at `kelvin`. */
double air_titration(double kelvin);

/* The same in 1/(ppb s) at `pressure` Pa. */
double air_titration_ppb(double kelvin, double pressure);

/* 1/s of NO2 + light -> NO + O under `irradiance` W/m2 (global horizontal). */
double air_photolysis(double irradiance);

/* NO2 where photolysis and titration are in balance, in the unit of its arguments (moles:
 * ppb, not ug/m3): `nox` = NO + NO2 and `ox` = O3 + NO2 are conserved; `ratio` = j/k in
 * that unit. Between 0 and the smaller of `nox` and `ox`. */
double air_photostationary(double nox, double ox, double ratio);

/* umol/m3 of NO2 where these three (umol/m3) are in balance under `irradiance` W/m2. */
double air_balanced_no2(double no, double no2, double o3, double irradiance, double kelvin);

/* W/m2 on the ground under a clear sky; `time` s since the epoch, degrees north and east.
 */
double air_clear_sky(double time, double latitude, double longitude);

/* m, of the mixed layer by wind (m/s) and sun (W/m2), where nobody measures it. */
double air_mixing_height(double irradiance, double wind);

#endif
