"""twinctl commission, and the daemon that does it by itself: a wrong unit is named, mended, and
not found again."""
import csv
import json
import math
import os
import signal
import subprocess
import time

from harness import Client, check, equal, run, stage, told, twinctl, wait_for

START = 1767225600  # 2026-01-01
DAYS = 3
INPUTS = ("outdoor_temperature", "solar_irradiance", "wind_speed", "heating_setpoint")
OUTPUTS = ("indoor_temperature", "heating_power")


def house(id="h", **bindings):
    return {"id": id, "kind": "building", "params": {"floor_area": 150},
            "bind": {n: {"topic": "%s/%s" % (id, n), **bindings.get(n, {})} for n in INPUTS + OUTPUTS}}


def weather(hours):
    day = math.sin(math.tau * (hours / 24 - 0.25))
    return (4 + 4 * math.sin(math.tau * (hours / 24 - 0.375)) + 2 * math.sin(math.tau * hours / 61),
            450 * max(day, 0), 3 + 2 * math.sin(math.tau * hours / 17), 17 if hours % 24 < 6 else 21)


def simulate(s, start):
    """A house that loses more than its twin is told, as (time, signal, value)."""
    with open(s.path("in.csv"), "w") as f:
        f.write("time," + ",".join(INPUTS) + "\n")
        for i in range(DAYS * 24 + 1):
            f.write("%d,%s\n" % (start + i * 3600, ",".join("%.6g" % v for v in weather(start / 3600 + i))))
    result = twinctl(s, "simulate", "--kind", "building", "--param", "heat_loss_scale=1.3", "--param", "floor_area=150",
                     "--inputs", s.path("in.csv"), "--output", s.path("out.csv"))
    equal(result.returncode, 0, "simulated " + result.stderr)
    for given, made in zip(csv.DictReader(open(s.path("in.csv"))), csv.DictReader(open(s.path("out.csv")))):
        for name in INPUTS + OUTPUTS:
            yield int(given["time"]), name, float((given if name in INPUTS else made)[name])


def record(s, name, start=START, **wrong):
    """readings.csv of a house; wrong: signal -> what its sensor's numbers are taken for."""
    with open(s.path(name), "w") as f:
        f.write("time,twin,signal,value\n")
        for t, signal, value in simulate(s, start):
            f.write("%d,h,%s,%.6g\n" % (t, signal, wrong.get(signal, lambda v: v)(value)))
    return s.path(name)


def replay(s, config, readings, name):
    result = twinctl(s, "replay", "-c", config, "--input", readings, "--history", s.path(name))
    equal(result.returncode, 0, "replayed " + result.stderr)
    return s.path(name)


def commission(s, config, *arguments, status=0, twin="h"):
    result = twinctl(s, "commission", "-c", config, "--twin", twin, *arguments)
    equal(result.returncode, status, "twinctl commission " + " ".join(a for a in arguments if a[:2] == "--"))
    return result.stdout + result.stderr


def fahrenheit(value):
    return 1.8 * value + 32


def a_wrong_unit_is_named_with_what_to_write():
    with stage() as s:
        config = s.configure({"clock": "event", "twins": [house()]})
        right, wrong = record(s, "right.csv"), record(s, "wrong.csv", outdoor_temperature=fahrenheit)
        said = commission(s, config, "--history", replay(s, config, right, "right.db"))
        check("nothing wrong was found" in said, "what is right is left alone", said)
        said = commission(s, config, "--history", replay(s, config, wrong, "wrong.db"), status=1)
        check("outdoor_temperature sends degrees Fahrenheit" in said and '"unit": "[degF]"' in said, "it is named", said)
        said = json.loads(commission(s, config, "--input", wrong, "--json", "--output", s.path("out.json"), status=1))
        equal([(f["sensor"], f["mistake"], f["fix"]) for f in said["findings"]],
              [("outdoor_temperature", "unit", '"unit": "[degF]"')], "as an object")
        check(said["findings"][0]["probability"] > 0.5 and said["weighed"] > 20, "with how sure it is", said)
        equal(json.load(open(s.path("out.json"))), said, "and in a file")


