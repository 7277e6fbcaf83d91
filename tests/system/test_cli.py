"""The programs without a broker: --check, --dump-config, kinds, rules, replay, simulate."""
import hashlib
import json
import os
import re
import sqlite3
import subprocess

from harness import ROOT, check, equal, generic, run, stage, threshold, twinctl

EXAMPLE = r"""// comments
{ # of all
  /* three sorts */
  "broker": { "url": "mqtt://127.0.0.1:1883", "client_id": "twind", "protocol": "3.1.1", "username": "twind",
    "password_file": "broker-password", "ca_file": "", "cert_file": "", "key_file": "",
    "keepalive": "60s", "session_expiry": "1d" },
  "topic_prefix": "twind", "clock": "wall", "state_dir": "/var/lib/twind", "step": "10s",
  "history": { "file": "history.db", "raw": "30d", "minutes": "1y", "hours": "10y", "states": "1m", "commit": "50ms" },
  "http": { "listen": "127.0.0.1:8080", "token_file": "" },
  "home_assistant": { "discovery": true, "prefix": "homeassistant" },
  "twins": [
    { "id": "gh1", "name": "North house", "kind": "greenhouse", "params": { "floor_area": 144 },
      "bind": {
        "air_temperature": { "topic": "zigbee2mqtt/gh1", "path": "/temperature", "unit": "Cel" },
        "relative_humidity": { "topic": "zigbee2mqtt/gh1", "path": "/humidity", "sd": 2.0, "timeout": "15m" } },
      "actuate": { "heating_setpoint": { "topic": "plc/gh1/heat/set", "payload": "{\"setpoint\":{value}}" } },
      "forecast": { "every": "1h", "horizon": "24h", "step": "15m" },
      "rules": [ { "id": "hot", "type": "threshold", "on": "air_temperature", "above": 30, "clear_below": 28,
                   "for": "5m", "severity": "warning" } ] },
    { "id": "gh-{site}-{house}", "kind": "greenhouse", "max": 10000,
      "bind": { "air_temperature": { "topic": "farm/{site}/gh/{house}/climate", "path": "/t" } } }
  ]
}
"""

BAD = """{
  "brokr": {},
  "step": "fast",
  "clock": "moon",
  "clock": "wall",
  "twins": [
    { "id": "a", "kind": "greenhous", "bind": {} },
    { "id": "b", "kind": "generic", "signals": { "x": {} }, "bind": { "y": "t", "x": { "topic": "a/#/b" } },
      "rules": [ { "id": "r", "type": "threshold", "on": "x", "above": "high" },
                 { "id": "r2", "type": "stale", "on": "measured.x" } ] }
  ]
}
"""


def twind(s, *arguments):
    return subprocess.run([s.program("twind"), *arguments], capture_output=True, text=True, timeout=20)


def write(s, name, text):
    with open(s.path(name), "w") as f:
        f.write(text)
    return s.path(name)


def errors_are_all_told_with_their_place():
    with stage() as s:
        path = write(s, "twind.json", BAD)
        done = twind(s, "-c", path, "--check")
        equal((done.returncode, done.stdout), (1, ""), "exit 1")
        lines = [x for x in done.stderr.splitlines() if "(warning)" not in x]
        for line in lines:
            check(re.fullmatch(re.escape(path) + r":\d+:\d+: /\S*: .+", line), "format: " + line[len(path):])
        for place, pointer, words in ((2, "/brokr", "broker"), (3, "/step", ""), (4, "/clock", "event"), (5, "/clock", ""),
                                      (7, "/twins/0/kind", "greenhouse"), (8, "/twins/1/bind/y", ""),
                                      (8, "/twins/1/bind/x/topic", ""), (9, "/twins/1/rules/0/above", "number"),
                                      (10, "/twins/1/rules/1", "after")):
            check(any(x.startswith("%s:%d:" % (path, place)) and ": %s: " % pointer in x and words in x for x in lines),
                  "line %d: %s" % (place, pointer), lines)
        equal(twind(s, "-c", "/nowhere/twind.json", "--check").returncode, 1, "a file that is not there: 1")
        equal(twind(s, "--nonsense").returncode, 2, "usage: 2")
        equal(twind(s, "-c", write(s, "dir.json", '{"state_dir":"/proc/nowhere","twins":[]}')).returncode, 3,
              "a state folder that can't be: 3")


