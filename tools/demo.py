#!/usr/bin/env python3
"""./dev demo: a private mosquitto and twind in a temporary folder; a virtual greenhouse,
building and city station publish as real devices do, faster than real time."""
import argparse
import json
import os
import re
import subprocess
import sys
import threading
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from stage import ROOT, Stage, wait_for  # noqa: E402

# of the play, by what is played: to be watched, headless. Four days, or a year.
SPEEDS = {"demo": ("20000", "80000"), "measured": ("700000", "max")}

QUERIES = [
    ("readings stored, by twin and quality",
     "SELECT twin, quality, count(*) AS n FROM readings GROUP BY twin, quality ORDER BY twin, n DESC"),
    ("what the twins know now (estimate and standard deviation)",
     "SELECT twin, name, round(value, 2) AS value, round(sd, 3) AS sd, unit FROM latest "
     "WHERE name IN ('air_temperature','relative_humidity','vapour_pressure_deficit','indoor_temperature',"
     "'energy_today','ppd','pm2_5','no2','aqi') ORDER BY twin, name"),
    ("alerts", "SELECT twin, rule, severity, state, raised_at, cleared_at FROM alerts ORDER BY raised_at"),
    ("the last six hours of the greenhouse, by hours",
     "SELECT time, round(mean, 2) AS mean, round(min, 2) AS min, round(max, 2) AS max FROM hours "
     "WHERE name = 'air_temperature' AND what = 'state' ORDER BY time DESC LIMIT 6"),
    ("what comes: the newest forecast of the greenhouse, every four hours, with its band of 90 %",
     "SELECT for_time, round(mean, 1) AS mean, round(mean - 1.645 * sd, 1) AS low, round(mean + 1.645 * sd, 1) AS high "
     "FROM forecasts WHERE twin = 'gh1' AND name = 'air_temperature' AND made_at = (SELECT max(made_at) "
     "FROM forecasts WHERE twin = 'gh1' AND name = 'air_temperature') AND substr(for_time, 12, 5) "
     "IN ('00:00', '04:00', '08:00', '12:00', '16:00', '20:00')"),
]


def show_alerts(stage, seen):
    """Prints each transition as it is published, as any MQTT client would see it."""
    client = stage.start(["mosquitto_sub", "-h", "127.0.0.1", "-p", str(stage.port), "-t", "twind/alerts", "-q", "1"],
                         stdout=subprocess.PIPE, text=True)

    def follow():
        for line in client.stdout:
            a = json.loads(line)
            seen.append(a)
            print("  %s  %-8s %-8s %-7s %-17s %s" % (a["time"][:16].replace("T", " "), a["state"],
                                                     a["severity"], a["twin"], a["rule"], a["message"]), flush=True)
    threading.Thread(target=follow, daemon=True).start()


def sqlite(stage, sql):
    return subprocess.run(["sqlite3", "-readonly", "-box", stage.database(), sql], text=True,
                          capture_output=True, check=True).stdout


def play(stage, arguments):
    """Runs twinctl play, passing on what it says of its faults; how many messages it published."""
    process = stage.start([stage.program("twinctl"), "play", *arguments], stderr=subprocess.PIPE, text=True)
    messages = None
    for line in process.stderr:
        count = re.match(r"(\d+) messages$", line)
        if count:
            messages = int(count.group(1))
        print(line, end="", flush=True)
    if process.wait() != 0 or messages is None:
        sys.exit("twinctl play failed (%d)" % process.returncode)
    return messages


def settled(stage, messages):
    """The daemon has taken and committed all that was published (it says so every few seconds)."""
    line = subprocess.run(["mosquitto_sub", "-h", "127.0.0.1", "-p", str(stage.port), "-t", "twind/daemon",
                           "-C", "1", "-W", "10"], text=True, capture_output=True).stdout
    said = json.loads(line or "{}")
    return said.get("messages", 0) >= messages and said["inbox_depth"] == 0


def show_whatif(stage, config, *question):
    print("what would be: twinctl whatif %s" % " ".join(question))
    answer = subprocess.run([stage.program("twinctl"), "whatif", *question, "-c", config], text=True,
                            capture_output=True)
    print(answer.stdout or answer.stderr)
    return answer.returncode == 0


def main():
    parser = argparse.ArgumentParser(prog="./dev demo", description=__doc__)
    parser.add_argument("--keep", action="store_true", help="leave it running at the end")
    parser.add_argument("--headless", action="store_true", help="end by itself; exit 0 only if all went well")
    parser.add_argument("--measurements", metavar="DIR", help="play recorded CSV files instead of the plant")
    parser.add_argument("--build", default=os.path.join(ROOT, "build"), help=argparse.SUPPRESS)
    parser.add_argument("--speed", default=None, help="seconds of the plant's in one of ours (default: all in about 50 s; "
                        "headless: in 13 s, of measurements: max)")
    options = parser.parse_args()
    name = "measured" if options.measurements else "demo"
    speed = options.speed or SPEEDS[name][options.headless]
    with Stage(build=options.build, keep=options.keep) as stage:
        stage.start_broker()
        config = stage.configure_file("config/%s/twind.json" % name)
        twind = stage.start_twind(config)
        twins = [t["id"] for t in json.load(open(config))["twins"]]
        print("broker %s, state in %s\nwhat befalls the plant (>), and the alerts as they are published on twind/alerts:" % (stage.url, stage.folder))
        seen = []
        show_alerts(stage, seen)
        arguments = [os.path.join(ROOT, "config", name, "plant.json"), "--broker", stage.url, "--speed", speed]
        if options.measurements:
            arguments += ["--data", os.path.abspath(options.measurements)]
        begin = time.monotonic()
        messages = play(stage, arguments)
        wait_for("the end of the queue", lambda: settled(stage, messages), 120)
        print("played in %.1f s\n" % (time.monotonic() - begin))
        for title, sql in QUERIES:
            print("%s\n  sqlite3 %s \"%s\"\n%s" % (title, stage.database(), sql, sqlite(stage, sql)))
        answered = options.measurements or show_whatif(stage, config, "gh1", "heating_setpoint=12@22:00-06:00")
        estimated = {row[0] for row in stage.query("SELECT DISTINCT twin FROM states")}
        stored = stage.one("SELECT count(*) FROM readings")
        good = estimated == set(twins) and stored > 0 and len(seen) > 0 and answered
        print("twins estimated: %s; alert transitions published: %d; readings stored: %d" %
              (", ".join(sorted(estimated)), len(seen), stored))
        if options.keep:
            print("left running: twind %d, broker %d; Ctrl-C ends them" % (twind.pid, stage.broker.pid))
            try:
                twind.wait()
            except KeyboardInterrupt:
                pass
        return 0 if good else 1


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit(130)
