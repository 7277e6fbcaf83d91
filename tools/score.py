#!/usr/bin/env python3
"""Scores twind's forecasts on measured files as an outsider would: the first half is for
calibration, the second is judged, beside the value now, the same hour of the day before and a
ridge regression fitted on the same first half. Everything goes through twinctl: the readings
are replayed, the forecasts read from the history."""
import argparse
import concurrent.futures
import json
import math
import os
import re
import sqlite3
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import score_data as data  # noqa: E402
import score_rival as rival  # noqa: E402
from stage import ROOT  # noqa: E402

LEADS = (1, 6, 24)  # h
HOUR = 3600
BAND = 1.645  # of the sd: 90 %
RIVALS = ("persistence", "yesterday", "ridge")


# ---- one file ----

class Case:
    """A measured file: its series, and where it is cut in two."""

    def __init__(self, path, told=()):
        self.told = dict(told)
        self.path, self.name = path, os.path.basename(path)[:-len(".csv")]
        self.format = data.format_of(path)
        if not self.format:
            sys.exit("%s: no known format (tools/score_data.py)" % path)
        self.rows = data.read(path)
        self.inputs = data.series(self.rows, self.format["inputs"])
        self.outputs = data.series(self.rows, self.format["outputs"])
        first, last = (data.epoch(self.rows[i][0]) for i in (0, -1))
        self.half = math.ceil((first + last) / 2 / HOUR) * HOUR
        self.scored = [s for s in self.format["scored"] if len(self.outputs.get(s, ())) > 48]

    def config(self, folder):
        bind = {s: {"topic": "score/" + s, "timeout": "3h"} for s in [*self.inputs, *self.outputs]}
        twin = {"id": "it", "kind": self.format["kind"], "params": {**data.params(self.rows), **self.told}, "bind": bind,
                "forecast": {"every": "1h", "horizon": "24h", "step": "1h"}}
        return write(folder, "twind.json", json.dumps({"state_dir": os.path.join(folder, "state"), "clock": "event",
                                                       "step": "5m", "history": {"states": "1h"}, "twins": [twin]}))

    def readings(self, folder):
        """What twinctl replay reads; the readings of one moment inputs first."""
        lines = ["time,twin,signal,value"]
        by_time = {}
        for signal, seen in [*self.inputs.items(), *self.outputs.items()]:
            for t, value in seen.items():
                by_time.setdefault(t, []).append("%d,it,%s,%.10g" % (t, signal, value))
        for t in sorted(by_time):
            lines += by_time[t]
        return write(folder, "readings.csv", "\n".join(lines) + "\n")

    def moments(self, signal, lead):
        """When forecasts are judged: full hours of the second half, where all that a rival
        without a fit needs was measured."""
        seen, ahead = self.outputs[signal], lead * HOUR
        return [t for t in range(int(self.half), max(seen) - ahead + 1, HOUR)
                if t in seen and t + ahead in seen and t + ahead - rival.DAY in seen]


def write(folder, name, text):
    path = os.path.join(folder, name)
    with open(path, "w") as f:
        f.write(text)
    return path


def rmse(pairs):
    pairs = [(a, b) for a, b in pairs if a is not None]
    return math.sqrt(sum((a - b) ** 2 for a, b in pairs) / len(pairs)) if pairs else None


# ---- the twin ----

class Failed(Exception):
    pass