def the_example_of_the_contract_loads_and_round_trips():
    with stage() as s:
        path = write(s, "twind.json", EXAMPLE)
        write(s, "broker-password", "secret\n")
        os.mkdir(s.path("twins.d"))
        write(s, "twins.d/shed.json", json.dumps({"twins": [generic("shed", [threshold("r", above=1)])]}))
        done = twind(s, "-c", path, "--check")
        equal(done.returncode, 0, "the contract's own example is right" + done.stderr.replace(path, "").strip().join(("\n     ", "")))
        first = twind(s, "-c", path, "--dump-config")
        config = json.loads(first.stdout)
        equal([t["id"] for t in config["twins"]], ["gh1", "gh-{site}-{house}", "shed"], "dumped, the drop-in's too")
        check("secret" not in first.stdout, "without the password")
        os.remove(s.path("twins.d/shed.json"))
        again = twind(s, "-c", write(s, "twind2.json", first.stdout), "--dump-config")
        equal((again.returncode, again.stdout), (0, first.stdout), "what is dumped reads back the same")
        check(re.fullmatch(r"twind \d+\.\d+\.\d+\n", twind(s, "--version").stdout), "--version")


def what_the_project_ships_is_right():
    with stage() as s:
        for name in ("config/twind.json", "config/demo/twind.json", "config/measured/twind.json"):
            equal(twind(s, "-c", os.path.join(ROOT, name), "--check").returncode, 0, name)
        for name in sorted(os.listdir(os.path.join(ROOT, "config/twins.d"))):
            os.makedirs(s.path("twins.d"), exist_ok=True)
            with open(os.path.join(ROOT, "config/twins.d", name)) as f:
                write(s, "twins.d/" + name.replace(".example", ""), f.read())
        done = twind(s, "-c", write(s, "twind.json", '{"twins":[]}'), "--check")
        equal((done.returncode, done.stderr), (0, ""), "the examples of twins.d")


def kinds_and_rules_are_listed():
    with stage() as s:
        kinds = json.loads(twinctl(s, "kinds", "--json").stdout)
        names = {k["kind"]: k for k in kinds}
        check({"greenhouse", "building", "air_quality", "generic"} <= set(names), "kinds", sorted(names))
        rows = {r["name"]: r for r in names["greenhouse"]["inputs"]}
        check(rows["vent_lee"]["unit"] == "%" and rows["vent_lee"]["max"] == 100, "a row has unit, range, help", rows["vent_lee"])
        rules = {r["type"]: r for r in json.loads(twinctl(s, "rules", "--json").stdout)}
        check({"threshold", "rate", "stale", "stuck", "deviation"} <= set(rules), "rules", sorted(rules))
        json.loads(twinctl(s, "kinds", "building", "--json").stdout)
        json.loads(twinctl(s, "rules", "rate", "--json").stdout)
        check("floor_area" in twinctl(s, "kinds", "greenhouse").stdout, "as text too")
        equal(twinctl(s, "kinds", "spaceship").returncode, 1, "an unknown kind: 1")


def digest(path):
    with open(path, "rb") as f:
        return hashlib.sha256(f.read()).hexdigest()


