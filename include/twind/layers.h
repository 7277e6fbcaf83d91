/* A zone of walls, roof, floor and inner walls with layers, each a chain of resistances and
 * capacities, and the films and radiation that join them. Pure functions; W, K, J, Cel. */
#ifndef TWIND_LAYERS_H
#define TWIND_LAYERS_H

enum layers_element { LAYERS_WALL, LAYERS_ROOF, LAYERS_FLOOR, LAYERS_ELEMENTS };

/* One element as it is built: insulation outside, its heavy layer inside. */
struct layers_construction {
    double area;         /* m2 */
    double u;            /* W/(m2 K), with films of 0.13 and 0.04 m2 K/W (ISO 6946) */
    double capacity;     /* J/(m2 K) of the heavy layer */
    double conductivity; /* W/(m K) of it */
};

struct layers_chain {
    double area;
    double surface, core; /* J/K of its two nodes */
    double between;       /* W/K */
    double outer;         /* m2 K/W from the core to the outer surface */
};

/* How its surfaces radiate to each other: W/K of each to the mean radiant temperature. */
struct layers_room {
    double all; /* m2 of surfaces */
    double facing[LAYERS_ELEMENTS], inner, glass;
};

struct layers_zone {
    struct layers_chain chains[LAYERS_ELEMENTS];
    double inner_area, inner_capacity; /* inner walls, floors, furniture: m2, J/K */
    double glass_area, glass;          /* m2; m2 K/W from surface to surface */
    double ventilation;                /* W/K */
    double films;                      /* natural convection inside, 1: as measured */
    struct layers_room room;           /* by layers_face_room() */
};

/* What acts on it. */
struct layers_load {
    double outdoor, sky;              /* Cel: air; what a level surface sees of the sky */
    double wind;                      /* m/s */
    double absorbed[LAYERS_ELEMENTS]; /* W/m2 of sun on the outside of each */
    double beam, spread, in_glass; /* W of sun: direct and other that passes the glass; what
                                      the glass keeps and gives to the room */
    double internal;               /* W of people, lights and things */
};

struct layers_nodes {
    double surface[LAYERS_ELEMENTS], core[LAYERS_ELEMENTS], inner, air; /* Cel */
};

struct layers_flows {
    struct layers_nodes into; /* W into each */
    double radiant;           /* Cel, mean of what the room radiates with */
};

/* Nodes that steps of `step` s can bear (Runge-Kutta 4) with `films` as in the zone. */
struct layers_chain layers_make_chain(const struct layers_construction *built, double films,
                                      double step);

/* The least capacities for that: J/(m2 K) of inner walls, J/K of the air. */
double layers_least_capacity(double films, double step);
double layers_least_air(const struct layers_zone *zone, double step);

/* m2 K/W of glass whose U with films of 0.13 and 0.04 m2 K/W is `u`. */
double layers_glass(double u);

/* The last to be set of a zone. */
void layers_face_room(struct layers_zone *zone);

/* With the plant's `power` W given to the air. */
struct layers_flows layers_find_flows(const struct layers_zone *zone,
                                      const struct layers_load *load,
                                      const struct layers_nodes *at, double power);

/* W that hold the air at `air` (negative: cooling) while the other nodes are as they are.
 */
double layers_hold_power(const struct layers_zone *zone, const struct layers_load *load,
                         const struct layers_nodes *at, double air);

/* Cel of a sky that sends `infrared` W/m2 to the level. */
double layers_sky_of_infrared(double infrared);

/* The same from air temperature (Cel) and humidity (%), as long as the sky is half clear.
 */
double layers_sky_of_air(double outdoor, double humidity);

#endif
