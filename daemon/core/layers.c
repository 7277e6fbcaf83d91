/* A zone of walls, roof, floor and inner walls with layers.
 *
 * Each element: air --film-- surface node --between-- core node --outer-- outside. The two
 * nodes stand for the heavy layer (resistance R, capacity C per m2) inside an insulation
 * that holds nothing: with the insulated side taken as adiabatic, its admittance is
 *   Y(s) = s C tanh(z)/z, z^2 = s R C,
 * of which C/6 at the surface, 5 C/6 in the core and 0.48 R between them are the Pade
 * approximation of order 2/1 in z^2 (within 1 % up to z^2 = 3, a day's wave in 0.12 m of
 * concrete). A layer so thin that a step cannot follow it has its capacity halved between
 * the nodes, and what joins them weakened, as far as Runge-Kutta 4 needs.
 *
 * Outside: convection 4 + 4 v with the wind at a wall as 0.7 of the reported (ISO 6946,
 * annex C; ASHRAE's terrain correction for a house in open country), radiation to air and
 * sky with an emissivity of 0.9; a wall sees the sky with 0.5 x sqrt(0.5) (Walton 1983,
 * "Thermal Analysis Research Program", NBSIR 83-2655), a roof with 1.
 *
 * Inside: natural convection (Walton 1983): vertical 1.31 dT^(1/3), heat that rises 1.509,
 * heat that falls 0.760. Radiation through the mean radiant temperature of Carroll (1980),
 * "An MRT method of computing radiant energy exchange in rooms": each plane exchanges
 * h_r A (T_r - T)/(1 - share). Sun falls on the floor, which absorbs 0.6 of it; the rest is
 * spread over all surfaces by what they absorb, and some leaves by the glass again. Gains
 * are radiant by 0.6 (ISO 52016-1, table B.11).
 *
 * Sky: Berdahl and Martin (1984), Solar Energy 32, 663. Valid for one well-mixed zone;
 * elements are as warm over all of their area. */
#include "twind/layers.h"

#include "twind/psychro.h"

#include <math.h>

static const double inner_film = 0.13, outer_film = 0.04; /* m2 K/W, ISO 6946 */
static const double stefan = 5.670374e-8, emissivity = 0.9, of_glass = 0.84;
static const double black_radiation = 5.7;                       /* W/(m2 K) at 20 Cel */
static const double absorptance = 0.6, glass_absorptance = 0.75; /* of sun from inside */
static const double radiant_share = 0.6, heavy = 1.4e6;          /* J/(m3 K) */
static const double by_itself = 1.81; /* W/(m2 K): 0.84 dT^(1/3) at 10 K */
static const double rough = 1.67;     /* brick, rendering; glass 1 */
static const double by_wall = 0.755;  /* wind at 1.4 m by that at 10 m over a flat land */
static const double stable = 2.5;     /* of 2.78, by Runge-Kutta 4 */
static const double still_film = 5.5; /* W/(m2 K) by K of natural convection, the most */

static double bear(double films, double step) /* J/(m2 K) by W/(m2 K) beside the room */
{
    return (black_radiation * 1.4 + still_film * films) * step / stable;
}

double layers_least_capacity(double films, double step)
{
    return bear(films, step);
}

double layers_least_air(const struct layers_zone *zone, double step)
{
    double all = zone->inner_area + zone->glass_area;
    for (int i = 0; i < LAYERS_ELEMENTS; i++)
        all += zone->chains[i].area;
    return (zone->ventilation + still_film * zone->films * all) * step / stable;
}

double layers_glass(double u)
{
    return fmax(1.0 / u - inner_film - outer_film, 0.002);
}

struct layers_chain layers_make_chain(const struct layers_construction *built, double films,
                                      double step)
{
    double rest = fmax(1.0 / built->u - inner_film - outer_film, 0.03);
    double beside = bear(films, step), bearable = stable / step;
    double c = fmax(built->capacity, 3.0 * beside);
    double r = fmin(0.48 * c / (heavy * built->conductivity), 0.5 * rest);
    double surface = fmin(fmax(c / 6.0, beside + 2.0 / (r * bearable)), c / 2.0);
    double between = fmin(1.0 / r, 0.5 * (surface - beside) * bearable);
    double core = c - surface,
           least = core * bearable - 2.0 * between; /* for the outside */
    return (struct layers_chain){
        .area = built->area,
        .surface = surface * built->area,
        .core = core * built->area,
        .between = between * built->area,
        .outer = fmax(rest - 1.0 / between, 1.0 / least),
    };
}

