"""SIGHUP: a bad file changes nothing, a good one keeps what stays; restarts with another
configuration; fleets that come back."""
import json
import signal

from harness import Client, check, collect, equal, generic, run, stage, threshold, told, wait_for

HOT = threshold("hot", above=30)


def reload(s, twind, config, expected=b"reload: done"):
    begin = len(s.log_from())
    path = s.configure(config) if isinstance(config, dict) else config
    twind.send_signal(signal.SIGHUP)
    wait_for("the reload", lambda: expected in s.log_from(begin=begin))
    return path, s.log_from(begin=begin).decode()


def retained(s, topic):
    client = Client(s.port)
    client.subscribe(topic)
    messages = collect(client, 0.3)
    client.close()
    return [json.loads(m.payload) for m in messages if m.payload]


def rows(s, twin):
    return s.one("SELECT count(*) FROM readings WHERE twin = ?", twin)


def a_bad_file_changes_nothing_and_is_explained():
    with stage() as s:
        s.start_broker()
        client = Client(s.port)
        path = s.configure({"twins": [generic("a", [HOT])]})
        twind = s.start_twind(path)
        good = open(path).read()
        for bad, words in ((good.replace('"rules"', '"rulez"'), ["/twins/0/rulez", "rules"]),
                           (good[:-9], [path + ":"]), ("", [path + ":"]),
                           (good.replace('"above": 30', '"above": "x"'), ["/twins/0/rules/0/above"])):
            with open(path, "w") as f:
                f.write(bad)
            _, log = reload(s, twind, path, b"the old configuration stays in force")
            check(all(w in log for w in words) and path in log, "the error is logged with its place: " +
                  log.splitlines()[0][len(path):][:60], log)
        client.publish("dev/a", '{"v":5}')
        wait_for("a row", lambda: rows(s, "a") == 1)
        print("ok - the old configuration goes on")


def a_good_file_keeps_what_stays():
    with stage() as s:
        s.start_broker()
        client = Client(s.port)
        client.subscribe("twind/alerts")
        twind = s.start_twind(s.configure({"twins": [generic("go", [HOT]), generic("stay", [HOT])]}))
        client.publish("dev/stay", '{"v":40}')
        first = told(client, "twind/alerts")
        client.publish("twind/stay/alert/hot/set", "ack")
        told(client, "twind/alerts", lambda a: a["acknowledged"])
        client.publish("dev/go", '{"v":50}')
        told(client, "twind/alerts", lambda a: a["twin"] == "go")
        wait_for("rows", lambda: rows(s, "go") == 1 and rows(s, "stay") == 1)
        client.publish("twind/go/commission", "{}", retain=True)  # as the daemon leaves it
        before = wait_for("its state", lambda: [o for o in retained(s, "twind/stay/state")
                                                if o["sensors"]["x"]["time"]])[0]
        cold = threshold("cold", below=45, severity="info")
        reload(s, twind, {"twins": [generic("new"), generic("stay", [cold, HOT])]})
        raised = told(client, "twind/alerts")
        equal((raised["rule"], raised["state"]), ("cold", "active"), "the new rule sees the value that was kept")
        now = wait_for("the alert", lambda: retained(s, "twind/stay/alert/hot"))[0]
        equal((now["id"], now["state"], now["acknowledged"]), (first["id"], "active", True), "the alert is kept")
        state = retained(s, "twind/stay/state")[0]
        equal(state["sensors"]["x"]["time"], before["sensors"]["x"]["time"], "so is the sensor's record")
        wait_for("gone", lambda: not retained(s, "twind/go/#"))
        print("ok - what was retained of the twin that went is cleared")
        for topic in ("dev/new", "dev/go", "dev/stay"):
            client.publish(topic, '{"v":41}')
        wait_for("rows", lambda: rows(s, "new") == 1 and rows(s, "stay") == 2)
        equal(rows(s, "go"), 1, "the twin that went takes nothing more")
        for i in range(5):  # the same again and again, with readings between
            reload(s, twind, {"twins": [generic("new"), generic("stay", [cold, HOT])]})
            client.publish("dev/stay", '{"v":%g}' % (42 + i / 10))
        wait_for("rows", lambda: rows(s, "stay") == 7)
        equal([m for m in collect(client, 0.5) if m.topic == "twind/alerts"], [], "reloads repeat no alert")
        equal(s.end(twind), 0, "and it ends well")
        equal(s.one("SELECT count(*) FROM alert_events WHERE twin = 'stay'"), 3, "transitions once")


