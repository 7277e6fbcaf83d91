#!/usr/bin/env python3
"""What befalls the plant of ./dev demo is found, and called what it is; and smoke is never hidden by
blaming the sensor that sees it."""
import json
import os
import subprocess

from harness import ROOT, check, equal, run, stage


def alerts(s):
    """(day and time, twin, rule, severity, message) of all that became active."""
    demo, messages, told = os.path.join(ROOT, "config/demo"), s.path("m.csv"), s.path("alerts.ndjson")
    subprocess.run([s.program("twinctl"), "play", demo + "/plant.json", "--output", messages], check=True, capture_output=True)
    subprocess.run([s.program("twinctl"), "replay", "-c", demo + "/twind.json", "--input", messages, "--alerts", told],
                   check=True, capture_output=True)
    with open(told) as f:
        rows = [json.loads(line) for line in f]
    return [(a["time"][8:16], a["twin"], a["rule"], a["severity"], a["message"]) for a in rows if a["state"] == "active"]


def first(rows, twin, rule, begin, end):
    found = [r[4] for r in rows if r[1] == twin and r[2] == rule and begin <= r[0] < end]
    check(found, "%s.%s is raised from %s to %s" % (twin, rule, begin, end), rows)
    return found[0]


def faults_are_found_and_named():
    with stage() as s:
        rows = alerts(s)
        for twin, begin, end, name in (("gh1", "15T08:00", "15T09:00", "air_temperature:stuck"),
                                       ("centre", "18T09:00", "18T10:00", "plume_fine"),
                                       ("gh1", "19T03:00", "19T04:00", "door_open"),  # is as air comes in by jammed vents
                                       ("gh1", "20T14:00", "20T15:00", "air_temperature:bias"),
                                       ("centre", "21T02:00", "21T08:00", "pm2_5:stuck"),
                                       ("gh1", "21T14:00", "21T15:00", "air_temperature:silent")):
            said = first(rows, twin, "fault", begin, end)
            check(name in said, "it is called " + name, said)
        equal([r for r in rows if r[2] == "fault" and r[0] < "15T08:00"], [], "nothing is said before anything is wrong")
        worst = [r for r in rows if r[1:4] == ("centre", "unhealthy", "critical") and "18T09:00" <= r[0] < "18T11:00"]
        check(worst, "the air is called bad while the smoke is there", rows)


run(faults_are_found_and_named)
