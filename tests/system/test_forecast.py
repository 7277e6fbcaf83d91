"""twinctl forecast and plot: a future from a history, and pictures."""
import csv
import datetime
import io
import json
import math
import xml.etree.ElementTree as ElementTree

from harness import check, equal, generic, run, stage, twinctl

DAY, START, DAYS = 86400, 1700006400, 12  # from a midnight


def course(t):
    """Of day and night, with a sharp morning that no smooth curve follows."""
    hour = t % DAY / 3600
    return 20 + 5 * math.sin(2 * math.pi * t / DAY) + (4 if 7 <= hour < 10 else 0)


def past(s, forecast=True):
    twin = generic("a", unit="Cel", **({"forecast": {"step": "30m"}} if forecast else {}))
    path = s.configure({"clock": "event", "twins": [twin, {
        "id": "h", "kind": "building", "bind": {"indoor_temperature": "h/t", "outdoor_temperature": "h/o"}}]})
    with open(s.path("in.csv"), "w") as f:
        f.write("time,twin,signal,value\n")
        for k in range(DAYS * 96):
            t = START + 900 * k
            f.write("%d,a,x,%.3f\n" % (t, course(t) + 0.05 * (-1) ** k))
            f.write("%d,h,indoor_temperature,%.1f\n%d,h,outdoor_temperature,5\n" % (t, 20 + 0.1 * (k % 2), t))
    done = twinctl(s, "replay", "-c", path, "--input", s.path("in.csv"), "--history", s.path("past.db"))
    equal(done.returncode, 0, "a history is made")
    return path, ("-c", path, "--history", s.path("past.db"))


def rows(done):
    check(done.returncode == 0, "it is told", done.stderr)
    return list(csv.DictReader(io.StringIO(done.stdout)))


def epoch(text):
    return datetime.datetime.fromisoformat(text.replace("Z", "+00:00")).timestamp()


def a_twin_that_has_learned_foretells_every_hour_of_a_day():
    with stage() as s:
        _, common = past(s)
        at = START + 11 * DAY - DAY // 2
        for made in (at, at + 5 * 3600):  # so that other leads meet the morning
            told = rows(twinctl(s, "forecast", *common, "--twin", "a", "--at", str(made)))
            equal(len(told), 48, "a day by half hours, as configured")
            errors = [abs(float(r["mean"]) - course(epoch(r["time"]))) for r in told]
            check(sum(errors) / 48 < 0.5 and sum(e > 1 for e in errors) <= 2, "no lead is far off", errors)
            check(all(0 < float(r["sd"]) < 5 for r in told), "with its uncertainty")
        again = twinctl(s, "forecast", *common, "--twin", "a", "--at", str(made), "--json")
        values = json.loads(again.stdout)["values"]["x"]
        equal(["%.4g" % v for v in values], ["%.4g" % float(r["mean"]) for r in told], "the same as JSON, each time")


def what_if_beside_the_plain_forecast():
    with stage() as s:
        _, common = past(s)
        told = rows(twinctl(s, "forecast", *common, "--twin", "h", "--horizon", "6h", "--step", "1h",
                            "--set", "heating_setpoint=25"))
        warm = [r for r in told if r["name"] == "indoor_temperature"][-1]
        check(float(warm["whatif_mean"]) > float(warm["mean"]) + 1, "a higher set-point is warmer", warm)
        with open(s.path("cold.csv"), "w") as f:
            f.write("time,outdoor_temperature\n" + "".join(
                "%d,%g\n" % (START + DAYS * DAY + 3600 * k, -20) for k in range(-1, 8)))
        told = rows(twinctl(s, "forecast", *common, "--twin", "h", "--horizon", "6h", "--step", "1h",
                            "--inputs", s.path("cold.csv")))
        cold = [r for r in told if r["name"] == "heating_power"][-1]
        usual = [r for r in rows(twinctl(s, "forecast", *common, "--twin", "h", "--horizon", "6h", "--step", "1h"))
                 if r["name"] == "heating_power"][-1]
        check(float(cold["mean"]) > 1.5 * float(usual["mean"]), "what the weather will be is used", cold, usual)


def pictures():
    with stage() as s:
        _, common = past(s)
        name = s.path("f.svg")
        rows(twinctl(s, "forecast", *common, "--twin", "a", "--plot", name))
        words = "".join(ElementTree.parse(name).getroot().itertext())
        check("x (Cel)" in words and "forecast" in words and "measured" in words, "a forecast's picture has its words")
        name = s.path("p.svg")
        done = twinctl(s, "plot", "--history", s.path("past.db"), "--twin", "h", "--signal", "indoor_temperature",
                       "--signal", "outdoor_temperature", "-o", name)
        check(done.returncode == 0, "twinctl plot draws", done.stderr)
        check(sum(e.tag.endswith("path") for e in ElementTree.parse(name).iter()) > 20, "with axes and curves")
        long = twinctl(s, "plot", "--history", s.path("past.db"), "--twin", "h", "--signal", "indoor_temperature",
                       "--from", str(START), "-o", name)
        with open(name) as f:
            check("means of hours" in f.read(), "a long time by means of hours", long.stderr)


def what_is_wrong_is_said():
    with stage() as s:
        path, common = past(s, forecast=False)
        plain = twinctl(s, "forecast", *common, "--twin", "a", "--horizon", "1h")
        check(plain.returncode == 0 and "has no forecast" in plain.stderr, "without a forecast it says so")
        for arguments, status, word in (
                (("forecast", *common, "--twin", "b"), 1, "no twin 'b'"),
                (("forecast", *common, "--twin", "h", "--set", "lamp=1"), 1, "no input 'lamp'"),
                (("forecast", *common, "--twin", "h", "--set", "heating_setpoint=900"), 1, "heating_setpoint must be"),
                (("forecast", *common, "--twin", "a", "--horizon", "soon"), 1, "24h"),
                (("forecast", *common, "--twin", "a", "--horizon", "60d", "--step", "1m"), 1, "steps"),
                (("forecast", "-c", path, "--twin", "a", "--history", s.path("none.db")), 3, "none.db"),
                (("forecast", "-c", path), 2, "usage"),
                (("plot", "--history", s.path("past.db"), "--twin", "h", "--signal", "lamp", "-o", s.path("x.svg")), 1,
                 "nothing of a signal 'lamp'"),
                (("plot", "--history", s.path("past.db"), "--twin", "h", "--signal", "ppd", "-o", s.path("x.png")), 1,
                 "name it .svg")):
            done = twinctl(s, *arguments)
            check(done.returncode == status and word in done.stderr, "%s: %d" % (word, status), done)


run(a_twin_that_has_learned_foretells_every_hour_of_a_day, what_if_beside_the_plain_forecast, pictures,
    what_is_wrong_is_said)
