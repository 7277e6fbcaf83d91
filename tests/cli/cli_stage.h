/* Files in a folder of the test's own, and a verb run in this process: its exit status,
 * what it wrote to standard output and error. */
#ifndef TESTS_CLI_STAGE_H
#define TESTS_CLI_STAGE_H

#include "check.h"

#include "twind/cli.h"

#include <dirent.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { CLI_TEXT = 65536, CLI_ARGUMENTS = 32 };

struct cli_stage {
    char folder[64];
    char out[CLI_TEXT], err[CLI_TEXT]; /* of the last run */
};

static inline int cli_stage_begin(void **state)
{
    struct cli_stage *stage = calloc(1, sizeof *stage);
    strcpy(stage->folder, "/tmp/twind-cli-XXXXXX");
    *state = stage;
    return mkdtemp(stage->folder) ? 0 : -1;
}

static inline const char *cli_path(const struct cli_stage *stage, const char *name)
{
    static char paths[64][512]; /* enough for what one test holds */
    static int next;
    char *path = paths[next++ % 64];
    snprintf(path, sizeof paths[0], "%s/%s", stage->folder, name);
    return path;
}

static inline int cli_stage_end(void **state)
{
    struct cli_stage *stage = *state;
    DIR *folder = opendir(stage->folder);
    for (struct dirent *entry; folder && (entry = readdir(folder));)
        if (entry->d_name[0] != '.')
            unlink(cli_path(stage, entry->d_name));
    if (folder)
        closedir(folder);
    rmdir(stage->folder);
    free(stage);
    return 0;
}

/* A file of the text, with ' for ". */
static inline const char *cli_file(const struct cli_stage *stage, const char *name,
                                   const char *text)
{
    const char *path = cli_path(stage, name);
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    for (; *text; text++)
        fputc(*text == '\'' ? '"' : *text, file);
    assert_int_equal(fclose(file), 0);
    return path;
}

static inline size_t cli_read(const char *path, char *to, size_t size)
{
    FILE *file = fopen(path, "r");
    if (!file)
        fail_msg("there is no %s", path);
    size_t n = fread(to, 1, size - 1, file);
    to[n] = '\0';
    fclose(file);
    return n;
}

static inline int cli_redirect(int descriptor, const char *path)
{
    fflush(stdout);
    fflush(stderr);
    int kept = dup(descriptor);
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    dup2(fileno(file), descriptor);
    fclose(file);
    return kept;
}

static inline void cli_restore(int descriptor, int kept)
{
    fflush(stdout);
    fflush(stderr);
    dup2(kept, descriptor);
    close(kept);
}

/* Arguments end with NULL. */
static inline int cli_run(struct cli_stage *stage, const struct cli_verb *verb,
                          const char *const *arguments)
{
    char *argv[CLI_ARGUMENTS] = {(char *)verb->name};
    int argc = 1;
    for (; *arguments; arguments++)
        argv[argc++] = (char *)*arguments;
    int out = cli_redirect(STDOUT_FILENO, cli_path(stage, "stdout"));
    int err = cli_redirect(STDERR_FILENO, cli_path(stage, "stderr"));
    int status = verb->run(argc, argv);
    cli_restore(STDOUT_FILENO, out);
    cli_restore(STDERR_FILENO, err);
    cli_read(cli_path(stage, "stdout"), stage->out, sizeof stage->out);
    cli_read(cli_path(stage, "stderr"), stage->err, sizeof stage->err);
    return status;
}

#define CLI_RUN(stage, verb, ...)                                                          \
    cli_run((stage), (verb), (const char *const[]){__VA_ARGS__, NULL})

#define CLI_TEST(test) cmocka_unit_test_setup_teardown(test, cli_stage_begin, cli_stage_end)

#endif
