/* What was serviced: the index of the part begins anew, and the log says so. */
#include "world_parts.h"

#include "twind/json.h"
#include "twind/json_tree.h"
#include "twind/times.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { PART = 128, NOTE = 1024, PAYLOAD_MOST = 4096 };

static const double tolerance = 60; /* s that another clock may be ahead */

struct service {
    char part[PART], note[NOTE];
    double at; /* NAN: not said */
};

static bool read_text(const struct cJSON *root, const char *key, char *to, size_t size,
                      struct err *e)
{
    const struct cJSON *member = json_member(root, key);
    const char *text = json_text(member);
    to[0] = '\0';
    if (!member)
        return true;
    if (!text || strlen(text) >= size)
        return err_set(e, "%s must be a text of less than %zu bytes", key, size);
    snprintf(to, size, "%s", text);
    return true;
}

static bool read_time(const struct cJSON *root, double *time, struct err *e)
{
    const struct cJSON *member = json_member(root, "at");
    const char *text = json_text(member);
    *time = json_number(member, NAN);
    if (!member || !isnan(*time) || (text && times_parse(text, strlen(text), 0, time)))
        return true;
    return err_set(e, "at must be a time such as 2026-03-01T12:00:00Z, or seconds since "
                      "1970");
}

static bool read_object(const struct cJSON *root, struct service *to, struct err *e)
{
    return read_text(root, "part", to->part, sizeof to->part, e) &&
           read_text(root, "note", to->note, sizeof to->note, e) &&
           read_time(root, &to->at, e);
}

static bool read_service(struct world *world, const struct world_message *m,
                         struct service *to, struct err *e)
{
    *to = (struct service){.at = NAN};
    if (m->payload_length > PAYLOAD_MOST)
        return err_set(e, "%zu bytes; at most %d are read", m->payload_length,
                       PAYLOAD_MOST);
    const struct cJSON *root = json_parse(world->json, m->payload, m->payload_length);
    if (root && json_type(root) == JSON_OBJECT)
        return read_object(root, to, e);
    const char *text = root ? json_text(root) : NULL;
    size_t length = text ? strlen(text) : m->payload_length;
    if (length >= PART)
        return err_set(e, "a part's name has less than %d bytes, not %zu", PART, length);
    memcpy(to->part, text ? text : m->payload, length);
    to->part[strcspn(to->part, "\r\n")] = '\0';
    return true;
}

static bool serve(struct world *world, struct twin *twin, struct service *service,
                  struct err *e)
{
    double now = world_clock(world, twin);
    if (isnan(service->at))
        service->at = now;
    if (service->at > now + tolerance || !(service->at > 0))
        return err_set(e, "at is not in the past of %s", twin->id);
    return engine_serve(world->engine, twin, service->part, service->at, now, e);
}

bool world_serve(struct world *world, const char *id, const struct world_message *m,
                 struct err *e)
{
    struct twin *twin = engine_find(world->engine, id);
    struct service service = {.at = NAN};
    char input[PART + sizeof "serviced/"];
    bool ok = twin || err_set(e, "there is no twin '%.80s'", id);
    ok = ok && read_service(world, m, &service, e) && serve(world, twin, &service, e);
    snprintf(input, sizeof input, "serviced/%s", service.part);
    world->hooks.commanded(world->hooks.context, ok ? service.at : world_clock(world, twin),
                           id, input, service.note, "mqtt", ok ? "ok" : e->text);
    return ok;
}
