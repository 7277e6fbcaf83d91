"""A broker that is away, forgets, refuses, or is not who it says; what it retained; late and
repeated readings."""
import json
import os
import signal
import subprocess
import time

from harness import Client, check, collect, equal, generic, run, stage, threshold, told, wait_for

SILENT = {"id": "silent", "type": "stale", "on": "measured.x", "after": "2s"}
FAST = {"step": "0.5s", "history": {"states": "0.5s"}, "publish": {"interval": "0.1s"}}


def the_broker_may_be_away_at_the_start_and_later():
    with stage() as s:
        twind = s.start_twind(s.configure({**FAST, "twins": [generic("a", [SILENT], binding={"timeout": "2s"})]}),
                              ready=False)
        wait_for("a word", lambda: b"can't connect" in s.log_from())
        print("ok - without a broker it says so and tries again")
        s.start_broker()
        client = Client(s.port)
        client.subscribe("twind/#")
        told(client, "twind/daemon")
        client.publish("dev/a", '{"v":10}')
        state = told(client, "twind/a/state", lambda o: o["health"] == "ok")
        equal(state["values"]["x"], 10, "once it is there all goes its way")
        sd = state["sd"]["x"]
        wait_for("a row", lambda: s.one("SELECT count(*) FROM readings") == 1)
        for m in collect(client):
            check(m.topic != "twind/alerts" or b'"normal"' in m.payload, "no alert yet")
        begin = len(s.log_from())
        s.stop_broker()
        wait_for("a word", lambda: b"the models go on" in s.log_from(begin=begin))
        wait_for("the alert", lambda: s.one("SELECT count(*) FROM alert_events WHERE state = 'active'") == 1)
        sds = [r[0] for r in s.query("SELECT sd FROM states WHERE twin = 'a' ORDER BY epoch")]
        check(len(sds) >= 4 and sds == sorted(sds) and sds[-1] > sds[0], "the models go on, sd grows", sds)
        s.start_broker()
        client = Client(s.port)
        client.subscribe("twind/#")
        alert = told(client, "twind/alerts", seconds=30)
        equal((alert["rule"], alert["state"]), ("silent", "active"), "the alert is published on return")
        state = told(client, "twind/a/state", lambda o: o["health"] == "stale")
        check(state["sd"]["x"] > sd, "so is the state", state["sd"])
        equal([m.topic for m in collect(client, 0.5) if m.topic == "twind/alerts"], [], "not a second time")
        equal(s.one("SELECT count(*) FROM alert_events"), 1, "once in history")
        check(twind.poll() is None, "the daemon lives")


def subscriptions_come_back_to_a_broker_that_forgot():
    with stage() as s:
        s.start_broker("persistence false\n")
        client = Client(s.port)
        s.start_twind(s.configure({"twins": [generic("a")]}))
        client.publish("dev/a", '{"v":1}')
        wait_for("a row", lambda: s.one("SELECT count(*) FROM readings") == 1)
        begin = len(s.log_from())
        s.stop_broker(signal.SIGKILL)
        os.unlink(s.path("mosquitto.db")) if os.path.exists(s.path("mosquitto.db")) else None
        s.start_broker("persistence false\n")
        wait_for("the link", lambda: b"connected to" in s.log_from(begin=begin), 30)
        client = Client(s.port)
        client.publish("dev/a", '{"v":2}')
        client.subscribe("twind/#")
        wait_for("a row", lambda: s.one("SELECT count(*) FROM readings") == 2)
        told(client, "twind/a/state", lambda o: o["sensors"]["x"]["value"] == 2)
        print("ok - it subscribes again and tells its states again")


