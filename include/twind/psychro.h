/* Moist air and gases, as growers' and building engineers' text books have them. Any finite
 * argument gives a finite answer. */
#ifndef TWIND_PSYCHRO_H
#define TWIND_PSYCHRO_H

#define PSYCHRO_GAS_CONSTANT 8.314462618 /* J/(mol K), CODATA 2018 */
#define PSYCHRO_MOLAR_WATER 18.01528     /* g/mol */
#define PSYCHRO_KELVIN 273.15

/* Pa, over water, at `t` Cel: 610.78 exp(17.2694 t / (t + 238.3)) (Vanthoor 2011, ch. 8).
 * For -60..100 Cel; `t` outside is taken as the nearer bound. */
double psychro_saturation(double t);

/* Cel at which vapour of `pressure` Pa condenses: the inverse of the above. `pressure`
 * below 1e-3 Pa is taken as 1e-3 Pa. */
double psychro_dew_point(double pressure);

/* g/m3 of water at vapour `pressure` Pa and `t` Cel, by the ideal gas law. */
double psychro_absolute(double pressure, double t);

/* ug/m3 of 1 ppb of a gas of `molar_mass` g/mol at `t` Cel and `pressure` hPa. */
double psychro_ug_per_ppb(double molar_mass, double t, double pressure);

#endif
