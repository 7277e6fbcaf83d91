"""Bad input from any topic or client: refused with a counted reason, said once, and nothing else
is touched."""
import json
import os
import random

from harness import Client, check, collect, equal, generic, memory_mb, run, sanitized, stage, threshold, told, wait_for

TWINS = [generic("good", [threshold("hot", above=30)]),
         generic("a"), generic("plain", binding={"path": ""}),
         generic("units", unit="Cel", binding={"unit_path": "/u"}),
         {"id": "many", "kind": "generic", "signals": {"x": {"unit": "V"}},
          "bind": {"x": {"topic": "wild/#", "path": "/v"}}},
         {"id": "house", "kind": "building", "bind": {"indoor_temperature": "house/t"}},
         {"id": "field-{n}", "kind": "generic", "signals": {"x": {}}, "max": 2, "bind": {"x": "field/{n}"}}]

GARBAGE = [b'{"v":', b'{"v":1', b'{"v":"', b"[", b"]", b"}", b"{}}", b'{"v":1}x', b"\xff\xfe\x00\x01", b"\x00", b"",
           b'{"v":"\xff"}', b'{"v":\x00 1}', b'{"v":1e999}', b'{"v":NaN}', b'{"v":nan}', b'{"v":-Infinity}',
           b'{"v":null}', b'{"v":{}}', b'{"v":[]}', b'{"v":"abc"}', b'{"v":"12 apples"}', b"nan", b"Infinity",
           b"1e999", b"--1", b"0x10", b"\xef\xbb\xbf1", b'{"v":01}', b"'1'", b"true false",
           b'{"v":"' + b"9" * 5000 + b'"}', b"9" * 100000, b"\\u0000", b'{"v":"\\ud800"}', b"[" * 100000,
           b'{"v":' * 20000, b'{"v":' + b"[" * 50000 + b"]" * 50000 + b"}"]


def daemon_says(client, condition, seconds=30):
    return told(client, "twind/daemon", condition, seconds)


def alive(s, client, twind, value):
    """The good twin still takes a reading."""
    client.publish("dev/good", json.dumps({"v": value}))
    wait_for("the good twin", lambda: s.query("SELECT 1 FROM readings WHERE twin = 'good' AND value = ?", value))
    check(twind.poll() is None, "the daemon lives, the good twin goes on")


def begin(s, broker=""):
    s.start_broker(broker)
    client = Client(s.port)
    client.subscribe("twind/#")
    return client, s.start_twind(s.configure({"twins": TWINS}))


def malformed_payloads_are_counted_and_said_once():
    with stage() as s:
        client, twind = begin(s)
        for topic in ("dev/a", "dev/plain", "dev/units", "wild/x", "house/t", "field/1"):
            for payload in GARBAGE:
                client.publish(topic, payload)
        client.flush()
        alive(s, client, twind, 20)
        equal(s.query("SELECT twin, value FROM readings WHERE twin IN ('a', 'many', 'units') AND "
                      "(value IS NULL OR value NOT BETWEEN -1e6 AND 1e6)"), [], "no garbage is stored")
        stored = s.query("SELECT twin, value FROM readings WHERE twin = 'a'")
        check(set(v for _, v in stored) <= {1.0}, "the only number that may come of it is 1", stored)
        d = daemon_says(client, lambda d: d["messages"] > 6 * len(GARBAGE))
        check(d["refused"]["bad_value"] >= 3 * len(GARBAGE), "counted in twind/daemon", d["refused"])
        check(d["rejected"] >= d["refused"]["bad_value"], "and in the sum", d["rejected"])
        lines = s.log_from().decode(errors="replace").splitlines()
        check(len(lines) < 30, "the log is not flooded: lines", len(lines))
        check(any("not JSON" in x for x in lines) and any("dev/a" in x for x in lines), "but says what and where")


def random_bytes_do_no_harm():
    chance = random.Random(7)
    with stage() as s:
        client, twind = begin(s)
        base = [b'{"v":12.5,"t":1767225600,"u":"V"}', b'[{"n":"x","v":1}]', b"1,2,3", b"230.5"]
        for i in range(6000):
            data = bytearray(chance.choice(base))
            for _ in range(chance.randrange(1, 4)):
                data[chance.randrange(len(data))] = chance.randrange(256)
            client.publish(chance.choice(("dev/a", "dev/plain", "dev/units", "wild/y", "house/t", "field/2")),
                           bytes(data))
        client.flush()
        alive(s, client, twind, 21)
        before = memory_mb(twind)
        for i in range(20000):
            client.publish("nobody/knows/%d" % i, os.urandom(20))
            client.publish("wild/%d" % i, b'{"v":"bad"}')
            if i % 100 == 0:
                client.publish("field/%d" % i, b"1")
        client.flush()
        alive(s, client, twind, 22)
        grown = memory_mb(twind) - before
        check(grown < (10 if not sanitized(s) else 100), "memory does not grow with topics: MB", grown)
        d = daemon_says(client, lambda d: d["refused"]["fleet_full"] > 0)
        equal(d["twins"], 8, "a fleet stops at its max; twins")


