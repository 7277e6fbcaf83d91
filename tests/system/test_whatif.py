"""What-if and advice over MQTT 5 and 3.1.1, by twinctl, offline from a history: answers, refusals,
suggestions, what is carried out, and that questions change nothing."""
import json
import shutil
import subprocess
import time

from harness import Client, check, collect, equal, generic, run, stage, told, twinctl, wait_for

HOUSE = {"id": "h", "kind": "building", "bind": {"indoor_temperature": "h/t", "outdoor_temperature": "h/out"},
         "actuate": {"heating_setpoint": "plc/h/heat"}}
CONFIG = {"twins": [HOUSE, generic("g"), {"id": "silent", "kind": "greenhouse"}]}
WARM = {"set": {"heating_setpoint": 24}, "horizon": "6h"}


def begin(s, config):
    client = Client(s.port)
    client.subscribe("twind/+/whatif/result", "twind/+/optimise/result", "twind/+/suggestion", "twind/h/state",
                     "plc/#")
    path = s.configure(config)
    twind = s.start_twind(path)
    client.publish("h/out", "2")
    client.publish("h/t", "20")
    client.publish("dev/g", '{"v":3}')
    told(client, "twind/h/state", lambda o: o["health"] == "ok")
    return client, path, twind


def ask(client, twin, question, word="whatif"):
    payload = question if isinstance(question, str) else json.dumps(question)
    client.publish("twind/%s/%s" % (twin, word), payload)
    return told(client, "twind/%s/%s/result" % (twin, word))


def request_response(s, topic, payload, version="5"):
    """mosquitto_rr: publishes with a response topic and correlation data, prints the answer."""
    done = subprocess.run(["mosquitto_rr", "-V", version, "-h", "127.0.0.1", "-p", str(s.port), "-t", topic,
                           "-e", "answers/here", "-m", payload, "-W", "10", "-D", "publish", "correlation-data",
                           "ab 12"], capture_output=True, text=True, timeout=20)
    return done.stdout


def questions_are_answered_and_change_nothing():
    with stage() as s:
        s.start_broker()
        client, path, _ = begin(s, CONFIG)
        first = ask(client, "h", WARM)
        equal((first["ok"], first["twin"], first["kind"], first["horizon_s"], first["step_s"], first["set"]),
              (True, "h", "building", 21600, 900, WARM["set"]), "the answer says what was asked")
        equal({len(v) for v in first["values"].values()} | {len(v) for v in first["base"].values()}, {24},
              "24 steps for every output")
        check(first["difference"]["indoor_temperature"]["end"] > 0.5, "it would be warmer",
              first["difference"]["indoor_temperature"])
        check(first["energy_kwh"]["difference"] > 0.5 and first["cost"]["difference"] > 0.1, "and dearer",
              first["energy_kwh"], first["cost"])
        night = ask(client, "h", {"set": {"heating_setpoint": {"22:00-06:00": 16}, "lighting": "ON"}, "id": "n"})
        check(night["ok"] and night["id"] == "n" and night["horizon_s"] == 86400, "a night's set-point, for a day")
        check(ask(client, "g", {"horizon": "1h"})["ok"], "a twin without inputs")
        again = ask(client, "h", WARM)
        check(abs(again["now"]["indoor_temperature"] - first["now"]["indoor_temperature"]) < 0.1 and
              abs(again["base"]["heating_power"][-1] - first["base"]["heating_power"][-1]) < 50,
              "the live twin still is what it was")
        client.publish("h/t", "20.01")
        state = told(client, "twind/h/state", lambda o: o["sensors"]["indoor_temperature"]["value"] == 20.01)
        check(state["values"]["indoor_temperature"] < 20.5, "and lives on")
        equal([m.topic for m in collect(client) if m.topic.startswith("plc/")], [], "no device heard of it")
        wait_for("the readings", lambda: s.one("SELECT count(*) FROM readings WHERE twin = 'h'") == 3)
        equal(s.one("SELECT count(*) FROM commands"), 0, "and it is no command")


def the_time_that_an_answer_takes():
    with stage() as s:
        s.start_broker()
        house = {"id": "gh", "kind": "greenhouse", "bind": {"air_temperature": "gh/t"}}
        client, path, _ = begin(s, {"twins": CONFIG["twins"] + [house]})
        client.publish("gh/t", "18")
        for twin in ("h", "gh"):
            times = []
            for _ in range(11):
                begun = time.perf_counter()
                answer = ask(client, twin, {"set": {"heating_setpoint": 22}})
                times.append(time.perf_counter() - begun)
            check(answer["ok"], "a day of a %s, from asking to the answer: median %.1f ms"
                  % (answer["kind"], sorted(times)[5] * 1e3))