class Twin:
    """twinctl in a folder of its own."""

    def __init__(self, build, case, folder):
        self.program, self.folder, self.case = os.path.join(build, "twinctl"), folder, case
        self.config, self.input = case.config(folder), case.readings(folder)

    def call(self, *arguments):
        done = subprocess.run([self.program, *arguments], capture_output=True, text=True)
        if done.returncode not in (0, 1):
            raise Failed("twinctl %s: %s" % (" ".join(arguments), done.stderr.strip()))
        return done

    def replay(self, name, *more):
        path = os.path.join(self.folder, name)
        done = self.call("replay", "-c", self.config, "--input", self.input, "--history", path, *more)
        if done.returncode != 0:
            raise Failed(done.stderr.strip())
        return path

    def calibrate(self, history):
        """Fits on the first half; what twinctl says of it in one line."""
        done = self.call("calibrate", "-c", self.config, "--twin", "it", "--history", history,
                         "--to", "%d" % self.case.half, "--apply")
        fallen = re.search(r"^held out +([\d.]+) +([\d.]+)$", done.stdout, re.M)
        verdict = re.search(r"^(?:not )?accepted.*$", done.stdout, re.M)
        if not verdict:
            return done.stderr.strip()
        return "%s%s" % (verdict.group(), " (%s to %s of its sd)" % fallen.groups() if fallen else "")

    @staticmethod
    def forecasts(history, signal):
        """{(made, lead in h): (mean, sd)}"""
        with sqlite3.connect("file:%s?mode=ro" % history, uri=True) as db:
            rows = db.execute("SELECT strftime('%s', made_at) + 0, strftime('%s', for_time) + 0, mean, sd FROM forecasts "
                              "WHERE twin = 'it' AND name = ?", (signal,)).fetchall()
        return {(made, (to - made) // HOUR): (mean, sd) for made, to, mean, sd in rows
                if (to - made) % HOUR == 0 and (to - made) // HOUR in LEADS}


# ---- scoring ----

def rivals(case, signal, lead, known):
    found = rival.simple(case.outputs, signal, lead * HOUR)
    found["ridge"] = rival.ridge(case.inputs, case.outputs, signal, lead * HOUR, case.half, known)
    return found


def score_rivals(case, known):
    """One record for each signal and lead."""
    records = []
    for signal in case.scored:
        for lead in LEADS:
            moments, truth = case.moments(signal, lead), case.outputs[signal]
            record = {"file": case.name, "signal": signal, "lead_h": lead, "inputs_known": known, "cases": len(moments)}
            for name, predict in rivals(case, signal, lead, known).items():
                record[name] = rmse([(predict(t), truth[t + lead * HOUR]) for t in moments])
            records.append(record)
    return records


def score_twin(case, record, made, name):
    """Adds RMSE, ratio to the best rival, and the share within the band, under `name`."""
    signal, lead = record["signal"], record["lead_h"]
    truth = case.outputs[signal]
    pairs = [(made[t, lead], truth[t + lead * HOUR]) for t in case.moments(signal, lead) if (t, lead) in made]
    if not pairs:
        raise Failed("%s: no forecast of %s" % (case.name, signal))
    best = min(record[r] for r in RIVALS if record[r] is not None)
    error = rmse([(mean, value) for (mean, _), value in pairs])
    record[name] = {"rmse": error, "ratio": error / best, "made": len(pairs),
                    "within": sum(abs(mean - value) <= BAND * sd for (mean, sd), value in pairs) / len(pairs)}


def run_twin(twin, records, name, say):
    for known in sorted({r["inputs_known"] for r in records}):
        begin = time.monotonic()
        history = twin.replay(name + ".db", *(["--known-inputs"] if known else []))
        for signal in twin.case.scored:
            made = twin.forecasts(history, signal)
            for record in records:
                if record["signal"] == signal and record["inputs_known"] == known:
                    score_twin(twin.case, record, made, name)
        say("%s: %s%s in %.0f s" % (twin.case.name, name, ", inputs known" if known else "", time.monotonic() - begin))
    return history


def score_file(path, options, say):
    """The records of one file, and what calibration said."""
    case = Case(path, options.param)
    records = [r for known in ([False, True] if options.known else [False]) for r in score_rivals(case, known)]
    say("%s: rivals" % case.name)
    if options.baselines:
        return case, records, ""
    with tempfile.TemporaryDirectory(prefix="twind-score-") as folder:
        twin = Twin(options.build, case, folder)
        history = run_twin(twin, records, "twin", say)
        if not options.calibrate:
            return case, records, ""
        said = twin.calibrate(history)
        say("%s: calibrated: %s" % (case.name, said))
        run_twin(twin, records, "calibrated", say)
        return case, records, said


# ---- what is shown ----

def figure(value):
    return "" if value is None else "%.3g" % value if abs(value) < 1000 else "%.0f" % value


def twin_cells(record, name):
    found = record.get(name)
    return [figure(found["rmse"]), "%.2f" % found["ratio"], "%.0f %%" % (100 * found["within"])] if found else []


def table_of(records):
    head = ["signal", "lead", "cases", "now", "yesterday", "ridge"]
    for name in ("twin", "calibrated"):
        head += [name, "ratio", "band"] if name in records[0] else []
    return [head] + [[r["signal"], "%d h" % r["lead_h"], "%d" % r["cases"]] + [figure(r[name]) for name in RIVALS] +
                     twin_cells(r, "twin") + twin_cells(r, "calibrated") for r in records]


def show(case, records):
    print("\n%s (%s), second half from %s" % (case.name, case.format["kind"],
                                              time.strftime("%Y-%m-%dT%H:%MZ", time.gmtime(case.half))))
    for known in (False, True):
        of = [r for r in records if r["inputs_known"] == known]
        if not of:
            continue
        table = table_of(of)
        widths = [max(len(row[i]) for row in table) for i in range(len(table[0]))]
        print("  inputs %sknown" % ("" if known else "not "))
        for row in table:
            print("  " + "  ".join(c.ljust(w) if i == 0 else c.rjust(w) for i, (c, w) in enumerate(zip(row, widths))))


def markdown(table):
    lines = ["| " + " | ".join(row) + " |" for row in table]
    return "\n".join([lines[0], "| --- " * len(table[0]) + "|"] + lines[1:])


PAGE = """# Accuracy

Written by `./dev accuracy --data DIR --write docs/accuracy.md`, by itself; do not edit. DIR holds
the measured files (formats: `tools/score_data.py`). One file alone, without writing:

    ./dev accuracy --data DIR --only agc2018 --known --calibrate

How it is done. Each file goes through `twinctl replay` with a forecast every hour, a day ahead.
Its columns are bound to the twin's signals, and nothing is told of the place but its clock. The
second half is judged: the root of the mean squared error of the forecasts 1, 6 and 24 h ahead
against what was then measured, in the signal's unit (Cel, %, ppm, W, ug/m3). *Calibrated* is the
same after `twinctl calibrate --to HALF --apply`; what the twin learns of its own errors it learns
while the recording runs, never from what is still to come.

What it is beside. *now*: the value stays as it is. *yesterday*: the same hour of the day before.
*ridge*: a linear regression fitted on the first half, by all outputs and bound inputs of now, the
value a day before the target, and the hour; with inputs known also the inputs at the target.
*ratio* is to the best of the three: below 1 the twin is better. *band*: the share of the
measurements that lay within mean ± 1.645 sd, of which 90 % is right.

*Inputs known* means weather and actuators as they came (`--known-inputs`), as if the weather
service were perfect; else the twin expects them from what it has learned.
"""


def verdict(records):
    name = "calibrated" if "calibrated" in records[0] else "twin"
    better = [r for r in records if r[name]["ratio"] < 1]
    inside = [r for r in records if 0.85 <= r[name]["within"] <= 0.95]
    worse = ["%s, %s, %d h%s: %.2f" % (r["file"], r["signal"], r["lead_h"], ", inputs known" if r["inputs_known"] else "",
                                       r[name]["ratio"]) for r in records if r[name]["ratio"] >= 1]
    text = "Better than the best of the three in %d of %d cases; the band holds 85 to 95 %% in %d of %d.\n" % (
        len(better), len(records), len(inside), len(records))
    return text + ("\nMissed:\n\n" + "\n".join("* " + w for w in worse) + "\n" if worse else "")


def kept(path):
    """What other tools and people wrote: from the first heading that stands above a marker."""
    if not os.path.exists(path):
        return ""
    with open(path) as f:
        text = f.read()
    marked = text.find("\n<!-- ")
    return text[text.rfind("\n# ", 0, marked):] if marked >= 0 else ""


def page(scored):
    parts = [PAGE, verdict([r for _, records, _ in scored for r in records])]
    for case, records, said in scored:
        parts.append("## %s\n" % case.name)
        for known in (False, True):
            of = [r for r in records if r["inputs_known"] == known]
            parts.append("Inputs %sknown:\n\n%s\n" % ("" if known else "not ", markdown(table_of(of))))
        parts.append("Calibration on the first half: %s.\n" % said if said else "")
    return "\n".join(p for p in parts if p)


def parameter(text):
    name, value = text.split("=", 1)
    return name, float(value)


def arguments():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("files", nargs="*", help="measured files; default: all in --data of known formats")
    parser.add_argument("--data", default=os.path.join(ROOT, "..", "shared", "data"), metavar="DIR")
    parser.add_argument("--build", default=os.path.join(ROOT, "build"), metavar="DIR", help="where twinctl is")
    parser.add_argument("--only", metavar="TEXT", help="files whose name has it")
    parser.add_argument("--known", action="store_true", help="also with the inputs known")
    parser.add_argument("--calibrate", action="store_true", help="also calibrated on the first half")
    parser.add_argument("--param", action="append", type=parameter, default=[], metavar="P=V", help="of the twins")
    parser.add_argument("--baselines", action="store_true", help="only what the twin is compared to")
    parser.add_argument("--jobs", type=int, default=os.cpu_count(), help="files at a time")
    parser.add_argument("--json", action="store_true", help="records instead of tables")
    parser.add_argument("--write", metavar="FILE", help="all of it, as a page of documentation")
    options = parser.parse_args()
    if options.write:
        options.known = options.calibrate = True
    return options


def main():
    options, begin = arguments(), time.monotonic()
    paths = [p for p in options.files or data.files(options.data) if (options.only or "") in os.path.basename(p)]
    if not paths:
        sys.exit("no measured file: %s" % options.data)

    def say(text):
        print("%5.0f s  %s" % (time.monotonic() - begin, text), file=sys.stderr, flush=True)
    with concurrent.futures.ThreadPoolExecutor(options.jobs) as pool:
        scored = list(pool.map(lambda path: score_file(path, options, say), paths))
    if options.json:
        print(json.dumps([r for _, records, _ in scored for r in records], indent=1))
    else:
        for case, records, _ in scored:
            show(case, records)
    if options.write:
        text = page(scored) + kept(options.write)
        with open(options.write, "w") as f:
            f.write(text)


if __name__ == "__main__":
    try:
        main()
    except Failed as failed:
        sys.exit("score: %s" % failed)
