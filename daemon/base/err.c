#include "twind/err.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

bool err_set(struct err *e, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    vsnprintf(e->text, sizeof e->text, format, args);
    va_end(args);
    return false;
}

bool err_wrap(struct err *e, const char *format, ...)
{
    char context[ERR_TEXT];
    va_list args;
    va_start(args, format);
    vsnprintf(context, sizeof context, format, args);
    va_end(args);
    /* the end of the old text gives way, never the context */
    size_t used = strlen(context);
    const size_t room = sizeof e->text - 3;
    if (used > room)
        used = room;
    memmove(e->text + used + 2, e->text, sizeof e->text - used - 2);
    memcpy(e->text, context, used);
    memcpy(e->text + used, ": ", 2);
    e->text[sizeof e->text - 1] = '\0';
    return false;
}
