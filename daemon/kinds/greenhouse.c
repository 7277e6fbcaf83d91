/* A greenhouse: air, vapour, CO2, crop and floor of one well-mixed house, per m2 of floor.
 *
 *   C_air dT/dt  = sun_air + crop + floor + pipes + heater + lamps - vents - cover - fog +
 * d_T C_vap de/dt  = transpiration + fog - vents - condensation + d_e h dCO2/dt    = dosing
 * - photosynthesis - vents + d_c C_crop dTc/dt, C_mass dTm/dt likewise; d_T, d_e, d_c:
 * unknown fluxes, which the filter estimates; d_L: light that neither sun nor lamps
 * explain, with the heat it brings.
 *
 * Exchange processes: Vanthoor (2011), ch. 8 (greenhouse_physics.h). The cover stores no
 * heat: its temperature balances inside, wind and sky. Canopy photosynthesis is a
 * rectangular hyperbola in light with a CO2 and a temperature factor. Valid for houses
 * of 2..12 m with roof vents, screens, pipes or heaters, lamps, fog and CO2; 0..45 Cel
 * inside. */
#include "kinds.h"
#include "twind/greenhouse_physics.h"
#include "twind/psychro.h"

enum {
    FLOOR_AREA,
    HEIGHT,
    MOISTURE_BUFFER,
    COVER_RATIO,
    COVER_U,
    TRANSMISSION,
    VENT_RATIO,
    VENT_CD,
    VENT_CW,
    LEAKAGE,
    VENT_BAND,
    LEAF_AREA,
    STOMATA,
    PHOTOSYNTHESIS,
    AIR_CAPACITY,
    THERMAL_MASS,
    MASS_EXCHANGE,
    GROUND,
    ENERGY_SAVING,
    ENERGY_LIGHT,
    BLACKOUT_SAVING,
    BLACKOUT_LIGHT,
    SCREEN_AIR,
    LAMP_POWER,
    LAMP_EFFICACY,
    HEAT_CAPACITY,
    PIPE_LENGTH,
    PIPE_DIAMETER,
    GROW_LENGTH,
    GROW_DIAMETER,
    CO2_CAPACITY,
    FOG_CAPACITY,
    UTC_OFFSET,
    PARAMS
};

enum {
    T_OUT,
    RH_OUT,
    SUN,
    WIND,
    CO2_OUT,
    LONGWAVE,
    VENT_LEE,
    VENT_WIND,
    ENERGY_SCREEN,
    BLACKOUT_SCREEN,
    LAMP,
    PIPE,
    GROW_PIPE,
    HEATING,
    DOSING,
    FOGGING,
    HEAT_SETPOINT,
    VENT_SETPOINT,
    CO2_SETPOINT,
    INPUTS
};

enum { AIR, HUMIDITY, CO2, CROP, MASS, D_HEAT, D_VAPOUR, D_CO2, D_LIGHT, STATES };

enum {
    OUT_TEMPERATURE,
    OUT_HUMIDITY,
    OUT_CO2,
    OUT_PAR,
    OUT_CANOPY,
    OUT_VPD,
    OUT_DEW_POINT,
    OUT_CONDENSATION,
    OUT_TRANSPIRATION,
    OUT_LIGHT_INTEGRAL,
    OUTPUTS
};

enum { DAY, LIGHT_SUM, MEMORY };

static const double G_PER_H = 1e-3 / 3600; /* g/(m2 h) -> kg/(m2 s) */
static const double MG_PER_UMOL_CO2 = 0.04401;
static const double PAR_PER_SUN = 2.3;   /* umol/J: half is PAR, 4.6 umol/J of it */
static const double HEAT_PER_PAR = 0.43; /* J/umol, of sun; lamps are like it */
static const double CONSTRUCTION = 0.1;  /* of the sun, to frame and air */
static const double RADIATION = 4.9;     /* W/(m2 K): 4 eps sigma T^3, glass, 10 Cel */
static const double MOST_AIR_CHANGES = 60.0 / 3600; /* 1/s: beyond, the formula is void */
static const double LIGHT_TAU = 3600, FLUX_TAU = 40000; /* s */

