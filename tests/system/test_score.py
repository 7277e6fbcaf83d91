"""tools/score.py on a short made-up house: what forecasts are compared to is what it says."""
import json
import math
import os
import subprocess
import sys
import tempfile
import time

from harness import BUILD, ROOT, check, equal, run

SCORE = os.path.join(ROOT, "tools", "score.py")
START, DAYS = 1767225600, 12  # 2026-01-01


def outdoor(hour):
    return 5 + 4 * math.sin(math.tau * (hour % 24) / 24) + 2 * math.sin(hour * 0.7)


def indoor(hour):
    """In step with the outdoor temperature an hour before: a line, which a regression finds."""
    return 18 + 0.25 * outdoor(hour - 1)


def house(folder):
    path = os.path.join(folder, "house.csv")
    with open(path, "w") as f:
        f.write("time,indoor_temp_degC,outdoor_temp_degC,ignored\n")
        for hour in range(24 * DAYS):
            stamp = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(START + 3600 * hour))
            f.write("%s,%.6f,%.6f,x\n" % (stamp, indoor(hour), outdoor(hour)))
    return path


def score(*arguments):
    done = subprocess.run([sys.executable, SCORE, "--build", BUILD, "--json", *arguments], capture_output=True, text=True)
    equal(done.returncode, 0, "score.py " + done.stderr[-300:])
    return {(r["signal"], r["lead_h"], r["inputs_known"]): r for r in json.loads(done.stdout)}


def error(predict, lead):
    hours = range(24 * DAYS // 2, 24 * DAYS - lead)
    return math.sqrt(sum((predict(h) - indoor(h + lead)) ** 2 for h in hours) / len(hours))


def the_rivals_are_what_the_tool_says():
    with tempfile.TemporaryDirectory() as folder:
        found = score("--baselines", "--known", house(folder))
        for lead in (1, 6, 24):
            seen = found["indoor_temperature", lead, False]
            check(abs(seen["persistence"] - error(indoor, lead)) < 2e-3, "the value now, %d h" % lead, seen)
            check(abs(seen["yesterday"] - error(lambda h: indoor(h + lead - 24), lead)) < 2e-3, "the day before", seen)
        check(found["indoor_temperature", 1, False]["ridge"] < 0.05, "the regression finds the line", found)
        check(found["indoor_temperature", 6, False]["ridge"] < found["indoor_temperature", 6, False]["persistence"],
              "and does what it can")


def forecasts_are_read_from_the_history():
    with tempfile.TemporaryDirectory() as folder:
        found = score("--known", house(folder))
        for (signal, lead, known), record in found.items():
            twin = record["twin"]
            equal(twin["made"], record["cases"], "a forecast for each case, %s %d h %s" % (signal, lead, known))
            check(0 < twin["rmse"] < min(record["persistence"], record["yesterday"]), "better than the simple ones", record)
            check(0.5 < twin["within"] <= 1, "measurements lie within the band", twin)


run(the_rivals_are_what_the_tool_says, forecasts_are_read_from_the_history)
