"""What a twin has learned foretells every moment of the day ahead, not only those that it learns from."""
import csv
import datetime
import io
import math

from harness import check, equal, generic, run, stage, twinctl

DAY, START, DAYS = 86400, 1700006400, 12  # from a midnight


def course(t):
    """Of day and night, with a sharp morning that no smooth curve follows."""
    hour = t % DAY / 3600
    return 20 + 5 * math.sin(2 * math.pi * t / DAY) + (4 if 7 <= hour < 10 else 0)


def epoch(text):
    return datetime.datetime.fromisoformat(text.replace("Z", "+00:00")).timestamp()


def every_lead_is_near_what_comes():
    with stage() as s:
        path = s.configure({"clock": "event", "twins": [generic("a", unit="Cel", forecast={"step": "30m"})]})
        with open(s.path("in.csv"), "w") as f:
            f.write("time,twin,signal,value\n")
            for k in range(DAYS * 96):
                t = START + 900 * k
                f.write("%d,a,x,%.3f\n" % (t, course(t) + 0.05 * (-1) ** k))
        done = twinctl(s, "replay", "-c", path, "--input", s.path("in.csv"), "--history", s.path("past.db"))
        equal(done.returncode, 0, "a history is made")
        noon = START + 11 * DAY - DAY // 2
        for made in (noon, noon + 5 * 3600):  # so that other leads meet the morning
            done = twinctl(s, "forecast", "-c", path, "--history", s.path("past.db"), "--twin", "a", "--at", str(made))
            told = list(csv.DictReader(io.StringIO(done.stdout)))
            equal(len(told), 48, "a day by half hours, as configured")
            errors = [abs(float(r["mean"]) - course(epoch(r["time"]))) for r in told]
            check(sum(errors) / 48 < 0.5 and sum(e > 1 for e in errors) <= 2, "no lead is far off", errors)
            check(all(0 < float(r["sd"]) < 5 for r in told), "with its uncertainty")


run(every_lead_is_near_what_comes)
