#!/usr/bin/env python3
"""./dev bench: what twind costs, beside a bare subscriber in the same run.

Each figure is measured several times, in alternation with what it is compared to, for the
machine's other work and clock rates come and go; the table shows medians and the spread.
Ratios come first: they hold on another machine, times do not. The full run writes
docs/performance.md; --quick writes a file only where --output names one."""
import argparse
import datetime
import os
import statistics
import subprocess
import sys
import textwrap
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import bench_runs as runs  # noqa: E402
from stage import ROOT  # noqa: E402


# ---- what was measured, and what it should be ----

class Figure:
    def __init__(self, what, values, unit="", target=None, at_least=False, note=""):
        self.what, self.values, self.unit, self.note = what, list(values), unit, note
        self.target, self.at_least = target, at_least

    @property
    def median(self):
        return statistics.median(self.values)

    def text(self, value):
        return "%.*f" % (0 if abs(value) >= 1000 else 1 if abs(value) >= 100 else 2 if abs(value) >= 1 else 3, value)

    def with_unit(self, value):
        return (self.text(value) + " " + self.unit).strip()

    def wanted(self):
        return "" if self.target is None else ("≥ " if self.at_least else "≤ ") + ("%g %s" % (self.target, self.unit)).strip()

    def spread(self):
        if len(self.values) < 2:
            return "one run"
        return "%s .. %s (%d)" % (self.text(min(self.values)), self.text(max(self.values)), len(self.values))

    def verdict(self):
        if self.target is None:
            return ""
        short = self.target - self.median if self.at_least else self.median - self.target
        if short <= 0:
            return "met"
        return "**missed by %s** (%.0f %%)" % (self.with_unit(short), 100 * short / self.target)

    def cells(self):
        return [self.what, self.wanted(), self.with_unit(self.median), self.spread(), self.verdict(), self.note]


def ratios(above, below):
    return [a / b for a, b in zip(above, below)]


class Progress:
    def __init__(self):
        self.begin = time.monotonic()

    def say(self, text):
        print("%5.0f s  %s" % (time.monotonic() - self.begin, text), file=sys.stderr, flush=True)


# ---- the chapters ----

def chapter_flood(options, progress):
    bare, quiet, sub, twind = [], [], [], {"generic": [], "greenhouse": []}
    for i in range(options.rounds):
        bare.append(runs.bare(options.messages))
        twind["generic"].append(runs.twind("generic", options.messages))
        sub.append(runs.mosquitto_sub(options.messages))
        twind["greenhouse"].append(runs.twind("greenhouse", options.messages))
        quiet.append(runs.bare(options.messages, "--quiet-trace"))
        progress.say("round %d: bare %.1f us (trace off %.1f), generic %.1f, greenhouse %.1f; mosquitto_sub %.0f/s, twind %.0f/s" % (
            i + 1, bare[-1], quiet[-1], sum(twind["generic"][-1]["cpu"].values()),
            sum(twind["greenhouse"][-1]["cpu"].values()), sub[-1], twind["generic"][-1]["rate"]))
    return flood_figures(bare, quiet, sub, twind)


def flood_figures(bare, quiet, sub, twind):
    cpu = {kind: [sum(run["cpu"].values()) for run in all_] for kind, all_ in twind.items()}
    rate = {kind: [run["rate"] for run in all_] for kind, all_ in twind.items()}
    first = [Figure("CPU per message, %s, to the bare subscriber" % kind, ratios(cpu[kind], bare), target=1.0,
                    note="the bare one with Paho's defaults") for kind in cpu]
    first += [Figure("CPU per message, %s, to the bare subscriber with Paho's trace off" % kind, ratios(cpu[kind], quiet))
              for kind in cpu]
    first += [Figure("QoS 1 messages a second, generic, to mosquitto_sub", ratios(rate["generic"], sub), target=0.8, at_least=True,
                     note="to the commit; all rows found again"),
              Figure("QoS 1 messages a second, greenhouse, to mosquitto_sub", ratios(rate["greenhouse"], sub),
                     note="two readings a message")]
    second = [Figure("bare subscriber, CPU", bare, "us a message"),
              Figure("bare subscriber, trace off, CPU", quiet, "us a message"),
              Figure("mosquitto_sub -q 1", sub, "messages/s")]
    for kind, all_ in twind.items():
        second.append(Figure("twind, %s, CPU" % kind, cpu[kind], "us a message",
                             note="%.0f %% of the rows folded by the end" % (100 * statistics.median(run["folded"] for run in all_))))
        second += [Figure("… thread: " + name, [run["cpu"].get(name, 0) for run in all_], "us a message") for name in all_[0]["cpu"]]
        second.append(Figure("twind, %s" % kind, rate[kind], "messages/s"))
    return first, second


