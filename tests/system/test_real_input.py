"""Measured data through a real mosquitto at high speed, with clock: event: every reading is
stored exactly once, and with 30 % of the indoor (or pollutant) readings withheld at random the
twin's estimate of what was withheld beats the last reading. Prints the figures."""
import csv
import datetime
import json
import math
import os
import random

from harness import DATA, Client, check, equal, run, skip, stage, wait_for

SEED = int(os.environ.get("TEST_SEED", "1"))
SHARE = 0.3

SETS = [
    {"twin": "greenhouse", "kind": "greenhouse", "params": {"utc_offset": 1},
     "file": "greenhouse_agc2022_reference_5min_2022-02.csv",
     "inputs": {"out_temp_degC": "outdoor_temperature", "out_rh_pct": "outdoor_relative_humidity",
                "out_global_rad_W_m2": "solar_irradiance", "out_wind_m_s": "wind_speed", "vent_lee_pct": "vent_lee",
                "vent_wind_pct": "vent_wind", "screen_energy_pct": "energy_screen",
                "screen_black_pct": "blackout_screen", "pipe_rail_degC_0isOff": "pipe_temperature",
                "sp_heat_degC": "heating_setpoint", "sp_vent_lee_degC": "ventilation_setpoint",
                "in_par_umol_m2_s": "par"},
     "withheld": {"in_temp_degC": "air_temperature", "in_rh_pct": "relative_humidity", "in_co2_ppm": "co2"}},
    {"twin": "house", "kind": "building", "params": {"utc_offset": -5},
     "file": "building_dchouse_hourly_2022-11_2023-01.csv",
     "inputs": {"outdoor_temp_degC": "outdoor_temperature", "wind_speed_m_s": "wind_speed",
                "solar_irradiance_W_m2": "solar_irradiance", "heat_supply_kW": ("heating_power", "kW")},
     "withheld": {"indoor_temp_degC": "indoor_temperature"}},
    {"twin": "beijing", "kind": "air_quality", "params": {"utc_offset": 8},
     "file": "airquality_beijing_aotizhongxin_2014-09_2015-08_hourly.csv",
     "inputs": {"temp_degC": "outdoor_temperature", "pressure_hPa": "pressure", "dew_point_degC": "dew_point",
                "wind_speed_m_s": "wind_speed"},
     "withheld": {"pm25_ug_m3": "pm2_5", "pm10_ug_m3": "pm10", "so2_ug_m3": "so2", "no2_ug_m3": "no2",
                  "co_ug_m3": "co", "o3_ug_m3": "o3"}},
]


def twin_of(s):
    bind = {}
    for column, signal in list(s["inputs"].items()) + list(s["withheld"].items()):
        unit = None
        if isinstance(signal, tuple):
            signal, unit = signal
        topic = "%s/%s" % ("in" if column in s["withheld"] else "out", s["twin"])
        bind[signal] = {"topic": topic, "path": "/" + column, "time": "/time", "timeout": "3h"}
        if unit:
            bind[signal]["unit"] = unit
    return {"id": s["twin"], "kind": s["kind"], "params": s["params"], "bind": bind, "step": "30m"}


def rows_of(s):
    with open(os.path.join(DATA, s["file"])) as f:
        for row in csv.DictReader(f):
            yield row["time"], {k: float(v) for k, v in row.items() if k != "time" and is_number(v)}


def is_number(text):
    try:
        return math.isfinite(float(text))
    except ValueError:
        return False


def epoch(text):
    return datetime.datetime.fromisoformat(text.replace("Z", "+00:00")).timestamp()


def play(client, s, randomness):
    """Publishes one file; returns how many readings were sent and what was withheld, with the
    last reading that was not: {signal: [(time, truth, last)]}."""
    sent, withheld, last = 0, {signal: [] for signal in s["withheld"].values()}, {}
    for time, values in rows_of(s):
        out = {k: values[k] for k in s["inputs"] if k in values}
        if out:
            client.publish("out/" + s["twin"], json.dumps({"time": time, **out}))
            sent += len(out)
        inside = {}
        for column, signal in s["withheld"].items():
            if column not in values:
                continue
            if randomness.random() < SHARE:
                if signal in last:
                    withheld[signal].append((epoch(time), values[column], last[signal]))
            else:
                inside[column] = last[signal] = values[column]
        if inside:
            client.publish("in/" + s["twin"], json.dumps({"time": time, **inside}))
            sent += len(inside)
    return sent, withheld


def rmse(errors):
    return math.sqrt(sum(e * e for e in errors) / len(errors))


def score(stage_, s, withheld):
    result = []
    for signal, cases in withheld.items():
        states = dict(stage_.query("SELECT round(epoch), value FROM states WHERE twin = ? AND name = ?", s["twin"], signal))
        errors = [(states[round(t)] - truth, last - truth) for t, truth, last in cases if round(t) in states]
        check(len(errors) > 0.9 * len(cases), "%s %s: estimates at the withheld times" % (s["twin"], signal))
        result.append((signal, rmse([e for e, _ in errors]), rmse([p for _, p in errors]), len(errors)))
    return result


def measured_data_is_stored_once_and_estimated_better_than_held():
    if not os.path.isdir(DATA):
        skip("the reference data is not beside the checkout")
    print("TEST_SEED=%d" % SEED)
    with stage() as st:
        st.start_broker()
        st.start_twind(st.configure({"clock": "event", "twins": [twin_of(s) for s in SETS],
                                     "history": {"states": "5m"}}))
        client = Client(st.port, window=1000)
        played = []
        for s in SETS:
            sent, withheld = play(client, s, random.Random(SEED))
            played.append((s, sent, withheld))
        client.flush()
        total = sum(sent for _, sent, _ in played)
        wait_for("all readings", lambda: st.one("SELECT count(*) FROM readings") >= total, 120)
        for s, sent, withheld in played:
            equal(st.one("SELECT count(*) FROM readings WHERE twin = ?", s["twin"]), sent,
                  s["twin"] + ": every reading is stored")
            equal(st.one("SELECT count(*) FROM (SELECT DISTINCT signal, epoch FROM readings WHERE twin = ?)", s["twin"]),
                  sent, s["twin"] + ": and once")
        better = {}
        for s, sent, withheld in played:
            for signal, twin, held, n in score(st, s, withheld):
                print("%-11s %-18s RMSE of the twin %8.4g, of the last reading %8.4g, ratio %.3f (%d withheld)" %
                      (s["twin"], signal, twin, held, twin / held, n))
                better.setdefault(s["twin"], []).append((signal, twin / held))
        for twin, ratios in better.items():
            check(ratios[0][1] < 1, "%s: %s beats the last reading" % (twin, ratios[0][0]), ratios[0][1])


run(measured_data_is_stored_once_and_estimated_better_than_held)
