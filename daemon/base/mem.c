#include "twind/mem.h"

#include "twind/log.h"

#include <stdlib.h>
#include <string.h>

static void *checked(void *memory, size_t count, size_t size)
{
    if (!memory) {
        log_line(LOG_ERROR, "out of memory: %zu x %zu bytes", count, size);
        abort();
    }
    return memory;
}

void *mem_new(size_t count, size_t size)
{
    if (count == 0 || size == 0)
        count = size = 1;
    return checked(calloc(count, size), count, size);
}

void *mem_grow(void *array, size_t *capacity, size_t need, size_t size)
{
    if (need <= *capacity)
        return array;
    size_t more = *capacity ? *capacity * 2 : 8;
    if (more < need)
        more = need;
    if (more > SIZE_MAX / size)
        checked(NULL, more, size);
    char *grown = checked(realloc(array, more * size), more, size);
    memset(grown + *capacity * size, 0, (more - *capacity) * size);
    *capacity = more;
    return grown;
}

char *mem_text_n(const char *text, size_t length)
{
    char *copy = mem_new(length + 1, 1);
    memcpy(copy, text, length);
    return copy;
}

char *mem_text(const char *text)
{
    return mem_text_n(text, strlen(text));
}

/* A word at a time: multiply by an odd constant and fold the high bits down, twice at the
 * end, so that each input bit reaches each output bit. */
static uint64_t mix(uint64_t hash, uint64_t word)
{
    hash = (hash ^ word) * UINT64_C(0x9E3779B97F4A7C15);
    return hash ^ (hash >> 32);
}

uint64_t mem_hash(const void *bytes, size_t length)
{
    const unsigned char *at = bytes;
    uint64_t hash = mix(UINT64_C(0x243F6A8885A308D3), length);
    for (; length >= 8; at += 8, length -= 8) {
        uint64_t word;
        memcpy(&word, at, 8);
        hash = mix(hash, word);
    }
    uint64_t tail = 0;
    memcpy(&tail, at, length);
    return mix(mix(hash, tail), 0);
}