def what_is_retained_is_not_fresh():
    with stage() as s:
        s.start_broker()
        client = Client(s.port)
        client.publish("dev/a", '{"v":50}', retain=True)
        client.publish("dev/b", '{"v":50,"t":%d}' % (time.time() - 30), retain=True)
        client.subscribe("twind/#")
        hot = threshold("hot", above=30)
        s.start_twind(s.configure({**FAST, "twins": [generic("a", [hot, SILENT]),
                                                     generic("b", [hot], binding={"time": "/t"})]}))
        wait_for("rows", lambda: s.one("SELECT count(*) FROM readings") == 2)
        equal(s.query("SELECT quality FROM readings WHERE twin = 'a'"), [("stale",)], "without time it is stale")
        equal(s.query("SELECT quality FROM readings WHERE twin = 'b'"), [("good",)], "with its own time it counts")
        alert = told(client, "twind/alerts", lambda a: a["twin"] == "a")
        equal((alert["rule"], alert["state"]), ("silent", "active"), "the deadman is not fooled, no other alert")
        state = told(client, "twind/a/state")
        equal((state["health"], state["sensors"]["x"]["quality"]), ("stale", "stale"), "nor the state")
        state = told(client, "twind/b/state", lambda o: o["sensors"]["x"]["time"])
        check(state["sd"]["x"] > 0.1, "the other's sd has grown since its reading", state["sd"])


def late_and_repeated_readings_do_not_move_a_twin():
    with stage() as s:
        s.start_broker()
        client = Client(s.port)
        client.subscribe("twind/#")
        s.start_twind(s.configure({**FAST, "twins": [generic("a", [threshold("hot", above=30)], binding={"time": "/t"})]}))
        now = int(time.time())
        for t, v in ((now - 20, 10), (now - 10, 11), (now - 15, 90), (now - 10, 11), (now - 500, 95), (now, 12)):
            client.publish("dev/a", json.dumps({"v": v, "t": t}))
        wait_for("rows", lambda: s.one("SELECT count(*) FROM readings") == 5)
        equal(s.query("SELECT value, quality FROM readings ORDER BY epoch"),
              [(95, "late"), (10, "good"), (90, "late"), (11, "good"), (12, "good")],
              "late ones go to history only, a repeated one is none")
        state = told(client, "twind/a/state", lambda o: o["sensors"]["x"]["value"] == 12)
        check(abs(state["values"]["x"] - 12) < 1, "the estimate follows the newest", state["values"])
        equal([m for m in collect(client, 0.3) if m.topic == "twind/alerts"], [], "no rule sees them")
        d = told(client, "twind/daemon", lambda d: d["readings"]["late"])["readings"]
        equal((d["late"], d["duplicate"]), (2, 1), "counted")


def a_status_of_offline_is_corrected():
    with stage() as s:
        s.start_broker()
        client = Client(s.port)
        client.subscribe("twind/status")
        s.start_twind(s.configure({"twins": [generic("a")]}))
        client.wait_message(lambda m: m.payload == b"online")
        client.publish("twind/status", "offline", retain=True)
        client.wait_message(lambda m: m.payload == b"offline")
        client.wait_message(lambda m: m.payload == b"online")
        print("ok - it says online again")


def a_wrong_password_is_said_and_a_right_one_works():
    with stage() as s:
        passwords = s.path("passwords")
        subprocess.run(["mosquitto_passwd", "-b", "-c", passwords, "twind", "right"], check=True, capture_output=True)
        os.chmod(passwords, 0o644)
        for name, text in (("secret", "right\n"), ("guess", "wrong")):
            with open(s.path(name), "w") as f:
                f.write(text)
        s.start_broker("allow_anonymous false\npassword_file %s\n" % passwords)
        config = {"broker": {"username": "twind", "password_file": "guess"}, "twins": [generic("a")]}
        twind = s.start_twind(s.configure(config), ready=False)
        wait_for("a word", lambda: b"refuses the user name or password" in s.log_from())
        check(twind.poll() is None, "it is said, with the keys to look at, and it tries on")
        config["broker"]["password_file"] = "secret"
        s.configure(config)
        twind.send_signal(signal.SIGHUP)
        wait_for("the link", lambda: b"connected to" in s.log_from(), 30)
        client = Client(s.port, username="twind", password="right")
        client.publish("dev/a", '{"v":1}')
        wait_for("a row", lambda: s.one("SELECT count(*) FROM readings") == 1)
        print("ok - after a reload with the right one it works")
        log = s.log_from()
        check(b"wrong" not in log and b"right" not in log, "no password in the log")


