/* Numbers as text, quickly. */
#ifndef TWIND_DECIMAL_H
#define TWIND_DECIMAL_H

#include <stddef.h>

enum { DECIMAL_ROOM = 32 };

/* What printf("%.*g", digits, number) writes, character by character, for 1 to 17 digits;
 * returns its length. Usual numbers take a fifth of the time. */
size_t decimal_write(char to[DECIMAL_ROOM], double number, int digits);

#endif
