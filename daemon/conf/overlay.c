/* The file:
 *
 *   {"twin": "gh1", "kind": "greenhouse", "calibrations": [
 *     {"time": T, "from": T, "to": T, "error_before": 1.02, "error_after": 0.8,
 *      "params": {"cover_u": {"value": 5.1, "standard_error": 0.2}}}]}
 */
#include "twind/overlay.h"

#include "twind/json.h"
#include "twind/json_tree.h"
#include "twind/mem.h"
#include "twind/times.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static char *join(const char *a, const char *b, const char *c)
{
    size_t size = strlen(a) + strlen(b) + strlen(c) + 1;
    char *path = mem_new(size, 1);
    snprintf(path, size, "%s%s%s", a, b, c);
    return path;
}

char *overlay_folder(const char *state_dir)
{
    return join(state_dir, "/calibrations", "");
}

char *overlay_path(const char *state_dir, const char *twin)
{
    char *folder = join(state_dir, "/calibrations/", twin);
    char *path = join(folder, ".json", "");
    free(folder);
    return path;
}

struct overlay_entry *overlay_add(struct overlay *overlay)
{
    overlay->entries = mem_grow(overlay->entries, &overlay->room, overlay->n + 1,
                                sizeof *overlay->entries);
    struct overlay_entry *entry = &overlay->entries[overlay->n++];
    *entry = (struct overlay_entry){.n = 0};
    return entry;
}

void overlay_clear(struct overlay *overlay)
{
    free(overlay->twin);
    free(overlay->kind);
    free(overlay->entries);
    *overlay = (struct overlay){0};
}

/* ---- reading ---- */

static bool read_value(const struct cJSON *node, struct overlay_entry *entry, struct err *e)
{
    const char *name = json_key(node);
    double value = json_number(json_member(node, "value"), NAN);
    if (entry->n == OVERLAY_VALUES || strlen(name) >= OVERLAY_NAME)
        return err_set(e, "%s: more, or longer names, than any kind has", name);
    if (!isfinite(value))
        return err_set(e, "%s has no value", name);
    struct overlay_value *to = &entry->values[entry->n++];
    snprintf(to->name, sizeof to->name, "%s", name);
    to->value = value;
    to->standard_error = json_number(json_member(node, "standard_error"), INFINITY);
    return true;
}

static double read_time(const struct cJSON *entry, const char *key)
{
    const char *text = json_text(json_member(entry, key));
    double time = NAN;
    return text && times_parse(text, strlen(text), 0, &time) ? time : (double)NAN;
}

static bool read_entry(const struct cJSON *node, struct overlay *overlay, struct err *e)
{
    struct overlay_entry *entry = overlay_add(overlay);
    const struct cJSON *params = json_member(node, "params");
    entry->time = read_time(node, "time");
    entry->from = read_time(node, "from");
    entry->to = read_time(node, "to");
    entry->error_before = json_number(json_member(node, "error_before"), NAN);
    entry->error_after = json_number(json_member(node, "error_after"), NAN);
    if (json_type(params) != JSON_OBJECT)
        return err_set(e, "a calibration has no params");
    for (params = json_first(params); params; params = json_next(params))
        if (!read_value(params, entry, e))
            return false;
    return true;
}

static bool read_root(const struct cJSON *root, struct overlay *overlay, struct err *e)
{
    const char *twin = json_text(json_member(root, "twin"));
    const char *kind = json_text(json_member(root, "kind"));
    const struct cJSON *list = json_member(root, "calibrations");
    if (!twin || !kind || json_type(list) != JSON_LIST)
        return err_set(e, "expected an object with twin, kind and calibrations");
    overlay->twin = mem_text(twin);
    overlay->kind = mem_text(kind);
    for (list = json_first(list); list; list = json_next(list))
        if (!read_entry(list, overlay, e))
            return false;
    return true;
}

bool overlay_read(const char *path, struct overlay *overlay, struct err *e)
{
    struct json_document document;
    *overlay = (struct overlay){0};
    if (!json_read(path, &document, e))
        return false;
    bool done = read_root(document.root, overlay, e) || err_wrap(e, "%s", path);
    json_document_free(&document);
    if (!done)
        overlay_clear(overlay);
    return done;
}

/* ---- writing ---- */

static void put_number(struct text *text, const char *key, double number)
{
    char digits[40];
    json_put_number(digits, sizeof digits, number);
    text_put(text, "\"%s\": %s", key, digits);
}

