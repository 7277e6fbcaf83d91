"""twinctl calibrate: from a history to an overlay that replay and daemon read, and back."""
import csv
import json
import math
import os
import signal
import sqlite3
import subprocess
import time

from harness import DATA, Client, check, equal, run, stage, told, twinctl, wait_for

START = 1767225600  # 2026-01-01
INPUTS = ("outdoor_temperature", "solar_irradiance", "wind_speed", "heating_setpoint")


def house(id="h", params=None, **keys):
    names = INPUTS + ("indoor_temperature", "heating_power")
    return {"id": id, "kind": "building", "params": params or {}, **keys,
            "bind": {n: {"topic": "%s/%s" % (id, n)} for n in names}}


def weather(hours):
    day = math.sin(math.tau * (hours / 24 - 0.3))
    return (4 + 5 * day + 3 * math.sin(math.tau * hours / 61),
            400 * max(day, 0) * (1 + 0.5 * math.sin(math.tau * hours / 37)),
            3 + 2 * math.sin(math.tau * hours / 17), 17 if hours % 24 < 6 else 21)


def simulate(s, days, loss, start=START):
    """A house that loses more than its twin is told, as readings by name."""
    with open(s.path("in.csv"), "w") as f:
        f.write("time," + ",".join(INPUTS) + "\n")
        for i in range(days * 24):
            f.write("%d,%s\n" % (start + i * 3600, ",".join("%.6g" % v for v in weather(i))))
    result = twinctl(s, "simulate", "--kind", "building", "--param", "heat_loss_scale=%g" % loss,
                     "--inputs", s.path("in.csv"), "--output", s.path("out.csv"))
    equal(result.returncode, 0, "simulated " + result.stderr)
    with open(s.path("readings.csv"), "w") as f:
        f.write("time,twin,signal,value\n")
        for given, made in zip(csv.DictReader(open(s.path("in.csv"))), csv.DictReader(open(s.path("out.csv")))):
            for name in INPUTS:
                f.write("%s,h,%s,%s\n" % (given["time"], name, given[name]))
            for name in ("indoor_temperature", "heating_power"):
                f.write("%s,h,%s,%s\n" % (given["time"], name, made[name]))


def replay(s, config, name):
    result = twinctl(s, "replay", "-c", config, "--input", s.path("readings.csv"), "--history", s.path(name))
    equal(result.returncode, 0, "replayed " + result.stderr)
    with sqlite3.connect("file:%s?mode=ro" % s.path(name), uri=True) as db:
        return db.execute("SELECT epoch, name, value FROM states ORDER BY 1, 2").fetchall()


def in_force(s, config):
    out = subprocess.run([s.program("twind"), "-c", config, "--dump-config"], capture_output=True, text=True).stdout
    return json.loads(out)["twins"][0]["params"]["heat_loss_scale"]


def calibrate(s, config, *arguments, status=0, twin="h"):
    result = twinctl(s, "calibrate", "-c", config, "--twin", twin, *arguments, timeout=300)
    equal(result.returncode, status, "twinctl calibrate " + " ".join(a for a in arguments if a[0] == "-"))
    return result.stdout + result.stderr


def a_history_becomes_an_overlay_and_is_rolled_back():
    with stage() as s:
        config = s.configure({"clock": "event", "twins": [house()]})
        user = open(config).read()
        simulate(s, 8, 1.6)
        before = replay(s, config, "before.db")
        fit = ("--history", s.path("before.db"), "--params", "heat_loss_scale", "--horizon", "6h")
        said = calibrate(s, config, *fit)
        check("accepted" in said and "std. error" in said and "held out" in said, "what was found is told", said)
        overlay = s.path("state/calibrations/h.json")
        check(not os.path.exists(overlay), "nothing is applied unasked")
        calibrate(s, config, *fit, "--apply")
        value = json.load(open(overlay))["calibrations"][0]["params"]["heat_loss_scale"]["value"]
        check(abs(value - 1.6) < 0.2, "the house's loss is found again", value)
        check_rows(s, value)
        equal(in_force(s, config), value, "the daemon's configuration has it")
        check(replay(s, config, "after.db") != before, "replay has it")
        calibrate(s, config, "--rollback")
        equal(in_force(s, config), 1, "it is rolled back")
        equal(replay(s, config, "back.db") == before, True, "replay is as before, to the last bit")
        calibrate(s, config, "--rollback", status=1)
        equal(open(config).read(), user, "the user's file was never touched")


