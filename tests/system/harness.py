"""What every system test begins with: the stage, the client, checks that say what they saw."""
import os
import sys

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
sys.path[:0] = [os.path.join(ROOT, "tools"), os.path.dirname(os.path.abspath(__file__))]

from mqtt import Client  # noqa: E402,F401
from stage import Stage, wait_for  # noqa: E402,F401

DATA = os.path.join(ROOT, "..", "shared", "data")
BUILD = os.environ.get("TWIND_BUILD", os.path.join(ROOT, "build"))
SKIPPED = 77  # ctest's word for it (SKIP_RETURN_CODE)


def stage(**options):
    return Stage(build=BUILD, **options)


def skip(why):
    print("skipped: " + why)
    sys.exit(SKIPPED)


def check(condition, text, *seen):
    if not condition:
        raise AssertionError(text + ("" if not seen else ": " + ", ".join(repr(s) for s in seen)))
    print("ok - " + text)


def equal(actual, expected, text):
    check(actual == expected, text, actual, expected)


def run(*tests):
    """Runs the tests named on the command line, or all."""
    wanted = sys.argv[1:]
    for test in tests:
        if wanted and test.__name__ not in wanted:
            continue
        print("== " + test.__name__.replace("_", " "))
        test()
