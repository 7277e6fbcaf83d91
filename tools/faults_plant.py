"""The fault campaign's sites and faults: what befalls a greenhouse, an office and a station, at
three sizes, and what a site of a seed is made of."""
import copy
import json
import os
import random
import subprocess

import stage

SIZES = ("small", "medium", "large")
LEARNING, RUN = 21, 90  # days
HOUR, DAY = 3600, 86400
LENGTHS = ((12, 24), (24, 48), (48, 72))  # h, of faults whose size is how long they last
GAP = 72  # h between two faults, at least

# What a site's parameters may be beside what its twin is told: a share up or down.
UNCERTAIN = {
    "greenhouse": {"cover_u": 0.2, "cover_transmission": 0.15, "vent_area_ratio": 0.2, "leakage": 0.2, "leaf_area_index": 0.2,
                   "electron_transport": 0.15, "air_capacity": 0.2, "thermal_mass": 0.2, "lamp_power": 0.1,
                   "energy_screen_saving": 0.15, "stomatal_resistance": 0.15, "moisture_buffer": 0.2},
    "building": {"envelope_u": 0.2, "window_u": 0.15, "shading": 0.2, "thermal_mass": 0.2, "air_capacity": 0.2,
                 "ventilation": 0.1, "infiltration": 0.2, "heating_cop": 0.1, "heating_capacity": 0.1, "plant_lag": 0.2,
                 "lighting_power": 0.1},
    "air_quality": {"fetch": 0.2, "residual_layer": 0.15, "mixing_time": 0.2, "primary_no2": 0.2, "background_pm2_5": 0.2,
                    "background_coarse": 0.2, "background_o3": 0.15, "background_co": 0.15, "usual_pm2_5": 0.2,
                    "usual_coarse": 0.2, "usual_nox": 0.2, "usual_so2": 0.2, "usual_co": 0.2},
}

# Day of the year on which a run may begin: the seasons in which what may fail is at work.
SEASONS = {"greenhouse": (55, 80), "building": (290, 340), "air_quality": (1, 270)}


def sensor(signal, manner, sizes, kind=None, also=(), sign=False, **more):
    """A fault of one sensor. It is named rightly as any of `manner` and `also` of this signal."""
    part = {"type": kind or manner, "signal": signal, "value": sizes, **more}
    return {"name": "%s: %s" % (signal, manner), "parts": [part], "sign": sign,
            "right": ["%s:%s" % (signal, m) for m in (manner, *also)]}


def lasting(signal, manner, also=(), others=(), **more):
    """The same, but its size is the time for which it lasts."""
    fault = sensor(signal, manner, 0, also=also, **more)
    return {**fault, "lasting": True, "right": fault["right"] + list(others)}


def device(topic, signals, manner, kind, sizes=0, sign=False):
    """A fault of a device with these signals: rightly named where one of them stands still, is
    silent or has a wrong clock."""
    return {"name": "%s: %s" % (topic, manner), "parts": [{"type": kind, "signal": topic, "value": sizes}],
            "right": ["%s:%s" % (s, m) for s in signals for m in ("stuck", "silent", "clock")], "sign": sign,
            "lasting": sizes == 0}


def plant(name, parts, right):
    return {"name": name, "parts": parts, "right": [name.replace(" ", "_"), *right], "sign": False}


def obeys(signal, sizes, offset=0):
    """An actuator that does of what it is told this share, plus so much."""
    return {"type": "gain", "signal": signal, "value": sizes, "offset": offset}


def times(param, sizes, **more):
    return {"type": "parameter", "signal": param, "times": sizes, **more}


def source(state, sizes):
    return {"type": "state", "signal": state, "value": sizes}


WRONG = ("drift", "scale")       # what else a bias may be called; and so on
ERRATIC = {"noise": ("spike",), "spike": ("noise",)}