def check_rows(s, value):
    with sqlite3.connect(s.path("before.db")) as db:
        rows = db.execute("SELECT twin, param, value, standard_error > 0, error_after < error_before "
                          "FROM calibrations").fetchall()
    equal(rows, [("h", "heat_loss_scale", value, 1, 1)], "the view has one row")


SCHEDULE = {"every": "1h", "past": "8d", "horizon": "6h", "params": ["heat_loss_scale"]}


def put_past(s, loss):
    """Eight days up to now of a house that loses more than its twin is told, in the daemon's history."""
    os.makedirs(s.path("state"), exist_ok=True)
    simulate(s, 8, loss, int(time.time() // 3600) * 3600 - 8 * 86400)
    replay(s, s.configure({"clock": "event", "twins": [house()]}, "past.json"), "state/history.db")


def loss_in_force(s, client):
    """What the live model takes the house to lose: heat that a colder day would need."""
    for name, reading in zip(INPUTS + ("indoor_temperature",), (0, 0, 3, 21, 21)):
        client.publish("h/" + name, str(reading))
    client.publish("twind/h/whatif", json.dumps({"set": {"outdoor_temperature": -15}, "horizon": "6h", "step": "1h"}))
    answer = told(client, "twind/h/whatif/result")
    return answer["values"]["heating_power"][-1]


def a_daemon_calibrates_on_a_schedule():
    with stage() as s:
        s.start_broker()
        put_past(s, 1.6)
        config = s.configure({"twins": [house(calibrate=SCHEDULE), house("empty", calibrate=SCHEDULE), house("not")]})
        client = Client(s.port)
        client.subscribe("twind/daemon", "twind/h/whatif/result")
        twind = s.start_twind(config)
        before = loss_in_force(s, client)
        log = lambda: s.log_from().decode()  # noqa: E731
        wait_for("the calibration", lambda: "calibration of h: applied" in log(), 60)
        value = json.load(open(s.path("state/calibrations/h.json")))["calibrations"][0]["params"]["heat_loss_scale"]["value"]
        check(abs(value - 1.6) < 0.25, "the house's loss is found by itself", value)
        check("heat_loss_scale 1 -> " in log(), "the log says what changed")
        after = loss_in_force(s, client)
        check(after > 1.1 * before, "the running twin has it at once", before, after)
        check("reload" not in log(), "without a reload")
        wait_for("the readings", lambda: s.one("SELECT count(*) FROM readings WHERE twin = 'h' AND signal = "
                                               "'indoor_temperature' AND epoch > ?", time.time() - 600) >= 2)
        check("fails" not in log(), "readings go on being stored")
        wait_for("the other", lambda: "calibration of empty: failed" in log(), 60)
        check("too few" in log(), "what can't be is told with its reason")
        status = told(client, "twind/daemon", lambda o: o.get("calibration", {}).get("twin") == "empty" and
                      not o["calibration"]["running"])
        check("too few" in status["calibration"]["result"], "and in the daemon's status")
        equal(s.query("SELECT twin, param, result FROM calibrations"), [("h", "heat_loss_scale", "applied")],
              "the view has what was applied")
        equal(s.end(twind), 0, "it ends as ever")
        restarted_it_does_not_repeat_itself(s, config, len(s.log_from()))


def restarted_it_does_not_repeat_itself(s, config, begin):
    path = s.path("state/calibrations/empty.last")
    text = open(path).read()
    with open(path, "w") as f:
        f.write("2020" + text[4:])
    twind = s.start_twind(config)
    wait_for("the one that is due", lambda: b"calibration of empty: failed" in s.log_from(begin=begin), 60)
    check(b"calibration of h:" not in s.log_from(begin=begin), "one that was done lately is not done again")
    check(open(path).read()[:4] > "2020", "the attempt is noted")
    equal(s.end(twind), 0, "it ends as ever")


def a_schedule_that_cannot_be_is_an_error():
    with stage() as s:
        for keys, word in (({"params": ["heat_loss_scal"]}, "did you mean heat_loss_scale?"),
                           ({"params": ["size_scale"]}, "size_scale is estimated"),
                           ({"params": ["heat_loss_scale"] * 2}, "stands twice"),
                           ({"past": "2d"}, "allowed are 8 to 2000"), ({"every": "1m"}, "every"),
                           ({"past": "60d"}, "readings are kept for 30 d"), ({"evry": "1d"}, "did you mean every?")):
            config = s.configure({"twins": [house(calibrate=keys)]})
            result = subprocess.run([s.program("twind"), "-c", config, "--check"], capture_output=True, text=True)
            check(word in result.stderr and "/twins/0/calibrate" in result.stderr, "told: " + word, result.stderr)
            equal(result.returncode, 0 if "kept" in word else 1, "and refused, or a warning")
        config = s.configure({"twins": [house(calibrate=SCHEDULE), house("b", calibrate=None)]})
        out = subprocess.run([s.program("twind"), "-c", config, "--dump-config"], capture_output=True, text=True).stdout
        twins = json.loads(out)["twins"]
        equal(twins[0]["calibrate"]["params"], ["heat_loss_scale"], "the schedule is dumped")
        check("calibrate" not in twins[1], "null is none")


def a_running_daemon_takes_it_over_at_a_reload():
    with stage() as s:
        s.start_broker()
        config = s.configure({"twins": [house()]})
        twind = s.start_twind(config)
        os.makedirs(s.path("state/calibrations"))
        path = s.path("state/calibrations/h.json")
        for text, said in (('{"twin":"h","kind":"building","calibrations":[{"params":'
                            '{"heat_loss_scale":{"value":99}}}]}', "allowed are 0.2 to 5"), ("{", "ignored")):
            with open(path, "w") as f:
                f.write(text)
            begin = len(s.log_from())
            twind.send_signal(signal.SIGHUP)
            wait_for("the reload", lambda: b"reload: done" in s.log_from(begin=begin))
            check(said in s.log_from(begin=begin).decode(), "a broken overlay is told: " + said)


def what_cannot_be_done_is_explained():
    with stage() as s:
        config = s.configure({"clock": "event", "twins": [house()]})
        simulate(s, 1, 1)
        replay(s, config, "h.db")
        db = ("--history", s.path("h.db"))
        check("no twin" in calibrate(s, config, *db, twin="x", status=1), "an unknown twin")
        check("no parameter 'u'" in calibrate(s, config, *db, "--params", "u", status=1), "an unknown parameter")
        check("estimated" in calibrate(s, config, *db, "--params", "size_scale", status=1), "one that is estimated")
        check("too few" in calibrate(s, config, *db, status=1), "too short a record")
        check("h2.db" in calibrate(s, config, "--history", s.path("h2.db"), status=3), "a history that is not there")


# ---- measured: the first two thirds are fitted, the last third is told ----

MEASURED = {
    "building": ("building_dchouse_hourly_2022-11_2023-01.csv", {"floor_area": 208, "utc_offset": -5},
                 {"indoor_temp_degC": "indoor_temperature", "outdoor_temp_degC": "outdoor_temperature",
                  "wind_speed_m_s": "wind_speed", "solar_irradiance_W_m2": "solar_irradiance",
                  "heat_supply_kW": "heating_power"}),
}


def a_measured_house_is_calibrated():
    for kind, (name, params, columns) in MEASURED.items():
        if not os.path.exists(os.path.join(DATA, name)):
            print("ok - %s is not there: skipped" % name)
            continue
        with stage() as s:
            bind = {n: {"topic": "m/" + n} for n in columns.values()}
            config = s.configure({"clock": "event", "step": "5m",
                                  "twins": [{"id": "m", "kind": kind, "params": params, "bind": bind}]})
            with open(s.path("readings.csv"), "w") as f:
                f.write("time,twin,signal,value\n")
                for row in csv.DictReader(open(os.path.join(DATA, name))):
                    for column, signal_name in columns.items():
                        if row[column]:
                            scale = 1000 if column.endswith("_kW") else 1
                            f.write("%s,m,%s,%.10g\n" % (row["time"], signal_name, float(row[column]) * scale))
            replay(s, config, "m.db")
            said = calibrate(s, config, "--history", s.path("m.db"), "--params", "heat_loss_scale,thermal_mass",
                             twin="m")
            print(said)
            check("held-out RMSE" in said, "the errors of %s are told" % name)


run(a_history_becomes_an_overlay_and_is_rolled_back, a_daemon_calibrates_on_a_schedule,
    a_schedule_that_cannot_be_is_an_error, a_running_daemon_takes_it_over_at_a_reload,
    what_cannot_be_done_is_explained, a_measured_house_is_calibrated)