static double limited(double x) /* to 0..1; 0 where NAN */
{
    return fmin(fmax(x, 0), 1);
}

/* What the weather, the people and the house do at one moment, per m2 of floor. */
struct scene {
    double open;             /* 0..1 of the vents */
    double passing;          /* 0..1 of heat that screens let pass to the cover */
    double flow;             /* m/s of air exchanged */
    double e_full, e, e_out; /* Pa: saturated, of the air, outside */
    double lamp;             /* W/m2 of electricity */
    double radiation, par;   /* above the crop, W/m2 and umol/(m2 s) */
    double sensed;           /* W/m2 to which the stomata answer */
    double seen, view;       /* of light and of heat radiation, what the crop intercepts */
    double transpiration;    /* kg/(m2 s) */
    double condensation;     /* kg/(m2 s), on the cover */
    double air, crop, mass;  /* W/m2 gained */
};

static double vent_opening(const struct kind_point *at)
{
    double lee = at->u[VENT_LEE], wind = at->u[VENT_WIND];
    if (isnan(lee) && isnan(wind)) {
        /* As climate computers do: the colder outside, the wider the proportional band. */
        double band = fmax(at->p[VENT_BAND], 0.5 * (at->x[AIR] - at->u[T_OUT]));
        return limited((at->x[AIR] - at->u[VENT_SETPOINT]) / band);
    }
    if (isnan(lee))
        lee = wind;
    if (isnan(wind))
        wind = lee;
    return limited((lee + wind) / 200);
}

static void scene_air(const struct kind_point *at, struct scene *s)
{
    const double *p = at->p, *u = at->u;
    double energy = limited(u[ENERGY_SCREEN] / 100),
           black = limited(u[BLACKOUT_SCREEN] / 100);
    s->open = vent_opening(at);
    s->passing =
        (1 - energy * p[ENERGY_SAVING] / 100) * (1 - black * p[BLACKOUT_SAVING] / 100);
    struct greenhouse_vents vents = {s->open, p[VENT_RATIO] / 100, p[VENT_CD], p[VENT_CW]};
    double flow = greenhouse_roof_ventilation(&vents, at->x[AIR], u[T_OUT], u[WIND]) +
                  greenhouse_leakage(p[LEAKAGE], u[WIND]);
    flow *=
        (1 - energy * (1 - p[SCREEN_AIR] / 100)) * (1 - black * (1 - p[SCREEN_AIR] / 100));
    s->flow = fmin(flow, MOST_AIR_CHANGES * p[HEIGHT]);
    s->e_full = psychro_saturation(at->x[AIR]);
    s->e = s->e_full * at->x[HUMIDITY] / 100;
    s->e_out = psychro_saturation(u[T_OUT]) * u[RH_OUT] / 100;
    s->air -= greenhouse_air_heat(s->flow, at->x[AIR], u[T_OUT]);
}

/* W/m2 of light that nothing explains, as far as leaves answer to it. Stomata are most
 * sensitive in the dark: a proportional answer would turn the mere uncertainty of this
 * light into one of the night's transpiration. */
static double stirring(double unknown)
{
    double par = fmax(unknown, 0);
    return HEAT_PER_PAR * par * par / (par + 60);
}

static void scene_light(const struct kind_point *at, struct scene *s)
{
    const double *p = at->p, *u = at->u;
    double energy = limited(u[ENERGY_SCREEN] / 100) * (1 - p[ENERGY_LIGHT] / 100);
    double black = limited(u[BLACKOUT_SCREEN] / 100) * (1 - p[BLACKOUT_LIGHT] / 100);
    double sun = u[SUN] * p[TRANSMISSION] / 100 * (1 - energy) * (1 - black);
    s->lamp = p[LAMP_POWER] * limited(u[LAMP] / 100);
    s->par = PAR_PER_SUN * sun + p[LAMP_EFFICACY] * s->lamp + at->x[D_LIGHT];
    s->radiation = fmax(sun + 0.5 * s->lamp + HEAT_PER_PAR * at->x[D_LIGHT], 0);
    s->sensed = sun + 0.5 * s->lamp + stirring(at->x[D_LIGHT]);
    double through = exp(-0.7 * p[LEAF_AREA]);
    s->seen = 1 - through;
    s->view = 1 - through / (1 + 0.24 * p[LEAF_AREA]); /* about exp(-0.94 LAI) */
    s->crop += 0.8 * s->seen * s->radiation;
    s->mass += 0.5 * through * s->radiation;
    s->air += CONSTRUCTION * sun + 0.5 * s->lamp;
}