def wrong_questions_are_refused():
    with stage() as s:
        s.start_broker()
        client, path, _ = begin(s, CONFIG)
        for twin, question, word in (("nobody", {}, "nobody"), ("silent", {}, "heard nothing"), ("h", "{", "JSON"),
                                     ("h", {"set": {"heating_setpoint": 99}}, "0 to 40"),
                                     ("h", {"set": {"radio": 1}}, "radio"), ("h", {"horizon": "9d"}, "horizon"),
                                     ("h", "x" * 70000, "bytes")):
            answer = ask(client, twin, question)
            check(answer["ok"] is False and word in answer["error"], "refused: " + answer["error"][:80])
        for question, word in (({}, "over"), ({"over": "heating_setpoint", "keep": "warm"}, "warm"),
                               ({"over": "solar_irradiance"}, "set-point")):
            answer = ask(client, "h", question, "optimise")
            check(answer["ok"] is False and word in answer["error"], "refused: " + answer["error"][:80])
        client.publish("twind/h/whatif", json.dumps(WARM), retain=True)
        check(ask(client, "h", WARM)["ok"], "questions are answered after refusals")


def mqtt_5_has_its_own_response_topic():
    if not shutil.which("mosquitto_rr"):
        print("skipped: mosquitto_rr is not installed")
        return
    with stage() as s:
        s.start_broker()
        client, path, _ = begin(s, {**CONFIG, "broker": {"protocol": "5"}})
        watcher = Client(s.port)
        watcher.subscribe("answers/#", "twind/h/whatif/result")
        answer = json.loads(request_response(s, "twind/h/whatif", json.dumps(WARM)))
        check(answer["ok"] and answer["energy_kwh"]["difference"] > 0.5, "the answer comes to the response topic")
        equal([m.topic for m in collect(watcher, 0.3)], ["twind/h/whatif", "answers/here"][1:], "and only there")
        wrong = json.loads(request_response(s, "twind/h/whatif", '{"set":{"radio":1}}'))
        check(wrong["ok"] is False and "radio" in wrong["error"], "a refusal, too")


def advice_is_a_suggestion():
    with stage() as s:
        s.start_broker()
        client, path, _ = begin(s, CONFIG)
        question = {"over": "heating_setpoint", "minimise": "energy", "horizon": "6h", "probability": 0.5,
                    "keep": ["indoor_temperature>=17"], "range": [10, 25], "id": "a"}
        client.publish("twind/h/optimise", json.dumps(question))
        while_busy = ask(client, "h", WARM)
        check(while_busy["ok"], "a what-if is answered beside a search")
        late = Client(s.port)
        late.subscribe("twind/h/suggestion")
        suggestion = told(late, "twind/h/suggestion")
        equal((suggestion["id"], suggestion["over"], suggestion["applied"]), ("a", "heating_setpoint", False),
              "the suggestion says what it is of")
        check(suggestion["schedule"] and suggestion["aim"]["difference"] < 0, "it saves energy", suggestion["aim"])
        check(suggestion["limits"][0]["kept"], "and keeps the limit", suggestion["limits"])
        check_same_forecast(client, suggestion)
        equal([m.topic for m in collect(client, 0.2) if m.topic.startswith("plc/")], [], "nothing was carried out")
        retained = Client(s.port)
        retained.subscribe("twind/h/suggestion")
        wait_for("the retained suggestion", lambda: any(m.retained for m in collect(retained, 0.1)))


def check_same_forecast(client, suggestion):
    """A what-if of the schedule, fed back as it is, comes to the same."""
    same = ask(client, "h", {"set": {"heating_setpoint": suggestion["schedule"]}, "horizon": "6h"})
    check(abs(same["energy_kwh"]["whatif"] - suggestion["aim"]["whatif"]) < 0.2 + 0.05 * suggestion["aim"]["whatif"],
          "its forecast is the what-if of its schedule", same["energy_kwh"], suggestion["aim"])


