"""Commands over MQTT and by twinctl: values, answers, forwarding to devices, the view, exit codes."""
import json
import subprocess

from harness import Client, check, collect, equal, generic, run, stage, threshold, told, twinctl, wait_for

HOUSE = {"id": "house", "kind": "building", "bind": {"indoor_temperature": "house/t"},
         "actuate": {"heating_setpoint": {"topic": "plc/house/heat", "payload": "{\"sp\":{value},\"again\":\"{value}\"}"},
                     "lighting": {"topic": "plc/house/light", "retain": True}}}
FLEET = {"id": "gh-{site}", "kind": "greenhouse", "bind": {"air_temperature": "farm/{site}/t"},
         "actuate": {"vent_lee": {"topic": "farm/{site}/vent/set"}}}
CONFIG = {"twins": [HOUSE, FLEET, generic("g", [threshold("hot", above=30)])]}


def command(client, topic, payload):
    client.publish("twind/" + topic, payload)
    return told(client, "twind/" + topic + "/result")


def numbers_and_words_set_inputs_and_devices():
    with stage() as s:
        s.start_broker()
        client = Client(s.port)
        client.subscribe("twind/+/set/#", "plc/#", "farm/+/vent/set")
        s.start_twind(s.configure(CONFIG))
        cases = [("heating_setpoint", "21.5", "plc/house/heat", b'{"sp":21.5,"again":"21.5"}'),
                 ("heating_setpoint", " 19", "plc/house/heat", b'{"sp":19,"again":"19"}'),
                 ("lighting", "ON", "plc/house/light", b"100"), ("lighting", "OFF", "plc/house/light", b"0"),
                 ("lighting", "40", "plc/house/light", b"40")]
        for name, payload, topic, wanted in cases:
            client.publish("twind/house/set/" + name, payload)
            got = {}
            while len(got) < 2:
                m = client.wait_message(lambda m: m.topic in (topic, "twind/house/set/%s/result" % name))
                got[m.topic] = m.payload
            equal((got[topic], json.loads(got["twind/house/set/%s/result" % name])), (wanted, {"ok": True}),
                  "%s %s is forwarded and answered" % (name, payload))
        equal(command(client, "house/set/cooling_setpoint", "26"), {"ok": True}, "an input without device")
        for name, payload in (("heating_setpoint", "500"), ("lighting", "-1"), ("nothing", "1"), ("lighting", "on!")):
            answer = command(client, "house/set/" + name, payload)
            check(answer["ok"] is False and answer["error"], "%s %s is refused: %s" % (name, payload, answer["error"]))
        equal([m.topic for m in collect(client, 0.2) if m.topic.startswith("plc/")], [], "and not forwarded")
        client.publish("farm/north/t", "20")
        wait_for("the fleet", lambda: s.one("SELECT count(*) FROM readings"))
        equal(command(client, "gh-north/set/vent_lee", "30"), {"ok": True}, "a fleet's twin")
        fresh = Client(s.port)
        fresh.subscribe("plc/#", "farm/north/vent/set")
        equal([(m.topic, m.payload) for m in collect(fresh, 0.3)], [("plc/house/light", b"40")],
              "retained only where the actuator says so")
        wait_for("commands", lambda: s.one("SELECT count(*) FROM commands") == 11)
        rows = s.query("SELECT twin, input, value, source, result FROM commands")
        check(("house", "heating_setpoint", "21.5", "mqtt", "ok") in rows, "the view commands", rows)
        equal(sum(r[4] == "ok" for r in rows), 7, "results")


