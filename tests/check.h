/* What every unit test includes: cmocka, and a comparison in double precision (Debian's
 * assert_float_equal compares as float). */
#ifndef TESTS_CHECK_H
#define TESTS_CHECK_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <math.h>

#define assert_close(actual, expected, tolerance)                                          \
    do {                                                                                   \
        double actual_ = (actual), expected_ = (expected);                                 \
        if (!(fabs(actual_ - expected_) <= (tolerance)))                                   \
            fail_msg("%s is %.17g, expected %.17g +- %g", #actual, actual_, expected_,     \
                     (double)(tolerance));                                                 \
    } while (0)

/* Relative to the expected value. */
#define assert_near(actual, expected, relative)                                            \
    assert_close(actual, expected, (relative)*fabs(expected))

#endif
