#!/usr/bin/env python3
"""What `twinctl commission` finds in measured files: nothing in the files as they are, and
the mistakes that are put into their columns one by one.

    tools/commissioned.py --data DIR [--only NAME ..] [--days 4] [--windows 2] [--clean 12] [--write FILE]"""
import argparse
import collections
import json
import os
import re
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import score_data as data  # noqa: E402
from stage import ROOT  # noqa: E402

DAY, HOUR = 86400, 3600
Mistake = collections.namedtuple("Mistake", "name scale offset gross")  # reading = scale * true + offset

TEMPERATURE = [Mistake("degrees Fahrenheit", 1.8, 32, True), Mistake("kelvins", 1, 273.15, True),
               Mistake("ten times, a temperature", 10, 0, True)]
HUMIDITY = [Mistake("a fraction, a humidity", 0.01, 0, True), Mistake("ten times, a humidity", 10, 0, True)]
POSITION = [Mistake("a fraction, an actuator", 0.01, 0, True), Mistake("reversed, an actuator", -1, 100, True)]
SUN = [Mistake("kW/m2", 0.001, 0, True), Mistake("lux", 118, 0, True), Mistake("sign, the sun", -1, 0, True),
       Mistake("J/cm2 for W/m2", 0.36, 0, False), Mistake("ten times, the sun", 10, 0, False),
       Mistake("a tenth, the sun", 0.1, 0, False)]
WIND = [Mistake("ten times, wind", 10, 0, True), Mistake("km/h", 3.6, 0, False), Mistake("knots", 1.944, 0, False)]
HEAT = [Mistake("kW", 0.001, 0, True), Mistake("sign, heat", -1, 0, True), Mistake("ten times, heat", 10, 0, False)]
GAS = [Mistake("mg/m3", 0.001, 0, True), Mistake("ten times, a pollutant", 10, 0, False), Mistake("ppb", 0.5, 0, False)]
OF = {"solar_irradiance": SUN, "wind_speed": WIND, "heating_power": HEAT,
      "wind_direction": [Mistake("radians", 0.0174533, 0, True)],
      "pressure": [Mistake("Pa", 100, 0, True), Mistake("kPa", 0.1, 0, True), Mistake("inches of mercury", 0.02953, 0, True),
                   Mistake("mm of mercury", 0.750062, 0, False)],
      "co2": [Mistake("percent of CO2", 1e-4, 0, True), Mistake("ten times, CO2", 10, 0, False)],
      "par": [Mistake("lux, light inside", 54, 0, True), Mistake("W/m2, light inside", 1 / 4.57, 0, False)],
      "pm2_5": GAS[:2], "pm10": GAS[:2], "no": GAS, "no2": GAS, "so2": GAS, "o3": GAS,
      "co": GAS[:2] + [Mistake("ppm", 1 / 1164, 0, True)]}
EXCHANGED = [("air_temperature", "outdoor_temperature"), ("indoor_temperature", "outdoor_temperature"),
             ("relative_humidity", "outdoor_relative_humidity"), ("dew_point", "outdoor_temperature"), ("pm2_5", "pm10")]
CLOCKS = (-7, 5)  # h


def mistakes_of(signal):
    if signal in OF:
        return OF[signal]
    if "humidity" in signal:
        return HUMIDITY
    if signal in ("vent_lee", "vent_wind", "energy_screen", "blackout_screen", "lamp"):
        return POSITION
    return TEMPERATURE if signal != "co2_setpoint" else []


# ---- what is put in; each returns (what, gross, series, is it named?) ----

def changed(signal, mistake, series):
    spoiled = {**series, signal: {t: mistake.scale * v + mistake.offset for t, v in series[signal].items()}}

    def named(finding):
        """The same correction, but for a fifth (ppm of CO is 1.16 mg/m3)."""
        ratio = finding["scale"] * mistake.scale
        return finding.get("sensor") == signal and 0.8 < ratio < 1.25 and \
            abs(finding["offset"] + finding["scale"] * mistake.offset) < 0.5
    return mistake.name, mistake.gross, spoiled, named


def exchanged(a, b, series):
    return ("exchanged", True, {**series, a: series[b], b: series[a]},
            lambda finding: finding["mistake"] == "swapped" and {finding["sensor"], finding.get("other")} == {a, b})


def shifted(hours, series):
    moved = {s: {t + hours * HOUR: v for t, v in at.items()} for s, at in series.items()}
    return ("the clock of all", "solar_irradiance" in series, moved,
            lambda finding: finding["mistake"] == "clock" and "sensor" not in finding)


def sun_shifted(hours, series):
    moved = {**series, "solar_irradiance": {t + hours * HOUR: v for t, v in series["solar_irradiance"].items()}}
    return ("the clock of the sun's sensor", False, moved,
            lambda finding: finding["mistake"] == "clock" and finding.get("sensor") == "solar_irradiance")


def spoil(series):
    for signal, at in series.items():
        if len(set(at.values())) > 1:  # of a sensor that brought one number nothing can be said
            for mistake in mistakes_of(signal):
                yield (signal, *changed(signal, mistake, series))
    for a, b in EXCHANGED:
        if a in series and b in series:
            yield (a, *exchanged(a, b, series))
    for hours in CLOCKS:
        yield ("all", *shifted(hours, series))
        if "solar_irradiance" in series:
            yield ("solar_irradiance", *sun_shifted(hours, series))


# ---- twinctl ----