/* The rest of a heating circuit's radiation goes half to the crop, half to the floor. */
static void heat_by_pipe(double length, double diameter, double t_pipe, double t_air,
                         struct scene *s)
{
    if (!(t_pipe > t_air))
        return;
    double warmer = t_pipe - t_air, mm = 1e-3;
    double surface = 3.14159265358979 * diameter * mm * length;
    double radiant = 0.88 * 6.4 * surface * warmer;
    s->air += greenhouse_pipe_convection(length, diameter * mm, t_pipe, t_air) * warmer;
    s->crop += 0.5 * s->view * radiant;
    s->mass += (1 - 0.5 * s->view) * radiant;
}

static void scene_heating(const struct kind_point *at, struct scene *s)
{
    const double *p = at->p, *u = at->u;
    heat_by_pipe(p[PIPE_LENGTH], p[PIPE_DIAMETER], u[PIPE], at->x[AIR], s);
    heat_by_pipe(p[GROW_LENGTH], p[GROW_DIAMETER], u[GROW_PIPE], at->x[AIR], s);
    if (!isnan(u[HEATING]))
        s->air += fmin(u[HEATING] / p[FLOOR_AREA], p[HEAT_CAPACITY]);
    else if (isnan(u[PIPE]))
        s->air += p[HEAT_CAPACITY] * limited(0.25 + 0.5 * (u[HEAT_SETPOINT] - at->x[AIR]));
}

/* W/m2 that sky and ground exchange, as a pyrgeometer has it: negative when clear. Without
 * one: Brunt's clear sky, half covered by clouds. */
static double net_longwave(const struct kind_point *at, double e_out)
{
    if (!isnan(at->u[LONGWAVE]))
        return at->u[LONGWAVE];
    double k = at->u[T_OUT] + PSYCHRO_KELVIN;
    double emitted = GREENHOUSE_SIGMA * (k * k) * (k * k);
    return -0.5 * emitted * fmax(0.48 - 0.0065 * sqrt(fmax(e_out, 0)), 0);
}

/* The cover in balance. `cover_u` scales the inside exchange so that, at 4 m/s and with a
 * usual inside (9 W/(m2 K)), the cover as a whole has that U-value. */
static void scene_cover(const struct kind_point *at, struct scene *s)
{
    const double *p = at->p, *x = at->x;
    const double usual_inside = 9, usual_outside = 12.2;
    double k = s->passing * p[COVER_U] / (usual_inside * (1 - p[COVER_U] / usual_outside));
    double t_out = at->u[T_OUT], ratio = p[COVER_RATIO];
    double convective =
        0.5 + greenhouse_cover_inside(ratio, x[AIR], 0.4 * x[AIR] + 0.6 * t_out);
    double by_air = k * convective, by_crop = k * ratio * RADIATION * s->view;
    double by_mass = k * ratio * RADIATION - by_crop;
    double by_sky = ratio * RADIATION;
    double out = greenhouse_cover_outside(ratio, at->u[WIND]) + by_sky;
    double all = by_air + by_crop + by_mass + out;
    double t = (by_air * x[AIR] + by_crop * x[CROP] + by_mass * x[MASS] + out * t_out +
                0.85 * net_longwave(at, s->e_out)) /
               all;
    double t_inside = x[AIR] - fmin(k, 1) * (x[AIR] - t);
    s->condensation = greenhouse_condensation(s->passing * convective, s->e,
                                              psychro_saturation(t_inside));
    t += GREENHOUSE_LATENT_HEAT * s->condensation / all;
    s->air -= by_air * (x[AIR] - t);
    s->crop -= by_crop * (x[CROP] - t);
    s->mass -= by_mass * (x[MASS] - t);
}

