#!/usr/bin/env python3
"""Holds the house's floors: a file includes only its own folder and lower floors, outside
libraries stay in their own files, what lies below the edge is pure (no clock, no I/O, nothing
allocated in a step), nothing is writable for all, and files, lines and functions are of a size
that can be read."""
import collections
import os
import re
import shutil
import subprocess
import sys

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
sys.path[:0] = [os.path.join(ROOT, "tests", "system")]
from harness import BUILD, check, run  # noqa: E402

FLOORS = {"base": 0, "core": 1, "contract": 1.5, "engine": 2, "kinds": 3, "rules": 3, "detectors": 3, "conf": 4, "io": 5,
          "cli": 6, "": 6}
# Headers without a .c of their own name.
HOMES = {"kind.h": "contract", "rule.h": "contract", "detector.h": "contract", "panel.h": "contract", "check.h": "base"}
LIBRARIES = {  # header prefix: the files that may include it
    "MQTT": r"daemon/io/mqtt\w*\.[ch]",
    "sqlite3": r"daemon/io/history\w*\.c",
    "cjson/": r"daemon/conf/json\w*\.[ch]",
    "uv.h": r"daemon/(io/\w+|daemon\w*)\.[ch]",
    "cvode/": r"daemon/core/adaptive\.c",
    "sun": r"daemon/core/adaptive\.c",
    "cminpack": r"daemon/core/fit\.c",
    "nvector/": r"daemon/core/adaptive\.c",
}
IMPURE = re.compile(r"\b(time|clock_gettime|gettimeofday|getenv|fopen|open|read|write|printf|fprintf|puts|socket|"
                    r"malloc|calloc|realloc|mem_new|mem_grow|mem_text|rand|localtime\w*)\s*\(")
ALLOCATING = {  # below the edge, when something is made; never in a step
    "daemon/core/adaptive.c", "daemon/core/fit.c", "daemon/engine/calibrate.c",
    "daemon/engine/calibrate_record.c", "daemon/engine/calibrate_walk.c", "daemon/engine/commission.c",
    "daemon/engine/commission_model.c", "daemon/engine/commission_record.c", "daemon/engine/plan.c",
    "daemon/engine/isolate_bank.c", "daemon/engine/isolate_plan.c",
    "daemon/engine/layout.c", "daemon/engine/roster.c",
    "daemon/engine/timers.c", "daemon/engine/engine.c", "daemon/engine/twin.c", "daemon/engine/forecast.c",
    "daemon/engine/forecast_run.c", "daemon/engine/forecast_view.c"}
WRITABLE = {
    "max_level": "the log's level",
    "hooks_once": "cJSON's allocator is set once",
    "at_work": "a thread's JSON arena, for that allocator",
}
# Above 500 lines or 80 lines a function nothing is read in one go.
MAX_LINES, MAX_COLUMNS, MAX_FUNCTION, MEDIAN_FUNCTION, P90_FUNCTION, MEAN_INCLUDES = 500, 92, 80, 13, 35, 5
NAMES_OF_NOTHING = {"util.c", "utils.c", "common.c", "misc.c", "helpers.c"}


def walk(*folders, ends=(".c", ".h")):
    for top in folders:
        for folder, _, names in os.walk(os.path.join(ROOT, top)):
            for name in sorted(names):
                if name.endswith(ends):
                    yield os.path.relpath(os.path.join(folder, name), ROOT)


def read(path):
    with open(os.path.join(ROOT, path)) as f:
        return f.read()


def code(text):
    """Without comments and strings."""
    text = re.sub(r"/\*.*?\*/", lambda m: "\n" * m.group().count("\n"), text, flags=re.S)
    return re.sub(r'"(\\.|[^"\\\n])*"', '""', text)


def folder_of(path):
    parts = path.split("/")
    return parts[1] if len(parts) > 2 else ""


def header_homes():
    """Each header of include/twind: the folder of the lowest .c with its name."""
    homes = {}
    for path in walk("daemon", ends=".c"):
        header, home = os.path.basename(path)[:-2] + ".h", folder_of(path)
        if header not in homes or FLOORS[home] < FLOORS[homes[header]]:
            homes[header] = home
    homes.update(HOMES)
    return homes


