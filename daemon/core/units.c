/* Units by table: base = value * factor + offset. Factors from the SI Brochure (9th
 * edition, 2019) and NIST SP 811 (2008), appendix B; spellings from UCUM, RFC 8428/8798
 * (SenML) and Home Assistant. */
#include "twind/units.h"

#include "twind/psychro.h"

#include <stdio.h>
#include <string.h>

enum quantity {
    TEMPERATURE,
    FRACTION,
    DENSITY,
    MIXING_RATIO,
    PRESSURE,
    POWER,
    ENERGY,
    IRRADIANCE,
    ILLUMINANCE,
    PHOTON_FLUX,
    PHOTON_DOSE,
    PHOTON_EFFICACY,
    SPEED,
    ANGLE,
    TIME,
    RATE,
    MASS,
    LENGTH,
    AREA,
    VOLUME,
    VOLUME_FLOW,
    MASS_FLOW,
    MASS_FLUX,
    VOLTAGE,
    CURRENT,
    RESISTANCE,
    CHARGE,
    APPARENT_POWER,
    REACTIVE_POWER,
    APPARENT_ENERGY,
    REACTIVE_ENERGY,
    PRICE_OF_ENERGY,
    TRANSMITTANCE,
    CONDUCTANCE,
    HEAT_CAPACITY,
    CLOTHING,
    METABOLISM,
    LENGTH_DENSITY,
    RESISTANCE_TO_FLOW,
    CONDUCTIVITY,
    LEVEL,
    LEVEL_OF_POWER,
    ACIDITY,
    RADIOACTIVITY,
    FORCE,
    TORQUE,
    DATA,
    DATA_RATE,
    N_QUANTITIES
};

static const char *const names[] = {
    [TEMPERATURE] = "temperature",
    [FRACTION] = "a fraction",
    [DENSITY] = "mass per volume",
    [MIXING_RATIO] = "a mixing ratio",
    [PRESSURE] = "pressure",
    [POWER] = "power",
    [ENERGY] = "energy",
    [IRRADIANCE] = "irradiance",
    [ILLUMINANCE] = "illuminance",
    [PHOTON_FLUX] = "photon flux",
    [PHOTON_DOSE] = "photons per area",
    [PHOTON_EFFICACY] = "photons per energy",
    [SPEED] = "speed",
    [ANGLE] = "an angle",
    [TIME] = "time",
    [RATE] = "events per time",
    [MASS] = "mass",
    [LENGTH] = "length",
    [AREA] = "area",
    [VOLUME] = "volume",
    [VOLUME_FLOW] = "volume flow",
    [MASS_FLOW] = "mass flow",
    [MASS_FLUX] = "mass flow per area",
    [VOLTAGE] = "voltage",
    [CURRENT] = "current",
    [RESISTANCE] = "resistance",
    [CHARGE] = "charge",
    [APPARENT_POWER] = "apparent power",
    [REACTIVE_POWER] = "reactive power",
    [APPARENT_ENERGY] = "apparent energy",
    [REACTIVE_ENERGY] = "reactive energy",
    [PRICE_OF_ENERGY] = "money per energy",
    [TRANSMITTANCE] = "thermal transmittance",
    [CONDUCTANCE] = "thermal conductance",
    [HEAT_CAPACITY] = "heat capacity per area",
    [CLOTHING] = "clothing insulation",
    [METABOLISM] = "metabolic rate",
    [LENGTH_DENSITY] = "length per area",
    [RESISTANCE_TO_FLOW] = "resistance to flow",
    [CONDUCTIVITY] = "conductivity",
    [LEVEL] = "sound level",
    [LEVEL_OF_POWER] = "signal power",
    [ACIDITY] = "acidity",
    [RADIOACTIVITY] = "radioactivity",
    [FORCE] = "force",
    [TORQUE] = "torque",
    [DATA] = "data",
    [DATA_RATE] = "data rate",
};
_Static_assert(sizeof names / sizeof *names == N_QUANTITIES, "a name for each quantity");

