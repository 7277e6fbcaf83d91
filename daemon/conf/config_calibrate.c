/* The keys of a scheduled calibration, and what they have to agree with. */
#include "twind/config_calibrate.h"

#include "twind/calibrate.h"
#include "twind/config_tables.h"

#include <string.h>

#define HOUR 3600.0
#define DAY (24 * HOUR)
#define YEAR (365 * DAY)

/* Of `past`, in horizons: fewer do not hold the starting points that calibrate.c asks for,
 * more are more work than a night has. */
static const double horizons_least = 8, horizons_most = 2000;

#define CALIBRATE(field) offsetof(struct config_calibrate, field)

static const struct config_key calibrate_keys[] = {
    {"every", CONFIG_DURATION, CALIBRATE(every), "7d", HOUR, YEAR,
     .help = "How often. From a day on at the quiet hour of 3 to 6 in the twin's own time"},
    {"past", CONFIG_DURATION, CALIBRATE(past), "30d", 8 * HOUR, 10 * YEAR,
     .help = "The time of which readings are used; 8 to 2000 horizons"},
    {"horizon", CONFIG_DURATION, CALIBRATE(horizon), "24h", HOUR, 30 * DAY,
     .help = "How far ahead the predictions are judged"},
    {"params", CONFIG_TEXTS, CALIBRATE(params), .check = config_check_id,
     .help = "Names of the parameters to fit. Default: those that twinctl kinds KIND marks "
             "as calibrated by default"},
};

const struct config_table config_calibrate_table = CONFIG_TABLE(calibrate_keys);

static void check_param(struct config_reader *reader, const struct config_place *at,
                        const struct kind *kind, const char *name)
{
    struct config_hint hint = {.word = name};
    struct err e;
    for (size_t i = 0; i < kind->n_params; i++) {
        if (strcmp(kind->params[i].name, name) == 0) {
            if (!calibrate_allows(kind, i, &e))
                config_fault(reader, at, "%s", e.text);
            return;
        }
        if (calibrate_allows(kind, i, &e))
            config_hint_offer(&hint, kind->params[i].name);
    }
    config_fault(reader, at, "the kind %s has no parameter %s; %s", kind->name, name,
                 config_hint_text(&hint));
}

static void check_params(struct config_reader *reader, const struct config_place *place,
                         const struct kind *kind, const struct config_texts *params)
{
    size_t usual[FIT_MAX];
    struct config_place at = config_place_of(place, "params");
    if (params->n == 0 && calibrate_usual(kind, usual) == 0)
        config_fault(reader, place,
                     "the kind %s has no parameters that are calibrated by default; name "
                     "some in params",
                     kind->name);
    if (params->n > FIT_MAX)
        config_fault(reader, &at, "%zu parameters; at most %d can be fitted at once",
                     params->n, FIT_MAX);
    for (size_t i = 0; i < params->n; i++) {
        check_param(reader, &at, kind, params->at[i]);
        for (size_t k = 0; k < i; k++)
            if (strcmp(params->at[k], params->at[i]) == 0)
                config_fault(reader, &at, "%s stands twice", params->at[i]);
    }
}

static void check_times(struct config_reader *reader, const struct config_place *place,
                        const struct config *config, const struct config_calibrate *c)
{
    struct config_place at = config_place_of(place, "past");
    double horizons = c->past / c->horizon;
    if (horizons < horizons_least || horizons > horizons_most)
        config_fault(reader, &at,
                     "past is %g d, %.3g horizons of %g h; allowed are %g to %g of them",
                     c->past / DAY, horizons, c->horizon / HOUR, horizons_least,
                     horizons_most);
    if (c->past > config->history.raw)
        config_warn(reader, &at,
                    "past is %g d, but readings are kept for %g d (/history/raw)",
                    c->past / DAY, config->history.raw / DAY);
    if (config->event_clock)
        config_warn(reader, place,
                    "nothing is scheduled under /clock \"event\"; twinctl calibrate works");
}

void config_calibrate_read(struct config_reader *reader, const struct config_place *place,
                           const struct plan *plan, const struct config *config,
                           struct config_calibrate *calibrate)
{
    size_t before = reader->n_errors;
    config_keys_start(&config_calibrate_table, calibrate);
    config_keys_read(reader, place, &config_calibrate_table, calibrate);
    if (reader->n_errors > before)
        return;
    check_times(reader, place, config, calibrate);
    check_params(reader, place, plan->kind, &calibrate->params);
}
