/* The configuration as a whole: the files, in which order, and what is freed. */
#include "twind/config.h"

#include "twind/config_files.h"
#include "twind/config_others.h"
#include "twind/config_overlay.h"
#include "twind/config_twin.h"
#include "twind/mem.h"

#include <stdlib.h>
#include <string.h>

struct load {
    struct config_reader reader;
    struct config_source *sources; /* the main file first */
    size_t n;
    struct config_roll roll;
};

static void read_source(struct load *load, struct config_source *source,
                        const struct config_table *table, struct config *into)
{
    struct config_place root = {.node = source->document.root};
    if (!root.node)
        return; /* told */
    load->reader.source = source;
    config_keys_read(&load->reader, &root, table, into);
    config_fault_duplicates(&load->reader);
    config_twins_read(&load->reader, &root, &load->roll);
}

/* What can be told only when all files are read. */
static void check_sources(struct load *load, const struct config *config)
{
    for (size_t i = 0; i < load->n; i++) {
        struct config_place root = {.node = load->sources[i].document.root};
        load->reader.source = &load->sources[i];
        if (root.node)
            config_others_check(&load->reader, &root, config);
    }
}

static void open_source(struct load *load, struct config_source *source, const char *file)
{
    struct err e;
    source->file = mem_text(file);
    if (json_read(file, &source->document, &e))
        return;
    source->document.root = NULL;
    size_t n = strlen(file);
    bool placed = strncmp(e.text, file, n) == 0 && e.text[n] == ':';
    config_fault_file(&load->reader, file, placed ? e.text + n + 1 : e.text);
}

static void finish(struct load *load)
{
    config_roll_clear(&load->roll);
    for (size_t i = 0; i < load->n; i++) {
        if (load->sources[i].document.root)
            json_document_free(&load->sources[i].document);
        free(load->sources[i].file);
    }
    free(load->sources);
}

static void begin(struct load *load, const struct config_report *report,
                  struct config *config, size_t n)
{
    *config = (struct config){0};
    *load = (struct load){.reader = {.report = report}, .n = n, .roll = {.config = config}};
    load->sources = mem_new(n, sizeof *load->sources);
    config_keys_start(&config_root_table, config);
}

/* False: errors were told, and the configuration is cleared. */
static bool end(struct load *load, struct config *config)
{
    check_sources(load, config);
    bool fine = load->reader.n_errors == 0;
    finish(load);
    if (!fine)
        config_clear(config);
    return fine;
}

static void complete(struct load *load, char *(*environment)(const char *name),
                     struct config *config)
{
    struct config_place root = {.node = load->sources[0].document.root};
    load->reader.source = &load->sources[0];
    if (!root.node || json_type(root.node) != JSON_OBJECT)
        return;
    if (json_type(json_member(root.node, "flood")) == JSON_NULL)
        config->flood.alerts = 0;
    config_files_complete(&load->reader, &root, environment, config);
    if (environment)
        config_files_read(&load->reader, &root, environment, config);
}

static bool load_files(const char *file, char *(*environment)(const char *name),
                       bool every_signal, const struct config_report *report,
                       struct config *config)
{
    struct load load;
    char **dropins;
    size_t n = config_files_dropins(file, &dropins);
    begin(&load, report, config, n + 1);
    config->every_signal = every_signal;
    config->file = mem_text(file);
    open_source(&load, &load.sources[0], file);
    read_source(&load, &load.sources[0], &config_root_table, config);
    complete(&load, environment, config);
    for (size_t i = 0; i < n; i++) {
        open_source(&load, &load.sources[i + 1], dropins[i]);
        read_source(&load, &load.sources[i + 1], &config_dropin_table, NULL);
        free(dropins[i]);
    }
    free(dropins);
    if (load.reader.n_errors == 0)
        config_overlays_read(report, config);
    return end(&load, config);
}

bool config_load(const char *file, char *(*environment)(const char *name),
                 const struct config_report *report, struct config *config)
{
    return load_files(file, environment, false, report, config);
}

bool config_load_all(const char *file, const struct config_report *report,
                     struct config *config)
{
    return load_files(file, NULL, true, report, config);
}

bool config_load_text(const char *text, const struct config_report *report,
                      struct config *config)
{
    struct load load;
    struct err e;
    begin(&load, report, config, 1);
    config->file = mem_text("text");
    load.sources[0].file = mem_text("text");
    if (!json_read_text(text, &load.sources[0].document, &e)) {
        load.sources[0].document.root = NULL;
        config_fault_file(&load.reader, "text", e.text);
    }
    read_source(&load, &load.sources[0], &config_root_table, config);
    complete(&load, NULL, config);
    return end(&load, config);
}

void config_clear(struct config *config)
{
    config_overlays_clear(config);
    for (size_t i = 0; i < config->n_twins; i++)
        config_twin_clear(&config->twins[i]);
    free(config->twins);
    free(config->file);
    free(config->broker.password);
    config_keys_clear(&config_root_table, config);
    *config = (struct config){0};
}
