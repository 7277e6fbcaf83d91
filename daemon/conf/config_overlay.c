/* The folder of calibrations. A file whose twin is no longer configured is left alone. */
#include "twind/config_overlay.h"

#include "twind/config_shape.h"
#include "twind/fleet.h"
#include "twind/mem.h"
#include "twind/overlay.h"

#include <dirent.h>
#include <stdlib.h>
#include <string.h>

static struct config_twin *find_twin(const struct config *config, const char *id)
{
    struct route_match match;
    for (size_t i = 0; i < config->n_twins; i++)
        if (!config->twins[i].fleet && strcmp(config->twins[i].id, id) == 0)
            return &config->twins[i];
    for (size_t i = 0; i < config->n_twins; i++)
        if (config->twins[i].fleet &&
            fleet_match(config->twins[i].id, id, &match) != FLEET_NONE)
            return &config->twins[i];
    return NULL;
}

const struct config_twin *config_find_twin(const struct config *config, const char *id)
{
    return find_twin(config, id);
}

struct plan *config_plan(const struct config *config, const struct config_twin *from,
                         const char *id)
{
    for (size_t i = 0; from->fleet && i < config->n_variants; i++)
        if (strcmp(config->variants[i].id, id) == 0)
            return config->variants[i].plan;
    return from->plan;
}

static void add_variant(struct config *config, const char *id, struct plan *plan)
{
    size_t room = config->n_variants;
    config->variants =
        mem_grow(config->variants, &room, config->n_variants + 1, sizeof *config->variants);
    config->variants[config->n_variants++] = (struct config_variant){mem_text(id), plan};
}

/* In place of what was in force before. */
static void install(struct config *config, struct config_twin *twin, const char *id,
                    struct plan *plan)
{
    for (size_t i = 0; twin->fleet && i < config->n_variants; i++)
        if (strcmp(config->variants[i].id, id) == 0) {
            plan_drop(config->variants[i].plan);
            config->variants[i].plan = plan;
            return;
        }
    if (twin->fleet) {
        add_variant(config, id, plan);
        return;
    }
    if (twin->plan != twin->shape->plan)
        plan_drop(twin->plan);
    twin->plan = plan; /* holds the shape's */
}

static bool lay_over(struct config *config, const struct overlay *overlay, struct err *e)
{
    struct config_twin *twin = find_twin(config, overlay->twin);
    if (!twin || overlay->n == 0)
        return true;
    struct plan *configured = twin->shape->plan;
    double params[KIND_ROWS_MAX];
    memcpy(params, configured->params, configured->kind->n_params * sizeof *params);
    if (!overlay_apply(overlay, configured->kind, params, e))
        return false;
    install(config, twin, overlay->twin, plan_vary(configured, params));
    return true;
}

/* False: `e` says why; the configuration is as it was. */
static bool read_overlay(struct config *config, const char *id, struct err *e)
{
    struct overlay overlay;
    char *path = overlay_path(config->state_dir, id);
    bool done = overlay_read(path, &overlay, e);
    if (done && strcmp(overlay.twin, id) != 0)
        done = err_set(e, "%s: it is of the twin %s", path, overlay.twin);
    else if (done)
        done = lay_over(config, &overlay, e) || err_wrap(e, "%s", path);
    overlay_clear(&overlay);
    free(path);
    return done;
}

struct plan *config_overlay_take(struct config *config, const char *id, struct err *e)
{
    struct config_twin *twin = find_twin(config, id);
    if (!twin) {
        err_set(e, "there is no twin '%s'", id);
        return NULL;
    }
    return read_overlay(config, id, e) ? config_plan(config, twin, id) : NULL;
}

static void read_one(const struct config_report *report, struct config *config,
                     const char *name)
{
    struct err e, full;
    char *id = mem_text_n(name, strlen(name) - strlen(".json"));
    if (!read_overlay(config, id, &e)) {
        err_set(&full, "%s; the calibration is ignored, the parameters are as configured",
                e.text);
        report->say(report->context, true, full.text);
    }
    free(id);
}

static int is_overlay(const struct dirent *entry)
{
    size_t n = strlen(entry->d_name);
    return n > 5 && strcmp(entry->d_name + n - 5, ".json") == 0;
}

void config_overlays_read(const struct config_report *report, struct config *config)
{
    char *folder = overlay_folder(config->state_dir);
    struct dirent **names = NULL;
    int n = scandir(folder, &names, is_overlay, alphasort);
    for (int i = 0; i < n; i++) {
        read_one(report, config, names[i]->d_name);
        free(names[i]);
    }
    free(names);
    free(folder);
}

void config_overlays_clear(struct config *config)
{
    for (size_t i = 0; i < config->n_variants; i++) {
        free(config->variants[i].id);
        plan_drop(config->variants[i].plan);
    }
    free(config->variants);
    config->variants = NULL;
    config->n_variants = 0;
}
