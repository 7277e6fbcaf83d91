"""Alerts from outside, under `clock: event`: every key of a rule, the life of an alert, what is
retained and what is streamed, what is stored."""
import json

from harness import Client, check, collect, equal, generic, objects, run, stage, threshold, told, wait_for

BEGIN = 1767225600  # 2026-01-01T00:00:00Z


class Scene:
    """One generic twin g with the rules given, fed with (second, value)."""

    def __init__(self, s, rules, **more):
        self.s = s
        s.start_broker()
        self.client = Client(s.port)
        self.client.subscribe("twind/alerts", "twind/+/alert/#", "twind/+/set/#", "twind/+/state")
        twins = [generic("g", rules, binding={"time": "/t", "timeout": "10m", **more.pop("binding", {})})]
        self.config = s.configure({"clock": "event", "step": "1s", "twins": twins, **more})
        self.twind = s.start_twind(self.config)
        self.rows = 0

    def send(self, second, value):
        self.client.publish("dev/g", json.dumps({"v": value, "t": BEGIN + second}))
        self.rows += 1

    def settle(self):
        """Everything that was sent is applied and told."""
        wait_for("the rows", lambda: self.s.one("SELECT count(*) FROM readings") == self.rows)
        self.command("nobody/set/x", "1", "nobody/set/x/result")

    def command(self, topic, payload, answer=None):
        self.client.publish("twind/" + topic, payload)
        held = []
        while True:
            m = self.client.wait_message()
            if m.topic == "twind/" + (answer or topic + "/result"):
                self.client.messages.extendleft(reversed(held))
                return json.loads(m.payload)
            held.append(m)

    def transitions(self, *feed):
        """What the stream tells of these readings: (second, severity, state)."""
        for second, value in feed:
            self.send(second, value)
        self.settle()
        return [(seconds_of(a["time"]), a["severity"], a["state"])
                for a in objects(collect(self.client), "twind/alerts")]


def seconds_of(time):
    day, clock = time.rstrip("Z").split("T")
    h, m, s = clock.split(":")
    return (int(day[8:]) - 1) * 86400 + int(h) * 3600 + int(m) * 60 + float(s)


def a_delay_must_pass_before_an_alert_is_active():
    with stage() as s:
        scene = Scene(s, [threshold("hot", above=30, clear_below=28, **{"for": "5m"})])
        got = scene.transitions((0, 20), (10, 31), (60, 29.5), (250, 31), (309, 31), (311, 31))
        equal(got, [(10, "warning", "pending"), (310, "warning", "active")],
              "pending at once, between the limits it goes on, active after `for`")
        equal(scene.transitions((320, 28), (330, 27.9)), [(330, "warning", "normal")],
              "clear only below the clear limit")
        equal(scene.transitions((400, 31), (410, 20), (800, 31)),
              [(400, "warning", "pending"), (410, "warning", "normal"), (800, "warning", "pending")],
              "a pending alert that clears begins anew")


def an_alert_is_kept_until_it_has_been_clear_for_so_long():
    with stage() as s:
        scene = Scene(s, [threshold("low", below=5, clear_above=6, keep="1m", severity="critical")])
        got = scene.transitions((0, 9), (1, 4), (2, 7), (30, 4), (31, 7), (90, 7), (92, 7))
        equal(got, [(1, "critical", "active"), (91, "critical", "normal")], "`keep` begins again with each relapse")


def a_ladder_of_severities_goes_up_and_down():
    levels = [{"severity": "info", "above": 60, "clear_below": 50},
              {"severity": "warning", "above": 70, "clear_below": 60},
              {"severity": "critical", "above": 80, "clear_below": 70}]
    with stage() as s:
        scene = Scene(s, [threshold("ladder", levels=levels)])
        seen = []
        for i, value in enumerate((61, 73, 64, 85, 62, 56, 47)):
            scene.send(10 * i, value)
            scene.settle()
            collect(scene.client)
            fresh = Client(s.port)
            fresh.subscribe("twind/g/alert/ladder")
            now = told(fresh, "twind/g/alert/ladder")
            seen.append("OK" if now["state"] == "normal" else now["severity"].upper())
            fresh.close()
        equal(" ".join(seen), "INFO WARNING WARNING CRITICAL INFO INFO OK", "61 73 64 85 62 56 47")
        equal(s.one("SELECT count(*) FROM alerts"), 1, "it is one alert from raise to clear")
        equal([r[0] for r in s.query("SELECT state FROM alert_events ORDER BY epoch")],
              ["active", "active", "active", "active", "normal"], "each change of level is an event")


