#!/usr/bin/env python3
"""What `twinctl suggest` makes of measured files: for each type of rule how often it was to ring,
how often its proposals do in the time that they were learned from, and in the last third, which
only judges.

    tools/suggested.py --data DIR [--only NAME ..] [--build BUILD] [--rules]"""
import argparse
import json
import os
import resource
import statistics
import tempfile
import time

import alarms  # before score_data: it knows of one more kind of file
import score_data as data
from calibrated import configure, run, table
from stage import ROOT

RATES = (0.5, 1, 3)


def history_of(build, case, folder):
    """A history of all the readings, and its configuration."""
    path = configure(case, folder)
    with open(path) as f:
        config = json.load(f)
    config["history"]["raw"] = "3650d"
    for twin in config["twins"]:
        if twin["kind"] == "generic":
            twin["signals"], twin["params"] = {s: alarms.SIGNALS[s] for s in case.outputs}, {}
    with open(path, "w") as f:
        json.dump(config, f)
    history = os.path.join(folder, "h.db")
    run(build, "replay", "-c", path, "--input", case.readings(folder), "--history", history)
    return path, history


def timed(build, *arguments):
    before, began = resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime, time.monotonic()
    said = run(build, *arguments)
    return said, resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime - before, time.monotonic() - began


def suggest(options, case):
    """{rate: proposals}, seconds of a back-test and of a suggestion."""
    found, seconds = {}, 0
    with tempfile.TemporaryDirectory(prefix="twind-suggested-") as folder:
        config, history = history_of(options.build, case, folder)
        _, replayed, _ = timed(options.build, "replay", "-c", config, "--history-input", history)
        for rate in RATES:
            said, seconds, _ = timed(options.build, "suggest", "-c", config, "--twin", "it", "--history", history,
                                     "--alarms-per-week", str(rate), "--json")
            found[rate] = json.loads(said)["proposals"]
            for p in found[rate] if options.rules else ():
                print(case.name, rate, json.dumps(p))
    return found, replayed, seconds


def middle(values):
    return "%.2g" % statistics.median(values) if values else "-"


def is_quiet(alarms_a_week, rate, weeks):
    """At most double of what was wanted, or one alarm more."""
    return alarms_a_week * weeks <= 2 * rate * weeks + 1


def rows_of(everything):
    """Per type and rate: medians, and the share of rules that are quiet when tried."""
    rows = []
    for kind in ("threshold", "rate", "deviation", "stale", "stuck"):
        for rate in RATES:
            found = [(p, weeks) for case, weeks in everything for p in case[rate] if p["rule"] and p["rule"]["type"] == kind]
            quiet = [is_quiet(p["tried_per_week"], rate, weeks / 3) for p, weeks in found]
            rows.append((kind, str(rate), str(len(found)), middle([p["learned_per_week"] for p, _ in found]),
                         middle([p["tried_per_week"] for p, _ in found]),
                         "%.0f %%" % (100 * statistics.mean(quiet)) if quiet else "-"))
    return rows


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", required=True)
    parser.add_argument("--only", nargs="*", default=[""], help="files whose names hold one of these")
    parser.add_argument("--build", default=os.path.join(ROOT, "build"))
    parser.add_argument("--rules", action="store_true", help="each proposal, too")
    options = parser.parse_args()
    everything = []
    for path in data.files(options.data):
        if not any(only in os.path.basename(path) for only in options.only):
            continue
        case = alarms.Case(path)
        found, replayed, seconds = suggest(options, case)
        days = (data.epoch(case.rows[-1][0]) - data.epoch(case.rows[0][0])) / 86400
        everything.append((found, days / 7))
        print("%s: %.0f days, replayed from its history in %.1f s, suggested in %.1f s" % (case.name, days, replayed, seconds))
    print(table(("type", "wanted a week", "rules", "learned", "tried", "quiet when tried"), rows_of(everything)))


if __name__ == "__main__":
    main()