def chapter_latency(options, progress):
    alerts, echoes = [], []
    for _ in range(options.latency_rounds):
        alerts.append(runs.latency(options.latency_seconds, True))
        echoes.append(runs.latency(options.latency_seconds, False))
    progress.say("publish to alert p50 %.2f ms, p99 %.2f ms (an echo: %.2f, %.2f)" % (
        alerts[-1]["p50"], alerts[-1]["p99"], echoes[-1]["p50"], echoes[-1]["p99"]))
    targets = {"p50": 0.3, "p99": 0.6}
    first = [Figure("publish to alert, %s, at 1,000 messages/s" % p, [run[p] for run in alerts], "ms", targets.get(p))
             for p in ("p50", "p90", "p99")]
    second = [Figure("a raw-socket echo in twind's place, %s" % p, [run[p] for run in echoes], "ms",
                     note="what broker and sockets take") for p in ("p50", "p90", "p99")]
    second.append(Figure("twind at 1,000 messages/s over 400 twins", [100 * run["load"] for run in alerts], "% of a core",
                         note="with %d alerts and their twins' states published" % alerts[0]["alerts"]))
    return first, second


def chapter_memory(_, progress):
    empty, full = runs.memory()
    each = {part: (full[part] - empty[part]) / runs.MANY for part in full}
    progress.say("private memory %.2f MB idle, %.0f bytes a twin" % (empty["private"] / 1e6, each["private"]))
    first = [Figure("private memory, idle", [empty["private"] / 1e6], "MB", 6),
             Figure("private memory a twin, of %d" % runs.MANY, [each["private"] / 1e3], "KB", 1.5, note="one signal, one rule, two messages each")]
    second = [Figure("resident, idle", [empty["resident"] / 1e6], "MB", note="with the libraries' shared text"),
              Figure("shared file mappings, idle", [empty["mapped"] / 1e6], "MB", note="inbox and keep"),
              Figure("shared file mappings a twin", [each["mapped"] / 1e3], "KB")]
    return first, second


def growth(lines, key, by):
    """Cost at the largest number of twins, to that at the smallest."""
    costs = [line[key] for line in lines if line["by"] == by]
    return costs[-1] / costs[0]