def openssl(*arguments):
    subprocess.run(["openssl", *arguments], check=True, capture_output=True)


def certify(s, name, host, ca):
    """A certificate for a host name or address, signed by a CA of its own."""
    key, crt, ext = s.path(name + ".key"), s.path(name + ".crt"), s.path(name + ".ext")
    openssl("req", "-newkey", "rsa:2048", "-nodes", "-keyout", key, "-out", crt + ".csr", "-subj", "/CN=" + name)
    with open(ext, "w") as f:
        f.write("subjectAltName=%s\n" % host)
    openssl("x509", "-req", "-in", crt + ".csr", "-CA", ca + ".crt", "-CAkey", ca + ".key", "-CAcreateserial",
            "-days", "2", "-out", crt, "-extfile", ext)
    return "cafile %s.crt\ncertfile %s\nkeyfile %s\n" % (ca, crt, key)


def authority(s, name):
    ca = s.path(name)
    openssl("req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-keyout", ca + ".key", "-out", ca + ".crt",
            "-subj", "/CN=" + name)
    return ca


def tls_takes_only_the_host_that_it_was_told():
    with stage() as s:
        ours, theirs = authority(s, "ours"), authority(s, "theirs")
        cases = [("good", "DNS:localhost", ours, True), ("name", "DNS:elsewhere.example", ours, False),
                 ("signer", "DNS:localhost", theirs, False)]
        for name, host, ca, fine in cases:
            s.start_broker(certify(s, name, host, ca))
            config = s.configure({"broker": {"url": "mqtts://localhost:%d" % s.port, "ca_file": ours + ".crt"},
                                  "twins": [generic("a")]})
            begin = len(s.log_from()) if os.path.exists(s.path("twind.log")) else 0
            twind = s.start_twind(config, ready=False)
            word = b"connected to" if fine else b"not signed by broker/ca_file"
            wait_for("a word", lambda: word in s.log_from(begin=begin))
            check((b"connected to" in s.log_from(begin=begin)) is fine, name + (" is taken" if fine else " is refused"))
            equal(s.end(twind), 0, "it ends well")
            s.stop_broker()


def a_session_outlives_the_daemon_with_either_protocol():
    for protocol in ("3.1.1", "5"):
        with stage() as s:
            s.start_broker()
            client = Client(s.port)
            config = s.configure({"broker": {"protocol": protocol}, "twins": [generic("a")]})
            twind = s.start_twind(config)
            client.publish("dev/a", '{"v":0}')
            wait_for("a row", lambda: s.one("SELECT count(*) FROM readings") == 1)
            s.end(twind)
            for i in range(1, 2000):
                client.publish("dev/a", '{"v":%d}' % i)
            client.flush()
            s.start_twind(config)
            wait_for("rows", lambda: s.one("SELECT count(*) FROM readings") >= 2000)
            equal(s.one("SELECT count(DISTINCT value) FROM readings"), 2000,
                  "MQTT %s: what came while it was away is stored" % protocol)


run(the_broker_may_be_away_at_the_start_and_later, subscriptions_come_back_to_a_broker_that_forgot,
    what_is_retained_is_not_fresh, late_and_repeated_readings_do_not_move_a_twin, a_status_of_offline_is_corrected,
    a_wrong_password_is_said_and_a_right_one_works, tls_takes_only_the_host_that_it_was_told,
    a_session_outlives_the_daemon_with_either_protocol)
