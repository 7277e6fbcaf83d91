/* Paths and secrets of the configuration. */
#include "twind/config_files.h"

#include "twind/config_url.h"
#include "twind/mem.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { SECRET_MAX = 4096 };

/* -- paths -- */

static char *join(const char *folder, size_t length, const char *name)
{
    char *path = mem_new(length + strlen(name) + 2, 1);
    memcpy(path, folder, length);
    if (length && folder[length - 1] != '/')
        path[length++] = '/';
    memcpy(path + length, name, strlen(name) + 1);
    return path;
}

/* Beside the file: FOLDER/name. */
static char *beside(const char *file, const char *name)
{
    const char *slash = strrchr(file, '/');
    return join(file, slash ? (size_t)(slash - file) + 1 : 0, name);
}

static bool can_read(const char *path)
{
    FILE *file = fopen(path, "rb");
    bool fine = file && (fgetc(file) != EOF || !ferror(file)); /* not so of a folder */
    int why = errno;
    if (file)
        fclose(file);
    errno = why;
    return fine;
}

static char *find_file(const char *name, const char *config,
                       char *(*environment)(const char *name))
{
    const char *credentials = environment("CREDENTIALS_DIRECTORY");
    if (name[0] == '/')
        return mem_text(name);
    if (credentials && *credentials) {
        char *path = join(credentials, strlen(credentials), name);
        if (can_read(path))
            return path;
        free(path);
    }
    return beside(config, name);
}

/* -- completing -- */

static void drop_empty(char **text)
{
    if (*text && **text == '\0') {
        free(*text);
        *text = NULL;
    }
}

/* systemd may give several folders, separated by colons. */
static char *default_state_dir(char *(*environment)(const char *name))
{
    const char *folders = environment ? environment("STATE_DIRECTORY") : NULL;
    if (!folders || !*folders)
        return mem_text("/var/lib/twind");
    return mem_text_n(folders, strcspn(folders, ":"));
}

static void complete_url(char **text)
{
    struct config_url url;
    struct err e;
    if (!config_url_read(*text, &url, &e) || url.port_given)
        return;
    size_t room = strlen(*text) + 8;
    char *whole = mem_new(room, 1);
    snprintf(whole, room, "%s:%u", *text, url.port);
    free(*text);
    *text = whole;
}

static void check_pairs(struct config_reader *reader, const struct config_place *broker,
                        const struct config *config)
{
    if (config->broker.password_file && !config->broker.username) {
        struct config_place at = config_place_of(broker, "password_file");
        config_fault_key(reader, &at, "a password needs a username beside it");
    }
    if (!config->broker.cert_file != !config->broker.key_file) {
        struct config_place at =
            config_place_of(broker, config->broker.cert_file ? "cert_file" : "key_file");
        config_fault_key(reader, &at, "cert_file and key_file go together");
    }
}

void config_files_complete(struct config_reader *reader, const struct config_place *root,
                           char *(*environment)(const char *name), struct config *config)
{
    drop_empty(&config->broker.username);
    drop_empty(&config->broker.password_file);
    drop_empty(&config->broker.ca_file);
    drop_empty(&config->broker.cert_file);
    drop_empty(&config->broker.key_file);
    complete_url(&config->broker.url);
    if (!config->state_dir)
        config->state_dir = default_state_dir(environment);
    if (config->history.file[0] != '/') {
        char *name = config->history.file;
        config->history.file = join(config->state_dir, strlen(config->state_dir), name);
        free(name);
    }
    struct config_place broker = config_place_of(root, "broker");
    check_pairs(reader, &broker, config);
}

/* -- secrets -- */

/* The file's only line. NULL: told. */
static char *read_secret(struct config_reader *reader, const struct config_place *at,
                         const char *path)
{
    char text[SECRET_MAX + 2];
    FILE *file = fopen(path, "rb");
    size_t n = file ? fread(text, 1, SECRET_MAX + 1, file) : 0;
    if (file)
        fclose(file);
    while (n > 0 && (text[n - 1] == '\n' || text[n - 1] == '\r'))
        n--;
    if (n > 0 && n <= SECRET_MAX && !memchr(text, '\0', n))
        return mem_text_n(text, n);
    config_fault(reader, at, "%s must hold the password and nothing else, 1 to %d bytes",
                 path, SECRET_MAX);
    return NULL;
}

void config_files_read(struct config_reader *reader, const struct config_place *root,
                       char *(*environment)(const char *name), struct config *config)
{
    struct {
        const char *key;
        char **path;
    } files[] = {
        {"password_file", &config->broker.password_file},
        {"ca_file", &config->broker.ca_file},
        {"cert_file", &config->broker.cert_file},
        {"key_file", &config->broker.key_file},
    };
    struct config_place broker = config_place_of(root, "broker");
    for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
        char *name = *files[i].path;
        struct config_place at = config_place_of(&broker, files[i].key);
        if (!name)
            continue;
        *files[i].path = find_file(name, config->file, environment);
        free(name);
        if (!can_read(*files[i].path))
            config_fault(reader, &at,
                         "cannot read %s: %s; make the file, readable for twind's user, or "
                         "remove the key",
                         *files[i].path, strerror(errno));
        else if (i == 0)
            config->broker.password = read_secret(reader, &at, *files[i].path);
    }
}

/* -- drop-ins -- */

static bool is_dropin(const char *name)
{
    size_t n = strlen(name);
    return n > 5 && name[0] != '.' && strcmp(name + n - 5, ".json") == 0;
}

static int compare_texts(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

size_t config_files_dropins(const char *file, char ***paths)
{
    char *folder = beside(file, "twins.d");
    DIR *dir = opendir(folder);
    size_t n = 0, room = 0;
    *paths = NULL;
    for (struct dirent *entry; dir && (entry = readdir(dir));) {
        if (!is_dropin(entry->d_name))
            continue;
        *paths = mem_grow(*paths, &room, n + 1, sizeof **paths);
        (*paths)[n++] = join(folder, strlen(folder), entry->d_name);
    }
    if (dir)
        closedir(dir);
    if (n > 1)
        qsort(*paths, n, sizeof **paths, compare_texts);
    free(folder);
    return n;
}
