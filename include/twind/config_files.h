/* What the configuration names outside itself: folders, secrets, certificates. */
#ifndef TWIND_CONFIG_FILES_H
#define TWIND_CONFIG_FILES_H

#include "twind/config_report.h"

/* Defaults that hang on the environment, paths made whole, empty names made NULL, the port
 * put to the url. `root` : of the main file. */
void config_files_complete(struct config_reader *reader, const struct config_place *root,
                           char *(*environment)(const char *name), struct config *config);

/* Finds the broker's files, checks that they can be read, reads the password. */
void config_files_read(struct config_reader *reader, const struct config_place *root,
                       char *(*environment)(const char *name), struct config *config);

/* FOLDER/twins.d/ *.json of the folder that `file` is in, sorted. Free each and the list.
 */
size_t config_files_dropins(const char *file, char ***paths);

#endif