/* ---- outside ---- */

/* Cel that air, sky and sun together are as warm as, and the film to it, W/(m2 K). */
struct ambient {
    double temperature, film;
};

/* W/(m2 K): a V^b of a wall's both sides, lee and windward, as 3.4 V^0.75 (within 6 % up to
 * 8 m/s), with what rises by itself at 10 K. */
static double outer_convection(double wind, double roughness)
{
    double at_wall = by_wall * fmax(wind, 0.0);
    double forced = 3.4 * sqrt(at_wall * sqrt(at_wall));
    double glass = sqrt(by_itself * by_itself + forced * forced);
    return by_itself + roughness * (glass - by_itself);
}

static struct ambient find_ambient(const struct layers_load *load, double sky_share,
                                   double roughness, double absorbed)
{
    double k = load->outdoor + PSYCHRO_KELVIN;
    double dark = roughness > 1.0 ? emissivity : of_glass;
    double radiation = 4.0 * dark * stefan * k * k * k;
    double film = outer_convection(load->wind, roughness) + radiation;
    double lost = radiation * sky_share * (load->outdoor - load->sky);
    return (struct ambient){load->outdoor + (absorbed - lost) / film, film};
}

/* W into the core node. */
static double conduct_outside(const struct layers_chain *chain, const struct ambient *out,
                              double core)
{
    return chain->area * (out->temperature - core) / (chain->outer + 1.0 / out->film);
}

/* ---- inside ---- */

/* W/(m2 K): `rising` 1: a floor that is warmer than the air; -1: a ceiling; 0: upright. */
static double natural_film(double surface, double air, int rising)
{
    double warmer = surface - air, root = cbrt(fmin(fabs(warmer), 20.0));
    if (rising == 0)
        return 1.31 * root;
    return (warmer * rising > 0.0 ? 1.509 : 0.760) * root;
}

static double facing_of(double area, double planes, double all, double dark)
{
    double others = 1.0 - area / (planes * all); /* share of the room that a plane sees */
    return black_radiation * area / (others + (1.0 - dark) / dark);
}

void layers_face_room(struct layers_zone *zone)
{
    static const double planes[LAYERS_ELEMENTS] = {4.0, 1.0, 1.0};
    struct layers_room *room = &zone->room;
    room->all = zone->inner_area + zone->glass_area;
    for (int i = 0; i < LAYERS_ELEMENTS; i++)
        room->all += zone->chains[i].area;
    for (int i = 0; i < LAYERS_ELEMENTS; i++)
        room->facing[i] = facing_of(zone->chains[i].area, planes[i], room->all, emissivity);
    room->inner = facing_of(zone->inner_area, 4.0, room->all, emissivity);
    room->glass = facing_of(zone->glass_area, 2.0, room->all, of_glass);
}

struct glass {
    double temperature, film; /* Cel inside; W/K to the air */
};

/* The glass holds nothing: its inner side and the mean radiant temperature are solved for
 * together. `sum`, `facing`: of the others, W and W/K. */
static struct glass find_glass(const struct layers_zone *zone,
                               const struct layers_load *load,
                               const struct layers_room *room, double air, double sum,
                               double facing, double *radiant)
{
    struct ambient out = find_ambient(load, 0.5 * sqrt(0.5), 1.0, 0.0);
    double area = fmax(zone->glass_area, 1e-6), film = 2.5 * zone->films * area;
    double outward = area / (zone->glass + 1.0 / out.film);
    double known = film * air + outward * out.temperature + load->in_glass;
    double own = film + outward + room->glass, together = facing + room->glass;
    *radiant =
        (sum * own + room->glass * known) / (together * own - room->glass * room->glass);
    return (struct glass){(known + room->glass * *radiant) / own, film};
}

/* W of sun on each element's inner side, then on inner walls; the rest leaves again. */
static void share_sun(const struct layers_zone *zone, const struct layers_room *room,
                      const struct layers_load *load, double *on)
{
    double opaque = room->all - zone->glass_area;
    double dark = absorptance * opaque + glass_absorptance * zone->glass_area;
    double bounced = (1.0 - absorptance) * load->beam + load->spread;
    double each = bounced * absorptance / dark;
    for (int i = 0; i < LAYERS_ELEMENTS; i++)
        on[i] = each * zone->chains[i].area;
    on[LAYERS_FLOOR] += absorptance * load->beam;
    on[LAYERS_ELEMENTS] = each * zone->inner_area;
}