def a_replay_is_the_same_to_the_bit():
    rows = ["time,topic,payload"]
    for i in range(5000):
        rows.append('%d,dev/%d,"{""v"":%.3f}"' % (1767225600 + 13 * i, i % 3, 20 + 10 * ((i * 7919) % 1000) / 1000))
    rules = [threshold("hot", on="x", above=27, clear_below=23, **{"for": "1m"})]
    with stage() as s:
        config = s.configure({"twins": [generic("a", rules, topic="dev/0"), generic("f-{n}", rules, topic="dev/{n}", max=5)],
                              "history": {"raw": "3650d"}})
        path = write(s, "in.csv", "\n".join(rows) + "\n")
        for k in "12":
            done = twinctl(s, "replay", "-c", config, "--input", path, "--history", s.path(k + ".db"), "--alerts",
                           s.path(k + ".ndjson"))
            equal(done.returncode, 0, "replay: " + " ".join(done.stdout.split()[:6]) + done.stderr)
        equal(digest(s.path("1.ndjson")), digest(s.path("2.ndjson")), "the alerts are the same bytes")
        equal(digest(s.path("1.db")), digest(s.path("2.db")), "the database is the same bytes")
        alerts = [json.loads(x) for x in open(s.path("1.ndjson"))]
        check(len(alerts) > 10, "there are alerts", len(alerts))
        with sqlite3.connect(s.path("1.db")) as db:
            equal(db.execute("SELECT count(*) FROM readings WHERE twin LIKE 'f-%'").fetchone()[0], 5000, "every reading")
            equal(db.execute("SELECT count(*) FROM alert_events").fetchone()[0], len(alerts), "every transition")
        by_name = write(s, "names.csv", "time,twin,signal,value\n2026-01-01T00:00:00Z,a,x,21.5\n1767225660,a,x,22\n")
        done = twinctl(s, "replay", "-c", config, "--input", by_name, "--history", s.path("3.db"))
        equal(done.returncode, 0, "by names: " + done.stderr)
        with sqlite3.connect(s.path("3.db")) as db:
            equal(db.execute("SELECT value FROM readings ORDER BY epoch").fetchall(), [(21.5,), (22.0,)], "readings by name")
        for text, status in (("time,twin\n", 1), ("time,twin,signal,value\nnever,a,x,1\n", 1),
                             ("time,twin,signal,value\n1,zz,x,1\n", 1), ("", 1)):
            done = twinctl(s, "replay", "-c", config, "--input", write(s, "bad.csv", text))
            equal(done.returncode, status, "refused: " + done.stderr.replace(s.folder, "").strip())
        equal(twinctl(s, "replay", "-c", config).returncode, 2, "usage: 2")
        equal(twinctl(s, "replay", "-c", config, "--input", "/nowhere.csv").returncode, 3, "no such file: 3")


INPUTS = {"greenhouse": "time,outdoor_temperature,solar_irradiance,heating_power\n",
          "building": "time,outdoor_temperature,solar_irradiance,internal_gains\n",
          "air_quality": "time,wind_speed,mixing_height,outdoor_temperature\n"}
ROWS = {"greenhouse": ("10", "200", "5000"), "building": ("5", "100", "300"), "air_quality": ("3", "500", "10")}


def every_kind_is_simulated_by_every_integrator():
    with stage() as s:
        for kind, head in INPUTS.items():
            text = head + "".join("%d,%s\n" % (600 * i, ",".join(ROWS[kind])) for i in range(37))
            path, ends = write(s, kind + ".csv", text), {}
            for how in ("euler", "rk4", "rosenbrock", "adaptive"):
                done = twinctl(s, "simulate", "--kind", kind, "--inputs", path, "--integrator", how, "--step", "10s")
                equal(done.returncode, 0, "%s by %s%s" % (kind, how, done.stderr))
                lines = done.stdout.splitlines()
                equal(len(lines), 38, "a row for each row")
                ends[how] = dict(zip(lines[0].split(","), map(float, lines[-1].split(","))))
            for name, value in ends["adaptive"].items():
                for how in ("rk4", "rosenbrock"):
                    near = abs(ends[how][name] - value) <= 1e-3 * max(1, abs(value))
                    check(near, how + " agrees: " + name, ends[how][name], value) if not near else None
            print("ok - rk4, rosenbrock and adaptive agree within 0.1 %")
        path = s.path("building.csv")
        base = ("simulate", "--kind", "building", "--inputs", path)
        equal(twinctl(s, *base, "--param", "floor_area=80", "--state", "indoor_temperature=15").returncode, 0, "--param, --state")
        equal(twinctl(s, *base, "--param", "floor_area=-1").returncode, 1, "a parameter out of range: 1")
        equal(twinctl(s, *base, "--param", "flor_area=1").returncode, 1, "an unknown one: 1")
        equal(twinctl(s, *base, "--integrator", "magic").returncode, 1, "an unknown integrator: 1")
        equal(twinctl(s, "simulate", "--kind", "building").returncode, 2, "usage: 2")


run(errors_are_all_told_with_their_place, the_example_of_the_contract_loads_and_round_trips,
    what_the_project_ships_is_right, kinds_and_rules_are_listed, a_replay_is_the_same_to_the_bit,
    every_kind_is_simulated_by_every_integrator)
