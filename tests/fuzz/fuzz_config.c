/* Any text as a configuration: it is refused with words, or loads; and what loads is dumped
 * as a text that loads again. */
#include "twind/config.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void say(void *context, bool warning, const char *text)
{
    size_t *errors = context;
    *errors += !warning && text[0] != '\0';
}

/* As a configuration. False: refused. `dump`: what it says, to be freed. */
static bool take(const char *text, char **dump)
{
    size_t errors = 0, length = 0;
    struct config_report report = {&errors, say};
    struct config config;
    if (!config_load_text(text, &report, &config)) {
        if (errors == 0)
            abort(); /* refused without a word */
        return false;
    }
    FILE *to = open_memstream(dump, &length);
    if (!to)
        abort();
    config_dump(&config, to);
    fclose(to);
    config_clear(&config);
    return true;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *text = calloc(size + 1, 1), *first = NULL, *second = NULL;
    if (!text)
        abort();
    memcpy(text, data, size);
    if (take(text, &first)) {
        if (!take(first, &second) || strcmp(first, second) != 0)
            abort(); /* the dump is not what was loaded */
        free(second);
    }
    free(first);
    free(text);
    return 0;
}
