#!/usr/bin/env python3
"""What `twinctl calibrate` makes of measured files: the parameters, and the errors of
predictions on the last third of each file, which only judges, before and after.

    tools/calibrated.py --data DIR [--only NAME ..] [--build BUILD] [--write docs/calibration.md]"""
import argparse
import json
import os
import re
import resource
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import score_data as data  # noqa: E402
from score import Case  # noqa: E402
from stage import ROOT  # noqa: E402

CELL = re.compile(r"^(\w+) +([\d.]+) h +(\d+) +(\S+) +(\S+)  (.*)$")
PARAM = re.compile(r"^(\w+) +(\S+) +(\S+) +(\S+)  (.*)$")


def configure(case, folder):
    """As for scoring, but nothing is forecast: only the readings are wanted."""
    path = case.config(folder)
    with open(path) as f:
        config = json.load(f)
    for twin in config["twins"]:
        twin.pop("forecast", None)
    with open(path, "w") as f:
        json.dump(config, f)
    return path


def run(build, *arguments):
    done = subprocess.run([os.path.join(build, "twinctl"), *arguments], capture_output=True, text=True)
    if done.returncode != 0:
        sys.exit("twinctl %s: %s" % (" ".join(arguments), done.stderr.strip()))
    return done.stdout


def calibrate(build, case):
    with tempfile.TemporaryDirectory() as folder:
        config, history = configure(case, folder), os.path.join(folder, "h.db")
        run(build, "replay", "-c", config, "--input", case.readings(folder), "--history", history)
        before = resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime
        said = run(build, "calibrate", "-c", config, "--twin", "it", "--history", history, "--threads", "1")
        return said, resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime - before


def parse(said):
    """(parameters, cells, {part: (before, after)}, verdict)"""
    params, cells, errors = [], [], {}
    for line in said.splitlines():
        cell, param = CELL.match(line), PARAM.match(line)
        if line.startswith(("training  ", "held out  ")) and ".." not in line:
            name, before, after = line.rsplit(None, 2)
            errors[name.strip()] = (float(before), float(after))
        elif cell:
            cells.append(cell.groups())
        elif param and not cells and param.group(2) != "before":
            params.append(param.groups())
    ties = [line for line in said.splitlines() if line.startswith("the data do not tell apart")]
    return params, cells, errors, ties + [said.strip().splitlines()[-1]]


def short(text):
    return "%.3g" % float(text)


def table(head, rows):
    lines = ["| " + " | ".join(head) + " |", "|" + " --- |" * len(head)]
    return "\n".join(lines + ["| " + " | ".join(row) + " |" for row in rows]) + "\n"


def section(case, said, seconds):
    params, cells, errors, verdict = parse(said)
    held, training = errors["held out"], errors["training"]
    text = "## %s\n\n%s. Error %.3f to %.3f on the training part, **%.3f to %.3f** on the held-out part. %.0f s of one core.\n\n" % (
        case.name, ". ".join(v[:1].upper() + v[1:] for v in verdict), *training, *held, seconds)
    text += table(("parameter", "configured", "calibrated", "standard error", "unit"),
                  [(name, short(a), short(b), "-" if sd == "inf" else short(sd), " ".join(unit.split()) or "1") for name, a, b, sd, unit in params])
    text += "\n" + table(("held-out RMSE of", "lead to", "predictions", "before", "after", "ratio", "unit"),
                         [(name, lead + " h", n, short(a), short(b), "%.2f" % (float(b) / float(a)), unit)
                          for name, lead, n, a, b, unit in cells])
    return text


HEAD = """# Calibration on measured files

Written by `tools/calibrated.py --data DIR --only NAME .. --write docs/calibration.md`, by itself; do not edit. DIR
holds the measured files that `tools/score_data.py` knows, NAME is a part of the name of those below. Each is replayed into a history and calibrated by
`twinctl calibrate --threads 1` with all that is default: the first two thirds of the time are fitted, the
last third only judges. The twins are told nothing of the place but its clock; all inputs are as they were
measured, and the predictions begin at the twin's own estimate every 11 hours. An error of 1 is that of the
configured parameters on the training part, over all outputs and bands of leads alike.

"""


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", required=True)
    parser.add_argument("--only", nargs="*", default=[""], help="files whose names hold one of these")
    parser.add_argument("--build", default=os.path.join(ROOT, "build"))
    parser.add_argument("--write", help="the page")
    options = parser.parse_args()
    sections = []
    for path in data.files(options.data):
        if not any(only in os.path.basename(path) for only in options.only):
            continue
        case = Case(path)
        if len(case.inputs) < 2:
            print("%s: hardly an input: left out" % case.name, file=sys.stderr)
            continue
        sections.append(section(case, *calibrate(options.build, case)))
        print(sections[-1])
    if options.write:
        with open(options.write, "w") as f:
            f.write(HEAD + "\n".join(sections))


if __name__ == "__main__":
    main()
