/* Units of measurement: UCUM, Home Assistant and SenML spellings, one table. A micro sign
 * and a Greek mu are as good as "u", superscripts as good as digits. */
#ifndef TWIND_UNITS_H
#define TWIND_UNITS_H

#include "twind/err.h"

#include <stdbool.h>

/* own = (value * scale + offset) * (ug/m3 per ppb)^gas at the twin's temperature/pressure.
 */
struct units_conversion {
    double scale, offset;
    int gas;           /* 0, or 1: mole fraction -> mass per volume, or -1: the reverse */
    double molar_mass; /* g/mol, where gas != 0 */
};

/* The conversion that changes nothing. */
extern const struct units_conversion units_same;

/* The conversion from one unit to another. `molar_mass` (g/mol) is that of the gas
 * measured, or 0. An empty `from`, or the very text of `to`, means: the same unit. False:
 * the unit is unknown (the nearest known spelling is named), or the two measure different
 * things. */
bool units_convert(const char *from, const char *to, double molar_mass,
                   struct units_conversion *made, struct err *e);

/* False: no such unit; e names the nearest known spelling. "" is no unit, and known. */
bool units_known(const char *unit, struct err *e);

/* Applies it; `temperature` Cel and `pressure` hPa matter for gases only. */
double units_apply(const struct units_conversion *c, double value, double temperature,
                   double pressure);

#endif
