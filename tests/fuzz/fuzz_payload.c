/* Any bytes as a payload, decoded by mappings of every format. */
#include "twind/json.h"
#include "twind/payload.h"

#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

enum { ROOM = 8, N_MAPPINGS = 10 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct json_pointer *pointer(const char *text)
{
    struct err e;
    return json_pointer_new(text, &e);
}

static void make_mappings(struct payload_mapping m[N_MAPPINGS])
{
    struct err e;
    for (size_t i = 0; i < N_MAPPINGS; i++) {
        m[i] = payload_mapping_default;
        m[i].own_unit = strdup(i % 2 ? "Cel" : "ug/m3");
        m[i].molar_mass = i % 4 ? 0 : 46;
        m[i].format = (enum payload_format)(i % 5);
    }
    m[2].path = pointer("/t");
    m[2].unit_path = pointer("/u");
    m[2].time = pointer("/Time");
    m[5].path = pointer("/m/*/v");
    m[5].time = pointer("/m/*/t");
    m[5].when = calloc(1, sizeof *m[5].when);
    m[5].when[m[5].n_when++] = (struct payload_when){pointer("/id"), strdup("140")};
    m[7].path = pointer("/sensordatavalues");
    m[7].find.key = strdup("value_type");
    m[7].find.equals = strdup("SDS_P2");
    m[7].find.value = strdup("value");
    m[8].column = 2;
    m[8].time = pointer("/0");
    m[9].name = strdup("urn:dev:x/temp");
    units_convert("[degF]", "Cel", 0, &m[7].unit, &e);
}

static void check(const struct payload_sample *samples, size_t n, size_t room)
{
    if (n > room)
        abort();
    for (size_t i = 0; i < n; i++) {
        const struct payload_sample *sample = &samples[i];
        bool value = sample->verdict == PAYLOAD_VALUE;
        if (value ? !isfinite(sample->value) : !isnan(sample->value))
            abort();
        if (!isfinite(sample->time) || (i && samples[i - 1].time > sample->time))
            abort();
        double applied = units_apply(&sample->unit, sample->value, 20, 1013.25);
        if (value && isnan(applied))
            abort();
    }
}

static void note_duplicate(void *context, const struct cJSON *first,
                           const struct cJSON *again)
{
    int line, column;
    json_key_position(context, again, &line, &column);
    json_position(context, first, &line, &column);
    if (line < 1 || column < 1)
        abort();
}

static void read_as_configuration(const uint8_t *data, size_t size)
{
    struct json_document document;
    struct err e;
    char *text = malloc(size + 1);
    memcpy(text, data, size);
    text[size] = '\0';
    if (json_read_text(text, &document, &e)) {
        json_duplicates(&document, note_duplicate, &document);
        json_document_free(&document);
    }
    free(text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct payload_mapping mappings[N_MAPPINGS];
    static struct json *json;
    struct payload_sample samples[ROOM];
    const char *why;
    if (!json) {
        json = json_new();
        make_mappings(mappings);
    }
    struct payload payload = {
        .json = json, .text = (const char *)data, .length = size, .received = 1e9};
    for (size_t i = 0; i < N_MAPPINGS; i++)
        check(samples, payload_decode(&payload, &mappings[i], samples, ROOM, &why), ROOM);
    read_as_configuration(data, size);
    return 0;
}
