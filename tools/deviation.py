#!/usr/bin/env python3
"""What the probability of the rule type `deviation` means: the sites of the fault campaign, without
any fault, through `twinctl replay` with one rule a sensor and one for the twin at several
probabilities. Told is how often a week each was raised. tools/deviation.py [DAYS] [SEEDS]"""
import json
import os
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import faults_plant as plant  # noqa: E402
from stage import ROOT  # noqa: E402

PROBABILITIES = (1e-3, 1e-6, 1e-9)
WINDOWS = ("1h", "6h")
TWINCTL = os.path.join(os.environ.get("TWIND_BUILD", os.path.join(ROOT, "build")), "twinctl")


def rules(sensors):
    """Of each window and probability: a rule for the twin and one a sensor."""
    for window in WINDOWS:
        for i, probability in enumerate(PROBABILITIES):
            common = {"type": "deviation", "probability": probability, "window": window}
            name = "%s_%d" % (window, i)
            yield {"id": name + "_twin", **common}
            for sensor in sensors:
                yield {"id": "%s_%s" % (name, sensor), "on": "residual." + sensor, **common}


def outputs(kind):
    said = subprocess.run([TWINCTL, "kinds", kind, "--json"], check=True, capture_output=True).stdout
    return {row["name"] for row in json.loads(said)["outputs"]}


def raised(folder, kind, seed, days):
    """(rule's id: times it became active, the number of sensors)."""
    site = plant.vary(plant.base_site(kind), kind, plant.defaults(TWINCTL, kind), seed)
    config = plant.read(os.path.join(ROOT, "config", "campaign", kind + ".json"))
    twin = config["twins"][0]
    sensors = sorted(set(twin["bind"]) & outputs(kind))
    twin["rules"] = list(rules(sensors))
    paths = [os.path.join(folder, name) for name in ("plant.json", "twind.json", "in.csv", "out")]
    for path, content in zip(paths, ({**site, "duration": "%dd" % days}, config)):
        with open(path, "w") as f:
            json.dump(content, f)
    for command in (["play", paths[0], "--output", paths[2]],
                    ["replay", "-c", paths[1], "--input", paths[2], "--alerts", paths[3]]):
        subprocess.run([TWINCTL, *command], check=True, capture_output=True)
    count = {}
    with open(paths[3]) as f:
        for alert in map(json.loads, f):
            count[alert["rule"]] = count.get(alert["rule"], 0) + (alert["state"] == "active")
    return count, len(sensors)


def main(days=45, seeds=3):
    print("| kind | window | by %s: a sensor | the twin |\n|---|---|---|---|"
          % ", ".join("%g" % p for p in PROBABILITIES))
    for kind in plant.FAULTS:
        with tempfile.TemporaryDirectory() as folder:
            runs = [raised(folder, kind, seed, days) for seed in range(1, seeds + 1)]
        weeks = days / 7 * seeds
        for window in WINDOWS:
            cells = []
            for twin in (False, True):
                told = [sum(n for count, _ in runs for rule, n in count.items()
                            if rule.startswith("%s_%d_" % (window, i)) and rule.endswith("_twin") == twin)
                        for i in range(len(PROBABILITIES))]
                cells.append(", ".join("%.2f" % (n / weeks / (1 if twin else runs[0][1])) for n in told))
            print("| %s | %s | %s |" % (kind, window, " | ".join(cells)), flush=True)


main(*map(int, sys.argv[1:3]))
