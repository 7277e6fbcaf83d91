#!/usr/bin/env python3
"""What the rules of config/campaign say of measured files: every alarm with its time and message,
and how many a week. With --plot a picture of the sensors for two days about each."""
import argparse
import json
import os
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import faults  # noqa: E402
import faults_plant as plant  # noqa: E402
import score  # noqa: E402
import score_data as data  # noqa: E402
from stage import ROOT  # noqa: E402

DAY = 86400
SLOWEST = 12  # readings: a rule's time is no shorter, for files with one an hour

# A turbine, and whatever else has no model yet.
WIND = {"name": "turbine", "kind": "generic", "known_by": ["active_power_kW", "wind_speed_m_s"], "inputs": {}, "scored": [],
        "outputs": {"active_power_kW": "power", "wind_speed_m_s": "wind_speed"}}
SIGNALS = {"power": {"unit": "kW"}, "wind_speed": {"unit": "m/s"}}
data.FORMATS.append(WIND)


def rules_of(kind, config, outputs, every):
    """The campaign's, of the signals that this file has."""
    rules = plant.read(os.path.join(config, kind + ".json"))["twins"][0]["rules"]
    found = []
    for rule in rules:
        on = rule.get("on", "")
        names = [n.split(".")[-1] for n in ([on] if isinstance(on, str) else on)]
        if not on or all(n in outputs for n in names):
            times = {k: "%ds" % (SLOWEST * every) for k in ("after", "window") if k in rule and every >= 600}
            found.append({**rule, **times})
    return found


class Case(score.Case):
    def config_with(self, folder, rules):
        path = self.config(folder)
        written = json.loads(open(path).read())
        twin = written["twins"][0]
        twin.pop("forecast")
        if self.format["kind"] == "generic":
            twin["signals"] = {s: SIGNALS[s] for s in self.outputs}
            twin["params"] = {}
        twin["rules"] = rules
        written["history"]["states"] = "1h"
        return score.write(folder, "twind.json", json.dumps(written, indent=1))

    def interval(self):
        times = sorted(t for t in next(iter(self.outputs.values())))
        gaps = sorted(b - a for a, b in zip(times, times[1:]))
        return gaps[len(gaps) // 2]


def draw(options, case, folder, alarms):
    for i, (when, rule, _, _) in enumerate(alarms):
        picture = os.path.join(options.plot, "%s-%03d-%s.svg" % (case.name, i + 1, rule))
        signals = [a for s in list(case.outputs)[:5] for a in ("--signal", s)]
        faults.run(os.path.join(options.build, "twinctl"), "plot", "--history", os.path.join(folder, "h.db"), "--twin", "it",
                   *signals, "--from", "%d" % (when - DAY), "--to", "%d" % (when + DAY), "-o", picture)


def look(options, path):
    case = Case(path)
    with tempfile.TemporaryDirectory(prefix="twind-alarms-") as folder:
        rules = rules_of(case.format["kind"], options.config, case.outputs, case.interval())
        config, readings = case.config_with(folder, rules), case.readings(folder)
        alerts, history = os.path.join(folder, "alerts.ndjson"), os.path.join(folder, "h.db")
        faults.run(os.path.join(options.build, "twinctl"), "replay", "-c", config, "--input", readings, "--alerts", alerts,
                   *(("--history", history) if options.plot else ()))
        alarms = faults.raised_in(alerts)
        if options.plot:
            os.makedirs(options.plot, exist_ok=True)
            draw(options, case, folder, alarms)
    first, last = (data.epoch(case.rows[i][0]) for i in (0, -1))
    print("%s: %d alarms in %.1f weeks, %.2f a week" % (case.name, len(alarms), (last - first) / DAY / 7,
                                                        len(alarms) / ((last - first) / DAY / 7)))
    for when, rule, _, message in alarms:
        print("  %s  %-20s %s" % (faults.page.time.strftime("%Y-%m-%d %H:%M", faults.page.time.gmtime(when)), rule, message))


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", default=os.path.join(ROOT, "..", "shared", "data"), metavar="DIR")
    parser.add_argument("--build", default=os.path.join(ROOT, "build"), metavar="DIR", help="where twinctl is")
    parser.add_argument("--config", default=os.path.join(ROOT, "config", "campaign"), metavar="DIR", help="of KIND.json")
    parser.add_argument("--only", metavar="TEXT", help="files whose name has it")
    parser.add_argument("--plot", metavar="DIR", help="for the pictures")
    options = parser.parse_args()
    for path in data.files(options.data):
        if (options.only or "") in os.path.basename(path):
            look(options, path)


if __name__ == "__main__":
    try:
        main()
    except (faults.Failed, subprocess.CalledProcessError) as failed:
        sys.exit("alarms: %s" % failed)
