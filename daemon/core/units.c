/* Finding a unit by any of its spellings, converting, and helping who misspelt one. */
#include "twind/units.h"

#include "twind/psychro.h"
#include "twind/units_table.h"

#include <stdio.h>
#include <string.h>

enum { SPELLING = 32 };

const struct units_conversion units_same = {.scale = 1};

/* Letters with several codes, and what may be left out. */
static const char *const plain[][2] = {
    {"\xC2\xB5", "u"},
    {"\xCE\xBC", "u"},
    {"\xC2\xB2", "2"},
    {"\xC2\xB3", "3"},
    {"\xC2\xB7", "."},
    {"\xE2\x8B\x85", "."},
    {"\xCE\xA9", "Ohm"},
    {"\xE2\x84\xA6", "Ohm"},
    {"\xE2\x81\xBB", "-"},
    {"\xC2\xB9", "1"},
    {"^", ""},
    {"*", ""},
    {" ", ""},
    {"\xC2\xA0", ""},
};

/* Puts the plain form of the character at `at` to `to`, and answers its length here. */
static size_t put_plain(const char *at, char **to, const char *end)
{
    for (size_t i = 0; i < sizeof plain / sizeof *plain; i++) {
        size_t n = strlen(plain[i][0]), m = strlen(plain[i][1]);
        if (strncmp(at, plain[i][0], n) != 0)
            continue;
        if ((size_t)(end - *to) > m) {
            memcpy(*to, plain[i][1], m);
            *to += m;
        }
        return n;
    }
    if (*to < end)
        *(*to)++ = *at;
    return 1;
}

/* In plain letters and without UCUM's {annotations}; cut at SPELLING, which no unit
 * reaches. */
static void make_plain(const char *unit, char to[SPELLING])
{
    char *end = &to[SPELLING - 1];
    while (*unit) {
        const char *close = *unit == '{' ? strchr(unit, '}') : NULL;
        unit = close ? close + 1 : unit + put_plain(unit, &to, end);
    }
    *to = '\0';
}

static const struct units_row *lookup(const char *spelling)
{
    char wanted[SPELLING + 2] = " ";
    size_t n = strlen(spelling);
    if (n == 0 || n >= SPELLING || strchr(spelling, ' '))
        return NULL;
    memcpy(wanted + 1, spelling, n + 1);
    wanted[n + 1] = ' ';
    wanted[n + 2] = '\0';
    for (size_t i = 0; i < units_table_n; i++)
        if (strstr(units_table[i].spellings, wanted))
            return &units_table[i];
    return NULL;
}

/* "EUR/kWh": the code of a currency (ISO 4217) stands for the 1. */
static const struct units_row *lookup_price(const char *spelling)
{
    if (strspn(spelling, "ABCDEFGHIJKLMNOPQRSTUVWXYZ") != 3 || spelling[3] != '/')
        return NULL;
    const struct units_row *unit = lookup(spelling + 3);
    return unit && unit->quantity == UNITS_PRICE_OF_ENERGY ? unit : NULL;
}

/* No unit at all is "1". */
static const struct units_row *find(const char *unit)
{
    char spelling[SPELLING] = "";
    const struct units_row *found = lookup(unit);
    if (found)
        return found;
    make_plain(unit, spelling);
    found = lookup(*spelling ? spelling : "1");
    return found ? found : lookup_price(spelling);
}

/* -- what to say of a unit that is not known -- */

static unsigned letter_cost(char a, char b)
{
    if (a == b)
        return 0;
    bool letters = (a | 0x20) >= 'a' && (a | 0x20) <= 'z';
    return letters && (a ^ b) == 0x20 ? 1 : 2;
}

static unsigned least(unsigned a, unsigned b, unsigned c)
{
    unsigned ab = a < b ? a : b;
    return ab < c ? ab : c;
}