def what_was_set_moves_the_model_and_lasts():
    with stage() as s:
        s.start_broker()
        client = Client(s.port)
        client.subscribe("twind/#")
        config = s.configure({"step": "1s", "history": {"states": "1s"}, **CONFIG})
        twind = s.start_twind(config)
        client.publish("house/t", "18")
        told(client, "twind/house/state", lambda o: o["sensors"]["indoor_temperature"]["time"])
        equal(command(client, "house/set/heating_setpoint", "26"), {"ok": True}, "set 26")
        warm = told(client, "twind/house/state", lambda o: o["values"]["heating_power"] > 20)["values"]
        print("ok - the plant's model begins to heat: %.0f W" % warm["heating_power"])
        s.end(twind)
        collect(client)
        s.start_twind(config)
        again = told(client, "twind/house/state", lambda o: o["time"])["values"]["heating_power"]
        later = told(client, "twind/house/state", lambda o: o["values"]["heating_power"] > again + 20)["values"]
        print("ok - it goes on after a restart: %.0f W, %.0f W" % (again, later["heating_power"]))


def twinctl_speaks_with_the_daemon():
    with stage() as s:
        s.start_broker()
        config = s.configure(CONFIG)
        none = twinctl(s, "status", "--broker", s.url)
        equal(none.returncode, 3, "status without a daemon: 3")
        s.start_twind(config)
        client = Client(s.port)
        client.subscribe("twind/alerts")
        client.publish("dev/g", '{"v":35}')
        alert = told(client, "twind/alerts")
        wait_for("its state", lambda: "35" in twinctl(s, "status", "-c", config).stdout)
        status = twinctl(s, "status", "-c", config)
        equal(status.returncode, 0, "status: 0")
        for words in ("online", "twind ", "g ", "house ", alert["message"]):
            check(words in status.stdout, "status says " + words, status.stdout)
        done = twinctl(s, "set", "house", "heating_setpoint", "22", "-c", config)
        equal((done.returncode, done.stdout), (0, "ok\n"), "set: 0")
        bad = twinctl(s, "set", "house", "heating_setpoint", "900", "--broker", s.url)
        check(bad.returncode == 1 and "must be" in bad.stderr, "set out of range: 1", bad.stderr)
        cold = twinctl(s, "set", "house", "cooling_setpoint", "-5", "--broker", s.url)
        check(cold.returncode == 1 and "must be" in cold.stderr, "a negative number is a value: 1", cold.stderr)
        equal(twinctl(s, "set", "house", "heating_setpoint", "-c", config).returncode, 2, "set without value: 2")
        equal(twinctl(s, "ack", "g", "hot", "-c", config).returncode, 0, "ack: 0")
        equal(told(client, "twind/alerts")["acknowledged"], True, "and it is")
        equal(twinctl(s, "ack", "g", "hot", "-c", config).returncode, 1, "ack again: 1")
        equal(twinctl(s, "shelve", "g", "hot", "1h", "-c", config).returncode, 0, "shelve: 0")
        check(told(client, "twind/alerts")["shelved_until"], "and it is")
        equal(twinctl(s, "shelve", "g", "hot", "off", "-c", config).returncode, 0, "shelve off: 0")
        equal(twinctl(s, "shelve", "g", "hot", "soon", "-c", config).returncode, 1, "shelve soon: 1")
        equal(twinctl(s, "dance").returncode, 2, "an unknown verb: 2")
        equal(twinctl(s, "status", "--nonsense").returncode, 2, "an unknown option: 2")
        equal(twinctl(s, "status", "-c", "/nowhere.json").returncode, 1, "no configuration: 1")
        equal(twinctl(s, "status", "--broker", "mqtt://127.0.0.1:1").returncode, 3, "no broker: 3")
        watch = s.start([s.program("twinctl"), "watch", "-c", config], stdout=subprocess.PIPE, text=True)
        lines = []
        while not any(x.startswith("status: online") for x in lines):
            lines.append(watch.stdout.readline())
        client.publish("dev/g", '{"v":1}')
        while not any("normal" in x and "g/hot" in x for x in lines):
            lines.append(watch.stdout.readline())
        check(any("g " in x and "generic" in x for x in lines), "watch shows states and alerts as they happen")


run(numbers_and_words_set_inputs_and_devices, what_was_set_moves_the_model_and_lasts, twinctl_speaks_with_the_daemon)