/* W/K of each element's film to the air; then of the inner walls'. */
static void find_films(const struct layers_zone *zone, const struct layers_nodes *at,
                       double *films)
{
    static const int rising[LAYERS_ELEMENTS] = {[LAYERS_ROOF] = -1, [LAYERS_FLOOR] = 1};
    for (int i = 0; i < LAYERS_ELEMENTS; i++)
        films[i] = zone->films * zone->chains[i].area *
                   natural_film(at->surface[i], at->air, rising[i]);
    films[LAYERS_ELEMENTS] =
        zone->films * zone->inner_area * natural_film(at->inner, at->air, 0);
}

/* The inside: what its glass and its air take in; the mean radiant temperature. */
struct inside {
    double films[LAYERS_ELEMENTS + 1]; /* W/K */
    double radiant, air;               /* Cel, W */
};

static struct inside join_inside(const struct layers_zone *zone,
                                 const struct layers_load *load,
                                 const struct layers_nodes *at)
{
    struct inside in;
    const struct layers_room *room = &zone->room;
    find_films(zone, at, in.films);
    double facing = room->inner;
    double sum = room->inner * at->inner + radiant_share * load->internal;
    for (int i = 0; i < LAYERS_ELEMENTS; i++) {
        facing += room->facing[i];
        sum += room->facing[i] * at->surface[i];
    }
    struct glass glass = find_glass(zone, load, room, at->air, sum, facing, &in.radiant);
    in.air = glass.film * (glass.temperature - at->air) +
             in.films[LAYERS_ELEMENTS] * (at->inner - at->air) +
             zone->ventilation * (load->outdoor - at->air) +
             (1.0 - radiant_share) * load->internal;
    for (int i = 0; i < LAYERS_ELEMENTS; i++)
        in.air += in.films[i] * (at->surface[i] - at->air);
    return in;
}

double layers_hold_power(const struct layers_zone *zone, const struct layers_load *load,
                         const struct layers_nodes *at, double air)
{
    struct layers_nodes held = *at;
    held.air = air;
    return -join_inside(zone, load, &held).air;
}

struct layers_flows layers_find_flows(const struct layers_zone *zone,
                                      const struct layers_load *load,
                                      const struct layers_nodes *at, double power)
{
    static const double sky_share[LAYERS_ELEMENTS] = {0.5 * 0.70710678, 1.0, 0.0};
    const struct layers_room *room = &zone->room;
    struct inside in = join_inside(zone, load, at);
    struct layers_flows flows = {.radiant = in.radiant, .into.air = in.air + power};
    double sun[LAYERS_ELEMENTS + 1];
    share_sun(zone, room, load, sun);
    for (int i = 0; i < LAYERS_ELEMENTS; i++) {
        const struct layers_chain *chain = &zone->chains[i];
        struct ambient out = find_ambient(load, sky_share[i], rough, load->absorbed[i]);
        double inward = chain->between * (at->surface[i] - at->core[i]);
        flows.into.surface[i] = room->facing[i] * (in.radiant - at->surface[i]) + sun[i] -
                                in.films[i] * (at->surface[i] - at->air) - inward;
        flows.into.core[i] = inward + conduct_outside(chain, &out, at->core[i]);
    }
    flows.into.inner = room->inner * (in.radiant - at->inner) + sun[LAYERS_ELEMENTS] -
                       in.films[LAYERS_ELEMENTS] * (at->inner - at->air);
    return flows;
}

/* ---- the sky ---- */

double layers_sky_of_infrared(double infrared)
{
    return sqrt(sqrt(fmax(infrared, 1.0) / stefan)) - PSYCHRO_KELVIN;
}

double layers_sky_of_air(double outdoor, double humidity)
{
    double pressure = 0.01 * fmax(humidity, 1.0) * psychro_saturation(outdoor);
    double dew = 0.01 * fmin(psychro_dew_point(pressure), 40.0);
    double clear = 0.711 + dew * (0.56 + dew * 0.73);
    double sends = clear + 0.4 * (1.0 - clear);
    return (outdoor + PSYCHRO_KELVIN) * sqrt(sqrt(sends)) - PSYCHRO_KELVIN;
}
