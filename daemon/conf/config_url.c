/* The broker's address. */
#include "twind/config_url.h"

#include <stdlib.h>
#include <string.h>

static bool fail(const char *text, const char *why, struct err *e)
{
    return err_set(e, "\"%s\": %s; write mqtt://HOST:PORT, or mqtts://HOST:PORT for TLS",
                   text, why);
}

/* The end of the host, NULL: there is none. */
static const char *host_end(const char *host)
{
    size_t n = *host == '[' ? strcspn(host, "]") : strcspn(host, ":/?#@ \t");
    if (*host == '[')
        n = host[n] ? n + 1 : 0;
    return n > (*host == '[' ? 2 : 0) ? host + n : NULL;
}

bool config_url_read(const char *text, struct config_url *url, struct err *e)
{
    const char *host = strstr(text, "://");
    if (!host || (strncmp(text, "mqtt://", 7) != 0 && strncmp(text, "mqtts://", 8) != 0))
        return fail(text, "the scheme is not known", e);
    *url = (struct config_url){.tls = text[4] == 's'};
    const char *end = host_end(host + 3);
    if (!end)
        return fail(text, "the host is missing", e);
    url->port = url->tls ? 8883 : 1883;
    if (*end == '\0')
        return true;
    size_t digits = *end == ':' ? strspn(end + 1, "0123456789") : 0;
    if (*end != ':' || end[1 + digits] || digits == 0 || digits > 5)
        return fail(text, "after the host only a port is allowed", e);
    url->port = (unsigned)strtoul(end + 1, NULL, 10);
    url->port_given = true;
    if (url->port < 1 || url->port > 65535)
        return fail(text, "the port must be 1 to 65535", e);
    return true;
}