def readings_that_the_twin_did_not_believe_are_looked_at():
    with stage() as s:
        config = s.configure({"clock": "event", "twins": [house()]})
        history = replay(s, config, record(s, "r.csv", outdoor_temperature=lambda v: v + 273.15), "h.db")
        said = commission(s, config, "--history", history, status=1)
        check("outdoor_temperature sends kelvins" in said, "what is out of range too", said)


def a_scale_in_the_binding_is_counted_in():
    with stage() as s:
        config = s.configure({"clock": "event", "twins": [house(heating_power={"scale": 2})]})
        said = json.loads(commission(s, config, "--json", "--input", record(s, "r.csv", heating_power=lambda v: -v), status=1))
        equal(said["findings"][0]["fix"], '"scale": -2', "what to write")


def what_cannot_be_done_is_told():
    with stage() as s:
        config = s.configure({"clock": "event", "twins": [house()]})
        readings = record(s, "r.csv")
        said = commission(s, config, "--input", readings, twin="g", status=1)
        check("there is no twin 'g'" in said, "no such twin", said)
        said = commission(s, config, "--input", readings, "--to", str(START + 7200), status=1)
        check("too few" in said, "too short", said)
        commission(s, config, "--history", s.path("none.db"), status=3)
        commission(s, config, "--history", s.path("none.db"), "--input", readings, status=2)
        with open(s.path("other.csv"), "w") as f:
            f.write("time,topic,payload\n")
        said = commission(s, config, "--input", s.path("other.csv"), status=1)
        check("there is no column 'twin'" in said, "other columns", said)


def note(s, twin, days_ago):
    """As if the daemon had found something then."""
    os.makedirs(s.path("state/calibrations"), exist_ok=True)
    then = time.strftime("%Y-%m-%dT%H:%M:%S.000Z", time.gmtime(time.time() - days_ago * 86400))
    with open(s.path("state/calibrations/%s.commission.last" % twin), "w") as f:
        f.write("%s ok 1 finding: something\n" % then)


def a_daemon_looks_by_itself():
    with stage() as s:
        s.start_broker()
        os.makedirs(s.path("state"), exist_ok=True)
        start = int(time.time() // 3600) * 3600 - DAYS * 86400
        readings = record(s, "r.csv", start, outdoor_temperature=fahrenheit)
        replay(s, s.configure({"clock": "event", "twins": [house()]}, "past.json"), readings, "state/history.db")
        note(s, "h", 2.5)
        note(s, "lately", 1)
        config = s.configure({"twins": [house(), house("new"), house("lately")]})
        client = Client(s.port)
        client.subscribe("twind/+/commission")
        twind = s.start_twind(config)
        found = told(client, "twind/h/commission", seconds=40)
        equal([f["fix"] for f in found["findings"]], ['"unit": "[degF]"'], "it is told on the twin's topic")
        wait_for("the log", lambda: b"commissioning of h: 1 finding: outdoor_temperature sends" in s.log_from())
        check("ok 1 finding" in open(s.path("state/calibrations/h.commission.last")).read(), "the attempt is noted")
        late = Client(s.port)
        late.subscribe("twind/h/commission")
        equal(told(late, "twind/h/commission"), found, "the topic is retained")
        s.configure({"twins": [house("new"), house("lately")]})
        os.kill(twind.pid, signal.SIGHUP)
        late.wait_message(lambda m: m.topic == "twind/h/commission" and not m.payload)
        equal(s.end(twind), 0, "what is told of a twin goes with it; it ends as ever")
        check(b"commissioning of new" not in s.log_from() and b"commissioning of lately" not in s.log_from(),
              "those that are not due are left alone")


def it_can_be_switched_off():
    with stage() as s:
        config = s.configure({"commission": False, "twins": [house()]})
        out = subprocess.run([s.program("twind"), "-c", config, "--dump-config"], capture_output=True, text=True).stdout
        equal(json.loads(out)["commission"], False, "the key is read")


run(a_wrong_unit_is_named_with_what_to_write, readings_that_the_twin_did_not_believe_are_looked_at, a_scale_in_the_binding_is_counted_in,
    what_cannot_be_done_is_told, a_daemon_looks_by_itself, it_can_be_switched_off)
