"""Measured data through a real mosquitto at high speed, with clock: event: every reading is
stored exactly once, and with 30 % of the indoor (or pollutant) readings withheld at random the
twin's estimate of what was withheld beats the last reading. Prints the figures."""
import json
import math
import os
import random

from harness import DATA, Client, check, equal, run, skip, stage, wait_for
import score_data

SEED = int(os.environ.get("TEST_SEED", "1"))
SHARE = 0.3

SETS = [
    {"twin": "greenhouse", "file": "greenhouse_agc2022_reference_5min_2022-02.csv",
     "withheld": ["air_temperature", "relative_humidity", "co2"]},
    {"twin": "house", "file": "building_dchouse_hourly_2022-11_2023-01.csv", "withheld": ["indoor_temperature"]},
    {"twin": "beijing", "file": "airquality_beijing_aotizhongxin_2014-09_2015-08_hourly.csv",
     "withheld": ["pm2_5", "pm10", "so2", "no2", "co", "o3"]},
]


class Recording:
    """A measured file: what is withheld from the twin (in) and what is not (out), by column."""

    def __init__(self, twin, file, withheld):
        path = os.path.join(DATA, file)
        self.twin, self.rows, self.kind = twin, score_data.read(path), score_data.format_of(path)
        there = {column for _, values in self.rows for column in values}
        self.columns = {c: score_data.target(named) for c, named in {**self.kind["inputs"], **self.kind["outputs"]}.items()
                        if c in there}
        self.withheld = {c: signal for c, (signal, _) in self.columns.items() if signal in withheld}

    def configured(self):
        bind = {}
        for column, (signal, unit) in self.columns.items():
            topic = "%s/%s" % ("in" if column in self.withheld else "out", self.twin)
            bind[signal] = {"topic": topic, "path": "/" + column, "time": "/time", "timeout": "3h"}
            if unit:
                bind[signal]["unit"] = unit
        return {"id": self.twin, "kind": self.kind["kind"], "params": score_data.params(self.rows), "bind": bind,
                "step": "30m"}


def play(client, s, randomness):
    """Publishes one recording; returns how many readings were sent and what was withheld, with
    the last reading that was not: {signal: [(time, truth, last)]}."""
    sent, withheld, last = 0, {signal: [] for signal in s.withheld.values()}, {}
    for time, values in s.rows:
        values = {c: v for c, v in values.items() if c in s.columns}
        out = {c: v for c, v in values.items() if c not in s.withheld}
        inside = {}
        for column, signal in s.withheld.items():
            if column not in values:
                continue
            if randomness.random() < SHARE:
                if signal in last:
                    withheld[signal].append((score_data.epoch(time), values[column], last[signal]))
            else:
                inside[column] = last[signal] = values[column]
        for topic, part in (("out/", out), ("in/", inside)):
            if part:
                client.publish(topic + s.twin, json.dumps({"time": time, **part}))
                sent += len(part)
    return sent, withheld


def rmse(errors):
    return math.sqrt(sum(e * e for e in errors) / len(errors))


def score(stage_, s, withheld):
    result = []
    for signal, cases in withheld.items():
        states = dict(stage_.query("SELECT round(epoch), value FROM states WHERE twin = ? AND name = ?", s.twin, signal))
        errors = [(states[round(t)] - truth, last - truth) for t, truth, last in cases if round(t) in states]
        check(len(errors) > 0.9 * len(cases), "%s %s: estimates at the withheld times" % (s.twin, signal))
        result.append((signal, rmse([e for e, _ in errors]), rmse([p for _, p in errors]), len(errors)))
    return result


def measured_data_is_stored_once_and_estimated_better_than_held():
    if not os.path.isdir(DATA):
        skip("the reference data is not beside the checkout")
    print("TEST_SEED=%d" % SEED)
    recordings = [Recording(**s) for s in SETS]
    with stage() as st:
        st.start_broker()
        st.start_twind(st.configure({"clock": "event", "twins": [r.configured() for r in recordings],
                                     "history": {"states": "5m"}}))
        client = Client(st.port, window=1000)
        played = []
        for s in recordings:
            sent, withheld = play(client, s, random.Random(SEED))
            played.append((s, sent, withheld))
        client.flush()
        total = sum(sent for _, sent, _ in played)
        wait_for("all readings", lambda: st.one("SELECT count(*) FROM readings") >= total, 120)
        for s, sent, withheld in played:
            equal(st.one("SELECT count(*) FROM readings WHERE twin = ?", s.twin), sent,
                  s.twin + ": every reading is stored")
            equal(st.one("SELECT count(*) FROM (SELECT DISTINCT signal, epoch FROM readings WHERE twin = ?)", s.twin),
                  sent, s.twin + ": and once")
        better = {}
        for s, sent, withheld in played:
            for signal, twin, held, n in score(st, s, withheld):
                print("%-11s %-18s RMSE of the twin %8.4g, of the last reading %8.4g, ratio %.3f (%d withheld)" %
                      (s.twin, signal, twin, held, twin / held, n))
                better.setdefault(s.twin, []).append((signal, twin / held))
        for twin, ratios in better.items():
            check(ratios[0][1] < 1, "%s: %s beats the last reading" % (twin, ratios[0][0]), ratios[0][1])


run(measured_data_is_stored_once_and_estimated_better_than_held)
