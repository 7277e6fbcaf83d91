"""One reading from a real broker: one row, one estimate, one alert; and the daemon's manners."""
import json
import subprocess

from harness import Client, check, equal, run, stage, wait_for

CONFIG = {"twins": [{
    "id": "t1", "name": "Test twin", "kind": "generic", "signals": {"voltage": {"unit": "V", "sd": 0.1}},
    "bind": {"voltage": {"topic": "dev/t1", "path": "/u"}},
    "rules": [{"id": "high", "type": "threshold", "on": "voltage", "above": 240, "clear_below": 235,
               "severity": "critical"}]}]}


def retained(client, topic, seconds=20):
    return json.loads(client.wait_message(lambda m: m.topic == topic, seconds).payload)


def one_reading_becomes_a_row_an_estimate_and_an_alert():
    with stage() as s:
        s.start_broker()
        client = Client(s.port)
        client.subscribe("twind/#")
        s.start_twind(s.configure(CONFIG))
        equal(client.wait_message(lambda m: m.topic == "twind/status" and m.payload == b"online").payload,
              b"online", "the birth is told")
        client.publish("dev/t1", '{"u":230.5}')
        wait_for("a row", lambda: s.one("SELECT count(*) FROM readings") == 1)
        equal(s.query("SELECT twin, signal, value, unit, quality FROM readings"),
              [("t1", "voltage", 230.5, "V", "good")], "the row is as it was sent")
        state = retained(client, "twind/t1/state")
        while not state["sensors"]["voltage"]["time"]:
            state = retained(client, "twind/t1/state")
        check(abs(state["values"]["voltage"] - 230.5) < 0.5, "the estimate follows", state)
        check(state["sensors"]["voltage"]["quality"] == "good" and state["health"] == "ok", "its sensor is good")
        client.publish("dev/t1", '{"u":245}')
        client.publish("dev/t1", '{"u":245}')
        alert = retained(client, "twind/alerts")
        equal((alert["twin"], alert["rule"], alert["state"], alert["severity"], alert["limit"], alert["unit"]),
              ("t1", "high", "active", "critical", 240, "V"), "the alert is published")
        wait_for("the alert's row", lambda: s.one("SELECT count(*) FROM alerts") == 1)
        equal(s.query("SELECT id, state FROM alerts"), [(alert["id"], "active")], "and stored")
        out = subprocess.run(["sqlite3", s.database(), "SELECT count(*) FROM readings"], capture_output=True,
                             text=True, check=True).stdout
        equal(out.strip(), "3", "sqlite3 reads the live database")


def a_burst_keeps_its_order_and_latest_follows():
    sent = [61, 73, 64, 85, 62, 56, 47]
    with stage() as s:
        s.start_broker()
        s.start_twind(s.configure(CONFIG))
        client = Client(s.port)
        for value in sent:
            client.publish("dev/t1", '{"u":%d}' % value)
        client.flush()
        wait_for("the rows", lambda: s.one("SELECT count(*) FROM readings") == len(sent))
        equal([v for v, in s.query("SELECT value FROM readings ORDER BY epoch")], sent,
              "readings of one millisecond stay in the order of their arrival")
        wait_for("the latest", lambda: abs(s.one("SELECT value FROM latest") - sent[-1]) < 2)
        print("ok - latest follows within seconds, not with the next stored state")


def a_clean_stop_says_offline_and_commits():
    with stage() as s:
        s.start_broker()
        client = Client(s.port)
        client.subscribe("twind/status", "twind/daemon")
        twind = s.start_twind(s.configure(CONFIG))
        for i in range(100):
            client.publish("dev/t1", '{"u":%d}' % (200 + i % 10))
        client.flush() # the broker has all of it; twind shall have, too
        wait_for("the messages", lambda: s.one("SELECT count(*) FROM readings") > 0 and
                 s.one("SELECT count(*) FROM readings") == 100)
        for i in range(50):
            client.publish("dev/t1", '{"u":%d}' % (210 + i % 10))
        client.flush()
        equal(s.end(twind), 0, "the exit status is 0")
        client.wait_message(lambda m: m.topic == "twind/status" and m.payload == b"offline")
        # what the broker had not handed over by then waits there for the next start
        s.start_twind(s.configure(CONFIG))
        wait_for("the rest", lambda: s.one("SELECT count(*) FROM readings") >= 150)
        equal(s.one("SELECT count(*) FROM readings"), 150, "all rows are there after stop and start")


def a_kill_is_told_by_the_will():
    with stage() as s:
        s.start_broker()
        client = Client(s.port)
        client.subscribe("twind/status")
        twind = s.start_twind(s.configure(CONFIG))
        client.wait_message(lambda m: m.payload == b"online")
        twind.kill()
        client.wait_message(lambda m: m.payload == b"offline")
        print("ok - the broker says offline")


run(one_reading_becomes_a_row_an_estimate_and_an_alert,
    a_burst_keeps_its_order_and_latest_follows, a_clean_stop_says_offline_and_commits,
    a_kill_is_told_by_the_will)