def files_with_folder(homes):
    for path in walk("daemon"):
        yield path, folder_of(path)
    for path in walk("include/twind"):
        yield path, homes.get(os.path.basename(path))


def none(faults, promise):
    check(not faults, promise + "".join("\n  " + fault for fault in faults))


def may_include(mine, home):
    if mine == home:
        return True
    if mine in ("kinds", "rules", "detectors"):
        return FLOORS[home] < 2
    return FLOORS[home] < FLOORS[mine] or FLOORS[mine] == FLOORS[home] == 6


def test_every_header_has_a_home():
    homes = header_homes()
    none([path for path in walk("include/twind") if os.path.basename(path) not in homes],
         "each header belongs to a .c of its name, or is a contract")


def test_files_include_only_lower_floors():
    homes, faults, n = header_homes(), [], 0
    for path, mine in files_with_folder(homes):
        for header in re.findall(r'#include "twind/([\w/]+\.h)"', read(path)):
            n += 1
            home = homes.get(header)
            if home is None or mine is None or not may_include(mine, home):
                faults.append("%s (%s) includes %s (%s)" % (path, mine, header, home))
        for header in re.findall(r'#include "(?!twind/)([\w/]+\.h)"', read(path)):
            if not os.path.exists(os.path.join(ROOT, os.path.dirname(path), header)):
                faults.append("%s includes %s, which is not in its folder" % (path, header))
    none(faults, "includes go down (%d were looked at)" % n)
    check(n > 300, "many were")


def test_outside_libraries_stay_in_their_files():
    faults = []
    for path in walk("daemon", "include/twind"):
        for header in re.findall(r"#include <([^>]+)>", read(path)):
            for prefix, allowed in LIBRARIES.items():
                if header.startswith(prefix) and not re.fullmatch(allowed, path):
                    faults.append("%s includes <%s>" % (path, header))
    none(faults, "libraries are included where they belong")


def test_below_the_edge_is_pure():
    faults = []
    for path in walk("daemon", ends=".c"):
        if not 1 <= FLOORS[folder_of(path)] <= 3:
            continue
        for call in IMPURE.findall(code(read(path))):
            if not (path in ALLOCATING and call in ("mem_new", "mem_grow", "mem_text")):
                faults.append("%s calls %s()" % (path, call))
    none(faults, "core, engine, kinds, rules and detectors read no clock, do no I/O, allocate nothing in a step")


def writable_symbols(library):
    """Variables in sections that can be written; relocated constants (.rel.ro) are not."""
    table = subprocess.run(["objdump", "-t", library], capture_output=True, text=True, check=True).stdout
    for line in table.splitlines():
        found = re.match(r"^[0-9a-f]+ .{7} (\S+)\s+([0-9a-f]+) (?:\.hidden )?(\S+)$", line)
        if found and int(found.group(2), 16) > 0 and "rel.ro" not in found.group(1) and \
                re.match(r"\.(t?data|t?bss)|\*COM\*", found.group(1)):
            yield re.sub(r"\.\d+$", "", found.group(3))


def is_sanitized():
    with open(os.path.join(BUILD, "CMakeCache.txt")) as f:
        return re.search(r"^TWIND_SANITIZE:\w+=.+", f.read(), re.M) is not None


def test_nothing_is_writable_for_all():
    if not shutil.which("objdump") or is_sanitized():
        print("not looked at: sanitizers make all constants with pointers writable")
        return
    faults, n = [], 0
    for name in sorted(set(map(folder_of, walk("daemon"))) - {""}):
        for symbol in writable_symbols(os.path.join(BUILD, "libtwind_%s.a" % name)):
            n += 1
            if symbol not in WRITABLE:
                faults.append("%s: %s" % (name, symbol))
    none(faults, "no writable globals but: " + ", ".join(WRITABLE.values()))
    check(n >= 1, "the log's level was seen")


