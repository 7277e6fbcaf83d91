"""A flood of alerts is one event: later alerts name the first as their cause, over MQTT and in
the history; one summary is told; what it did can be asked of the history afterwards."""
import json
import sqlite3
import subprocess

from harness import Client, check, collect, equal, generic, objects, run, stage, threshold, told, twinctl, wait_for

BEGIN = 1767261720  # 2026-01-01T10:02:00Z
ROWS = 8


def twins():
    """Two twins with three rules each."""
    rules = [threshold("r%d" % i, above=10 * (i + 1)) for i in range(3)]
    return [generic(name, rules, topic="dev/" + name, binding={"time": "/t", "timeout": "1h"}) for name in "ab"]


def configuration(**more):
    return {"clock": "event", "step": "10s", "twins": twins(), "flood": {"alerts": 4, "within": "5m"}, **more}


def feed():
    """Three alerts of a, then two of b, which share rules with a; then all is well again."""
    return [("a", 0, 0), ("b", 0, 0), ("a", 10, 15), ("a", 20, 25), ("a", 30, 35), ("b", 40, 15),
            ("b", 50, 25), ("b", 1200, 0)]


CAUSES = {("a", "r0"): None, ("a", "r1"): None, ("a", "r2"): None, ("b", "r0"): "a.r0.1", ("b", "r1"): "a.r0.1"}


def publish(client, rows):
    for twin, second, value in rows:
        client.publish("dev/" + twin, json.dumps({"v": value, "t": BEGIN + second}))


def a_flood_is_told_as_one_event():
    with stage() as s:
        s.start_broker()
        client = Client(s.port)
        client.subscribe("twind/alerts", "twind/flood", "twind/b/alert/r1")
        s.start_twind(s.configure(configuration()))
        publish(client, feed()[:-1])
        wait_for("the alerts", lambda: s.one("SELECT count(*) FROM alerts") == len(CAUSES))
        check("(under a.r0.1)" in twinctl(s, "status", "--broker", s.url).stdout, "twinctl status shows it")
        publish(client, feed()[-1:])
        wait_for("the rows", lambda: s.one("SELECT count(*) FROM readings") == ROWS)
        first = told(client, "twind/flood")
        equal(first["message"], "4 alerts since 10:02 UTC; first: a.r0", "one summary")
        equal((first["state"], first["alerts"], first["first"]), ("active", 4, "a.r0.1"), "with the first cause")
        wait_for("the transitions", lambda: s.one("SELECT count(*) FROM alert_events") >= 7)
        stored = {(twin, rule): cause for twin, rule, cause in
                  s.query("SELECT twin, rule, cause FROM alerts")}
        equal(stored, CAUSES, "the history has the causes")
        equal(s.one("SELECT cause FROM alert_events WHERE twin = 'b' AND rule = 'r1' AND state = 'normal'"), "a.r0.1",
              "the end of an alert names it, too")
        check(b"flood of alerts: 4 alerts since" in s.log_from(), "the log says it once")
        fresh = Client(s.port)
        fresh.subscribe("twind/b/alert/r1")
        equal(told(fresh, "twind/b/alert/r1")["cause"], "a.r0.1", "and so has what is retained")
        heard = objects(collect(client), "twind/alerts")
        check(all("cause" not in a for a in heard if a["twin"] == "a"), "the first are under nothing")


def a_replay_tells_the_same_and_null_turns_it_off():
    with stage() as s:
        rows = ["time,topic,payload"]
        for twin, second, value in feed():
            rows.append('%d,dev/%s,"{""v"":%d,""t"":%d}"' % (BEGIN + second, twin, value, BEGIN + second))
        with open(s.path("in.csv"), "w") as f:
            f.write("\n".join(rows) + "\n")
        for name, more, causes in (("on", {}, 4), ("off", {"flood": None}, 0), ("never", {"flood": {"alerts": 0}}, 0)):
            config = s.configure(configuration(**more), name + ".json")
            done = twinctl(s, "replay", "-c", config, "--input", s.path("in.csv"), "--alerts", s.path(name + ".ndjson"),
                           "--history", s.path(name + ".db"))
            equal(done.returncode, 0, name + ": replayed " + done.stderr)
            told_causes = [a.get("cause") for a in map(json.loads, open(s.path(name + ".ndjson")))]
            equal(sum(c is not None for c in told_causes), causes, name + ": causes told")
            with sqlite3.connect(s.path(name + ".db")) as db:
                equal(db.execute("SELECT count(cause) FROM alert_events").fetchone()[0], causes, name + ": and stored")
            dumped = subprocess.run([s.program("twind"), "-c", config, "--dump-config"], capture_output=True, text=True)
            equal(json.loads(dumped.stdout)["flood"]["alerts"], 4 if causes else 0, name + ": the dump says so")


def alarms_are_counted_from_the_history_of_a_daemon():
    with stage() as s:
        s.start_broker()
        client = Client(s.port)
        config = s.configure(configuration())
        s.start_twind(config)
        publish(client, feed())
        wait_for("the rows", lambda: s.one("SELECT count(*) FROM readings") == ROWS)
        wait_for("the transitions", lambda: s.one("SELECT count(*) FROM alert_events") >= 7)
        said = json.loads(twinctl(s, "alarms", "--history", s.path("state/history.db"), "--json").stdout)
        equal(said["alarms"], 5, "five rang")
        equal(said["measures"]["caused_share"]["value"], 0.4, "two of them under the first one's cause")
        equal({(r["twin"], r["rule"]): r["alarms"] for r in said["rules"]}, {key: 1 for key in CAUSES}, "each once")
        again = twinctl(s, "replay", "-c", config, "--history-input", s.path("state/history.db"), "--compare")
        check("5 of them the same, 0 new, 0 gone" in again.stdout, "a replay of the live history gives the same alarms",
              again.stdout, again.stderr)


run(a_flood_is_told_as_one_event, a_replay_tells_the_same_and_null_turns_it_off,
    alarms_are_counted_from_the_history_of_a_daemon)