/* Spellings stand between spaces, the UCUM one first where it is in use. */
static const struct unit {
    enum quantity quantity;
    double factor, offset;
    const char *spellings;
} units[] = {
    {TEMPERATURE, 1, 273.15, " Cel C °C degC celsius Celsius ℃ ºC "},
    {TEMPERATURE, 1, 0, " K kelvin °K "},
    {TEMPERATURE, 5 / 9.0, 459.67 * 5 / 9, " [degF] F °F degF fahrenheit Fahrenheit ℉ ºF "},
    {FRACTION, 1e7, 0, " % %RH %rh %EL /100 percent pct vol% %vol "},
    {FRACTION, 1e9, 0, " 1 / m3/m3 m2/m2 "},
    {FRACTION, 1e6, 0, " ‰ /1000 [ppth] "},
    {FRACTION, 1e3, 0, " ppm [ppm] ppmv "},
    {FRACTION, 1, 0, " ppb [ppb] ppbv "},
    {DENSITY, 1, 0, " ug/m3 mcg/m3 "},
    {DENSITY, 1e3, 0, " mg/m3 ug/L ug/l "},
    {DENSITY, 1e6, 0, " g/m3 mg/L mg/l "},
    {DENSITY, 1e9, 0, " kg/m3 g/L g/l "},
    {MIXING_RATIO, 1, 0, " g/kg "},
    {MIXING_RATIO, 1e3, 0, " kg/kg "},
    {PRESSURE, 1, 0, " Pa "},
    {PRESSURE, 100, 0, " hPa mbar "},
    {PRESSURE, 1e3, 0, " kPa "},
    {PRESSURE, 1e5, 0, " bar "},
    {PRESSURE, 1e6, 0, " MPa "},
    {PRESSURE, 133.322, 0, " mm[Hg] mmHg Torr torr "},
    {PRESSURE, 3386.389, 0, " [in_i'Hg] inHg "},
    {PRESSURE, 6894.757, 0, " [psi] psi "},
    {POWER, 1e-3, 0, " mW "},
    {POWER, 1, 0, " W J/s "},
    {POWER, 1e3, 0, " kW "},
    {POWER, 1e6, 0, " MW "},
    {POWER, 1e9, 0, " GW "},
    {POWER, 0.2930711, 0, " BTU/h "},
    {ENERGY, 1, 0, " J W.s Ws "},
    {ENERGY, 1e3, 0, " kJ "},
    {ENERGY, 1e6, 0, " MJ "},
    {ENERGY, 1e9, 0, " GJ "},
    {ENERGY, 3600, 0, " Wh W.h "},
    {ENERGY, 3.6e6, 0, " kWh kW.h "},
    {ENERGY, 3.6e9, 0, " MWh MW.h "},
    {ENERGY, 3.6e12, 0, " GWh GW.h "},
    {IRRADIANCE, 1, 0, " W/m2 J/(m2.s) "},
    {IRRADIANCE, 1e3, 0, " kW/m2 "},
    {ILLUMINANCE, 1, 0, " lx lux Lux "},
    {ILLUMINANCE, 1e3, 0, " klx klux "},
    {PHOTON_FLUX, 1, 0, " umol/(m2.s) umol/m2/s umol.m-2.s-1 umol/s/m2 umol/m2s "},
    {PHOTON_DOSE, 1, 0, " mol/m2 mol/m2/d mol/(m2.d) "},
    {PHOTON_EFFICACY, 1, 0, " umol/J "},
    {SPEED, 1, 0, " m/s "},
    {SPEED, 1 / 3.6, 0, " km/h kph kmh "},
    {SPEED, 0.44704, 0, " [mi_i]/h mph mi/h "},
    {SPEED, 1852 / 3600.0, 0, " [kn_i] kn kt kts knot knots "},
    {SPEED, 0.3048, 0, " [ft_i]/s ft/s fps "},
    {SPEED, 0.001 / 3600, 0, " mm/h "},
    {SPEED, 0.001 / 86400, 0, " mm/d "},
    {SPEED, 0.0254 / 3600, 0, " [in_i]/h in/h "},
    {SPEED, 1 / 3600.0, 0, " m/h "},
    {ANGLE, 1, 0, " deg ° degrees "},
    {ANGLE, 57.29577951308232, 0, " rad "},
    {TIME, 1e-3, 0, " ms "},
    {TIME, 1, 0, " s sec "},
    {TIME, 60, 0, " min "},
    {TIME, 3600, 0, " h hr hours "},
    {TIME, 86400, 0, " d day days "},
    {RATE, 1, 0, " Hz 1/s /s "},
    {RATE, 1e3, 0, " kHz "},
    {RATE, 1e6, 0, " MHz "},
    {RATE, 1 / 60.0, 0, " 1/min /min rpm RPM beat/min "},
    {RATE, 1 / 3600.0, 0, " 1/h /h veh/h vehicles/h "},
    {RATE, 1 / 86400.0, 0, " 1/d /d "},
    {MASS, 1e-9, 0, " ug mcg "},
    {MASS, 1e-6, 0, " mg "},
    {MASS, 1e-3, 0, " g "},
    {MASS, 1, 0, " kg "},
    {MASS, 1e3, 0, " t "},
    {MASS, 0.45359237, 0, " [lb_av] lb lbs "},
    {LENGTH, 1e-3, 0, " mm L/m2 l/m2 "},
    {LENGTH, 1e-2, 0, " cm "},
    {LENGTH, 1, 0, " m "},
    {LENGTH, 1e3, 0, " km "},
    {LENGTH, 0.0254, 0, " [in_i] in "},
    {LENGTH, 0.3048, 0, " [ft_i] ft "},
    {LENGTH, 1609.344, 0, " [mi_i] mi "},
    {AREA, 1e-4, 0, " cm2 "},
    {AREA, 1, 0, " m2 "},
    {AREA, 1e4, 0, " ha har "},
    {VOLUME, 1e-6, 0, " mL ml cm3 "},
    {VOLUME, 1e-3, 0, " L l dm3 "},
    {VOLUME, 1, 0, " m3 "},
    {VOLUME, 0.028316846592, 0, " [cft_i] ft3 "},
    {VOLUME, 2.8316846592, 0, " CCF "},
    {VOLUME, 0.003785411784, 0, " [gal_us] gal "},
    {VOLUME_FLOW, 1, 0, " m3/s "},
    {VOLUME_FLOW, 1 / 3600.0, 0, " m3/h "},
    {VOLUME_FLOW, 1e-3, 0, " L/s l/s "},
    {VOLUME_FLOW, 1e-3 / 60, 0, " L/min l/min "},
    {VOLUME_FLOW, 1e-3 / 3600, 0, " L/h l/h "},
    {VOLUME_FLOW, 0.028316846592 / 60, 0, " [cft_i]/min ft3/min cfm "},
    {VOLUME_FLOW, 0.003785411784 / 60, 0, " [gal_us]/min gal/min gpm "},
    {MASS_FLOW, 1, 0, " kg/s "},
    {MASS_FLOW, 1 / 3600.0, 0, " kg/h "},
    {MASS_FLOW, 1e-3, 0, " g/s "},
    {MASS_FLOW, 1e-3 / 3600, 0, " g/h "},
    {MASS_FLOW, 1e3 / 3600, 0, " t/h "},
    {MASS_FLUX, 1e-9, 0, " ug/(m2.s) ug/m2/s "},
    {MASS_FLUX, 1e-6, 0, " mg/(m2.s) mg/m2/s "},
    {MASS_FLUX, 1e-3, 0, " g/(m2.s) g/m2/s "},
    {MASS_FLUX, 1, 0, " kg/(m2.s) kg/m2/s "},
    {MASS_FLUX, 1e-3 / 3600, 0, " g/(m2.h) g/m2/h "},
    {MASS_FLUX, 1 / 3600.0, 0, " kg/(m2.h) kg/m2/h L/(m2.h) "},
    {VOLTAGE, 1e-6, 0, " uV "},
    {VOLTAGE, 1e-3, 0, " mV "},
    {VOLTAGE, 1, 0, " V "},
    {VOLTAGE, 1e3, 0, " kV "},
    {CURRENT, 1e-6, 0, " uA "},
    {CURRENT, 1e-3, 0, " mA "},
    {CURRENT, 1, 0, " A "},
    {RESISTANCE, 1, 0, " Ohm ohm "},
    {RESISTANCE, 1e3, 0, " kOhm kohm "},
    {RESISTANCE, 1e6, 0, " MOhm Mohm "},
    {CHARGE, 3.6, 0, " mAh "},
    {CHARGE, 3600, 0, " Ah A.h "},
    {APPARENT_POWER, 1, 0, " VA V.A "},
    {APPARENT_POWER, 1e3, 0, " kVA "},
    {REACTIVE_POWER, 1, 0, " var VAR "},
    {REACTIVE_POWER, 1e3, 0, " kvar kVAR "},
    {APPARENT_ENERGY, 1, 0, " VAh vah "},
    {APPARENT_ENERGY, 1e3, 0, " kVAh "},
    {REACTIVE_ENERGY, 1, 0, " varh VARh "},
    {REACTIVE_ENERGY, 1e3, 0, " kvarh kVARh "},
    {PRICE_OF_ENERGY, 1, 0, " 1/kWh /kWh $/kWh €/kWh £/kWh "},
    {PRICE_OF_ENERGY, 0.01, 0, " ct/kWh c/kWh cent/kWh p/kWh ¢/kWh "},
    {PRICE_OF_ENERGY, 0.001, 0, " 1/MWh /MWh $/MWh €/MWh £/MWh "},
    {TRANSMITTANCE, 1, 0, " W/(m2.K) W/m2/K W/m2K "},
    {CONDUCTANCE, 1, 0, " W/K "},
    {HEAT_CAPACITY, 1, 0, " J/(m2.K) "},
    {HEAT_CAPACITY, 1e3, 0, " kJ/(m2.K) "},
    {HEAT_CAPACITY, 3600, 0, " Wh/(m2.K) "},
    {CLOTHING, 1, 0, " clo "},
    {CLOTHING, 1 / 0.155, 0, " m2.K/W "},
    {METABOLISM, 1, 0, " met "},
    {LENGTH_DENSITY, 1, 0, " m/m2 "},
    {RESISTANCE_TO_FLOW, 1, 0, " s/m "},
    {CONDUCTIVITY, 1, 0, " S/m "},
    {CONDUCTIVITY, 0.1, 0, " mS/cm dS/m "},
    {CONDUCTIVITY, 1e-4, 0, " uS/cm "},
    {LEVEL, 1, 0, " dB dBA dB(A) "},
    {LEVEL_OF_POWER, 1, 0, " dBm dB[mW] "},
    {ACIDITY, 1, 0, " pH [pH] "},
    {RADIOACTIVITY, 1, 0, " Bq/m3 "},
    {RADIOACTIVITY, 37, 0, " pCi/L pCi/l "},
    {FORCE, 1, 0, " N "},
    {FORCE, 1e3, 0, " kN "},
    {TORQUE, 1, 0, " N.m Nm "},
    {DATA, 1, 0, " B By "},
    {DATA, 1e3, 0, " kB "},
    {DATA, 1e6, 0, " MB "},
    {DATA, 1e9, 0, " GB "},
    {DATA, 1024, 0, " KiB "},
    {DATA, 1048576, 0, " MiB "},
    {DATA, 1073741824, 0, " GiB "},
    {DATA_RATE, 1, 0, " bit/s bps "},
    {DATA_RATE, 1e3, 0, " kbit/s "},
    {DATA_RATE, 1e6, 0, " Mbit/s "},
    {DATA_RATE, 8, 0, " B/s "},
    {DATA_RATE, 8e3, 0, " kB/s "},
    {DATA_RATE, 8e6, 0, " MB/s "},
};

