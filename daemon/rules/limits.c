#include "limits.h"

#include <math.h>

int limits_side(const double *limits, double value)
{
    if (value > limits[LIMIT_ABOVE])
        return +1;
    return value < limits[LIMIT_BELOW] ? -1 : 0;
}

bool limits_are_clear(const double *limits, int side, double value)
{
    if (side > 0)
        return isnan(limits[LIMIT_CLEAR_BELOW]) ? !(value > limits[LIMIT_ABOVE])
                                                : value < limits[LIMIT_CLEAR_BELOW];
    return isnan(limits[LIMIT_CLEAR_ABOVE]) ? !(value < limits[LIMIT_BELOW])
                                            : value > limits[LIMIT_CLEAR_ABOVE];
}

bool limits_check_order(double above, double below, struct err *e)
{
    return !(below >= above) ||
           err_set(e, "below (%g) must be smaller than above (%g)", below, above);
}

bool limits_check_band(double above, double below, struct err *e)
{
    if (isnan(above) && isnan(below))
        return err_set(e, "give at least one of above, below");
    return limits_check_order(above, below, e);
}

bool limits_check_clear(const double *limits, struct err *e)
{
    double clear_below = limits[LIMIT_CLEAR_BELOW], clear_above = limits[LIMIT_CLEAR_ABOVE];
    if (!isnan(clear_below) && !(clear_below <= limits[LIMIT_ABOVE]))
        return err_set(e, "clear_below (%g) is for above, and not greater than it",
                       clear_below);
    if (!isnan(clear_above) && !(clear_above >= limits[LIMIT_BELOW]))
        return err_set(e, "clear_above (%g) is for below, and not smaller than it",
                       clear_above);
    return true;
}
