#include "twind/attempt.h"

#include "twind/overlay.h"
#include "twind/times.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

static FILE *open_file(const char *state_dir, const char *twin, const char *mode)
{
    struct text path = {0};
    text_put(&path, "%s/calibrations/%s.last", state_dir, twin);
    FILE *file = fopen(path.at, mode);
    text_free(&path);
    return file;
}

bool attempt_read(const char *state_dir, const char *twin, struct attempt *attempt)
{
    char line[TIME_TEXT + ATTEMPT_TEXT + 16] = "", word[8], time[TIME_TEXT];
    FILE *file = open_file(state_dir, twin, "r");
    int used = 0;
    bool read = file && fgets(line, sizeof line, file) &&
                sscanf(line, "%31s %7s %n", time, word, &used) == 2 &&
                times_parse(time, strlen(time), 0, &attempt->time);
    if (file)
        fclose(file);
    if (!read)
        return false;
    attempt->well = strcmp(word, "ok") == 0;
    snprintf(attempt->text, sizeof attempt->text, "%.*s", (int)strcspn(line + used, "\n"),
             line + used);
    return true;
}

bool attempt_write(const char *state_dir, const char *twin, const struct attempt *attempt)
{
    char time[TIME_TEXT], *folder = overlay_folder(state_dir);
    mkdir(folder, 0750);
    free(folder);
    FILE *file = open_file(state_dir, twin, "w");
    if (!file)
        return false;
    bool done = fprintf(file, "%s %s %s\n", times_format(attempt->time, time),
                        attempt->well ? "ok" : "failed", attempt->text) > 0;
    return fclose(file) == 0 && done;
}