enum { N_UNITS = sizeof units / sizeof *units, SPELLING = 32 };

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
    char *end = to + SPELLING - 1;
    while (*unit) {
        const char *close = *unit == '{' ? strchr(unit, '}') : NULL;
        unit = close ? close + 1 : unit + put_plain(unit, &to, end);
    }
    *to = '\0';
}

static const struct unit *lookup(const char *spelling)
{
    char wanted[SPELLING + 2];
    size_t n = strlen(spelling);
    if (n == 0 || n >= SPELLING || strchr(spelling, ' '))
        return NULL;
    wanted[0] = ' ';
    memcpy(wanted + 1, spelling, n);
    memcpy(wanted + 1 + n, " ", 2);
    for (size_t i = 0; i < N_UNITS; i++)
        if (strstr(units[i].spellings, wanted))
            return &units[i];
    return NULL;
}

/* "EUR/kWh": the code of a currency (ISO 4217) stands for the 1. */
static const struct unit *lookup_price(const char *spelling)
{
    if (strspn(spelling, "ABCDEFGHIJKLMNOPQRSTUVWXYZ") != 3 || spelling[3] != '/')
        return NULL;
    const struct unit *unit = lookup(spelling + 3);
    return unit && unit->quantity == PRICE_OF_ENERGY ? unit : NULL;
}