def a_reload_may_change_the_link():
    with stage() as s:
        s.start_broker()
        client = Client(s.port)
        client.subscribe("+/status", "other/a/state")
        twind = s.start_twind(s.configure({"twins": [generic("a")]}))
        reload(s, twind, {"topic_prefix": "other", "twins": [generic("a", topic="moved/a")]})
        client.wait_message(lambda m: m.topic == "twind/status" and m.payload == b"offline")
        client.wait_message(lambda m: m.topic == "other/status" and m.payload == b"online")
        client.publish("moved/a", '{"v":1}')
        told(client, "other/a/state", lambda state: state["sensors"]["x"]["time"])
        print("ok - the old prefix says offline, the new one online")


FLEET = {"id": "room-{n}", "name": "Room {n}", "kind": "generic", "signals": {"x": {"unit": "V", "sd": 0.1}}, "max": 3,
         "bind": {"x": {"topic": "house/{n}/t", "timeout": "2s"}},
         "rules": [HOT, {"id": "silent", "type": "stale", "on": "measured.x", "after": "2s"}]}


def a_fleet_grows_to_its_limit_and_comes_back():
    with stage() as s:
        s.start_broker()
        client = Client(s.port)
        client.subscribe("twind/alerts")
        path = s.configure({"step": "0.5s", "twins": [FLEET]})
        twind = s.start_twind(path)
        for n in range(5):
            client.publish("house/%d/t" % n, "40")
        wait_for("three rooms", lambda: s.query("SELECT DISTINCT twin FROM readings ORDER BY 1") ==
                 [("room-0",), ("room-1",), ("room-2",)])
        for n in range(3):
            told(client, "twind/alerts", lambda a: a["rule"] == "silent" and a["state"] == "active")
        print("ok - a fleet's twin that falls silent is missed")
        # an answer from twind: by then it knows as well that the broker has these three
        answers = Client(s.port)
        answers.subscribe("twind/room-0/alert/hot/set/result")
        answers.publish("twind/room-0/alert/hot/set", "unshelve")
        answers.wait_message()
        reload(s, twind, path)
        client.publish("house/0/t", "41")
        told(client, "twind/alerts", lambda a: (a["twin"], a["rule"], a["state"]) == ("room-0", "silent", "normal"))
        wait_for("told", lambda: s.one("SELECT count(*) FROM alert_events WHERE rule = 'silent'") == 4)
        collect(client)
        answers.publish("twind/room-0/alert/hot/set", "unshelve")
        answers.wait_message()
        s.end(twind, signal.SIGKILL)
        twind = s.start_twind(path)
        again = told(client, "twind/alerts")
        equal((again["twin"], again["rule"], again["state"]), ("room-0", "silent", "active"),
              "after a restart the one that never speaks again is missed; the others' alerts are not repeated")
        equal([a["state"] for a in retained(s, "twind/room-1/alert/silent")], ["active"], "but stand")
        s.end(twind)
        changed = dict(FLEET, rules=[threshold("warm", above=20)] + FLEET["rules"], max=10)
        twind = s.start_twind(s.configure({"step": "0.5s", "twins": [changed, generic("plain")]}))
        client.publish("house/4/t", "10")
        client.publish("house/1/t", "50")
        warm = told(client, "twind/alerts", lambda a: a["rule"] == "warm")
        equal((warm["twin"], warm["state"]), ("room-1", "active"), "a new rule after a restart")
        equal(retained(s, "twind/room-1/alert/hot")[0]["id"], "room-1.hot.1", "the old alert is the same one still")
        wait_for("the fifth room", lambda: rows(s, "room-4") == 1)


run(a_bad_file_changes_nothing_and_is_explained, a_good_file_keeps_what_stays, a_reload_may_change_the_link,
    a_fleet_grows_to_its_limit_and_comes_back)
