/* Light and CO2 in a canopy, per m2 of floor (Vanthoor 2011, "A model-based greenhouse
 * design method", ch. 8.4 and 9; the equation numbers are his). Pure functions,
 * temperatures in Cel; any finite argument gives a finite answer. */
#ifndef TWIND_GREENHOUSE_CROP_H
#define TWIND_GREENHOUSE_CROP_H

/* What becomes of radiation that comes down on a crop and the floor under it: shares of it;
 * what is missing to 1 goes up again. */
struct greenhouse_shares {
    double crop, floor;
};

/* Of visible light and of near infrared, for `lai` m2 of leaf per m2 of floor: eq 8.26-8.32
 * with one reflection by the floor. */
struct greenhouse_shares greenhouse_share_visible(double lai);
struct greenhouse_shares greenhouse_share_infrared(double lai);

/* umol/(m2 s): electrons that the canopy transports, eq 9.14-9.16. `most` is a leaf's
 * largest rate at 25 Cel per m2 of leaf, `absorbed` umol/(m2 s) of light that the canopy
 * absorbs. */
double greenhouse_electrons(double most, double lai, double t_crop, double absorbed);

/* umol/(m2 s) of CO2 that `electrons` fix, photorespiration taken off: eq 9.12, 9.13, 9.21,
 * 9.23. `co2` ppm of the air. */
double greenhouse_assimilation(double electrons, double lai, double t_crop, double co2);

/* umol/(m2 s) of CO2 that leaves breathe out, in the dark as in the light: `at_25` per m2
 * of leaf at 25 Cel, twice as much for each 10 K (Vanthoor's Q10 of maintenance,
 * Table 9.1). */
double greenhouse_respiration(double at_25, double lai, double t_crop);

#endif
