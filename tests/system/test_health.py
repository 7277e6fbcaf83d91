"""Health from outside: the topic, the views, a service and its log, which a kill does not undo."""
import json
import signal

from harness import Client, check, equal, generic, run, stage, told, twinctl, wait_for

START, HALF_HOUR, DAY = 1700006400, 1800, 86400  # midnight
METER = generic("m", [{"id": "order", "type": "maintenance"}], binding={"time": "/t"})
CONFIG = {"clock": "event", "step": "30m", "twins": [METER]}


def say_days(client, first, last):
    for i in range(int(first * 48), int(last * 48)):
        client.publish("dev/m", json.dumps({"v": 10 + (i * 7919 % 13) * 0.01, "t": START + i * HALF_HOUR}))


def a_service_is_answered_logged_told_and_kept():
    with stage() as s:
        s.start_broker()
        client = Client(s.port)
        client.subscribe("twind/m/health", "twind/m/serviced/result")
        config = s.configure(CONFIG)
        twind = s.start_twind(config)
        say_days(client, 0, 5)
        health = told(client, "twind/m/health", lambda o: o["time"] >= "2023-11-19")
        part, = health["parts"]
        equal((health["twin"], part["name"], part["part"], part["limit"], part["serviced"]),
              ("m", "x_noise", "x", 2, None), "an index for the sensor's noise")
        check(part["sd"] > 0 and abs(part["value"] - 1) < 3 * part["sd"], "it is as usual", part)
        wait_for("the view", lambda: s.one("SELECT count(*) FROM health WHERE days_left_least > 0") >= 2)

        done = twinctl(s, "serviced", "m", "x", "--note", "new cell", "--at", "2023-11-19T10:00:00Z",
                       "-c", config)
        equal((done.returncode, done.stdout), (0, "ok\n"), "twinctl serviced")
        health = told(client, "twind/m/health", lambda o: o["parts"][0]["serviced"])
        equal((health["parts"][0]["serviced"], health["parts"][0]["value"]), ("2023-11-19T10:00:00.000Z", 1),
              "the part is as new")
        wait_for("the log", lambda: s.one("SELECT count(*) FROM maintenance"))
        equal(s.query("SELECT time, twin, part, note, source FROM maintenance"),
              [("2023-11-19T10:00:00.000Z", "m", "x", "new cell", "mqtt")], "the view maintenance")

        refused = twinctl(s, "serviced", "m", "bearing", "-c", config)
        check(refused.returncode == 1 and "its parts are x" in refused.stderr, "an unknown part", refused.stderr)
        told(client, "twind/m/serviced/result", lambda o: not o["ok"])
        for payload in ('{"part":"x","at":"2030-01-01"}', '{"part":7}', "", '{"part":"x","at":"soon"}'):
            client.messages.clear()
            client.publish("twind/m/serviced", payload)
            answer = told(client, "twind/m/serviced/result")
            check(answer["ok"] is False, "%s is refused: %s" % (payload, answer.get("error")))

        s.end(twind, signal.SIGKILL)
        s.start_twind(config)
        shown = twinctl(s, "health", "--twin", "m", "-c", config)
        check(shown.returncode == 0 and "x_noise" in shown.stdout and "2023-11-19" in shown.stdout,
              "twinctl health, after a kill", shown.stdout, shown.stderr)
        equal(twinctl(s, "health", "--twin", "nobody", "-c", config).returncode, 3, "and of nobody")


run(a_service_is_answered_logged_told_and_kept)
