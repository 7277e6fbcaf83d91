"""Forecasts at the edges: published, stored once whatever kills the daemon, told by weather services, warned of,
and asked for from a history, as numbers and as pictures."""
import csv
import io
import json
import math
import signal
import xml.etree.ElementTree as xml

from harness import Client, check, collect, equal, objects, run, stage, told, twinctl, wait_for

START = 1767225600  # 2026-01-01
STEPS = 24
HOUSE = {"id": "h", "kind": "building",
         "bind": {n: {"topic": "h/" + n, "path": "/v", "time": "/t"} for n in
                  ("indoor_temperature", "outdoor_temperature", "heating_setpoint")},
         "forecast": {"every": "1h", "horizon": "12h", "step": "30m", "inputs": {
             "outdoor_temperature": {"topic": "weather", "times": "/hourly/time", "values": "/hourly/temp"}}},
         "rules": [{"id": "front", "type": "forecast", "on": "heating_power", "above": 5000, "within": "12h",
                    "probability": 0.5}]}
CONFIG = {"clock": "event", "twins": [HOUSE]}


def hour(client, i, indoor=20.0, outdoor=5.0):
    for name, value in (("outdoor_temperature", outdoor), ("heating_setpoint", 20), ("indoor_temperature", indoor)):
        client.publish("h/" + name, json.dumps({"t": START + 3600 * i, "v": value}))


def a_forecast_is_published_stored_once_and_warns():
    with stage() as s:
        s.start_broker()
        client = Client(s.port)
        client.subscribe("twind/h/forecast", "twind/alerts")
        config = s.configure(CONFIG)
        twind = s.start_twind(config)
        for i in range(4):
            hour(client, i)
        found = told(client, "twind/h/forecast", lambda o: o["time"] == "2026-01-01T02:00:00.000Z")
        equal((found["horizon_s"], found["step_s"]), (43200, 1800), "horizon and step")
        equal(len(found["values"]["indoor_temperature"]), STEPS, "a value a step")
        equal(set(found["values"]), set(found["sd"]), "every value has its deviation")
        late = Client(s.port)
        late.subscribe("twind/h/forecast")
        equal(told(late, "twind/h/forecast")["time"], found["time"], "it is retained")
        equal([o for o in objects(collect(client, 0.1), "twind/alerts")], [], "nothing is warned of yet")
        # a cold front that only the weather service knows of
        times = ["2026-01-01T%02d:00" % h for h in range(3, 20)]
        client.publish("weather", json.dumps({"hourly": {"time": times, "temp": [-30] * len(times)}}))
        client.publish("weather", '{"hourly": {"time": ["2026-01-01T03:00"], "temp": []}}')
        hour(client, 4)
        hour(client, 5)
        alert = told(client, "twind/alerts", lambda o: o["rule"] == "front" and o["state"] == "active")
        check("2026-01-01T03:15" < alert["when"] < "2026-01-01T17:00", "the alert says when", alert["when"])
        check(alert["when"][:16] + "Z" in alert["message"], "and its message", alert["message"])
        check(alert["value"] > 5000 and alert["limit"] == 5000, "value and limit", alert)
        wait_for("the refusal", lambda: b"topic weather" in s.log_from())
        twind.send_signal(signal.SIGKILL)
        twind.wait()
        s.start_twind(config, log="again.log")
        for i in range(5, 8):
            hour(client, i)
        told(client, "twind/h/forecast", lambda o: o["time"] == "2026-01-01T06:00:00.000Z")
        wait_for("rows", lambda: s.one("SELECT max(made_at) FROM forecasts") == "2026-01-01T06:00:00.000Z")
        rows = s.query("SELECT made_at, name, count(*), count(DISTINCT for_time) FROM forecasts GROUP BY 1, 2")
        equal({(r[2], r[3]) for r in rows}, {(STEPS, STEPS)}, "each step once")
        equal(sorted({r[0][11:13] for r in rows}), ["%02d" % h for h in range(7)], "all of them")


def write_days(s, days):
    with open(s.path("in.csv"), "w") as f:
        f.write("time,twin,signal,value\n")
        for i in range(days * 24):
            day = math.sin(math.tau * (i / 24 - 0.4))
            for name, value in (("outdoor_temperature", 4 + 5 * day), ("heating_setpoint", 20),
                                ("indoor_temperature", 20 + day)):
                f.write("%d,h,%s,%.3f\n" % (START + 3600 * i, name, value))


