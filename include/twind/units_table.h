/* The table of units, for units.c alone: base = value * factor + offset. */
#ifndef TWIND_UNITS_TABLE_H
#define TWIND_UNITS_TABLE_H

#include <stddef.h>

/* Those that units.c has to know apart; the others are in the table only. */
enum units_quantity { UNITS_FRACTION, UNITS_DENSITY, UNITS_PRICE_OF_ENERGY };

/* Spellings stand between spaces, the UCUM one first where it is in use. */
struct units_row {
    int quantity; /* equal for what can be converted */
    double factor, offset;
    const char *spellings;
};

extern const struct units_row units_table[];
extern const size_t units_table_n;

/* "temperature", "a fraction", ... */
const char *units_quantity_name(int quantity);

#endif
