/* How a greenhouse wears, seen by night by what the filter and the habits had to make up
 * for: heat, against what a leakier cover loses; vapour, against what cracks let out; light
 * above the crop while the lamps burn, against what they should give. */
#include "greenhouse_health.h"
#include "greenhouse_scene.h"
#include "greenhouse_signals.h"

#include "twind/greenhouse_physics.h"

enum { COVER, VENTS, LAMPS, HEALTH };

static const double DARK = 1;     /* W/m2 */
static const double BURNING = 20; /* % */
static const double MOSTLY = 2;
static const double G_PER_H = 1e-3 / 3600; /* kg/(m2 s) */

const struct kind_health greenhouse_health[] = {
    [COVER] = {"heating_loss", "cover", "Heat lost through the cover, of new", COVER_U,
               .limit = 1.3, .noise = 0.004, .spread = 0.2, .scatter = 15,
               .needs = {"air_temperature", "outdoor_temperature"}},
    [VENTS] = {"vent_leakage", "vents", "Air through cracks and closed vents, of new",
               LEAKAGE, .limit = 3, .noise = 0.02, .spread = 1, .scatter = 40,
               .needs = {"relative_humidity", "wind_speed"}},
    [LAMPS] = {"lamp_output", "lamps", "Light of the lamps, of new", LAMP_EFFICACY,
               .limit = 0.8, .noise = 0.002, .spread = 0.2, .scatter = 15,
               .needs = {"par", "lamp"}},
};
_Static_assert(sizeof greenhouse_health / sizeof *greenhouse_health == HEALTH &&
                   (int)HEALTH == (int)GREENHOUSE_HEALTH,
               "a row each");

static double gained_heat(const struct greenhouse_scene *s) /* W/m2 */
{
    return s->air + s->crop + s->floor;
}

static double vented(const struct kind_point *at, const struct greenhouse_scene *s)
{
    return greenhouse_air_vapour(s->flow, s->e, at->x[AIR], s->e_out, at->u[T_OUT]);
}

/* g/(m2 h). While vents are open, cracks do not matter. */
static double unexplained_vapour(const struct kind_point *at,
                                 const struct greenhouse_scene *now,
                                 const struct greenhouse_scene *then)
{
    double cracks = at->p[LEAKAGE] * at->u[WIND];
    if (now->flow > MOSTLY * cracks)
        return NAN;
    double more = (vented(at, then) - vented(at, now)) / G_PER_H;
    return at->x[D_VAPOUR] + now->habit.vapour + more;
}

static double unexplained_light(const struct kind_point *at, const struct kind_point *worn)
{
    if (!(at->u[LAMP] >= BURNING))
        return NAN;
    double more = greenhouse_scene_par(worn, 0) - greenhouse_scene_par(at, 0);
    return at->x[D_LIGHT] + greenhouse_habit_find(at).light - more;
}

double greenhouse_health_unexplained(const struct kind_point *at, const double *params,
                                     size_t health)
{
    struct kind_point worn = *at;
    worn.p = params;
    if (at->u[SUN] > DARK)
        return NAN;
    if (health == LAMPS)
        return unexplained_light(at, &worn);
    struct greenhouse_scene now = greenhouse_scene_find(at),
                            then = greenhouse_scene_find(&worn);
    if (health == COVER)
        return at->x[D_HEAT] + now.habit.heat - (gained_heat(&then) - gained_heat(&now));
    return unexplained_vapour(at, &now, &then);
}