def chapter_number(options, progress):
    lines = runs.lines("bench_world", runs.MANY)
    routes = runs.lines("bench_route")
    progress.say("cost by number of bindings: in one process done, now the daemon")
    few, many = [], []
    for _ in range(options.latency_rounds):
        few.append(runs.twind("generic", options.messages, 100, 100))
        many.append(runs.twind("generic", options.messages, runs.MANY, 100))
    total = [[sum(run["cpu"].values()) for run in all_] for all_ in (few, many)]
    progress.say("the daemon with 100 twins %.1f us, with %d %.1f us" % (total[0][-1], runs.MANY, total[1][-1]))
    first = [Figure("cost per message, 100,000 bindings to 100, decode to rule, twins by " + by,
                    [growth(lines, "ns_same_100", by)], target=1.2, note="the same hundred topics") for by in ("entries", "fleet")]
    first.append(Figure("the same, the daemon's CPU", ratios(total[1], total[0]), target=1.2,
                        note="with the steps of all twins meanwhile"))
    first += [Figure("the same, decode to rule, by %s, all topics at random" % by, [growth(lines, "ns_all", by)],
                     note="each twin is fetched from memory") for by in ("entries", "fleet")]
    second = [Figure("%d twins at rest, a step each 10 s" % runs.MANY, [100 * run["resting"] for run in many], "% of a core")]
    second += [Figure("the daemon's CPU, 100 topics of %d twins" % n, cpu, "us a message") for n, cpu in zip((100, runs.MANY), total)]
    for line in lines:
        second.append(Figure("decode to rule, %d twins by %s" % (line["twins"], line["by"]), [line["ns_same_100"]],
                             "ns a message", note="all topics at random %.0f; a step of a twin %.0f" % (line["ns_all"], line["ns_step"])))
    second += [Figure("route alone, %d topics" % line["topics"], [line["ns_same_100"]], "ns",
                      note="all topics at random %.0f" % line["ns_all"]) for line in routes]
    return first, second


def chapter_history(options, progress):
    lines = runs.lines("bench_history", options.folder, options.rows, options.days)
    by = {name: [line for line in lines if line["bench"] == "history_" + name] for name in ("append", "size", "build", "query")}
    rows = by["build"][0]["rows"]
    progress.say("history of %d rows measured" % rows)
    limits = {"a signal's day": 1, "30 days of hourly means": 0.5}
    first = [Figure("bytes a stored reading, folded, the worst of %d kinds of data" % len(by["size"]),
                    [max(line["bytes_per_reading"] for line in by["size"])], "bytes", 10)]
    queries = [(line, Figure("%s, out of %d readings" % (line["query"], rows), [line["ms_p50"]], "ms", limits.get(line["query"]),
                             note="p90 %.3f" % line["ms_p90"])) for line in by["query"]]
    first += [figure for line, figure in queries if line["query"] in limits]
    second = [Figure("bytes a reading, " + line["readings"], [line["bytes_per_reading"]], "bytes",
                     note="%g days of it; with roll-ups %.1f" % (line["days"], line["with_roll_ups"])) for line in by["size"]]
    second += [Figure("rows appended, rolled up and folded", [line["rows_per_s"] for line in by["append"]], "rows/s",
                      note="durable; CPU %.1f us a row" % by["append"][0]["cpu_us_per_row"]),
               Figure("rows of a recording, in one thread", [by["build"][0]["rows_per_s"]], "rows/s",
                      note="CPU %.1f us a row" % by["build"][0]["cpu_us_per_row"])]
    second += [figure for line, figure in queries if line["query"] not in limits]
    return first, second


def chapter_replay(options, progress):
    if not os.path.exists(runs.MONTH):
        progress.say("skipped: the measured month is not beside the checkout")
        return [], []
    took = [runs.replay() for _ in range(options.latency_rounds)]
    progress.say("a month replayed in %.2f s" % took[-1][0])
    return [Figure("a month of the measured greenhouse replayed", [t for t, _ in took], "s",
                   note="%d messages of %d signals; estimates, rule, history" % (took[0][1], len(runs.INPUTS)))], []


CHAPTERS = {"flood": chapter_flood, "latency": chapter_latency, "memory": chapter_memory, "number": chapter_number,
            "history": chapter_history, "replay": chapter_replay}


# ---- the report ----

def version(package):
    out = subprocess.run(["dpkg-query", "-W", "-f", "${Version}", package], capture_output=True, text=True)
    return "%s %s" % (package, out.stdout) if out.returncode == 0 else package + " (unknown)"


def machine():
    with open("/proc/cpuinfo") as f:
        model = next((line.split(":")[1].strip() for line in f if line.startswith("model name")), "unknown processor")
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 1e9
    return "%d × %s, %.0f GB, Linux %s" % (os.cpu_count(), model, memory, os.uname().release)