def forecast(s, config, *arguments, status=0):
    result = twinctl(s, "forecast", "-c", config, "--twin", "h", "--history", s.path("h.db"), *arguments)
    equal(result.returncode, status, "twinctl forecast " + " ".join(arguments) + result.stderr)
    return result.stdout if status == 0 else result.stderr


def column(text, name, of="mean"):
    return [float(r[of]) for r in csv.DictReader(io.StringIO(text)) if r["name"] == name]


def a_history_is_asked_what_will_be_and_what_would():
    with stage() as s:
        config = s.configure(CONFIG)
        write_days(s, 3)
        done = twinctl(s, "replay", "-c", config, "--input", s.path("in.csv"), "--history", s.path("h.db"))
        equal(done.returncode, 0, "replayed " + done.stderr)
        plain = forecast(s, config)
        equal(plain, forecast(s, config), "the same again")
        air = column(plain, "indoor_temperature")
        equal(len(air), STEPS, "a row a step")
        check(all(18 < v < 22 for v in air), "like the days before", air)
        both = forecast(s, config, "--set", "heating_setpoint=28", "--plot", s.path("f.svg"))
        equal(column(both, "indoor_temperature"), air, "the plain forecast stands beside the other")
        warmer = column(both, "indoor_temperature", "whatif_mean")
        check(warmer[-1] > air[-1] + 3, "a set-point of 28", warmer[-1], air[-1])
        check("name it .svg" in forecast(s, config, "--plot", s.path("f.png"), status=1), "a PNG is not promised")
        with open(s.path("future.csv"), "w") as f:
            f.write("time,outdoor_temperature\n%d,-25\n%d,-25\n" % (START + 71 * 3600, START + 86 * 3600))
        cold = column(forecast(s, config, "--inputs", s.path("future.csv")), "heating_power")
        check(cold[12] > column(plain, "heating_power")[12] + 500, "a cold day is told", cold[12])
        told_json = json.loads(forecast(s, config, "--json", "--horizon", "3h", "--step", "1h"))
        equal(len(told_json["values"]["indoor_temperature"]), 3, "as JSON, with other steps")
        two = json.loads(forecast(s, config, "--json", "--set", "lighting=100"))
        equal((set(two), two["set"]), ({"forecast", "set", "whatif"}, {"lighting": 100}), "what-if as JSON")
        for words, said in ((("--set", "lighting=900"), "lighting must be"), (("--set", "x=1"), "no input 'x'"),
                            (("--horizon", "soon"), "--horizon 'soon'"), (("--horizon", "30d"), "at most")):
            check(said in forecast(s, config, *words, status=1), "refused: " + " ".join(words))
        check_picture(s.path("f.svg"), ("measured", "forecast, 90 %", "what if", "indoor_temperature (Cel)",
                                       "times in UTC"))
        pictures_of_the_history(s)


def check_picture(path, words):
    root = xml.parse(path).getroot()
    equal(root.tag, "{http://www.w3.org/2000/svg}svg", "a picture")
    texts = [t.text for t in root.iter("{http://www.w3.org/2000/svg}text")]
    for word in words:
        check(word in texts, "the picture says " + word, texts)
    numbers = [p.get("d") for p in root.iter("{http://www.w3.org/2000/svg}path")]
    check(len(numbers) > 10 and not any("nan" in d or "inf" in d for d in numbers), "and is drawn")


def pictures_of_the_history(s):
    for name, arguments, words in (
            ("a", ("--signal", "indoor_temperature", "--signal", "outdoor_temperature"), ("measured", "2026-01-03")),
            ("b", ("--signal", "indoor_temperature", "--from", "2025-12-01"), ("means of hours",)),
            ("c", ("--signal", "indoor_temperature", "--from", "2025-01-01"), ("means of days",))):
        path = s.path(name + ".svg")
        result = twinctl(s, "plot", "--history", s.path("h.db"), "--twin", "h", *arguments, "-o", path)
        equal(result.returncode, 0, "twinctl plot " + " ".join(arguments) + result.stderr)
        check_picture(path, words + ("indoor_temperature (Cel)",))
    for arguments, status in ((("--signal", "nothing", "-o", "x.svg"), 1), (("-o", "x.svg"), 2),
                              (("--signal", "indoor_temperature", "-o", "x.png"), 1)):
        result = twinctl(s, "plot", "--history", s.path("h.db"), "--twin", "h", *arguments)
        equal(result.returncode, status, "refused: " + " ".join(arguments))


run(a_forecast_is_published_stored_once_and_warns, a_history_is_asked_what_will_be_and_what_would)
