#!/usr/bin/env python3
"""Holds the house's floors: a file includes only its own folder and lower floors, outside
libraries stay in their own files, and the core is pure (no clock, no I/O, nothing allocated
in a step, no writable globals)."""
import os
import re
import subprocess
import sys

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
BUILD = os.environ.get("TWIND_BUILD", os.path.join(ROOT, "build"))
FLOORS = {"base": 0, "core": 1, "engine": 2, "kinds": 3, "rules": 3, "conf": 4, "io": 5, "cli": 6, "": 6}
# Contracts have no .c of their own name: they lie between core and engine.
CONTRACTS = {"kind.h", "rule.h"}
LIBRARIES = {  # header prefix: the files that may include it
    "MQTT": r"daemon/io/mqtt\w*\.[ch]",
    "sqlite3": r"daemon/io/history\w*\.c",
    "cjson/": r"daemon/conf/json\w*\.[ch]",
    "uv.h": r"daemon/(io/\w+|daemon\w*)\.c",
    "cvode/": r"daemon/core/adaptive\.c",
    "sun": r"daemon/core/adaptive\.c",
    "cminpack": r"daemon/core/fit\.c",
    "nvector/": r"daemon/core/adaptive\.c",
}
# Reading a clock, the environment or a file: the edge's alone.
IMPURE = re.compile(r"\b(time|clock_gettime|gettimeofday|getenv|fopen|open|read|write|printf|puts|socket|"
                    r"malloc|calloc|realloc|mem_new|mem_grow|rand|localtime\w*)\s*\(")
ALLOCATING = {  # files below the edge that allocate, when something is made, not in a step
    "daemon/core/adaptive.c", "daemon/core/fit.c", "daemon/engine/calibrate.c", "daemon/engine/plan.c", "daemon/engine/layout.c", "daemon/engine/roster.c",
    "daemon/engine/timers.c", "daemon/engine/engine.c", "daemon/engine/twin.c"}
WRITABLE_ALLOWED = {"max_level"}  # log.c's level
faults = []


def files():
    for folder, _, names in os.walk(os.path.join(ROOT, "daemon")):
        for name in sorted(names):
            if name.endswith((".c", ".h")):
                yield os.path.relpath(os.path.join(folder, name), ROOT)


def floor_of(path):
    parts = path.split("/")
    return parts[1] if len(parts) > 2 else ""


def strip(text):
    text = re.sub(r"/\*.*?\*/", "", text, flags=re.S)
    return re.sub(r'"(\\.|[^"\\])*"', '""', text)


def check_includes(path, text, homes):
    mine = floor_of(path)
    for header in re.findall(r'#include "(?:twind/)?([\w/]+\.h)"', text):
        home = homes.get(header)
        if home is None:
            continue
        if home == "contract":
            good = mine not in ("base",)
        elif mine in ("kinds", "rules"):
            good = home == mine or FLOORS[home] <= 1
        else:
            good = home == mine or FLOORS[home] < FLOORS[mine] or (FLOORS[mine] == 6 and FLOORS[home] == 6)
        if not good:
            faults.append("%s (%s) includes %s (%s)" % (path, mine, header, home))
    for header in re.findall(r"#include <([^>]+)>", text):
        for prefix, allowed in LIBRARIES.items():
            if header.startswith(prefix) and not re.fullmatch(allowed, path):
                faults.append("%s includes <%s>" % (path, header))


def check_purity(path, text):
    if FLOORS[floor_of(path)] in (1, 2, 3) and floor_of(path) != "base":
        for call in IMPURE.finditer(strip(text)):
            if path in ALLOCATING and call.group(1) in ("mem_new", "mem_grow"):
                continue
            faults.append("%s calls %s()" % (path, call.group(1)))


def check_globals():
    """Writable data symbols of the libraries, as the linker sees them."""
    for name in ("base", "core", "engine", "kinds", "rules", "conf", "io", "cli"):
        library = os.path.join(BUILD, "libtwind_%s.a" % name)
        if not os.path.exists(library):
            faults.append("%s is not built" % library)
            continue
        out = subprocess.run(["nm", library], capture_output=True, text=True).stdout
        for line in out.splitlines():
            parts = line.split()
            if len(parts) == 3 and parts[1] in "dDbBC" and parts[2].split(".")[0] not in WRITABLE_ALLOWED \
                    and not re.match(r"(__|\.|_ZL|lsan|asan|ubsan|\.L)", parts[2]):
                faults.append("%s: writable global %s" % (name, parts[2]))


def check_sizes():
    for path in files():
        lines = open(os.path.join(ROOT, path)).read().split("\n")
        if len(lines) > 501:
            faults.append("%s has %d lines, at most 500" % (path, len(lines) - 1))
        for number, line in enumerate(lines, 1):
            if len(line.expandtabs(8)) > 92:
                faults.append("%s:%d is %d columns wide, at most 92" % (path, number, len(line)))


def main():
    homes = {}
    for path in files():
        homes[os.path.basename(path)[:-2] + ".h"] = floor_of(path)
    homes.update({name: "contract" for name in CONTRACTS})
    for path in files():
        text = open(os.path.join(ROOT, path)).read()
        check_includes(path, text, homes)
        check_purity(path, text)
    check_globals()
    check_sizes()
    for fault in faults:
        print(fault)
    print("%d faults" % len(faults))
    return 1 if faults else 0


sys.exit(main())