def commit():
    def git(*arguments):
        return subprocess.run(["git", "-C", ROOT, *arguments], capture_output=True, text=True).stdout.strip()
    return (git("rev-parse", "--short", "HEAD") or "no commit") + (" with changes" if git("status", "--porcelain", "-uno") else "")


def table(figures):
    head = ["what", "target", "measured", "spread", "", "remark"]
    return "\n".join("| " + " | ".join(row) + " |" for row in [head, ["---"] * len(head)] + [f.cells() for f in figures])


def missed(figures):
    late = [f for f in figures if f.verdict().startswith("**")]
    if not late:
        return "All targets that were measured are met."
    return "Missed: " + "; ".join("%s (%s, target %s)" % (f.what, f.with_unit(f.median), f.wanted()) for f in late) + "."


TEXT = """Written by `{command}`, by itself; do not edit. {date}, twind at commit {commit}.

{machine}; {versions}. Load average before the run: {load:.2f}. The broker, the publisher and twind share these processors with whatever else runs here.

Each figure was measured in alternation with what it is compared to; *measured* is the median, *spread* the least and the greatest of (so many) runs. A flood is {messages} QoS 1 messages `{payload}` over {twins} topics, from a raw-socket publisher through mosquitto, as fast as it goes; CPU is that of all threads, housekeeping included, until the daemon rests. *Private* memory is the dirty pages of private mappings (heap, stacks, relocated data); the inbox, the keep and SQLite's index are shared mappings of files, counted apart.

{missed}"""


def report(options, first, second, load):
    versions = ", ".join(version(p) for p in ("mosquitto", "libpaho-mqtt1.3", "libsqlite3-0", "libuv1"))
    text = TEXT.format(command=options.command, date=datetime.date.today().isoformat(), commit=commit(), machine=machine(),
                       versions=versions, load=load, messages=options.messages, payload=runs.PAYLOAD.replace("@", "3"),
                       twins=runs.TWINS, missed=missed(first))
    paragraphs = [textwrap.fill(p, 96, break_long_words=False, break_on_hyphens=False) for p in text.split("\n\n")]
    return "\n\n".join(["# Performance", *paragraphs, "## Ratios and targets", table(first), "## Times",
                        "The machine is shared: times say more about each other than about yours.", table(second)]) + "\n"


def parse():
    parser = argparse.ArgumentParser(prog="./dev bench", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="fewer and shorter runs, under two minutes")
    parser.add_argument("--output", metavar="FILE", help="where the report goes (full run: docs/performance.md)")
    parser.add_argument("--only", metavar="CHAPTER", choices=CHAPTERS, action="append", help="of " + ", ".join(CHAPTERS) + "; writes no report unless --output")
    parser.add_argument("--build", default=os.path.join(ROOT, "build"), help=argparse.SUPPRESS)
    options = parser.parse_args()
    options.command = " ".join(["./dev bench"] + (["--quick"] if options.quick else []) + ["--only " + c for c in options.only or []])
    options.rounds, options.messages = (2, 100000) if options.quick else (5, 300000)
    options.latency_rounds, options.latency_seconds = (1, 5) if options.quick else (3, 10)
    options.rows, options.days = (1000000, 4) if options.quick else (10000000, 14)
    if not options.output and not options.quick and not options.only:
        options.output = os.path.join(ROOT, "docs", "performance.md")
    return options


def main():
    options, progress, load = parse(), Progress(), os.getloadavg()[0]
    runs.BenchStage.of = options.build
    first, second = [], []
    with runs.BenchStage() as folder:
        options.folder = folder.folder
        for name in options.only or CHAPTERS:
            progress.say(name + " …")
            ratios_, times = CHAPTERS[name](options, progress)
            first += ratios_
            second += times
    text = report(options, first, second, load)
    print(text)
    if options.output:
        with open(options.output, "w") as f:
            f.write(text)
        progress.say("written to " + options.output)


if __name__ == "__main__":
    sys.exit(main())