static void scene_crop(const struct kind_point *at, struct scene *s)
{
    const double *p = at->p, *x = at->x;
    double vpd = psychro_saturation(x[CROP]) - s->e;
    double stomata = greenhouse_stomata(p[STOMATA], s->sensed, x[CO2], vpd);
    s->transpiration = greenhouse_transpiration(p[LEAF_AREA], stomata) * vpd;
    double to_air = 10 * p[LEAF_AREA] * (x[CROP] - x[AIR]);
    double to_mass = 0.5 * RADIATION * s->view * (x[CROP] - x[MASS]);
    double floor = p[MASS_EXCHANGE] * (x[MASS] - x[AIR]);
    s->crop -= to_air + to_mass + GREENHOUSE_LATENT_HEAT * s->transpiration;
    s->mass += to_mass - floor - 1.5 * (x[MASS] - p[GROUND]);
    s->air += to_air + floor;
}

static struct scene scene_at(const struct kind_point *at)
{
    struct scene s = {0};
    scene_air(at, &s);
    scene_light(at, &s);
    scene_heating(at, &s);
    scene_cover(at, &s);
    scene_crop(at, &s);
    return s;
}

/* mg/(m2 s) of CO2 that the crop takes up, less what it breathes out. */
static double net_photosynthesis(const struct kind_point *at, const struct scene *s)
{
    double most = at->p[PHOTOSYNTHESIS], co2 = at->x[CO2], t = at->x[CROP];
    double light = 0.06 * s->seen * fmax(s->par, 0);
    double warmth = limited(1 - (t - 25) * (t - 25) / 484);
    double gross = most * light / (most + light + 1e-9) * warmth * 1.75 * co2 / (co2 + 300);
    double respiration = 0.02 * at->p[LEAF_AREA] * fmax(t, 0);
    return MG_PER_UMOL_CO2 * (gross - respiration);
}

static double co2_dosed(const struct kind_point *at) /* mg/(m2 s) */
{
    double kg = at->u[DOSING];
    if (isnan(kg))
        kg = at->p[CO2_CAPACITY] * 1e-3 * at->p[FLOOR_AREA] *
             limited((at->u[CO2_SETPOINT] - at->x[CO2]) / 100);
    return kg * 1e6 / 3600 / at->p[FLOOR_AREA];
}

/* kg/(m2 s) gained by the air; fog evaporates the slower the nearer the air is to full. */
static double vapour_gain(const struct kind_point *at, const struct scene *s, double fog)
{
    return s->transpiration + fog - s->condensation + G_PER_H * at->x[D_VAPOUR] -
           greenhouse_air_vapour(s->flow, s->e, at->x[AIR], s->e_out, at->u[T_OUT]);
}

/* %/s: by vapour, and by warming, which makes room for more of it. Mist falls out. */
static double humidity_rate(const struct kind_point *at, const struct scene *s,
                            double vapour, double warming)
{
    double rh = at->x[HUMIDITY], t = at->x[AIR] + 238.3;
    double air = greenhouse_vapour_capacity(at->p[HEIGHT], at->x[AIR]);
    double moistening = vapour / (air * (1 + at->p[MOISTURE_BUFFER]));
    return 100 * moistening / s->e_full - rh * 17.2694 * 238.3 / (t * t) * warming -
           fmax(rh - 100, 0) / 60;
}

