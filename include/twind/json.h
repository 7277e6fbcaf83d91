/* The one door to cJSON: strict parsing, JSON Pointer, finite numbers, positions.
 *
 * cJSON's own laxities (1e999, trailing garbage, 01, keys compared without case, 1000
 * levels of recursion) are refused here. A message is parsed into memory of its parser's
 * own arena, so that parsing allocates nothing in the long run. Never print or edit with
 * cJSON. */
#ifndef TWIND_JSON_H
#define TWIND_JSON_H

#include "twind/err.h"

#include <stdbool.h>
#include <stddef.h>

struct cJSON;
struct json; /* a parser with its arena; one thread */

struct json *json_new(void);
void json_free(struct json *json);

/* Parses a payload (need not be terminated). The tree lives until the next call. NULL: it
 * is no JSON, is nested deeper than 64, or holds a number that is not finite (1e999). The
 * words nan and inf for a number, as printf() and Python write them, are taken as "". Of
 * equal keys in one object json_at() sees the first. Needs memory of about 40 times the
 * length at worst: a limit on the length is the caller's. */
const struct cJSON *json_parse(struct json *json, const char *text, size_t length);

/* A compiled JSON Pointer (RFC 6901): "" is the whole document, else "/key/0/key", with ~1
 * for a slash and ~0 for a tilde in a key. A level `*` is each element of a list (and the
 * key "*" of an object). False (NULL): e says what is wrong. */
struct json_pointer;
struct json_pointer *json_pointer_new(const char *text, struct err *e);
void json_pointer_free(struct json_pointer *pointer);

/* NULL: nothing there, or the pointer has a `*` level that meets a list. */
const struct cJSON *json_at(const struct cJSON *root, const struct json_pointer *pointer);

/* The list that the pointer's first `*` level meets; NULL: there is none. */
const struct cJSON *json_list(const struct cJSON *root, const struct json_pointer *pointer);

/* What the pointer names seen from an element of the list that `list` (a pointer with a
 * `*`) meets: `pointer` goes on from the element where it names the same list ("/m/" "*"
 * "/time" beside "/m/" "*" "/value"), else from the root. */
const struct cJSON *json_beside(const struct cJSON *root, const struct cJSON *element,
                                const struct json_pointer *list,
                                const struct json_pointer *pointer);

/* The number that the pointer's only level is, for columns: "/3" is 3. False: it is not so.
 */
bool json_pointer_index(const struct json_pointer *pointer, size_t *index);

/* A configuration text: comments (two slashes, slash-star, #) are blanked in place so that
 * positions stay true, then as json_parse() but with a tree of its own, and stricter (no
 * nan, no control characters, UTF-8 only). Free with json_document_free(). False: e says
 * line:column (json_read(): path:line:column) and what is wrong, and nothing is to be
 * freed. Duplicate keys are not refused here but listed by json_duplicates(), for the
 * configuration reports all errors in one run. */
struct json_document {
    char *text; /* as read, comments blanked, terminated */
    size_t length;
    struct cJSON *root;
    struct json *arena; /* that the tree lives in: given back whole, large as it may be */
};

bool json_read(const char *path, struct json_document *document, struct err *e);
bool json_read_text(const char *text, struct json_document *document, struct err *e);
void json_document_free(struct json_document *document);

/* Calls `each` for each member whose key an earlier member of the same object has. */
void json_duplicates(const struct json_document *document,
                     void (*each)(void *context, const struct cJSON *first,
                                  const struct cJSON *again),
                     void *context);

/* Line and column (from 1, in characters) of a value in the text, or of its key where it is
 * a member of an object (else of the value); `at` lies in the document's tree. Costs a scan
 * of the text: for errors only. */
void json_position(const struct json_document *document, const struct cJSON *at, int *line,
                   int *column);
void json_key_position(const struct json_document *document, const struct cJSON *at,
                       int *line, int *column);

/* Writing: a JSON number with the fewest digits that read back the same (NAN, infinities:
 * null). Returns the length; terminated; "" where it does not fit. Strings: text_quoted().
 */
size_t json_put_number(char *to, size_t size, double number);

#endif
