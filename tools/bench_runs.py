"""What ./dev bench runs: each function puts a broker, a publisher and what is to be measured on
a stage of its own, and returns what it saw."""
import contextlib
import csv
import json
import os
import sqlite3
import subprocess
import time

from stage import ROOT, Stage, wait_for

MONTH = os.path.join(ROOT, "..", "shared", "data", "greenhouse_agc2022_reference_5min_2022-02.csv")
TWINS = 1000  # that share the messages of a flood
MANY = 100000  # twins for memory and for cost by number
TOPIC = "bench/%d"
PAYLOAD = '{"t":21.@4,"h":60.@2}'  # @: a digit that goes up and down
WINDOW = "4000"  # messages that the publisher sends ahead of the broker's answer


# ---- a process, as the kernel knows it ----

def cpu_by_thread(pid):
    """Seconds on a processor since its start, by thread in the order of their creation."""
    found, folder = {}, "/proc/%d/task" % pid
    for tid in sorted(os.listdir(folder), key=int):
        with open("%s/%s/schedstat" % (folder, tid)) as stat, open("%s/%s/comm" % (folder, tid)) as name:
            found[int(tid)] = (name.read().strip(), int(stat.read().split()[0]) * 1e-9)
    return found


def thread_names(threads):
    """Paho names its own; twind's come as loop, history writer, publisher (daemon.c)."""
    own = iter(["loop", "history writer", "publisher"])
    paho = {"MQTTAsync_rcv": "Paho receives", "MQTTAsync_send": "Paho sends"}
    return {tid: paho.get(comm) or next(own, "other") for tid, (comm, _) in threads.items()}


def cpu_of(pid):
    return sum(seconds for _, seconds in cpu_by_thread(pid).values())


def cpu_between(before, after):
    """{thread: seconds}; a thread that came meanwhile counts from its start."""
    names, spent = thread_names(after), {}
    for tid, (_, seconds) in after.items():
        spent[names[tid]] = spent.get(names[tid], 0) + seconds - before.get(tid, ("", 0))[1]
    return spent


def memory_of(pid):
    """Bytes: `private`, the dirty pages of private mappings (heap, stacks, relocated data:
    what no other process shares and no file holds); `mapped`, the resident pages of shared file
    mappings (inbox, keep, SQLite's index), which the kernel can write out; `resident`, all."""
    private = mapped = resident = 0
    shared_file = False
    with open("/proc/%d/smaps" % pid) as smaps:
        for line in smaps:
            word = line.split()
            if not word[0].endswith(":"):
                shared_file = word[1][3] == "s" and len(word) > 5
            elif word[0] == "Rss:":
                resident += int(word[1])
                mapped += int(word[1]) if shared_file else 0
            elif word[0] == "Private_Dirty:" and not shared_file:
                private += int(word[1])
    return {"private": private * 1024, "mapped": mapped * 1024, "resident": resident * 1024}


def load_of(pid, seconds=0.4):
    """The share of a processor that it takes."""
    before, begin = cpu_of(pid), time.monotonic()
    time.sleep(seconds)
    return (cpu_of(pid) - before) / (time.monotonic() - begin)


def rest(pid, twins=TWINS):
    """Waits until the process has little left to do, roll-ups and folds included; the models'
    own clock goes on."""
    end = time.monotonic() + 30
    while time.monotonic() < end and load_of(pid) > 0.02 + 2e-6 * twins:
        pass


# ---- the parts that are put on stage ----

class BenchStage(Stage):
    of = None  # the build folder

    def __init__(self):
        super().__init__(build=self.of)

    def bench(self, name, *arguments, **options):
        return self.start([self.program("tests/bench/" + name), *map(str, arguments)], text=True, **options)

    def flood(self, n, topics=TWINS):
        return self.bench("flood", self.port, n, "-t", TOPIC, "-n", topics, "-p", PAYLOAD, "-w", WINDOW,
                          stdout=subprocess.PIPE)

    def flooded(self, *arguments):
        answer = json.loads(self.flood(*arguments).communicate()[0])
        if answer["acked"] != answer["sent"]:
            raise RuntimeError("the broker has not taken all messages: %r" % answer)

    def twind(self, kind, most=TWINS):
        return self.start_twind(self.configure({"twins": [fleet(kind, most)]}))


def fleet(kind, most):
    v = {"topic": "bench/{n}", "path": "/t"}
    if kind == "generic":
        own = {"signals": {"v": {"unit": "V"}}, "bind": {"v": v}}
    else:
        own = {"bind": {"air_temperature": v, "relative_humidity": {"topic": "bench/{n}", "path": "/h"}}}
    rule = {"id": "hi", "type": "threshold", "on": next(iter(own["bind"])), "above": 60 if kind == "greenhouse" else 1000}
    return {"id": "t{n}", "kind": kind, "max": most, **own, "rules": [rule]}


class Stored:
    """What the daemon has committed, asked for over one connection of one's own."""

    def __init__(self, stage):
        self.db = sqlite3.connect("file:%s?mode=ro" % stage.database(), uri=True, timeout=20)

    def one(self, sql):
        return self.db.execute(sql).fetchone()[0]

    def sequence(self):
        return self.one("SELECT seq FROM applied")

    def rows(self):
        return self.one("SELECT count(*) FROM readings")

    def folded(self):
        return self.one("SELECT sum(n) FROM chunks JOIN series USING(series) WHERE what = 0 AND sort < 100") or 0