def enormous_payloads_and_topics_are_survived():
    with stage() as s:
        client, twind = begin(s)
        client.publish("dev/a", b"[" * (50 << 20))
        client.publish("dev/a", b'{"v":1' + b" " * (40 << 20) + b"}")
        client.publish("dev/a", b'{"v":2,"junk":"' + b"x" * (70 << 20) + b'"}')
        client.flush()
        client.publish("wild/" + "long/" * 150 + "x" * 60000, b'{"v":5}')
        client.publish("twind/" + "x" * 60000 + "/set/y", b"1")
        client.publish("twind/good/set/" + "x" * 60000, b"1")
        client.publish("twind/good/alert/" + "y" * 60000 + "/set", b"ack")
        alive(s, client, twind, 23)
        d = daemon_says(client, lambda d: d["refused"]["too_large"] >= 1)
        equal(d["refused"]["too_large"], 1, "what the inbox can never hold is refused, and counted")
        equal(s.one("SELECT count(*) FROM readings WHERE twin = 'many'"), 1, "a huge topic is a topic")
        wait_for("memory", lambda: memory_mb(twind) < (150 if not sanitized(s) else 2000), 30)
        equal(s.end(twind), 0, "and it ends well")


def commands_of_nonsense_are_answered():
    cases = [("nobody/set/x", "1", "no twin"), ("house/set/nothing", "1", "no input"),
             ("house/set/indoor_temperature", "1", "no input"), ("house/set/heating_setpoint", "1e9", "must be"),
             ("house/set/heating_setpoint", "warm", "no number"), ("house/set/heating_setpoint", "", "no number"),
             ("house/set/heating_setpoint", "nan", "no number"), ("house/set/heating_setpoint", b"\xff\x00", ""),
             ("house/set/heating_setpoint", "2" * 5000, ""), ("good/alert/hot/set", "ack", "nothing to acknowledge"),
             ("good/alert/none/set", "ack", "no rule"), ("good/alert/hot/set", "dance", "no command"),
             ("good/alert/hot/set", "shelve 1e400", "duration"), ("good/alert/hot/set", "shelve -1s", "duration"),
             ("nobody/alert/hot/set", "ack", "no twin"), ("good/alert/hot/set", "unshelve", "not shelved")]
    with stage() as s:
        client, twind = begin(s)
        for topic, payload, words in cases:
            client.publish("twind/" + topic, payload)
            answer = told(client, "twind/" + topic + "/result")
            check(answer["ok"] is False and words in answer["error"], "%s %.20r: %s" % (topic, payload, words), answer)
        client.publish("twind/house/set/heating_setpoint", "21", retain=True)
        client.publish("twind/good/alert/hot/set", "ack", retain=True)
        client.publish("twind//set/", "1")
        client.publish("twind/set/set/set/set", "1")
        client.publish("twind/good/state", "fake")
        client.publish("twind/daemon", "fake")
        client.publish("twind/alerts", "fake")
        alive(s, client, twind, 24)
        d = daemon_says(client, lambda d: d["refused"]["bad_command"] >= len(cases))
        check(d["refused"]["bad_command"] >= len(cases), "counted", d["refused"]["bad_command"])
        wait_for("commands", lambda: s.one("SELECT count(*) FROM commands WHERE result <> 'ok'") >= len(cases))
        print("ok - and stored")


def what_is_retained_is_garbage_too():
    with stage() as s:
        s.start_broker()
        client = Client(s.port)
        for i, payload in enumerate(GARBAGE):
            if payload:
                client.publish("wild/%d" % i, payload, retain=True)
        client.publish("twind/good/alert/hot/set", "ack", retain=True)
        client.publish("twind/house/set/heating_setpoint", "30", retain=True)
        client.flush()
        client.subscribe("twind/#")
        twind = s.start_twind(s.configure({"twins": TWINS}))
        alive(s, client, twind, 25)
        equal(s.one("SELECT count(*) FROM commands"), 0, "a retained command is not carried out")


run(malformed_payloads_are_counted_and_said_once, random_bytes_do_no_harm, enormous_payloads_and_topics_are_survived,
    commands_of_nonsense_are_answered, what_is_retained_is_garbage_too)
