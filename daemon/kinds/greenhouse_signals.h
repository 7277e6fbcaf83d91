/* Indexes of the greenhouse's rows and memory, for greenhouse*.c alone. */
#ifndef TWIND_KINDS_GREENHOUSE_SIGNALS_H
#define TWIND_KINDS_GREENHOUSE_SIGNALS_H

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
    ELECTRONS,
    RESPIRATION,
    AIR_CAPACITY,
    FLOOR_MASS,
    FLOOR_EXCHANGE,
    SOIL_MASS,
    GROUND,
    LIGHT_SHARE,
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
    HEAT_PRICE,
    HABIT_DAYS,
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
    PIPE_RAIL,
    PIPE_GROW,
    HEATING,
    DOSING,
    FOGGING,
    HEAT_SETPOINT,
    VENT_SETPOINT,
    CO2_SETPOINT,
    TARIFF,
    INPUTS
};

enum { AIR, HUMIDITY, CO2, CROP, FLOOR, D_HEAT, D_VAPOUR, D_CO2, D_LIGHT, STATES };

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
    OUT_PHOTOSYNTHESIS,
    OUT_COVER,
    OUT_SOIL,
    OUT_AIR_EXCHANGE,
    OUT_HEATING,
    OUT_ELECTRIC,
    OUT_LIGHT_INTEGRAL,
    OUT_ENERGY,
    OUT_COST,
    OUT_CO2_DOSED,
    OUT_WATER,
    OUTPUTS
};

/* The day's totals, the soil's temperature, light, and what is usual at each hour of the
 * day (greenhouse_habit.h). */
enum {
    DAY,
    LIGHT_SUM,
    ENERGY_SUM,
    COST_SUM,
    CO2_SUM,
    WATER_SUM,
    SOIL,        /* above ground_temperature */
    LAMP_LIGHT,  /* umol/(m2 s) that the sun does not explain */
    OTHER_LIGHT, /* the same, and what the sun gives otherwise than light_share 1 says */
    HEAT_HEEDED, /* the set-points that were last told */
    VENT_HEEDED,
    CO2_HEEDED,
    GRIP,    /* 0..1: how well the house obeys its set-points */
    LEARNED, /* days */
    HABITS,
    MEMORY = HABITS + 4 * 24
};

#endif
