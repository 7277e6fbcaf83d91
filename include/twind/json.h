/* The one door to cJSON: strict parsing, JSON Pointer, finite numbers, positions.
 *
 * cJSON's own laxities (1e999, trailing garbage, duplicate keys, 01, keys compared without
 * case) are refused here. A document is parsed into memory of its own arena, so that
 * parsing a message allocates nothing in the long run. */
#ifndef TWIND_JSON_H
#define TWIND_JSON_H

#include "twind/err.h"

#include <stddef.h>

struct cJSON;
struct json; /* a parser with its arena; one thread */

struct json *json_new(void);
void json_free(struct json *json);

/* Parses a payload (need not be terminated). The tree lives until the next call. NULL: it
 * is no JSON, is nested deeper than 64, or holds a number that is not finite. */
const struct cJSON *json_parse(struct json *json, const char *text, size_t length);

/* A compiled JSON Pointer (RFC 6901). */
struct json_pointer;
struct json_pointer *json_pointer_new(const char *text, struct err *e);
void json_pointer_free(struct json_pointer *pointer);

/* NULL: nothing there. An empty pointer is the whole document. */
const struct cJSON *json_at(const struct cJSON *root, const struct json_pointer *pointer);

/* A configuration text: comments (two slashes, slash-star, #) are blanked in place so that
 * positions stay true, then as json_parse() but with a tree of its own. Free with
 * json_document_free(). False: e says line:column and what is wrong. */
struct json_document {
    char *text;         /* as read, comments blanked */
    struct cJSON *root;
};

bool json_read(const char *path, struct json_document *document, struct err *e);
bool json_read_text(const char *text, struct json_document *document, struct err *e);
void json_document_free(struct json_document *document);

/* Line and column (from 1) of a value in the text; `at` lies in the document's tree. */
void json_position(const struct json_document *document, const struct cJSON *at, int *line,
                   int *column);

/* Writing: a JSON number with the fewest digits that read back the same (NAN, infinities:
 * null) and a quoted, escaped string; each returns the length written, always terminated
 * and cut at size. */
size_t json_put_number(char *to, size_t size, double number);
size_t json_put_string(char *to, size_t size, const char *text);

#endif
