/* Memory and bytes. Sizes are known after configuration; where memory runs out anyway the
 * process says so and aborts: the inbox keeps what was acknowledged and systemd restarts
 * us. */
#ifndef TWIND_MEM_H
#define TWIND_MEM_H

#include <stddef.h>
#include <stdint.h>

/* count * size bytes, zeroed. Never NULL. Free with free(). */
void *mem_new(size_t count, size_t size);

/* Makes room for `need` elements of `size` bytes in an array, at least doubling; new
 * elements are zeroed. `capacity` is the array's present one, updated. */
void *mem_grow(void *array, size_t *capacity, size_t need, size_t size);

/* A copy of the text. Never NULL. Free with free(). */
char *mem_text(const char *text);
char *mem_text_n(const char *text, size_t length);

/* A 64-bit hash of the bytes: finds torn records, spreads topics over tables. Not for
 * secrets. The same on every run and on machines of one byte order: it is also written to
 * files. */
uint64_t mem_hash(const void *bytes, size_t length);

#endif