static void put_time(struct text *text, const char *key, double time)
{
    char digits[TIME_TEXT];
    text_put(text, "\"%s\": \"%s\", ", key, times_format(time, digits));
}

static void put_entry(struct text *text, const struct overlay_entry *entry)
{
    text_put(text, "    {");
    put_time(text, "time", entry->time);
    put_time(text, "from", entry->from);
    put_time(text, "to", entry->to);
    put_number(text, "error_before", entry->error_before);
    text_put(text, ", ");
    put_number(text, "error_after", entry->error_after);
    text_put(text, ",\n     \"params\": {");
    for (size_t i = 0; i < entry->n; i++) {
        text_put(text, "%s\n       ", i ? "," : "");
        text_quoted(text, entry->values[i].name);
        text_put(text, ": {");
        put_number(text, "value", entry->values[i].value);
        text_put(text, ", ");
        put_number(text, "standard_error", entry->values[i].standard_error);
        text_put(text, "}");
    }
    text_put(text, "}}");
}

static void put_overlay(struct text *text, const struct overlay *overlay)
{
    text_put(text, "{\n  \"twin\": ");
    text_quoted(text, overlay->twin);
    text_put(text, ",\n  \"kind\": ");
    text_quoted(text, overlay->kind);
    text_put(text, ",\n  \"calibrations\": [");
    for (size_t i = 0; i < overlay->n; i++) {
        text_put(text, "%s\n", i ? "," : "");
        put_entry(text, &overlay->entries[i]);
    }
    text_put(text, "]\n}\n");
}

static bool write_file(const char *path, const struct text *text)
{
    FILE *file = fopen(path, "w");
    if (!file)
        return false;
    bool done = fwrite(text->at, 1, text->used, file) == text->used && fflush(file) == 0 &&
                fsync(fileno(file)) == 0;
    int why = errno;
    done = fclose(file) == 0 && done;
    errno = done ? errno : why;
    return done;
}

/* The folder of the file, and the one that it is in. */
static bool make_folder(const char *path)
{
    char *folder = mem_text_n(path, (size_t)(strrchr(path, '/') - path));
    char *slash = strrchr(folder, '/');
    *slash = '\0';
    bool done = mkdir(folder, 0750) == 0 || errno == EEXIST;
    *slash = '/';
    done = done && (mkdir(folder, 0755) == 0 || errno == EEXIST);
    free(folder);
    return done;
}

bool overlay_write(const char *path, const struct overlay *overlay, struct err *e)
{
    struct text text = {0};
    char *draft = join(path, ".new", "");
    put_overlay(&text, overlay);
    bool done = make_folder(path) && write_file(draft, &text) && rename(draft, path) == 0;
    if (!done) {
        err_set(e, "%s can't be written: %s", path, strerror(errno));
        remove(draft);
    }
    text_free(&text);
    free(draft);
    return done;
}

/* ---- use ---- */

static const struct kind_row *find_row(const struct kind *kind, const char *name)
{
    for (size_t i = 0; i < kind->n_params; i++)
        if (strcmp(kind->params[i].name, name) == 0)
            return &kind->params[i];
    return NULL;
}

static bool check_value(const struct overlay_value *value, const struct kind *kind,
                        struct err *e)
{
    const struct kind_row *row = find_row(kind, value->name);
    if (!row)
        return err_set(e, "the kind %s has no parameter %s", kind->name, value->name);
    if (!(value->value >= row->min && value->value <= row->max))
        return err_set(e, "%s is %g, allowed are %g to %g %s", value->name, value->value,
                       row->min, row->max, row->unit);
    return true;
}

bool overlay_apply(const struct overlay *overlay, const struct kind *kind, double *params,
                   struct err *e)
{
    if (strcmp(overlay->kind, kind->name) != 0)
        return err_set(e, "it is of the kind %s, the twin is of the kind %s", overlay->kind,
                       kind->name);
    for (size_t i = 0; i < overlay->n; i++)
        for (size_t k = 0; k < overlay->entries[i].n; k++)
            if (!check_value(&overlay->entries[i].values[k], kind, e))
                return false;
    for (size_t i = 0; i < overlay->n; i++)
        for (size_t k = 0; k < overlay->entries[i].n; k++) {
            const struct overlay_value *value = &overlay->entries[i].values[k];
            params[find_row(kind, value->name) - kind->params] = value->value;
        }
    return true;
}