def bare(n, *trace):
    with BenchStage() as s:
        s.start_broker()
        bare = s.bench("bare_subscriber", s.port, "bench/#", n, *trace, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        bare.stderr.readline()
        s.flooded(n)
        return json.loads(bare.stdout.readline())["cpu_us_per_message"]


def mosquitto_sub(n):
    """Messages a second from the first one sent to the last one received."""
    with BenchStage() as s:
        s.start_broker()
        sub = s.start(["mosquitto_sub", "-p", str(s.port), "-t", "bench/#", "-q", "1", "-C", str(n)], stdout=subprocess.DEVNULL)
        time.sleep(0.5)  # it does not say when it is subscribed
        begin = time.monotonic()
        flood = s.flood(n)
        sub.wait()
        took = time.monotonic() - begin
        flood.wait()
        return n / took


def twind(kind, n, twins=TWINS, topics=TWINS):
    """One flood over the first `topics` of so many twins: CPU by thread (us a message),
    messages a second from the first one sent to the last one committed, the share of rows
    folded by the end; and the share of a processor that the twins take at rest."""
    each, first = 1 if kind == "generic" else 2, max(10 * TWINS, twins)
    with BenchStage() as s, contextlib.ExitStack() as ends:
        s.start_broker()
        process = s.twind(kind, twins)
        s.flooded(first, twins)
        stored = Stored(s)
        ends.callback(stored.db.close)
        wait_for("the first rows", lambda: stored.rows() == first * each, 60)
        rest(process.pid, twins)
        resting = load_of(process.pid, 3 if twins > TWINS else 0.4)
        last = stored.sequence() + n
        before, begin = cpu_by_thread(process.pid), time.monotonic()
        s.flooded(n, topics)
        wait_for("the last message", lambda: stored.sequence() >= last, 120)
        took = time.monotonic() - begin
        rest(process.pid, twins)
        spent = cpu_between(before, cpu_by_thread(process.pid))
        rows = stored.rows()
        if rows != (first + n) * each:
            raise RuntimeError("%d messages sent, %d rows stored" % (first + n, rows))
        return {"cpu": {name: seconds / n * 1e6 for name, seconds in spent.items()},
                "rate": n / took, "folded": stored.folded() / rows, "resting": resting}


def latency(seconds, with_twind):
    """What latency.c says, and the share of a processor that twind takes meanwhile."""
    with BenchStage() as s:
        s.start_broker()
        other = s.twind("generic") if with_twind else s.bench("echo", s.port, stdout=subprocess.PIPE)
        if not with_twind:
            other.stdout.readline()
        before, begin = cpu_of(other.pid), time.monotonic()
        answer = json.loads(s.bench("latency", s.port, 400, seconds, stdout=subprocess.PIPE).communicate()[0])
        answer["load"] = (cpu_of(other.pid) - before) / (time.monotonic() - begin)
        if answer["alerts"] != answer["of"]:
            raise RuntimeError("alerts are missing: %r" % answer)
        return answer


def memory():
    with BenchStage() as s, contextlib.ExitStack() as ends:
        s.start_broker()
        process = s.twind("generic", MANY)
        rest(process.pid)
        empty = memory_of(process.pid)
        s.flooded(2 * MANY, MANY)
        stored = Stored(s)
        ends.callback(stored.db.close)
        wait_for("the rows", lambda: stored.rows() == 2 * MANY, 120)
        rest(process.pid, MANY)
        return empty, memory_of(process.pid)


def lines(program, *arguments):
    """A program that prints JSON lines, by itself."""
    with BenchStage() as s:
        out = s.bench(program, *arguments, stdout=subprocess.PIPE)
        lines = [json.loads(line) for line in out.stdout]
        if out.wait() != 0:
            raise RuntimeError("%s failed (%d)" % (program, out.returncode))
        return lines


# ---- the measured greenhouse ----

INPUTS = {"out_temp_degC": "outdoor_temperature", "out_rh_pct": "outdoor_relative_humidity",
          "out_global_rad_W_m2": "solar_irradiance", "out_wind_m_s": "wind_speed", "vent_lee_pct": "vent_lee",
          "vent_wind_pct": "vent_wind", "screen_energy_pct": "energy_screen", "screen_black_pct": "blackout_screen",
          "pipe_rail_degC_0isOff": "pipe_temperature", "in_temp_degC": "air_temperature",
          "in_rh_pct": "relative_humidity", "in_co2_ppm": "co2"}


def numbers(row):
    for column in INPUTS:
        with contextlib.suppress(ValueError):
            yield column, float(row[column])


def write_month(path):
    """The recording as messages, one a row; how many."""
    with open(MONTH) as f, open(path, "w", newline="") as to:
        out = csv.writer(to)
        out.writerow(["time", "topic", "payload"])
        n = 0
        for n, row in enumerate(csv.DictReader(f), 1):
            out.writerow([row["time"], "bench/gh", json.dumps({"time": row["time"], **dict(numbers(row))})])
        return n


def replay():
    """Seconds, and rows: decoding, estimating, judging and storing it all."""
    with BenchStage() as s:
        n = write_month(s.path("month.csv"))
        bind = {signal: {"topic": "bench/gh", "path": "/" + column, "time": "/time"} for column, signal in INPUTS.items()}
        config = s.configure({"clock": "event", "twins": [{
            "id": "gh", "kind": "greenhouse", "params": {"utc_offset": 1}, "bind": bind,
            "rules": [{"id": "hot", "type": "threshold", "on": "air_temperature", "above": 30}]}]})
        begin = time.monotonic()
        subprocess.run([s.program("twinctl"), "replay", "-c", config, "--input", s.path("month.csv"),
                        "--history", s.path("month.db")], check=True, stdout=subprocess.DEVNULL)
        return time.monotonic() - begin, n
