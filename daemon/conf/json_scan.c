/* A strict reader of JSON (RFC 8259): one loop over the tokens, no recursion, so that depth
 * costs one bit a level. cJSON builds the tree afterwards; what it would let pass (01, 1.,
 * 1e999, trailing garbage, control characters, too deep a nesting) is stopped here. */
#include "twind/json_scan.h"

#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum {
    NUMBER_MAX = 63, /* cJSON reads no longer number */
};

enum expect { VALUE, FIRST_VALUE, KEY, FIRST_KEY, NEXT };

struct cursor {
    const char *text, *at, *end;
    struct json_scan *scan;
    enum expect expect;
    uint64_t
        objects; /* a bit for each open level: 1 = object, 0 = list; innermost lowest */
    int depth;
    size_t n_values;
    const char *key;
    bool found;
};

/* Bytes of the UTF-8 character at `at`; 0: it is none. */
static size_t utf8_length(const char *at, const char *end)
{
    const unsigned char *s = (const unsigned char *)at;
    size_t left = (size_t)(end - at);
    if (left == 0)
        return 0;
    if (s[0] < 0x80)
        return 1;
    size_t n = s[0] < 0xC2 ? 0 : s[0] < 0xE0 ? 2 : s[0] < 0xF0 ? 3 : s[0] < 0xF5 ? 4 : 0;
    if (n == 0 || n > left)
        return 0;
    for (size_t i = 1; i < n; i++)
        if ((s[i] & 0xC0) != 0x80)
            return 0;
    bool overlong = (s[0] == 0xE0 && s[1] < 0xA0) || (s[0] == 0xF0 && s[1] < 0x90);
    bool surrogate = s[0] == 0xED && s[1] > 0x9F;
    bool too_high = s[0] == 0xF4 && s[1] > 0x8F;
    return overlong || surrogate || too_high ? 0 : n;
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static void skip_space(struct cursor *c)
{
    while (c->at < c->end &&
           (*c->at == ' ' || *c->at == '\n' || *c->at == '\t' || *c->at == '\r'))
        c->at++;
}

static bool is_hex(char c)
{
    return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

/* At a backslash. */
static const char *scan_escape(struct cursor *c)
{
    if (c->end - c->at < 2)
        return "a string that does not end";
    char what = c->at[1];
    if (what == 'u') {
        bool wrong = c->end - c->at < 6;
        for (int i = 2; i < 6 && !wrong; i++)
            wrong = !is_hex(c->at[i]);
        if (wrong)
            return "expected four hexadecimal digits after \\u";
        if (c->scan->strict && memcmp(c->at + 2, "0000", 4) == 0)
            return "\\u0000 is not allowed in a string";
        c->at += 6;
        return NULL;
    }
    if (what == '\0' || !strchr("\"\\/bfnrt", what))
        return "an unknown escape; a backslash itself is written \\\\";
    c->at += 2;
    return NULL;
}

static const char *scan_odd_byte(struct cursor *c)
{
    if ((unsigned char)*c->at < 0x20)
        return "a line end or control character inside a string; is a quote missing?";
    size_t n = utf8_length(c->at, c->end);
    if (n == 0)
        return "a byte that is not UTF-8";
    c->at += n;
    return NULL;
}

/* At the opening quote. */
static const char *scan_string(struct cursor *c)
{
    const char *quote = c->at++;
    while (c->at < c->end && *c->at != '"') {
        const char *fault = NULL;
        unsigned char byte = (unsigned char)*c->at;
        if (byte == '\\')
            fault = scan_escape(c);
        else if (c->scan->strict && (byte < 0x20 || byte >= 0x80))
            fault = scan_odd_byte(c);
        else
            c->at++;
        if (fault)
            return fault;
    }
    if (c->at == c->end) {
        c->at = quote;
        return "a string that does not end";
    }
    c->at++;
    return NULL;
}

static const char *skip_digits(const char *at, const char *end)
{
    while (at < end && is_digit(*at))
        at++;
    return at;
}

static bool is_finite(const char *number, size_t length)
{
    char text[NUMBER_MAX + 1];
    memcpy(text, number, length);
    text[length] = '\0';
    return isfinite(strtod(text, NULL));
}

static const char *scan_exponent(const char **at, const char *end, bool *large)
{
    const char *digits = *at + 1;
    if (digits < end && (*digits == '+' || *digits == '-'))
        digits++;
    *at = skip_digits(digits, end);
    *large = *at - digits >= 3;
    return *at == digits ? "expected digits after the exponent's e" : NULL;
}

static const char *scan_number(struct cursor *c)
{
    const char *start = c->at, *at = start + (*start == '-');
    const char *whole = at;
    at = skip_digits(at, c->end);
    if (at == whole)
        return "expected a number after the minus sign";
    if (*whole == '0' && at - whole > 1)
        return "a number must not begin with a zero that says nothing";
    if (at < c->end && *at == '.') {
        const char *decimals = at + 1;
        at = skip_digits(decimals, c->end);
        if (at == decimals)
            return "expected digits after the decimal point";
    }
    bool large = false;
    const char *fault = NULL;
    if (at < c->end && (*at == 'e' || *at == 'E'))
        fault = scan_exponent(&at, c->end, &large);
    if (!fault && at - start > NUMBER_MAX)
        fault = "a number of more than 63 characters";
    if (!fault && large && !c->scan->strict && !is_finite(start, (size_t)(at - start)))
        fault = "a number that is not finite";
    c->at = fault ? start : at;
    return fault;
}

static bool takes_word(struct cursor *c, const char *word, bool any_case)
{
    size_t n = strlen(word);
    if ((size_t)(c->end - c->at) < n)
        return false;
    if (any_case ? strncasecmp(c->at, word, n) != 0 : memcmp(c->at, word, n) != 0)
        return false;
    c->at += n;
    return true;
}

/* nan, inf, Infinity, each with a sign or without: no JSON, but no reason to lose the other
 * readings of the message. */
static bool takes_odd_number(struct cursor *c)
{
    const char *start = c->at;
    if (c->scan->strict)
        return false;
    if (*c->at == '-' || *c->at == '+')
        c->at++;
    if (!takes_word(c, "nan", true) && !takes_word(c, "infinity", true) &&
        !takes_word(c, "inf", true)) {
        c->at = start;
        return false;
    }
    c->scan->odd = true;
    if (c->scan->mend) {
        char *copy = c->scan->mend + (start - c->text);
        memset(copy, ' ', (size_t)(c->at - start));
        memset(copy, '"', 2);
    }
    return true;
}

static const char *scan_scalar(struct cursor *c)
{
    char first = *c->at;
    if (first == '"')
        return scan_string(c);
    if (is_digit(first))
        return scan_number(c);
    if (takes_word(c, "true", false) || takes_word(c, "false", false) ||
        takes_word(c, "null", false) || takes_odd_number(c))
        return NULL;
    if (first == '-')
        return scan_number(c);
    if (first == '}' || first == ']' || first == ',')
        return "expected a value here; is there a comma too many?";
    return "expected a value: a number, \"text\", true, false, null, { or [";
}

static const char *open_level(struct cursor *c)
{
    if (c->depth == JSON_DEPTH_MAX)
        return "nested deeper than 64 levels";
    bool object = *c->at++ == '{';
    c->objects = c->objects << 1 | object;
    c->depth++;
    c->expect = object ? FIRST_KEY : FIRST_VALUE;
    return NULL;
}

static void close_level(struct cursor *c)
{
    c->at++;
    c->objects >>= 1;
    c->depth--;
    c->expect = NEXT;
}

static const char *step_value(struct cursor *c)
{
    if (c->n_values++ == c->scan->seek) {
        c->found = true;
        return NULL;
    }
    if (*c->at == '{' || *c->at == '[')
        return open_level(c);
    c->expect = NEXT;
    return scan_scalar(c);
}

static const char *step_key(struct cursor *c)
{
    if (*c->at != '"')
        return "expected a key in double quotes";
    const char *key = c->at, *fault = scan_string(c);
    if (fault)
        return fault;
    skip_space(c);
    if (c->at == c->end || *c->at != ':')
        return "expected a colon after the key";
    c->at++;
    c->key = key;
    c->expect = VALUE;
    return NULL;
}

static const char *step_next(struct cursor *c)
{
    bool object = c->objects & 1;
    if (*c->at == (object ? '}' : ']')) {
        close_level(c);
        return NULL;
    }
    if (*c->at != ',')
        return object ? "expected , or } after the value"
                      : "expected , or ] after the value";
    c->at++;
    c->expect = object ? KEY : VALUE;
    return NULL;
}

static const char *step(struct cursor *c)
{
    switch (c->expect) {
    case FIRST_KEY:
        if (*c->at == '}') {
            close_level(c);
            return NULL;
        }
        return step_key(c);
    case KEY:
        return step_key(c);
    case FIRST_VALUE:
        if (*c->at == ']') {
            close_level(c);
            return NULL;
        }
        return step_value(c);
    case VALUE:
        return step_value(c);
    default:
        return step_next(c);
    }
}

static const char *scan_all(struct cursor *c)
{
    const char *fault = NULL;
    do {
        skip_space(c);
        if (c->at == c->end)
            return c->n_values ? "the text ends before the JSON does" : "the text is empty";
        fault = step(c);
    } while (!fault && !c->found && (c->depth > 0 || c->expect != NEXT));
    if (fault || c->found)
        return fault;
    skip_space(c);
    return c->at < c->end ? "something follows after the end of the JSON" : NULL;
}

bool json_scan(const char *text, size_t length, struct json_scan *scan)
{
    struct cursor c = {.text = text, .at = text, .end = text + length, .scan = scan};
    if (length >= 3 && memcmp(text, "\xEF\xBB\xBF", 3) == 0)
        c.at += 3;
    scan->odd = false;
    scan->fault = scan_all(&c);
    scan->at = c.at;
    scan->key = c.objects & 1 ? c.key : NULL;
    return scan->fault == NULL;
}
