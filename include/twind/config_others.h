/* Rules that look at signals of other twins. */
#ifndef TWIND_CONFIG_OTHERS_H
#define TWIND_CONFIG_OTHERS_H

#include "twind/config_report.h"

/* Once all twins are known: that those which the rules in this file name are there, with
 * these signals, and that what a rule puts together has one unit. A twin that a fleet may
 * yet bring is taken to come. `root` is the file's. */
void config_others_check(struct config_reader *reader, const struct config_place *root,
                         const struct config *config);

#endif