class File:
    def __init__(self, path, build, folder):
        self.name = os.path.basename(path)[:-len(".csv")]
        form, rows = data.format_of(path), data.read(path)
        self.series = data.series(rows, {**form["inputs"], **form["outputs"]})
        self.first, self.last = (data.epoch(rows[i][0]) for i in (0, -1))
        self.program, self.folder = os.path.join(build, "twinctl"), folder
        twin = {"id": "it", "kind": form["kind"], "params": data.params(rows),
                "bind": {s: {"topic": "x/" + s} for s in self.series}}
        self.write("twind.json", json.dumps({"state_dir": folder, "twins": [twin]}))

    def write(self, name, text):
        with open(os.path.join(self.folder, name), "w") as f:
            f.write(text)

    def window(self, days, i, n):
        """The i-th of n, spread over the file."""
        begin = self.first + (self.last - self.first - days * DAY) * (i + 0.5) / n
        begin -= begin % HOUR
        cut = {s: {t: v for t, v in at.items() if begin <= t < begin + days * DAY} for s, at in self.series.items()}
        return {s: at for s, at in cut.items() if at}

    def findings(self, series):
        lines = ["%d,it,%s,%.10g" % (t, s, v) for s, at in series.items() for t, v in sorted(at.items())]
        self.write("readings.csv", "time,twin,signal,value\n" + "\n".join(lines) + "\n")
        done = subprocess.run([self.program, "commission", "-c", os.path.join(self.folder, "twind.json"), "--twin", "it",
                               "--input", os.path.join(self.folder, "readings.csv"), "--json"],
                              capture_output=True, text=True)
        if done.returncode not in (0, 1) or not done.stdout:
            sys.exit("twinctl commission: %s" % done.stderr.strip())
        return json.loads(done.stdout)["findings"]


# ---- counting ----

class Count:
    def __init__(self, gross):
        self.gross, self.cases, self.named, self.other, self.beside, self.missed = gross, 0, 0, 0, 0, []

    def add(self, findings, named, where):
        hits = [named(f) for f in findings]
        self.cases += 1
        self.named += any(hits)
        self.other += bool(hits) and not any(hits)
        self.beside += any(hits) and not all(hits)
        if not any(hits):
            self.missed.append(where)


def spoiled_runs(file, options, counts, say):
    for i in range(options.windows):
        series = file.window(options.days, i, options.windows)
        for signal, what, gross, spoiled, named in spoil(series):
            findings = file.findings(spoiled)
            counts.setdefault((what, gross), Count(gross)).add(findings, named, signal)
            if not any(named(f) for f in findings):
                say("%s window %d: %s of %s: %s" % (file.name, i, what, signal, [f["says"] for f in findings] or "nothing found"))


def clean_runs(file, options, say):
    false = 0
    for i in range(options.clean):
        for f in file.findings(file.window(options.days, i, options.clean)):
            false += 1
            say("%s clean window %d: %.2f %s" % (file.name, i, f["probability"], f["says"]))
    return false


def table(head, rows):
    return "\n".join(["| " + " | ".join(head) + " |", "|" + " --- |" * len(head)] +
                     ["| " + " | ".join(row) + " |" for row in rows]) + "\n"


def where_missed(count):
    tally = collections.Counter(count.missed)
    return ", ".join("%s%s" % (s, " (%d)" % n if n > 1 else "") for s, n in tally.most_common(6))


def counts_table(counts, gross):
    rows = [(what, "%d" % c.cases, "%d" % c.named, "%d" % c.other, "%d" % c.beside, where_missed(c))
            for (what, g), c in counts.items() if g == gross]
    return table(("what was put in", "cases", "rightly named", "another named", "another beside", "not named at"), rows)


def report(options, cleans, counts):
    total, named = (sum(getattr(c, k) for c in counts.values() if c.gross) for k in ("cases", "named"))
    text = "Files as they are, %g days each:\n\n" % options.days
    text += table(("file", "windows", "false findings"), [(n, "%d" % options.clean, "%d" % f) for n, f in cleans])
    text += "\nGross mistakes: **%d of %d (%.0f %%) rightly named**.\n\n" % (named, total, 100 * named / max(total, 1))
    return text + counts_table(counts, True) + "\nMistakes that such a record hardly shows:\n\n" + counts_table(counts, False)


def replace_section(path, text):
    with open(path) as f:
        page = f.read()
    with open(path, "w") as f:
        f.write(re.sub(r"(<!-- measured -->\n).*?(<!-- end -->)", lambda m: m.group(1) + text + m.group(2), page, flags=re.S))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", required=True)
    parser.add_argument("--only", nargs="*", default=[""], help="files whose names hold one of these")
    parser.add_argument("--build", default=os.path.join(ROOT, "build"))
    parser.add_argument("--days", type=float, default=4)
    parser.add_argument("--windows", type=int, default=2, help="of each file, for each mistake")
    parser.add_argument("--clean", type=int, default=12, help="windows of each file as it is")
    parser.add_argument("--write", help="the page whose tables are replaced")
    options = parser.parse_args()
    cleans, counts = [], {}

    def say(text):
        print(text, file=sys.stderr, flush=True)
    for path in data.files(options.data):
        if not any(only in os.path.basename(path) for only in options.only):
            continue
        with tempfile.TemporaryDirectory() as folder:
            file = File(path, options.build, folder)
            cleans.append((file.name, clean_runs(file, options, say)))
            spoiled_runs(file, options, counts, say)
    text = report(options, cleans, counts)
    print(text)
    if options.write:
        replace_section(options.write, text)


if __name__ == "__main__":
    main()