static void greenhouse_derive(const struct kind_point *at, double *dx)
{
    const double *p = at->p, *u = at->u, *x = at->x;
    struct scene s = scene_at(at);
    double fog = G_PER_H * p[FOG_CAPACITY] * limited(u[FOGGING] / 100) *
                 limited((s.e_full - s.e) / 300);
    double carbon = co2_dosed(at) - net_photosynthesis(at, &s) + x[D_CO2] / 3.6;
    dx[AIR] = (s.air - GREENHOUSE_LATENT_HEAT * fog + x[D_HEAT]) / (1e3 * p[AIR_CAPACITY]);
    dx[HUMIDITY] = humidity_rate(at, &s, vapour_gain(at, &s, fog), dx[AIR]);
    dx[CO2] = (GREENHOUSE_PPM_PER_MG * carbon + s.flow * (u[CO2_OUT] - x[CO2])) / p[HEIGHT];
    dx[CROP] = s.crop / (1200 * p[LEAF_AREA]);
    dx[MASS] = s.mass / (1e3 * p[THERMAL_MASS]);
    dx[D_HEAT] = -x[D_HEAT] / FLUX_TAU;
    dx[D_VAPOUR] = -x[D_VAPOUR] / FLUX_TAU;
    dx[D_CO2] = -x[D_CO2] / FLUX_TAU;
    dx[D_LIGHT] = -x[D_LIGHT] / LIGHT_TAU;
}

static double par_at(const struct kind_point *at)
{
    struct scene s = {0};
    scene_light(at, &s);
    return s.par;
}

static double vapour_pressure(const struct kind_point *at)
{
    return psychro_saturation(at->x[AIR]) * at->x[HUMIDITY] / 100;
}

/* Percent: how likely dew forms on the crop, whose coldest leaves are about a degree below
 * its mean. 50 % where the mean leaf is 1 K above the dew point. */
static double condensation_risk(const struct kind_point *at)
{
    double margin = at->x[CROP] - psychro_dew_point(vapour_pressure(at));
    return 100 / (1 + exp(fmin(2 * (margin - 1), 700)));
}

static double greenhouse_observe(const struct kind_point *at, size_t output)
{
    const double *x = at->x;
    switch (output) {
    case OUT_HUMIDITY:
        return x[HUMIDITY];
    case OUT_CO2:
        return x[CO2];
    case OUT_PAR:
        return par_at(at);
    case OUT_CANOPY:
        return x[CROP];
    case OUT_VPD:
        return psychro_saturation(x[AIR]) * (1 - x[HUMIDITY] / 100) / 1000;
    case OUT_DEW_POINT:
        return psychro_dew_point(vapour_pressure(at));
    case OUT_CONDENSATION:
        return condensation_risk(at);
    case OUT_TRANSPIRATION:
        return scene_at(at).transpiration / G_PER_H;
    case OUT_LIGHT_INTEGRAL:
        return at->m[LIGHT_SUM];
    default:
        return x[AIR];
    }
}

static size_t greenhouse_reads(size_t output)
{
    switch (output) {
    case OUT_TEMPERATURE:
        return AIR + 1;
    case OUT_HUMIDITY:
        return HUMIDITY + 1;
    case OUT_CO2:
        return CO2 + 1;
    case OUT_CANOPY:
        return CROP + 1;
    default:
        return 0;
    }
}

/* The day's light, from local midnight on. */
static void greenhouse_accumulate(const struct kind_point *at, double dt, double *m)
{
    const double day_length = 86400, umol_per_mol = 1e6;
    double local = at->time + 3600 * at->p[UTC_OFFSET];
    double day = floor(local / day_length);
    if (day != m[DAY]) { // NOLINT: whole numbers
        m[DAY] = day;
        m[LIGHT_SUM] = 0;
        dt = fmin(dt, local - day * day_length);
    }
    m[LIGHT_SUM] += fmax(par_at(at), 0) * dt / umol_per_mol;
}

