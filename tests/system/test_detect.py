"""twinctl detect as a filter: each line is answered before the next one is given."""
import json
import subprocess
from random import Random

from harness import check, equal, generic, run, stage

ANSWER_S = 10


def lines_are_answered_one_by_one():
    with stage() as s:
        with subprocess.Popen([s.program("twinctl"), "detect"], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                              text=True, bufsize=1) as p:
            p.stdin.write("timestamp,value\n")
            equal(p.stdout.readline(), "timestamp,value,anomaly_score\n", "a header is answered by one")
            for line in ("2026-01-01 00:05:00,1.50", "2026-01-01T00:10:00Z,2", "1767226500,3e0", "never,4"):
                p.stdin.write(line + "\n")
                equal(p.stdout.readline(), line + ",0\n", "answered as given: " + line)


def detect(s, text, *arguments):
    return subprocess.run([s.program("twinctl"), "detect", *arguments], input=text, capture_output=True, text=True,
                          timeout=ANSWER_S)


def bad_lines_are_answered_and_said_once():
    with stage() as s:
        done = detect(s, "1,5\n2,\n3,x\n4\n5,6\n")
        equal(done.returncode, 0, "goes on")
        equal([line.split(",")[-1] for line in done.stdout.splitlines()], ["0"] * 5, "each has an answer")
        equal(len(done.stderr.splitlines()), 1, "said once: " + done.stderr)


def an_alarm_of_any_column_is_explained():
    with stage() as s:
        rows = ["%d,%d,%d" % (i * 60, i % 7, i % 5) for i in range(500)] + ["30000,3,50"]
        last = detect(s, "\n".join(rows) + "\n", "--detector", "range", "--set", "forget=0",
                      "--explain").stdout.splitlines()[-1]
        equal(last, '30000,3,0.991379,"value 2: value 50, usually 0 to 4"', "score and reason")
        last = detect(s, "\n".join(rows) + "\n", "--detector", "range", "--set", "margin=100").stdout.splitlines()[-1]
        check(float(last.split(",")[2]) < 0.5, "with a wider margin it is none", last)


def two_that_go_together(n, wrong_from):
    """Rows of two columns: one cause, and from a row on the second leaves it by less than its own scatter."""
    random = Random(1)
    for i in range(n):
        cause = random.gauss(0, 1)
        yield 5 + cause + random.gauss(0, 0.05), 20 + 3 * cause + random.gauss(0, 0.2) + (2.5 if i >= wrong_from else 0)


def what_columns_show_together_is_an_alarm_as_long_as_it_lasts():
    with stage() as s:
        rows = "".join("%d,%.5f,%.5f\n" % (i * 60, a, b) for i, (a, b) in enumerate(two_that_go_together(1200, 1000)))
        for detector in ("auto", "t2"):
            lines = detect(s, rows, "--detector", detector, "--explain").stdout.splitlines()
            up = [float(line.split(",")[2]) >= 0.5 for line in lines]
            check(sum(up[1000:]) > 190, detector + ": the rows of the fault", sum(up[1000:]))
            check(sum(up[:1000]) < 60, detector + ": the rows before", sum(up[:1000]))
            check("all signals together" in lines[-1] and "value 2" in lines[-1], "says why", lines[-1])


def a_rule_looks_at_several_signals():
    with stage() as s:
        rule = {"id": "odd", "type": "anomaly", "on": ["measured.x", "measured.y"], "detector": "t2", "risk": 6}
        signals = {"x": {"unit": "m"}, "y": {"unit": "Cel"}}
        twin = generic("t", [rule], signals=signals, bind={"x": "dev/x", "y": "dev/y"})
        config = s.configure({"twins": [twin]})
        with open(s.path("in.csv"), "w") as f:
            f.write("time,twin,signal,value\n")
            for i, (a, b) in enumerate(two_that_go_together(1200, 1000)):
                f.write("%d,t,x,%.5f\n%d,t,y,%.5f\n" % (1767225600 + i * 60, a, 1767225600 + i * 60, b))
        done = subprocess.run([s.program("twinctl"), "replay", "-c", config, "--input", s.path("in.csv"), "--alerts",
                               s.path("alerts")], capture_output=True, text=True, timeout=ANSWER_S)
        equal(done.returncode, 0, "replayed" + done.stderr)
        with open(s.path("alerts")) as f:
            last = json.loads(f.readlines()[-1])
        equal((last["state"], last["on"]), ("active", "measured.x+measured.y"), "still up at the end")
        why = last["message"].split(":", 1)[1]
        check(last["time"] >= "2026-01-01T16:40" and "measured.y" in why, "since the fault, named", last)


def wrong_arguments_are_told():
    with stage() as s:
        for arguments, status, word in ((["--detector", "oracle"], 1, "oracle"), (["--set", "risk=99"], 1, "99"),
                                        (["--set", "risk"], 1, "NAME=NUMBER"), (["--nonsense"], 2, "--nonsense")):
            done = detect(s, "", *arguments)
            equal(done.returncode, status, " ".join(arguments))
            check(word in done.stderr, "says " + word, done.stderr)
        check("hampel" in detect(s, "", "--list").stdout, "the list names the detectors")


def a_rule_of_a_twin_asks_a_detector():
    with stage() as s:
        rule = {"id": "odd", "type": "anomaly", "on": "measured.x", "detector": "range", "keep": "1m"}
        config = s.configure({"twins": [generic("t", [rule])]})
        with open(s.path("in.csv"), "w") as f:
            f.write("time,twin,signal,value\n")
            f.writelines("%d,t,x,%d\n" % (1767225600 + i * 10, 90 if i == 300 else i % 7) for i in range(400))
        done = subprocess.run([s.program("twinctl"), "replay", "-c", config, "--input", s.path("in.csv"), "--alerts",
                               s.path("alerts")], capture_output=True, text=True, timeout=ANSWER_S)
        equal(done.returncode, 0, "replayed" + done.stderr)
        with open(s.path("alerts")) as f:
            alerts = [json.loads(line) for line in f]
        equal([a["state"] for a in alerts], ["active", "normal"], "raised and cleared")
        check("measured.x is not as usual: value 90, usually 0.0" in alerts[0]["message"], alerts[0]["message"])
        dump = subprocess.run([s.program("twind"), "-c", config, "--dump-config"], capture_output=True, text=True)
        equal(json.loads(dump.stdout)["twins"][0]["rules"][0]["detector"], "range", "dumped by its name")


run(lines_are_answered_one_by_one, bad_lines_are_answered_and_said_once, an_alarm_of_any_column_is_explained,
    what_columns_show_together_is_an_alarm_as_long_as_it_lasts, a_rule_looks_at_several_signals,
    wrong_arguments_are_told, a_rule_of_a_twin_asks_a_detector)
