#!/usr/bin/env python3
"""Compares the integrators on each kind, by tests/bench/bench_integrators.c and by twinctl
simulate over a year, and writes docs/integrators.md and its picture.

    tools/integrators.py [BUILD [TO]]     default: build, docs"""
import math
import os
import random
import resource
import subprocess
import sys
import tempfile

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
UNITS = {"air_temperature": "K", "relative_humidity": "%", "co2": "ppm", "indoor_temperature": "K",
         "heating_power": "W", "energy_today": "kWh", "pm2_5": "ug/m3", "no2": "ug/m3", "o3": "ug/m3"}
COLOURS = {"euler": "#b5651d", "rk4": "#2f6fb0", "rosenbrock": "#2e8b57", "adaptive": "#8e5fae"}
YEAR = {  # inputs of a year's file, and what else is told
    "greenhouse": (["outdoor_temperature", "outdoor_relative_humidity", "solar_irradiance", "wind_speed",
                    "energy_screen", "lamp", "pipe_temperature", "vent_lee"], ()),
    "building": (["outdoor_temperature", "solar_irradiance", "wind_speed", "heating_setpoint", "appliances"],
                 ("--param", "latitude=52", "--param", "longitude=5", "--param", "windows_south=15")),
    "air_quality": (["outdoor_temperature", "solar_irradiance", "wind_speed", "wind_direction", "traffic"], ())}
YEARS = [("greenhouse", ()), ("building", ()), ("building", ("--detail", "layers")), ("air_quality", ())]

HEAD = """# Integrators

Written by `tools/integrators.py`, by itself; do not edit.

A model is dx/dt = f(x, inputs, t). What moves it through time is the user's choice: `twinctl simulate
--integrator`, and a twin's key `"integrator"`.

| name | what it is | step | for |
|---|---|---|---|
| `euler` | explicit, order 1 (Euler 1768) | stable below 0.72 `max_step` | comparisons |
| `rk4` | explicit, order 4 (Kutta 1901) | stable below the kind's `max_step` | short steps between readings |
| `rosenbrock` | linearly implicit, order 2, L-stable, error held (Shampine & Reichelt 1997) | up to 5 min, or `max_step` where longer; shorter ones by itself | long steps: gaps, forecasts, simulations |
| `adaptive` | backward differentiation of variable order and step, CVODE (Hindmarsh et al. 2005) | as it likes | a reference; `twinctl simulate` alone |
| `auto` | `rk4`, or `rosenbrock` where a step is more than four `max_step` | | the default of both |

A twin takes the explicit methods in pieces that are stable, whatever its `step`, and `twind --check` warns where
that is dear; between readings that are no more than five minutes apart `auto` is `rk4` there, for the filter
compares small differences. `simulate` does what it is told: a step that is too long is a warning, and the result
worthless. `rosenbrock` makes its Jacobian by differences, block by block, and keeps it for eight steps while its
error estimate is good; that estimate is held below 0.5 % of each state's `spread` (40 mK of a greenhouse's air),
or the step is a quarter of `max_step`.

Some things a kind does once a step and not within: the sun's position, a plant's size, the layer over a city.
With steps of five minutes these lag by minutes, by any method; that is what remains of the error where all
methods show the same.

## Error and cost

Ten days with day and night, passing clouds, and screens, lamps, vents, set-points and traffic switched by the
clock; inputs are held for five minutes. The error is the difference to CVODE (tolerance 1e-8) in pieces of 10 s,
root mean square and greatest. Cost is in microseconds of one core a simulated hour.

![Error against cost](integrators.svg)
"""


def bench(build):
    return subprocess.run([os.path.join(build, "tests/bench/bench_integrators")], check=True, text=True,
                          capture_output=True).stdout.splitlines()


def parse(lines):
    cases, forecasts = [], []
    for word in (line.split() for line in lines):
        if word[0] == "case":
            title = word[1] + {"given": "", "own": ", its own control of heating, vents and CO2"}.get(
                word[2], ", detail " + word[2])
            cases.append((title, word[3:], []))
        elif word[0] == "run":
            numbers = [float(w) for w in word[2:]]
            cases[-1][2].append((word[1], numbers[0], numbers[1] / 1e3, list(zip(numbers[2::2], numbers[3::2]))))
        else:
            forecasts.append(word[1:])
    return cases, forecasts


def row(*cells):
    return "| " + " | ".join(cells) + " |\n"


def short(number):
    return "<1e-4" if number < 1e-4 else "%.2g" % number if number < 100 else "%.0f" % number


def case_table(case):
    title, names, runs = case
    text = "\n### %s\n\n" % title
    text += row("method", "step, s", *["%s, %s" % (name, UNITS[name]) for name in names], "us an hour")
    text += "|---|---" + "|---" * len(names) + "|---|\n"
    for method, step, cost, errors in runs:
        text += row("`%s`" % method, "%g" % step, *["%s / %s" % (short(rms), short(most)) for rms, most in errors],
                    short(cost))
    return text


# ---- the picture: one panel a case, both axes logarithmic ----