static const struct kind_row greenhouse_params[] = {
    [FLOOR_AREA] = {"floor_area", "m2", "Ground covered by the house", 1000, 1, 1000000.0},
    [HEIGHT] = {"height", "m", "Mean height of the air in the house", 5, 2, 12},
    [MOISTURE_BUFFER] =
        {"moisture_buffer", "",
         "Vapour that crop, soil and screens buffer, over what the air itself holds", 1, 0,
         10},
    [COVER_RATIO] = {"cover_ratio", "", "Area of roof and outer walls over the floor's",
                     1.3, 1, 4},
    [COVER_U] = {"cover_u", "W/(m2.K)",
                 "Heat loss of the cover at 4 m/s of wind: glass 6, double 3", 6, 0.5, 9},
    [TRANSMISSION] = {"cover_transmission", "%",
                      "Sun's radiation that cover and frame let through", 55, 5, 95},
    [VENT_RATIO] = {"vent_area_ratio", "%", "Area of all vents over the floor's", 3, 0.1,
                    100},
    [VENT_CD] = {"vent_discharge", "", "Discharge coefficient of the vents", 0.75, 0.1, 1},
    [VENT_CW] = {"vent_wind_effect", "", "Wind pressure coefficient of the vents", 0.09, 0,
                 0.5},
    [LEAKAGE] = {"leakage", "",
                 "Air through cracks over wind speed: 0.0001 for a tight house", 0.0001, 0,
                 0.005},
    [VENT_BAND] = {"vent_band", "K",
                   "Degrees above the set-point that open the vents fully", 6, 4, 30},
    [LEAF_AREA] = {"leaf_area_index", "", "Leaf area over the floor's", 2, 0.1, 10},
    [STOMATA] = {"stomatal_resistance", "s/m",
                 "Resistance of wide open stomata: smaller transpires more", 82, 20, 1000},
    [PHOTOSYNTHESIS] = {"photosynthesis_max", "umol/(m2.s)",
                        "Gross uptake of CO2 in full light", 20, 0, 100},
    [AIR_CAPACITY] = {"air_capacity", "kJ/(m2.K)",
                      "Heat stored by air, crop, racks and screens together", 25, 10, 200},
    [THERMAL_MASS] = {"thermal_mass", "kJ/(m2.K)",
                      "Heat stored by floor, frame and top soil", 120, 10, 2000},
    [MASS_EXCHANGE] = {"mass_exchange", "W/(m2.K)",
                       "Heat exchange of that mass with the air", 5, 0.5, 20},
    [GROUND] = {"ground_temperature", "Cel", "Temperature of the deeper soil", 14, -5, 40},
    [ENERGY_SAVING] = {"energy_screen_saving", "%",
                       "Heat loss that the closed energy screen saves", 45, 0, 90},
    [ENERGY_LIGHT] = {"energy_screen_light", "%",
                      "Light that the closed energy screen lets through", 75, 0, 100},
    [BLACKOUT_SAVING] = {"blackout_saving", "%",
                         "Heat loss that the closed blackout screen saves", 45, 0, 90},
    [BLACKOUT_LIGHT] = {"blackout_light", "%",
                        "Light that the closed blackout screen lets through", 1, 0, 100},
    [SCREEN_AIR] = {"screen_air", "%", "Air exchange that a closed screen leaves", 30, 1,
                    100},
    [LAMP_POWER] = {"lamp_power", "W/m2", "Electric power of all lamps", 70, 0, 1000},
    [LAMP_EFFICACY] = {"lamp_efficacy", "umol/J", "Light of the lamps: HPS 1.8, LED 3", 2.5,
                       0.5, 5},
    [HEAT_CAPACITY] = {"heating_capacity", "W/m2", "Largest heating power", 150, 0, 500},
    [PIPE_LENGTH] = {"pipe_length", "m/m2", "Length of the rail or lower pipes", 1.875, 0,
                     10},
    [PIPE_DIAMETER] = {"pipe_diameter", "mm", "Outer diameter of these pipes", 51, 10, 150},
    [GROW_LENGTH] = {"grow_pipe_length", "m/m2", "Length of the grow pipes", 1.25, 0, 10},
    [GROW_DIAMETER] = {"grow_pipe_diameter", "mm", "Outer diameter of the grow pipes", 35,
                       10, 150},
    [CO2_CAPACITY] = {"co2_capacity", "g/(m2.h)", "Largest CO2 dosing, where not measured",
                      8, 0, 200},
    [FOG_CAPACITY] = {"fog_capacity", "g/(m2.h)", "Water that the fogging sprays at 100 %",
                      300, 0, 2000},
    [UTC_OFFSET] = {"utc_offset", "h", "Local time less UTC, for the day's light", 0, -14,
                    14},
};
_Static_assert(sizeof greenhouse_params / sizeof *greenhouse_params == PARAMS,
               "a row each");

