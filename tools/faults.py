#!/usr/bin/env python3
"""The fault campaign: a virtual greenhouse, office and city station live through 90 days of
weather, of which the first 21 are for learning; then faults befall them, one at a time, at three
sizes. Every message goes through `twinctl replay` with the rules of config/campaign; told is what
was found, how soon, what it was called, and what was raised where nothing was wrong, beside plain
limits (tools/faults_rival.py). Everything is drawn from seeds."""
import argparse
import concurrent.futures
import json
import os
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import faults_page as page  # noqa: E402
import faults_plant as plant  # noqa: E402
import faults_rival as rival  # noqa: E402
from stage import ROOT  # noqa: E402

AFTER = 1 * plant.HOUR   # an alarm so long after a fault's end is still its
CALM = 48 * plant.HOUR   # no alarm within this time after a fault is a false one


class Failed(Exception):
    pass


def run(*command):
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode != 0:
        raise Failed("%s: %s" % (" ".join(command), done.stderr.strip()))
    return done.stdout


class Bench:
    """The programs, and what they are told."""

    def __init__(self, options):
        self.twinctl = os.path.join(options.build, "twinctl")
        self.config = {kind: os.path.join(options.config, kind + ".json") for kind in options.kinds}
        self.usual = {kind: plant.defaults(self.twinctl, kind) for kind in options.kinds}
        self.keep = options.keep
        self.days, self.count, self.halves = (RUN_QUICK if options.quick else RUN_FULL)

    def folder(self, name):
        if not self.keep:
            return tempfile.TemporaryDirectory(prefix="twind-faults-")
        path = os.path.join(self.keep, name)
        os.makedirs(path, exist_ok=True)
        return open_folder(path)

    def bound(self, kind):
        """{topic: [(member, signal)]} of the sensors that the twin is told of."""
        found = {}
        for signal, b in plant.read(self.config[kind])["twins"][0]["bind"].items():
            if not signal.endswith("_setpoint"):
                found.setdefault(b["topic"], []).append((b["path"][1:], signal))
        return found


RUN_FULL = (plant.RUN, 10, (0, 1))
RUN_QUICK = (45, 3, (0,))


class open_folder:
    def __init__(self, path):
        self.name = path

    def __enter__(self):
        return self.name

    def __exit__(self, *_):
        pass


def live(bench, kind, script, folder):
    """The plant's messages, and the alerts of its twin."""
    path, recording, alerts = (os.path.join(folder, n) for n in ("plant.json", "messages.csv", "alerts.ndjson"))
    script["duration"] = "%dd" % bench.days
    with open(path, "w") as f:
        json.dump(script, f)
    run(bench.twinctl, "play", path, "--output", recording)
    run(bench.twinctl, "replay", "-c", bench.config[kind], "--input", recording, "--alerts", alerts)
    return recording, raised_in(alerts)


def raised_in(path):
    """When an alert became active: (time, rule, type, message)."""
    active, found = set(), []
    with open(path) as f:
        for line in f:
            alert = json.loads(line)
            rule = alert["rule"]
            if alert["state"] == "active" and rule not in active:
                active.add(rule)
                found.append((rival.epoch(alert["time"]), rule, alert["type"], alert["message"]))
            elif alert["state"] != "active":
                active.discard(rule)
    return found


# ---- judging ----

def judge(planned, begin, days, alarms, plain, size):
    """A record for each fault; the false alarms; the days on which there may be some."""
    start = begin + plant.LEARNING * plant.DAY
    spans, records = [], []
    for fault, at, lasts, _ in planned:
        first = begin + at * plant.HOUR
        last = first + lasts * plant.HOUR
        spans.append((first, last + CALM))
        heard = [a for a in alarms if first <= a[0] <= last + AFTER]
        rung = [t for t in plain if first <= t <= last + AFTER]
        named = next((a for a in heard if a[2] == "fault"), None)
        records.append({
            "fault": fault["name"], "size": size, "from": first, "hours": lasts,
            "found": bool(heard), "delay": (heard[0][0] - first) / plant.HOUR if heard else None,
            "by": [a[1] for a in heard], "named": named[3] if named else None,
            "right": bool(named) and page.is_right(named[3], fault["right"]),
            "plain": bool(rung), "plain_delay": (rung[0] - first) / plant.HOUR if rung else None})

    def is_calm(t):
        return t >= start and not any(a <= t <= b for a, b in spans)
    calm = days - plant.LEARNING - sum(min(b, begin + days * plant.DAY) - a for a, b in spans) / plant.DAY
    return {"records": records, "days": calm, "false": [a for a in alarms if is_calm(a[0])],
            "plain_false": [t for t in plain if is_calm(t)]}


