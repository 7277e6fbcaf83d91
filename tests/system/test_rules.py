"""Rules of rules, of several twins, of hours: through the whole pipeline, and over a reload."""
import datetime
import json
import os
import re
import signal

from harness import ROOT, Client, check, equal, generic, run, stage, threshold, told, twinctl, wait_for

MONDAY = 1767571200  # 2026-01-05T00:00Z
HOUR = 3600


def documented():
    """The configuration of docs/rules.md."""
    with open(os.path.join(ROOT, "docs", "rules.md")) as f:
        return re.search(r"```jsonc\n(.*?)```", f.read(), re.S).group(1)


def replay(s, config, rows):
    """(hours since Monday, rule, state) of every transition."""
    with open(s.path("in.csv"), "w") as f:
        f.write("time,twin,signal,value\n")
        f.writelines("%d,%s,%s,%g\n" % (MONDAY + round(h * HOUR), twin, name, value) for h, twin, name, value in sorted(rows))
    done = twinctl(s, "replay", "-c", config, "--input", s.path("in.csv"), "--alerts", s.path("alerts"))
    equal(done.returncode, 0, "it is replayed" + done.stderr)
    with open(s.path("alerts")) as f:
        return [json.loads(line) for line in f]


def transitions(alerts, rule):
    def hours(text):
        return (datetime.datetime.fromisoformat(text.replace("Z", "+00:00")).timestamp() - MONDAY) / HOUR
    return [(round(hours(a["time"]), 1), a["state"]) for a in alerts if a["rule"] == rule and a["state"] != "pending"]


def a_week_of_the_documented_house():
    rows = []
    for k in range(7 * 24 * 12):
        h = k / 12
        cold = max(0, min(1, h - 50, (53 - h) / 2))  # Wednesday, from 2:00; and then heat
        heat = 50.5 <= h < 52 or 74 <= h < 78        # also on Thursday, from 2:00
        rows += [(h, "house", "indoor_temperature", 21 - 6 * cold), (h, "house", "heating_power", 4000 if heat else 800),
                 (h, "house", "co2", 1600 if 30 <= h < 60 else 600),
                 (h, "house", "outdoor_temperature", 18 if 100 <= h < 110 else 9),
                 (h, "city", "outdoor_temperature", 8)]
    with stage() as s:
        path = s.path("house.json")
        with open(path, "w") as f:
            f.write(documented())
        alerts = replay(s, path, rows)
        days = [(24 * d + hour - 1, state) for d, first, last in [(i, 8, 18) for i in range(5)] + [(5, 9, 13)]
                for hour, state in ((first, "active"), (last, "normal"))]
        equal(transitions(alerts, "work"), days, "the hours of the week, an hour before UTC's")
        stuffy = transitions(alerts, "stuffy")
        equal([state for _, state in stuffy], ["active", "normal"] * 2, "stuffy in working hours alone")
        check(stuffy[0][0] == 31 and stuffy[1][0] == 41 and stuffy[2][0] == 55 and 60 <= stuffy[3][0] <= 61,
              "from their beginning to their end", stuffy)
        window = transitions(alerts, "window")
        check(len(window) >= 2 and 50.5 <= window[0][0] <= 51.5, "colder, and then heated", window)
        nobody = [t for t in transitions(alerts, "heated_for_nobody") if t[0] > 54]
        check([state for _, state in nobody] == ["active", "normal"] and 76 <= nobody[0][0] < 77 and
              78 <= nobody[1][0] < 79, "heated at night", nobody)
        sunlit = transitions(alerts, "sunlit")
        check(sunlit[0] == (101, "active") and sunlit[1][1] == "normal" and 110 <= sunlit[1][0] < 112,
              "warmer than another twin", sunlit)
        by_rule = {a["rule"]: a for a in alerts if a["state"] == "active"}
        equal(by_rule["window"]["on"], "", "a rule on the twin is on no signal")
        equal(by_rule["window"]["message"], "at once: cooling_down, heat", "it says what came together")
        equal(by_rule["sunlit"]["on"], "measured.outdoor_temperature+city/outdoor_temperature", "one on two names both")
        equal(by_rule["sunlit"]["unit"], "Cel", "and has their unit")


def rules_of_rules_go_on_over_a_reload():
    both = {"id": "both", "type": "composite", "all": ["hot", "high"], "severity": "critical"}
    apart = {"id": "apart", "type": "compare", "on": ["measured.x", "b/measured.x"], "above": 10}
    hot, high = threshold("hot", above=30), threshold("high", above=35)

    def config(*rules):
        return {"twins": [generic("a", rules), generic("b")]}

    with stage() as s:
        s.start_broker()
        client = Client(s.port)
        client.subscribe("twind/alerts")
        twind = s.start_twind(s.configure(config(both, apart, hot, high)))
        client.publish("dev/b", '{"v":20}')
        client.publish("dev/a", '{"v":40}')
        raised = told(client, "twind/alerts", lambda a: a["rule"] == "both")
        equal(raised["state"], "active", "both are active")
        equal(told(client, "twind/alerts", lambda a: a["rule"] == "apart")["value"], 20, "two twins are compared")
        begin = len(s.log_from())
        s.configure(config(both, threshold("low", below=5), high, apart, hot))
        twind.send_signal(signal.SIGHUP)
        wait_for("the reload", lambda: b"reload: done" in s.log_from(begin=begin))
        client.publish("dev/a", '{"v":32}')
        over = told(client, "twind/alerts", lambda a: a["rule"] == "both")
        equal((over["state"], over["id"]), ("normal", raised["id"]), "the alert that was raised before is over")
        client.publish("dev/a", '{"v":29}')
        equal(told(client, "twind/alerts", lambda a: a["rule"] == "apart")["state"], "normal", "and the other")


run(a_week_of_the_documented_house, rules_of_rules_go_on_over_a_reload)