def advice_is_carried_out_where_the_configuration_says_so():
    with stage() as s:
        s.start_broker()
        config = {"twins": [{**HOUSE, "optimise": {"apply": True}}]}
        client, path, _ = begin(s, {**config, "twins": config["twins"] + [generic("g")]})
        question = {"over": "heating_setpoint", "minimise": "energy", "horizon": "2h", "levels": [12, 30]}
        client.publish("twind/h/optimise", json.dumps(question))
        seen = {}
        while len(seen) < 2:
            m = client.wait_message(lambda m: m.topic in ("plc/h/heat", "twind/h/suggestion"))
            seen[m.topic] = m.payload
        equal(seen["plc/h/heat"], b"12", "the device is told the first value")
        equal(json.loads(seen["twind/h/suggestion"])["applied"], True, "and the suggestion says so")
        wait_for("the command", lambda: s.query("SELECT twin, input, value, source, result FROM commands") ==
                 [("h", "heating_setpoint", "12", "optimise", "ok")])
        print("ok - it is in the view commands")


def twinctl_asks():
    with stage() as s:
        s.start_broker()
        client, path, _ = begin(s, CONFIG)
        done = twinctl(s, "whatif", "h", "heating_setpoint=24", "--horizon", "6h", "-c", path)
        check(done.returncode == 0 and "indoor_temperature" in done.stdout and "energy_today" in done.stdout,
              "whatif shows what differs", done.stdout, done.stderr)
        raw = twinctl(s, "whatif", "h", "heating_setpoint=16@22:00-06:00", "heating_setpoint=21@06:00-22:00",
                      "lighting=ON", "--json", "--broker", s.url)
        equal(len(json.loads(raw.stdout)["set"]["heating_setpoint"]), 2, "two parts of the day, as JSON")
        bad = twinctl(s, "whatif", "h", "heating_setpoint=hot", "-c", path)
        check(bad.returncode == 1 and "hot" in bad.stderr, "a wrong value: 1", bad.stderr)
        equal(twinctl(s, "whatif", "-c", path).returncode, 2, "no twin: 2")
        equal(twinctl(s, "whatif", "h", "heating_setpoint", "-c", path).returncode, 2, "no value: 2")
        equal(twinctl(s, "whatif", "h", "--broker", "mqtt://127.0.0.1:1").returncode, 3, "no broker: 3")
        live = twinctl(s, "optimise", "--twin", "h", "--over", "heating_setpoint", "--horizon", "2h", "--minimise",
                       "energy", "--keep", "indoor_temperature>=15", "--probability", "0.5", "--broker", s.url)
        check(live.returncode == 0 and "is kept" in live.stdout, "optimise asks the daemon", live.stdout, live.stderr)


def advice_from_a_history():
    with stage() as s:
        s.start_broker()
        path = s.configure(CONFIG)
        with open(s.path("in.csv"), "w") as f:
            f.write("time,twin,signal,value\n")
            for k in range(288):
                f.write("%d,h,outdoor_temperature,%g\n" % (1700000000 + 300 * k, 4))
                f.write("%d,h,indoor_temperature,%g\n" % (1700000000 + 300 * k, 20 + 0.1 * (k % 2)))
        done = twinctl(s, "replay", "-c", path, "--input", s.path("in.csv"), "--history", s.path("past.db"))
        equal(done.returncode, 0, "a history is made")
        client = Client(s.port)
        client.subscribe("twind/h/suggestion")
        arguments = ("optimise", "-c", path, "--twin", "h", "--over", "heating_setpoint", "--horizon", "6h",
                     "--keep", "indoor_temperature>=18", "--probability", "0.5", "--history", s.path("past.db"))
        shown = twinctl(s, *arguments, "--publish")
        check(shown.returncode == 0 and "heating_setpoint" in shown.stdout, "advice", shown.stdout, shown.stderr)
        suggestion = told(client, "twind/h/suggestion")
        equal(suggestion["time"], "2023-11-15T22:08:20.000Z", "as of the last reading; published")
        same = [json.loads(twinctl(s, *arguments, "--json").stdout) for _ in range(2)]
        same = [{k: v for k, v in a.items() if k != "id"} for a in same]
        equal(same[0], same[1], "the same each time")
        equal(twinctl(s, "optimise", "-c", path, "--twin", "x", "--over", "lamp").returncode, 1, "no such twin: 1")
        equal(twinctl(s, *arguments[:-1], s.path("none.db")).returncode, 3, "no history: 3")
        equal(twinctl(s, "optimise", "-c", path, "--twin", "h").returncode, 2, "no input: 2")


run(questions_are_answered_and_change_nothing, the_time_that_an_answer_takes, wrong_questions_are_refused,
    mqtt_5_has_its_own_response_topic, advice_is_a_suggestion,
    advice_is_carried_out_where_the_configuration_says_so, twinctl_asks, advice_from_a_history)