static const struct kind_row greenhouse_inputs[] = {
    [T_OUT] = {"outdoor_temperature", "Cel", "Temperature outside", 10, -50, 60,
               .noise = 0.3},
    [RH_OUT] = {"outdoor_relative_humidity", "%", "Relative humidity outside", 80, 0, 100,
                .noise = 3},
    [SUN] = {"solar_irradiance", "W/m2", "Global horizontal irradiance outside", 0, 0, 1500,
             .noise = 10},
    [WIND] = {"wind_speed", "m/s", "Wind speed outside", 3, 0, 60, .noise = 0.3},
    [CO2_OUT] = {"outdoor_co2", "ppm", "CO2 outside", 420, 200, 2000, .noise = 10},
    [LONGWAVE] = {"net_longwave", "W/m2",
                  "Pyrgeometer: sky's less ground's radiation; estimated where not bound",
                  KIND_CONTROLLED, -250, 100, .noise = 5},
    [VENT_LEE] = {"vent_lee", "%",
                  "Lee-side vents; where not bound, opened above the set-point",
                  KIND_CONTROLLED, 0, 100, .noise = 1, .flags = KIND_SWITCH},
    [VENT_WIND] = {"vent_wind", "%", "Wind-side vents; where not bound, like the lee side",
                   KIND_CONTROLLED, 0, 100, .noise = 1, .flags = KIND_SWITCH},
    [ENERGY_SCREEN] = {"energy_screen", "%", "Energy screen closed", 0, 0, 100, .noise = 1,
                       .flags = KIND_SWITCH},
    [BLACKOUT_SCREEN] = {"blackout_screen", "%", "Blackout screen closed", 0, 0, 100,
                         .noise = 1, .flags = KIND_SWITCH},
    [LAMP] = {"lamp", "%", "Lamps on", 0, 0, 100, .flags = KIND_SWITCH},
    [PIPE] = {"pipe_temperature", "Cel", "Rail pipe; not warmer than the air: off",
              KIND_CONTROLLED, 0, 120, .noise = 0.5, .flags = KIND_SWITCH},
    [GROW_PIPE] = {"grow_pipe_temperature", "Cel",
                   "Grow pipe; not warmer than the air: off", 0, 0, 120, .noise = 0.5,
                   .flags = KIND_SWITCH},
    [HEATING] = {"heating_power", "W",
                 "Air heaters; own control to the set-point where no pipe is bound",
                 KIND_CONTROLLED, 0, 1000000000.0, .flags = KIND_SWITCH},
    [DOSING] = {"co2_dosing", "kg/h",
                "CO2 supplied; where not bound, dosed to the set-point", KIND_CONTROLLED, 0,
                100000.0, .flags = KIND_SWITCH},
    [FOGGING] = {"fogging", "%", "Fogging on", 0, 0, 100, .flags = KIND_SWITCH},
    [HEAT_SETPOINT] = {"heating_setpoint", "Cel", "Heated below this", 18, 0, 40,
                       .flags = KIND_SWITCH},
    [VENT_SETPOINT] = {"ventilation_setpoint", "Cel", "Vents open above this", 24, 0, 50,
                       .flags = KIND_SWITCH},
    [CO2_SETPOINT] = {"co2_setpoint", "ppm", "CO2 is dosed below this; 0: none", 0, 0, 3000,
                      .flags = KIND_SWITCH},
};
_Static_assert(sizeof greenhouse_inputs / sizeof *greenhouse_inputs == INPUTS,
               "a row each");