def test_sources_declare_no_writable_statics():
    """What the linker can't say of a sanitized build: statics at the margin that are neither
    functions nor const."""
    faults = []
    for path in walk("daemon", ends=".c"):
        for line in re.findall(r"^(?:    )?static (?!const\b)[^()]*?[=;]", code(read(path)), re.M):
            words = line.split("=")[0]
            if not re.search(r"\bconst\b(?!.*\*\s*\w+\s*[\[;=]?$)|\*const\b", words) and \
                    not any(name in words for name in WRITABLE):
                faults.append("%s: %s" % (path, " ".join(words.split())))
    none(faults, "statics are const")


def test_files_and_lines_are_of_readable_size():
    faults = []
    for path in walk("daemon", "include/twind"):
        lines = read(path).splitlines()
        if len(lines) > MAX_LINES:
            faults.append("%s has %d lines, at most %d" % (path, len(lines), MAX_LINES))
        if os.path.basename(path) in NAMES_OF_NOTHING:
            faults.append("%s: a name that says nothing" % path)
        for number, line in enumerate(lines, 1):
            if len(line) > MAX_COLUMNS:
                faults.append("%s:%d has %d columns, at most %d" % (path, number, len(line), MAX_COLUMNS))
    none(faults, "files have at most %d lines of at most %d columns" % (MAX_LINES, MAX_COLUMNS))


def test_files_include_little():
    counts = {path: len(re.findall(r'#include "', read(path))) for path in walk("daemon", ends=".c")}
    mean = sum(counts.values()) / len(counts)
    check(mean <= MEAN_INCLUDES, "%.1f of our headers a file on average, at most %d" % (mean, MEAN_INCLUDES))


def function_lengths():
    out = subprocess.run(["ctags", "-x", "--c-kinds=f", "--_xformat=%F:%N:%n:%e"] + list(walk("daemon", ends=".c")),
                         cwd=ROOT, capture_output=True, text=True).stdout
    return [(int(end) - int(begin) + 1, path + ":" + name)
            for path, name, begin, end in (line.split(":") for line in out.splitlines()) if end]


def test_functions_are_small():
    lengths = sorted(function_lengths()) if shutil.which("ctags") else []
    if not lengths:
        print("not looked at: universal-ctags is missing")
        return
    none(["%s has %d" % (name, n) for n, name in lengths if n > MAX_FUNCTION],
         "functions have at most %d lines" % MAX_FUNCTION)
    median, p90 = (lengths[int(len(lengths) * share)][0] for share in (0.5, 0.9))
    check(median <= MEDIAN_FUNCTION and p90 <= P90_FUNCTION,
          "of %d functions the median has %d lines (%d), 90 %% at most %d (%d)" %
          (len(lengths), median, MEDIAN_FUNCTION, p90, P90_FUNCTION))


def test_no_two_functions_of_one_name():
    """Outside names are module_verb_object: they are unique in the house."""
    seen = collections.Counter()
    for library in (os.path.join(BUILD, "libtwind_%s.a" % name) for name in ("base", "core", "engine", "kinds",
                                                                            "rules", "detectors", "conf", "io", "cli")):
        out = subprocess.run(["nm", "-g", "--defined-only", library], capture_output=True, text=True).stdout
        seen.update(re.findall(r"^\S+ T (\w+)$", out, re.M))
    check(len(seen) > 100, "libraries were read")
    none([name for name, n in seen.items() if n > 1], "each outside function is there once")


def test_sources_are_formatted():
    if not shutil.which("clang-format"):
        print("not looked at: clang-format is missing")
        return
    result = subprocess.run(["clang-format", "--dry-run", "-Werror"] +
                            list(walk("daemon", "include", "tests")), cwd=ROOT, capture_output=True, text=True)
    none(sorted(set(re.findall(r"^(\S+?):\d+:\d+: error", result.stderr, re.M))), "sources are formatted (./dev fmt)")


def main():
    tests = [test for name, test in sorted(globals().items()) if name.startswith("test_")]
    failed = 0
    for test in tests:
        try:
            run(test)
        except AssertionError as e:
            print("FAILED: %s" % e)
            failed += 1
    return 1 if failed else 0


sys.exit(main())
