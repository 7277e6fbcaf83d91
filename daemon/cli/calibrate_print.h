/* What `twinctl calibrate` tells. */
#ifndef TWIND_CLI_CALIBRATE_PRINT_H
#define TWIND_CLI_CALIBRATE_PRINT_H

#include "twind/calibrate.h"

void calibrate_print(const struct calibrate_task *task, const char *twin,
                     const struct calibrate_result *result);

const char *calibrate_verdict(const struct calibrate_result *result);

/* Verdict, errors and what has changed, in one line. */
void calibrate_print_line(const struct calibrate_task *task, bool applied,
                          const struct calibrate_result *result);

/* One line on a terminal, over and over. */
void calibrate_print_progress(void *context, size_t done, size_t about, double error);

#endif