static const struct kind_row greenhouse_states[] = {
    [AIR] = {"air_temperature", "Cel", "Air in the house", 18, -40, 70, .noise = 1,
             .spread = 8, .flags = KIND_HIDDEN},
    [HUMIDITY] = {"relative_humidity", "%", "Relative humidity in the house", 75, 1, 101,
                  .noise = 6, .spread = 20, .flags = KIND_HIDDEN},
    [CO2] = {"co2", "ppm", "CO2 in the house", 500, 50, 10000, .noise = 150, .spread = 300,
             .flags = KIND_HIDDEN},
    [CROP] = {"canopy_temperature", "Cel", "Mean leaf of the crop", 18, -40, 70,
              .noise = 0.3, .spread = 8, .flags = KIND_HIDDEN},
    [MASS] = {"mass_temperature", "Cel", "Floor, frame and top soil", 18, -40, 70,
              .noise = 0.3, .spread = 6},
    [D_HEAT] = {"unknown_heat", "W/m2", "Heat that nothing known explains", 0, -1000, 1000,
                .noise = 25, .spread = 30},
    [D_VAPOUR] = {"unknown_vapour", "g/(m2.h)", "Vapour that nothing known explains", 0,
                  -2000, 2000, .noise = 30, .spread = 30},
    [D_CO2] = {"unknown_co2", "g/(m2.h)", "CO2 that nothing known explains", 0, -500, 500,
               .noise = 1.5, .spread = 4},
    [D_LIGHT] = {"unknown_light", "umol/(m2.s)", "Light that nothing known explains", 0,
                 -2000, 2000, .noise = 200, .spread = 60},
};
_Static_assert(sizeof greenhouse_states / sizeof *greenhouse_states == STATES,
               "a row each");

static const struct kind_row greenhouse_outputs[] = {
    [OUT_TEMPERATURE] = {"air_temperature", "Cel", "Air in the house", 0, -40, 70,
                         .noise = 0.2, .flags = KIND_MEASURED | KIND_TEMPERATURE},
    [OUT_HUMIDITY] = {"relative_humidity", "%", "Relative humidity in the house", 0, 0, 100,
                      .noise = 2, .flags = KIND_MEASURED},
    [OUT_CO2] = {"co2", "ppm", "CO2 in the house", 0, 50, 10000, .noise = 15,
                 .flags = KIND_MEASURED},
    [OUT_PAR] = {"par", "umol/(m2.s)", "Light above the crop, 400-700 nm", 0, 0, 3000,
                 .noise = 8, .flags = KIND_MEASURED},
    [OUT_CANOPY] = {"canopy_temperature", "Cel", "Mean leaf of the crop", 0, -40, 70,
                    .noise = 2, .flags = KIND_MEASURED},
    [OUT_VPD] = {"vapour_pressure_deficit", "kPa", "How dry the air is to the crop", 0, -1,
                 30},
    [OUT_DEW_POINT] = {"dew_point", "Cel", "Surfaces colder than this get wet", 0, -60, 50},
    [OUT_CONDENSATION] = {"condensation_risk", "%", "How likely dew forms on the crop", 0,
                          0, 100},
    [OUT_TRANSPIRATION] = {"transpiration", "g/(m2.h)", "Water that the crop gives off", 0,
                           -1000, 3000},
    [OUT_LIGHT_INTEGRAL] = {"daily_light_integral", "mol/m2",
                            "Light of the local day so far", 0, 0, 200,
                            .flags = KIND_DAILY},
};
_Static_assert(sizeof greenhouse_outputs / sizeof *greenhouse_outputs == OUTPUTS,
               "a row each");

const struct kind kind_greenhouse = {
    .name = "greenhouse",
    .help = "Climate of a greenhouse: temperature, humidity, CO2, light and crop",
    .params = greenhouse_params,
    .inputs = greenhouse_inputs,
    .states = greenhouse_states,
    .outputs = greenhouse_outputs,
    .n_params = PARAMS,
    .n_inputs = INPUTS,
    .n_states = STATES,
    .n_outputs = OUTPUTS,
    .n_memory = MEMORY,
    .max_step = 20,
    .min_step = 0.5,
    .derive = greenhouse_derive,
    .observe = greenhouse_observe,
    .accumulate = greenhouse_accumulate,
    .reads = greenhouse_reads,
};