/* No unit at all is "1". */
static const struct unit *find(const char *unit)
{
    char spelling[SPELLING];
    const struct unit *found = lookup(unit);
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
    for (size_t i = 0; i < N_UNITS; i++) {
        const char *at = units[i].spellings + 1;
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
    char spelling[SPELLING], known[SPELLING];
    if (!e)
        return false;
    make_plain(unit, spelling);
    nearest(spelling, known);
    return err_set(e, "unit \"%.40s\" is not known; the nearest that is: \"%s\"", unit,
                   known);
}

/* The first spelling of each unit of a quantity. */
static void list_quantity(enum quantity quantity, char *to, size_t size)
{
    size_t used = 0;
    for (size_t i = 0; i < N_UNITS; i++) {
        int n = (int)strcspn(units[i].spellings + 1, " ");
        if (units[i].quantity != quantity || used + (size_t)n + 3 > size)
            continue;
        used += (size_t)snprintf(to + used, size - used, "%s%.*s", used ? ", " : "", n,
                                 units[i].spellings + 1);
    }
}

/* -- */

static bool convert_gas(const struct unit *from, const struct unit *to, double molar_mass,
                        struct units_conversion *made)
{
    bool to_mass = from->quantity == FRACTION && to->quantity == DENSITY;
    bool to_fraction = from->quantity == DENSITY && to->quantity == FRACTION;
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
    const struct unit *a = find(from), *b = find(to);
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
                   from, names[a->quantity], to, names[b->quantity], allowed);
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