def one_seed(bench, kind, seed, sizes, say):
    """The season without faults, from which the plain limits are; then with them."""
    begin, found, bound = time.monotonic(), [], bench.bound(kind)

    def script():
        return plant.vary(plant.base_site(kind), kind, bench.usual[kind], seed)
    start = rival.epoch(script()["start"])
    with bench.folder("%s-%d-sound" % (kind, seed)) as folder:
        recording, alarms = live(bench, kind, script(), folder)
        sound = rival.series(recording, bound)
        limits = rival.Rival(sound, start + plant.LEARNING * plant.DAY)
        found.append({"seed": seed, "size": None,
                      **judge([], start, bench.days, alarms, limits.alarms(sound), None)})
    for size in sizes:
        for half in bench.halves:
            planned = plant.plan(kind, seed, size, half, bench.count, bench.days)
            with bench.folder("%s-%d-%s-%d" % (kind, seed, plant.SIZES[size], half)) as folder:
                faulty = plant.add_faults(script(), bench.usual[kind], planned, size)
                recording, alarms = live(bench, kind, faulty, folder)
                plain = limits.alarms(rival.series(recording, bound))
            found.append({"seed": seed, "size": size, **judge(planned, start, bench.days, alarms, plain, size)})
    say("%-12s seed %-3d %5.1f s" % (kind, seed, time.monotonic() - begin))
    return found


# ---- from the command line ----

def arguments():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--build", default=os.path.join(ROOT, "build"), metavar="DIR", help="where twinctl is")
    parser.add_argument("--config", default=os.path.join(ROOT, "config", "campaign"), metavar="DIR", help="of KIND.json")
    parser.add_argument("--kinds", nargs="+", default=list(plant.FAULTS), choices=list(plant.FAULTS), metavar="KIND")
    parser.add_argument("--seeds", type=int, nargs="+", default=[11, 12, 13], metavar="N")
    parser.add_argument("--sizes", nargs="+", default=list(plant.SIZES), choices=plant.SIZES, metavar="SIZE")
    parser.add_argument("--quick", action="store_true", help="one seed, three large faults a kind, 45 days")
    parser.add_argument("--jobs", type=int, default=1, help="seeds at a time")
    parser.add_argument("--keep", metavar="DIR", help="leaves scripts, messages and alerts there")
    parser.add_argument("--verbose", action="store_true", help="every fault and every false alarm")
    parser.add_argument("--json", action="store_true", help="what was found instead of tables")
    parser.add_argument("--write", metavar="FILE", help="the tables between this page's markers, too")
    options = parser.parse_args()
    if options.quick:
        options.seeds, options.sizes = options.seeds[:1], ["large"]
    return options


def main():
    options, begin = arguments(), time.monotonic()
    bench = Bench(options)

    def say(text):
        print("%5.0f s  %s" % (time.monotonic() - begin, text), file=sys.stderr, flush=True)
    work = [(kind, seed) for kind in options.kinds for seed in options.seeds]
    sizes = [plant.SIZES.index(s) for s in options.sizes]
    with concurrent.futures.ThreadPoolExecutor(options.jobs) as pool:
        runs = list(pool.map(lambda w: one_seed(bench, *w, sizes, say), work))
    found = {kind: [r for (k, _), rs in zip(work, runs) if k == kind for r in rs] for kind in options.kinds}
    if options.json:
        print(json.dumps(found, indent=1))
        return
    print(page.tables(found, options.seeds))
    if options.verbose:
        print(page.every(found))
    if options.write:
        page.write(options.write, page.tables(found, options.seeds))


if __name__ == "__main__":
    try:
        main()
    except Failed as failed:
        sys.exit("faults: %s" % failed)
