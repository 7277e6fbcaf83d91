/* A broker's address: mqtt:// or mqtts://, host, port. IPv6 in brackets. */
#ifndef TWIND_CONFIG_URL_H
#define TWIND_CONFIG_URL_H

#include "twind/err.h"

struct config_url {
    bool tls;
    unsigned port; /* given, or 1883, 8883 */
    bool port_given;
};

bool config_url_read(const char *text, struct config_url *url, struct err *e);

#endif
