/* The descriptors that kinds.c lists: one line for each kind. */
#ifndef KINDS_KINDS_H
#define KINDS_KINDS_H

#include "twind/kind.h"

extern const struct kind kind_generic;
extern const struct kind kind_greenhouse;
extern const struct kind kind_building;
extern const struct kind kind_air_quality;

#endif