def no_data_holds_alerts_or_clears_as_the_rule_says():
    rules = [threshold(policy, above=30, no_data=policy) for policy in ("hold", "alert", "normal")]
    with stage() as s:
        scene = Scene(s, rules, binding={"timeout": "2m"})
        scene.send(0, 40)
        scene.settle()
        collect(scene.client)
        scene.send(1000, 20)
        scene.settle()
        got = [(a["rule"], seconds_of(a["time"]), a["state"])
               for a in objects(collect(scene.client), "twind/alerts")]
        equal(sorted(a for a in got if a[0] == "normal"), [("normal", 121, "normal")],
              "`normal`: cleared when the sensor is stale")
        equal(sorted(a for a in got if a[0] == "hold"), [("hold", 1000, "normal")],
              "`hold`: cleared only by the next reading")
        equal(sorted(a for a in got if a[0] == "alert"), [("alert", 1000, "normal")],
              "`alert`: active without data")
    with stage() as s:
        scene = Scene(s, rules, binding={"timeout": "2m"})
        scene.send(0, 20)
        scene.send(1000, 20)
        scene.settle()
        got = [(a["rule"], seconds_of(a["time"]), a["state"], a["severity"])
               for a in objects(collect(scene.client), "twind/alerts")]
        equal(got, [("alert", 121, "active", "warning"), ("alert", 1000, "normal", "warning")],
              "only `alert` raises for want of data")


def an_active_rule_suppresses_those_that_name_it():
    with stage() as s:
        scene = Scene(s, [threshold("mild", above=30, unless=["bad"]), threshold("bad", above=50)])
        for second, value in ((0, 35), (10, 55), (20, 35), (30, 10)):
            scene.send(second, value)
        scene.settle()
        got = [(a["rule"], seconds_of(a["time"]), a["state"]) for a in objects(collect(scene.client), "twind/alerts")]
        equal(sorted(got, key=lambda a: (a[1], a[0])),
              [("mild", 0, "active"), ("bad", 10, "active"), ("mild", 10, "normal"), ("bad", 20, "normal"),
               ("mild", 20, "active"), ("mild", 30, "normal")], "suppressed while the other is active")


def an_alert_is_acknowledged_and_shelved_by_command():
    with stage() as s:
        scene = Scene(s, [threshold("hot", above=30)])
        equal(scene.command("g/alert/hot/set", "ack")["ok"], False, "a normal alert can't be acknowledged")
        scene.send(0, 31)
        scene.settle()
        collect(scene.client)
        equal(scene.command("g/alert/hot/set", "ack"), {"ok": True}, "an active one can")
        a = told(scene.client, "twind/alerts")
        equal((a["state"], a["acknowledged"]), ("active", True), "and it is told")
        equal(scene.command("g/alert/hot/set", "ack")["ok"], False, "but not twice")
        equal(scene.command("g/alert/hot/set", "shelve")["ok"], False, "shelving needs a duration")
        equal(scene.command("g/alert/hot/set", "shelve soon")["ok"], False, "and a good one")
        equal(scene.command("g/alert/hot/set", "shelve 1h"), {"ok": True}, "shelve 1h")
        a = told(scene.client, "twind/alerts", lambda a: a["shelved_until"])
        equal(seconds_of(a["shelved_until"]), 3600, "an hour from now")
        equal(scene.command("g/alert/hot/set", "unshelve"), {"ok": True}, "unshelve")
        equal(told(scene.client, "twind/alerts")["shelved_until"], None, "is told")
        equal(scene.command("g/alert/hot/set", "shelve 10m"), {"ok": True}, "shelve 10m")
        scene.send(601, 31)
        scene.settle()
        a = told(scene.client, "twind/alerts", lambda a: not a["shelved_until"])
        equal(seconds_of(a["time"]), 600, "shelving ends by itself")
        scene.send(610, 10)
        scene.send(620, 31)
        scene.settle()
        a = objects(collect(scene.client), "twind/alerts")
        equal([(x["state"], x["acknowledged"]) for x in a][-1], ("active", False), "a new alert is not acknowledged")
        check(a[-1]["id"] != a[-2]["id"], "and has another id", a[-1]["id"])
        wait_for("commands", lambda: s.one("SELECT count(*) FROM commands WHERE twin = 'g'") == 8)
        equal(s.one("SELECT count(*) FROM commands WHERE twin = 'g' AND result = 'ok'"), 4, "commands are stored")
        row = s.query("SELECT state, acknowledged, acknowledged_at, cleared_at FROM alerts ORDER BY raised_at")
        check(row[0][0] == "normal" and row[0][2] and row[0][3], "acknowledged_at and cleared_at", row)
        equal(row[1][0:2], ("active", 0), "the second stands")


def a_flapping_alert_is_held():
    with stage() as s:
        scene = Scene(s, [threshold("hot", above=30)])
        got = scene.transitions(*[(i, 35 if i % 2 else 25) for i in range(60)])
        check(10 <= len(got) <= 13 and got[-1][2] == "active", "held after 11 changes in 21", len(got))
        got = scene.transitions(*[(60 + i, 25) for i in range(25)])
        equal([g[2] for g in got], ["normal"], "and let go when it is calm")