/* Edits from one text to the other; another case is half an edit. */
static unsigned edits(const char *a, const char *b, size_t length_b)
{
    unsigned row[SPELLING + 1];
    for (size_t j = 0; j <= length_b; j++)
        row[j] = (unsigned)(2 * j);
    for (; *a; a++) {
        unsigned corner = row[0];
        row[0] += 2;
        for (size_t j = 1; j <= length_b; j++) {
            unsigned above = row[j];
            row[j] = least(above + 2, row[j - 1] + 2, corner + letter_cost(*a, b[j - 1]));
            corner = above;
        }
    }
    return row[length_b];
}

static void nearest(const char *unit, char to[SPELLING])
{
    unsigned best = (unsigned)-1;
    for (size_t i = 0; i < units_table_n; i++) {
        const char *at = units_table[i].spellings + 1;
        while (*at) {
            size_t n = strcspn(at, " ");
            unsigned cost = edits(unit, at, n);
            if (cost < best) {
                best = cost;
                memcpy(to, at, n);
                to[n] = '\0';
            }
            at += n + 1;
        }
    }
}

static bool fail_unknown(const char *unit, struct err *e)
{
    char spelling[SPELLING] = "", known[SPELLING] = "";
    if (!e)
        return false;
    make_plain(unit, spelling);
    nearest(spelling, known);
    return err_set(e, "unit \"%.40s\" is not known; the nearest that is: \"%s\"", unit,
                   known);
}

/* The first spelling of each unit of a quantity. */
static void list_quantity(int quantity, char *to, size_t size)
{
    size_t used = 0;
    for (size_t i = 0; i < units_table_n; i++) {
        int n = (int)strcspn(units_table[i].spellings + 1, " ");
        if (units_table[i].quantity != quantity || used + (size_t)n + 3 > size)
            continue;
        used += (size_t)snprintf(to + used, size - used, "%s%.*s", used ? ", " : "", n,
                                 units_table[i].spellings + 1);
    }
}

/* -- */

static bool convert_gas(const struct units_row *from, const struct units_row *to,
                        double molar_mass, struct units_conversion *made)
{
    bool to_mass = from->quantity == UNITS_FRACTION && to->quantity == UNITS_DENSITY;
    bool to_fraction = from->quantity == UNITS_DENSITY && to->quantity == UNITS_FRACTION;
    if (!(molar_mass > 0) || (!to_mass && !to_fraction))
        return false;
    *made = (struct units_conversion){.scale = from->factor / to->factor,
                                      .gas = to_mass ? 1 : -1,
                                      .molar_mass = molar_mass};
    return true;
}

bool units_known(const char *unit, struct err *e)
{
    return find(unit) ? true : fail_unknown(unit, e);
}

bool units_convert(const char *from, const char *to, double molar_mass,
                   struct units_conversion *made, struct err *e)
{
    *made = units_same;
    if (!*from || strcmp(from, to) == 0)
        return true;
    const struct units_row *a = find(from), *b = find(to);
    if (!a || !b)
        return fail_unknown(a ? to : from, e);
    if (a->quantity == b->quantity) {
        made->scale = a->factor / b->factor;
        made->offset = (a->offset - b->offset) / b->factor;
        return true;
    }
    if (convert_gas(a, b, molar_mass, made))
        return true;
    if (!e)
        return false;
    char allowed[200];
    list_quantity(b->quantity, allowed, sizeof allowed);
    return err_set(e, "unit \"%.40s\" is %s, but \"%.40s\" is wanted, %s: give one of %s",
                   from, units_quantity_name(a->quantity), to,
                   units_quantity_name(b->quantity), allowed);
}

double units_apply(const struct units_conversion *c, double value, double temperature,
                   double pressure)
{
    value = value * c->scale + c->offset;
    if (c->gas == 0)
        return value;
    double factor = psychro_ug_per_ppb(c->molar_mass, temperature, pressure);
    return c->gas > 0 ? value * factor : value / factor;
}
