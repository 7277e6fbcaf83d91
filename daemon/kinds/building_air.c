/* The air of a building: how much is changed, what is in it, how it feels.
 *
 * Moisture: rho V b dw/dt = G + m_out (w_out - w) - m_coil max(w - w_coil, 0), with b the
 * buffering of walls and furniture (EnergyPlus Engineering Reference, "effective
 * capacitance multiplier") and m_coil the air that the cooling passes over its cold coil.
 *
 * CO2: V dC/dt = N s + q (C_out - C), with s = 4.3e-6 m3/s a person and met (Persily and de
 * Jonge 2017, Indoor Air 27, 868) and N = `occupants` x `presence`. Where CO2 is measured,
 * presence is found; else it is 1. It also scales the people's heat and moisture. */
#include "building_parts.h"

#include "twind/building_physics.h"
#include "twind/comfort.h"
#include "twind/psychro.h"

static const double air_density = 1.2;   /* kg/m3, ISO 13790: rho c = 1200 J/(m3 K) */
static const double air_heat = 1000.0;   /* J/(kg K) */
static const double pressure = 101325.0; /* Pa */
static const double person_water = 50.0; /* g/h */
static const double person_co2 = 4.3;    /* ppm m3/s by met */
static const double moisture_buffer = 5.0;
static const double coil_temperature = 11.0;      /* Cel */
static const double coil_vapour = 8.1;            /* g/kg, saturated at that */
static const double presence_memory = 3 * 3600.0; /* s */
static const double still_air = 0.1;              /* m/s */

static double volume(const struct kind_point *at)
{
    return at->p[FLOOR_AREA] * at->p[ROOM_HEIGHT];
}

double building_air_flow(const struct kind_point *at)
{
    double crack = at->p[INFILTRATION] * building_wind_factor(at->u[WIND_SPEED]);
    return volume(at) * (at->p[VENTILATION] + crack) / 3600.0;
}

double building_air_conductance(const struct kind_point *at)
{
    double kept = 0.01 * at->p[HEAT_RECOVERY] * at->p[VENTILATION] * volume(at) / 3600.0;
    return air_density * air_heat * (building_air_flow(at) - kept);
}

double building_air_people(const struct kind_point *at)
{
    return at->p[OCCUPANTS] * at->m[PRESENT];
}

double building_air_ratio(double t, double humidity)
{
    double e = 0.01 * humidity * psychro_saturation(t);
    return 622.0 * e / (pressure - e);
}

static double vapour_rate(const struct kind_point *at) /* g/kg per s */
{
    const double *u = at->u;
    double outside = building_air_ratio(u[OUTDOOR_TEMPERATURE], u[OUTDOOR_HUMIDITY]);
    double flow = air_density * building_air_flow(at) * (outside - at->x[VAPOUR]);
    double wet = building_ramp(at->x[VAPOUR] - coil_vapour, 0.2);
    double people = building_air_people(at) * person_water / 3600.0;
    double holds = air_density * volume(at) * moisture_buffer;
    return (people + flow - at->m[COIL] * wet) / holds;
}

static double co2_rate(const struct kind_point *at) /* ppm/s */
{
    double people = at->p[OCCUPANTS] * at->x[PRESENCE] * person_co2 * at->p[ACTIVITY];
    double flow = building_air_flow(at) * (at->u[OUTDOOR_CO2] - at->x[CO2]);
    return (people + flow) / volume(at);
}

double building_air_seen(const struct kind_point *at)
{
    double above = at->x[CO2] - at->u[OUTDOOR_CO2];
    return building_air_flow(at) * above / (person_co2 * at->p[ACTIVITY]);
}

void building_air_derive(const struct kind_point *at, double *dx)
{
    dx[VAPOUR] = vapour_rate(at);
    dx[CO2] = co2_rate(at);
    dx[PRESENCE] = (1.0 - at->x[PRESENCE]) / presence_memory;
}

double building_air_humidity(const struct kind_point *at)
{
    double w = at->x[VAPOUR];
    double e = pressure * w / (622.0 + w);
    return fmin(100.0 * e / psychro_saturation(at->x[AIR]), 100.0);
}

double building_air_vote(const struct kind_point *at, double radiant)
{
    struct comfort c = {
        .air = at->x[AIR],
        .radiant = radiant,
        .air_speed = still_air,
        .humidity = building_air_humidity(at),
        .activity = at->p[ACTIVITY],
        .clothing = at->p[CLOTHING],
    };
    return comfort_vote(&c);
}

double building_air_coil(const struct kind_point *at)
{
    double colder = fmax(at->x[AIR] - coil_temperature, 3.0);
    double cooling = at->x[COOLING] * at->p[FLOOR_AREA];
    return fmin(cooling / (air_heat * colder), air_density * volume(at) * 1.5e-3);
}