def each_rule_type_works_through_the_daemon():
    rules = [{"id": "fast", "type": "rate", "on": "measured.x", "above": 10, "per": "1h", "over": "10m"},
             {"id": "silent", "type": "stale", "on": "measured.x", "after": "5m"},
             {"id": "still", "type": "stuck", "on": "measured.x", "after": "8m"},
             {"id": "odd", "type": "deviation", "on": "residual.x", "probability": 1e-6, "window": "5m"}]
    with stage() as s:
        scene = Scene(s, rules, binding={"timeout": "1h"})
        for i in range(40):  # calm, then a ramp of 60 an hour
            scene.send(60 * i, 20 + 0.05 * (i % 3) + max(0, i - 20))
        scene.settle()
        got = [(a["rule"], a["state"]) for a in objects(collect(scene.client), "twind/alerts")]
        check(("fast", "active") in got and ("silent", "active") not in got, "rate", got)
        for i in range(12):
            scene.send(2400 + 60 * i, 40)
        scene.settle()
        got = [(a["rule"], a["state"]) for a in objects(collect(scene.client), "twind/alerts")]
        check(("still", "active") in got and ("fast", "normal") in got, "stuck; rate is over", got)
        scene.send(4000, 41)
        scene.settle()
        got = [(a["rule"], a["state"], seconds_of(a["time"])) for a in objects(collect(scene.client), "twind/alerts")]
        check(("silent", "active", 3361) in got and ("silent", "normal", 4000) in got, "stale, and over", got)
        check(("still", "normal", 4000) in got, "stuck is over", got)
        for i in range(6):
            scene.send(4060 + 10 * i, 41 + 30 * (-1) ** i)
        scene.settle()
        got = [(a["rule"], a["state"]) for a in objects(collect(scene.client), "twind/alerts")]
        check(("odd", "active") in got, "deviation", got)


def the_object_is_as_the_contract_says():
    keys = {"id", "twin", "rule", "type", "severity", "state", "acknowledged", "shelved_until", "on", "value",
            "limit", "unit", "since", "time", "sample_time", "message"}
    message = "{twin}/{rule}: {on} {value} {unit} over {limit} ({severity}) {nothing}"
    with stage() as s:
        scene = Scene(s, [threshold("hot", above=30, message=message, **{"for": "1m"})])
        scene.send(0, 31.5)
        scene.send(60, 32)
        scene.settle()
        stream = objects(collect(scene.client), "twind/alerts")
        equal(set(stream[1]), keys, "its keys")
        a = stream[1]
        equal((a["twin"], a["rule"], a["type"], a["on"], a["unit"], a["limit"], a["value"]),
              ("g", "hot", "threshold", "measured.x", "V", 30, 31.5), "its values")
        minute, begin = "2026-01-01T00:01:00.000Z", "2026-01-01T00:00:00.000Z"
        equal((a["time"], a["since"], a["sample_time"]), (minute, minute, begin), "its times, the reading's too")
        equal(a["message"], "g/hot: measured.x 31.5 V over 30 (warning) {nothing}", "the template is filled")
        fresh = Client(s.port)
        fresh.subscribe("twind/#")
        messages = collect(fresh, 0.5)
        equal([m.retained for m in messages if m.topic == "twind/g/alert/hot"], [True], "the state is retained")
        equal([m for m in messages if m.topic == "twind/alerts"], [], "the stream is not")
        equal(objects(messages, "twind/g/alert/hot")[0], a, "and it is the same object")
        rows = s.query("SELECT time, epoch, alert_id, twin, rule, state, acknowledged, value, message "
                       "FROM alert_events ORDER BY epoch")
        equal(rows[1], ("2026-01-01T00:01:00.000Z", BEGIN + 60.0, a["id"], "g", "hot", "active", 0, 31.5,
                        a["message"]), "alert_events")
        row = s.query("SELECT id, twin, rule, type, severity, state, acknowledged, raised_at, acknowledged_at, "
                      "cleared_at, value, limit_value, message FROM alerts")
        equal(row[0][:7], (a["id"], "g", "hot", "threshold", "warning", "active", 0), "alerts")
        equal(row[0][8:], (None, None, 31.5, 30.0, a["message"]), "alerts: the rest")


def a_delay_ends_on_time_by_the_wall_clock():
    with stage() as s:
        s.start_broker()
        client = Client(s.port)
        client.subscribe("twind/alerts")
        s.start_twind(s.configure({"step": "1h", "twins": [generic("a", [threshold("hot", above=30, **{"for": "1s"})])]}))
        client.publish("dev/a", '{"v":40}')
        equal(told(client, "twind/alerts")["state"], "pending", "pending")
        equal(told(client, "twind/alerts", seconds=5)["state"], "active", "active without another reading or step")


run(a_delay_must_pass_before_an_alert_is_active, an_alert_is_kept_until_it_has_been_clear_for_so_long,
    a_ladder_of_severities_goes_up_and_down, no_data_holds_alerts_or_clears_as_the_rule_says,
    an_active_rule_suppresses_those_that_name_it, an_alert_is_acknowledged_and_shelved_by_command,
    a_flapping_alert_is_held, each_rule_type_works_through_the_daemon, the_object_is_as_the_contract_says,
    a_delay_ends_on_time_by_the_wall_clock)