FAULTS = {
    "greenhouse": [
        sensor("air_temperature", "bias", (1, 2, 4), also=WRONG, sign=True),
        sensor("air_temperature", "drift", (0.02, 0.05, 0.15), also=("bias", "scale"), sign=True),
        sensor("air_temperature", "noise", (0.3, 0.8, 2), also=ERRATIC["noise"]),
        sensor("air_temperature", "spike", (3, 6, 12), also=ERRATIC["spike"], sign=True),
        lasting("air_temperature", "stuck"),
        {**sensor("air_temperature", "unit", 1.8, also=("scale", "bias"), offset=32), "lasting": True},
        sensor("relative_humidity", "bias", (5, 10, 20), also=WRONG, sign=True),
        sensor("co2", "drift", (2, 5, 12), also=("bias", "scale"), sign=True),
        sensor("co2", "silent", (0.3, 0.7, 1), kind="dropout"),
        device("gh/climate", ("air_temperature", "relative_humidity"), "frozen", "frozen"),
        device("gh/climate", ("air_temperature", "relative_humidity"), "clock", "clock", (600, 3600, 86400), sign=True),
        sensor("outdoor_temperature", "bias", (2, 4, 8), also=WRONG),
        sensor("solar_irradiance", "scale", (0.75, 0.5, 0.2), also=("bias", "drift", "unit")),
        plant("vents closed", [obeys("vent_lee", (0.5, 0.2, 0)), obeys("vent_wind", (0.5, 0.2, 0))], []),
        plant("vents open", [obeys("vent_lee", 1, (8, 20, 50)), obeys("vent_wind", 1, (8, 20, 50))], ["door_open"]),
        plant("heating fails", [obeys("heating_power", (0.6, 0.3, 0))], []),
        plant("heating on", [obeys("heating_power", 1, (15000, 40000, 100000))], []),
        plant("lamps fail", [obeys("lamp", (0.7, 0.4, 0))], []),
        plant("dosing fails", [obeys("co2_dosing", (0.6, 0.3, 0))], []),
        plant("door open", [times("leakage", (4, 10, 30), **{"from": 7, "to": 18})], ["vents_open"]),
    ],
    "building": [
        sensor("indoor_temperature", "bias", (0.7, 1.5, 3), also=WRONG, sign=True),
        sensor("indoor_temperature", "drift", (0.015, 0.04, 0.1), also=("bias", "scale"), sign=True),
        sensor("indoor_temperature", "noise", (0.25, 0.6, 1.5), also=ERRATIC["noise"]),
        sensor("indoor_temperature", "spike", (2, 5, 10), also=ERRATIC["spike"], sign=True),
        lasting("indoor_temperature", "stuck"),
        {**sensor("indoor_temperature", "unit", 1.8, also=("scale", "bias"), offset=32), "lasting": True},
        sensor("relative_humidity", "bias", (4, 8, 16), also=WRONG),
        sensor("co2", "drift", (1.5, 4, 10), also=("bias", "scale")),
        sensor("co2", "silent", (0.3, 0.7, 1), kind="dropout"),
        device("office/room", ("indoor_temperature", "relative_humidity"), "frozen", "frozen"),
        device("office/room", ("indoor_temperature", "relative_humidity"), "clock", "clock", (600, 3600, 86400), sign=True),
        sensor("heating_power", "scale", (0.7, 0.4, 0.1), also=("bias", "drift", "unit")),
        lasting("electric_power", "stuck"),
        sensor("outdoor_temperature", "bias", (2, 4, 8), also=WRONG),
        plant("heating fails", [times("heating_capacity", (0.3, 0.12, 0))], []),
        plant("heating on", [{"type": "actuator", "signal": "heating_setpoint", "value": (22.5, 24, 27)}], []),
        plant("window open", [times("ventilation", (2, 4, 10)), times("heat_recovery", (0.7, 0.4, 0.1))],
              []),
        plant("filter blocked", [times("ventilation", (0.6, 0.35, 0.1))], []),
        plant("heat pump worn", [times("heating_cop", (0.8, 0.6, 0.4))], ["electric_power:scale", "electric_power:bias"]),
        plant("unknown gains", [source("indoor_temperature", (0.1, 0.25, 0.6))], []),
    ],
    "air_quality": [
        sensor("pm2_5", "bias", (6, 15, 40), also=WRONG),
        sensor("pm2_5", "drift", (0.15, 0.4, 1.2), also=("bias", "scale")),
        sensor("pm2_5", "noise", (3, 7, 20), also=ERRATIC["noise"]),
        sensor("pm2_5", "spike", (20, 50, 150), also=ERRATIC["spike"]),
        lasting("pm2_5", "stuck"),
        {**sensor("no2", "unit", 0.523, also=("scale", "bias")), "lasting": True},
        sensor("o3", "bias", (10, 25, 60), also=WRONG),
        sensor("o3", "drift", (0.3, 0.8, 2), also=("bias", "scale")),
        sensor("o3", "silent", (0.3, 0.7, 1), kind="dropout"),
        sensor("co", "scale", (0.7, 0.45, 0.15), also=("bias", "drift", "unit")),
        lasting("so2", "stuck"),
        device("station/nox", ("no", "no2"), "frozen", "frozen"),
        device("station/dust", ("pm2_5", "pm10"), "clock", "clock", (600, 3600, 86400), sign=True),
        lasting("wind_speed", "stuck"),
        {"name": "inlet blocked", "sign": False, "right": ["inlet_blocked", *("%s:%s" % (s, m) for s in ("pm2_5", "pm10") for m in ("scale", "bias", "drift", "unit"))],
         "parts": [{"type": "scale", "signal": s, "value": (0.65, 0.35, 0.1)} for s in ("pm2_5", "pm10")]},
        plant("smoke", [source("pm2_5", (4, 12, 50)), source("co", (20, 60, 250))], ["plume_dust", "plume_co"]),
        plant("dust", [source("coarse", (5, 15, 60))], ["plume_dust", "plume_coarse"]),
        plant("nox source", [source("source_nox", (0.04, 0.12, 0.4))], ["plume_nox"]),
        plant("so2 plume", [source("so2", (1, 4, 15))], ["plume_so2"]),
        plant("source stops", [{"type": "actuator", "signal": "traffic", "value": (400, 150, 0)}], []),
    ],
}
assert all(len(faults) == 20 for faults in FAULTS.values())