def panel(case, left, top, width, height):
    title, names, runs = case
    low, high, least, most = 0.5, 4, -5, 2  # decades of us an hour, and of the error
    def at(cost, error):
        x = left + width * (math.log10(cost) - low) / (high - low)
        y = top + height * (most - max(min(math.log10(error), most), least)) / (most - least)
        return min(max(x, left), left + width), y
    out = '<rect class="f" x="%g" y="%g" width="%g" height="%g"/>\n' % (left, top, width, height)
    out += '<text class="t" x="%g" y="%g">%s: %s</text>\n' % (left, top - 8, title.split(" of ")[0], names[0])
    for decade in range(1, 5):
        x = at(10 ** decade, 1)[0]
        out += '<path class="g" d="M%g %gv%g"/><text class="m" x="%g" y="%g">%d</text>\n' % (
            x, top, height, x, top + height + 15, 10 ** decade)
    for decade in range(-4, 3, 2):
        y = at(10, 10.0 ** decade)[1]
        out += '<path class="g" d="M%g %gh%g"/><text class="e" x="%g" y="%g">%g</text>\n' % (
            left, y, width, left - 5, y + 4, 10.0 ** decade)
    for method, step, cost, errors in runs:
        x, y = at(cost, errors[0][1])
        out += '<circle cx="%.1f" cy="%.1f" r="4" fill="%s"/><text class="s" x="%.1f" y="%.1f">%g</text>\n' % (
            x, y, COLOURS[method], x + 6, y - 4, step)
    return out


def picture(cases):
    width, height = 360, 210
    rows = (len(cases) + 1) // 2
    out = ('<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 900 %d" font-family="system-ui, sans-serif" '
           'font-size="12">\n<title>Greatest error against cost, by method and step</title>\n<style>'
           '.f{fill:none;stroke:#7d8590}.g{stroke:#7d8590;stroke-opacity:.25}.t,.m,.e,.s,.l{fill:#6a737d}'
           '.t{font-weight:600}.m{text-anchor:middle}.e{text-anchor:end}.s{font-size:10px}</style>\n' % (rows * 280 + 40))
    for i, case in enumerate(cases):
        out += panel(case, 60 + (i % 2) * 440, 40 + (i // 2) * 280, width, height)
    for i, (method, colour) in enumerate(COLOURS.items()):
        x = 60 + i * 110
        out += '<circle cx="%d" cy="%d" r="5" fill="%s"/><text class="l" x="%d" y="%d">%s</text>\n' % (
            x, rows * 280 + 22, colour, x + 10, rows * 280 + 26, method)
    out += ('<text class="l" x="510" y="%d">across: us an hour; up: greatest error; small: step, s</text>\n</svg>\n'
            % (rows * 280 + 26))
    return out


# ---- a year by twinctl simulate ----

def weather(rng, time, cloud):
    hour, season = time % 86400 / 3600, math.cos(2 * math.pi * time / (365 * 86400))
    day = 7 <= hour < 19
    return {"outdoor_temperature": 10 - 9 * season + 4 * math.sin(2 * math.pi * (hour - 9) / 24),
            "outdoor_relative_humidity": 75 + 10 * cloud,
            "solar_irradiance": max(0, (500 - 300 * season) * math.sin(2 * math.pi * (hour - 6) / 24)) * (1 - 0.7 * cloud),
            "wind_speed": 1 + 6 * cloud, "wind_direction": 360 * cloud, "traffic": 1000 if day else 200,
            "energy_screen": 0 if day else 95, "lamp": 100 if 2 <= hour < 8 else 0,
            "pipe_temperature": 35 if day else 50, "vent_lee": 30 if day and season < 0 else 3,
            "heating_setpoint": 21 if day else 16, "appliances": 950 if cloud > 0.7 else 150}


def write_year(path, kind, every):
    rng, cloud = random.Random(3), 0.5
    with open(path, "w") as f:
        f.write("time," + ",".join(YEAR[kind][0]) + "\n")
        for i in range(365 * 86400 // every + 1):
            if i * every % 1200 == 0:
                cloud = rng.random()
            values = weather(rng, i * every, cloud)
            f.write("%d,%s\n" % (1767225600 + i * every, ",".join("%.4g" % values[name] for name in YEAR[kind][0])))


def simulate_year(build, folder, kind, more, every):
    """Seconds of the processor, the best of three."""
    path, best = os.path.join(folder, "year.csv"), math.inf
    write_year(path, kind, every)
    command = [os.path.join(build, "twinctl"), "simulate", "--kind", kind, "--inputs", path, "--step", "5m", "--output",
               os.path.join(folder, "out.csv"), *YEAR[kind][1], *more]
    for _ in range(3):
        before = resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime
        subprocess.run(command, check=True)
        best = min(best, resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime - before)
    return best


def year_table(build):
    text = ("\n## A year, and a forecast\n\nSeconds of one core that `twinctl simulate --step 5m` takes for a year, with "
            "inputs and output once an hour, and\nevery five minutes (105,121 lines each way); and milliseconds of a "
            "forecast of 24 h in steps of 15 min, with standard\ndeviations, by each `integrator` of the twin.\n\n")
    text += row("kind", "year, hourly lines, s", "year, 5-minute lines, s") + "|---|---|---|\n"
    with tempfile.TemporaryDirectory() as folder:
        for kind, more in YEARS:
            text += row(" ".join((kind, *more[1:])),
                        *["%.2f" % simulate_year(build, folder, kind, more, every) for every in (3600, 300)])
    return text


def forecast_table(forecasts):
    methods = list(dict.fromkeys(method for _, method, _ in forecasts))
    text = "\n" + row("forecast, ms", *["`%s`" % m for m in methods]) + "|---" * (len(methods) + 1) + "|\n"
    for kind in dict.fromkeys(kind for kind, _, _ in forecasts):
        text += row(kind, *[ms for k, _, ms in forecasts if k == kind])
    return text


def main():
    build = sys.argv[1] if len(sys.argv) > 1 else os.path.join(ROOT, "build")
    to = sys.argv[2] if len(sys.argv) > 2 else os.path.join(ROOT, "docs")
    cases, forecasts = parse(bench(build))
    with open(os.path.join(to, "integrators.svg"), "w") as f:
        f.write(picture(cases))
    with open(os.path.join(to, "integrators.md"), "w") as f:
        f.write(HEAD + "".join(map(case_table, cases)) + year_table(build) + forecast_table(forecasts))


if __name__ == "__main__":
    main()