def read(path):
    with open(path) as f:
        return json.loads(stage.strip_comments(f.read()))


def base_site(kind):
    """The script of config/campaign/plant.json with the kind's site alone."""
    script = read(os.path.join(stage.ROOT, "config", "campaign", "plant.json"))
    script["sites"] = [s for s in script["sites"] if s["kind"] == kind]
    return script


def defaults(twinctl, kind):
    said = subprocess.run([twinctl, "kinds", kind, "--json"], check=True, capture_output=True).stdout
    return {p["name"]: p["default"] for p in json.loads(said)["params"]}


def vary(script, kind, usual, seed):
    """A site of this seed: its own parameters, sensors, unrest, weather, season."""
    draw, site = random.Random("%s %d" % (kind, seed)), script["sites"][0]
    params = site.setdefault("params", {})
    for name, share in UNCERTAIN[kind].items():
        params[name] = round(params.get(name, usual[name]) * draw.uniform(1 - share, 1 + share), 6)
    site["unrest"] = round(site["unrest"] * draw.uniform(0.7, 1.4), 4)
    site["noise"] = {s: round(sd * draw.uniform(0.7, 1.4), 4) for s, sd in site["noise"].items()}
    weather = site["weather"]
    weather["mean"] += round(draw.uniform(-2, 2), 2)
    weather["cloud"] = round(draw.uniform(0.35, 0.65), 2)
    weather["wind"] = round(weather["wind"] * draw.uniform(0.8, 1.2), 2)
    first = draw.randint(*SEASONS[kind])
    script["start"] = "2025-%02d-%02dT00:00:00Z" % (1 + (first - 1) // 31, 1 + (first - 1) % 28)
    script["seed"] = seed
    return script


def of_size(value, size):
    return value[size] if isinstance(value, tuple) else value


def part_of(part, size, sign, at, lasts, params, usual):
    """One entry of the script's faults."""
    entry = {k: of_size(v, size) for k, v in part.items()}
    if "times" in entry:
        entry["value"] = entry.pop("times") * params.get(entry["signal"], usual[entry["signal"]])
    entry["value"] = entry["value"] * sign
    return {**entry, "at": "%gh" % at, "for": "%gh" % lasts}


def plan(kind, seed, size, half, count=10, days=RUN):
    """When which faults of this half of the list happen: (fault, at, lasts) in hours."""
    order = list(range(len(FAULTS[kind])))
    random.Random("order %s %d" % (kind, seed)).shuffle(order)
    draw = random.Random("plan %s %d %d %d" % (kind, seed, size, half))
    chosen = [FAULTS[kind][i] for i in order[half * 10:half * 10 + count]]
    lasts = [draw.uniform(*(LENGTHS[size] if f.get("lasting") else (12, 72))) for f in chosen]
    spare = (days - LEARNING) * 24 - sum(lasts) - GAP * count
    cuts = sorted(draw.uniform(0, spare) for _ in chosen)
    planned, at = [], LEARNING * 24
    for i, fault in enumerate(chosen):
        at += cuts[i] - (cuts[i - 1] if i else 0)
        planned.append((fault, round(at, 2), round(lasts[i], 2), draw.choice((-1, 1)) if fault["sign"] else 1))
        at += lasts[i] + GAP
    return planned


def add_faults(script, usual, planned, size):
    site = script["sites"][0]
    site["faults"] = [part_of(part, size, sign, at, lasts, site["params"], usual)
                      for fault, at, lasts, sign in planned for part in fault["parts"]]
    return script
