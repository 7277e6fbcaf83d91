"""tools/faults.py in its quick form: what it finds is drawn from the seed, and what is plain to
see is found."""
import json
import math
import os
import subprocess
import sys
import tempfile

from harness import BUILD, ROOT, check, equal, run

sys.path.insert(0, os.path.join(ROOT, "tools"))
import faults_page as page  # noqa: E402
import faults_plant as plant  # noqa: E402
import faults_rival as rival  # noqa: E402

TWINCTL = os.path.join(BUILD, "twinctl")


def campaign(*arguments):
    done = subprocess.run([sys.executable, os.path.join(ROOT, "tools", "faults.py"), "--build", BUILD, "--quick", "--json",
                           *arguments], capture_output=True, text=True)
    equal(done.returncode, 0, "faults.py " + done.stderr[-300:])
    return json.loads(done.stdout)


def a_seed_gives_the_same_campaign_again():
    first, again = (campaign("--kinds", "building", "--seeds", "5") for _ in range(2))
    equal(first, again, "the same faults, alarms and days")
    sound, faulty = first["building"]
    equal((len(sound["records"]), len(faulty["records"])), (0, 3), "a run without, one with three faults")
    check(sound["days"] > 23 and faulty["days"] < 23, "days on which an alarm is false", sound["days"], faulty["days"])


def every_fault_is_one_that_the_plant_knows():
    for kind in plant.FAULTS:
        usual = plant.defaults(TWINCTL, kind)
        for size in range(len(plant.SIZES)):
            planned = [p for half in (0, 1) for p in plant.plan(kind, 1, size, half)]
            equal({p[0]["name"] for p in planned}, {f["name"] for f in plant.FAULTS[kind]}, "two halves are the whole")
            script = plant.vary(plant.base_site(kind), kind, usual, 1)
            script["duration"] = "1s"
            plant.add_faults(script, usual, planned, size)
            done = play(script)
            equal(done.returncode, 0, "%s %s: %s" % (kind, plant.SIZES[size], done.stderr[-200:]))


def play(script):
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "plant.json")
        with open(path, "w") as f:
            json.dump(script, f)
        return subprocess.run([TWINCTL, "play", path, "--output", "/dev/null"], capture_output=True, text=True)


def faults_come_one_at_a_time():
    for half in (0, 1):
        free = plant.LEARNING * 24
        for _, at, lasts, _ in plant.plan("building", 2, 1, half):
            check(at >= free and 12 <= lasts <= 72, "begins when all is well, lasts as it should", at, lasts)
            free = at + lasts + plant.GAP - 0.02
        check(free <= plant.RUN * 24 + 0.1, "and the run is long enough", free)


def limits_ring_where_the_record_never_was():
    day = [300.0 * i for i in range(288 * 30)]
    sound = {"t": (day, [20 + (i % 7) * 0.1 for i in range(len(day))])}
    limits = rival.Rival(sound, 0)
    equal(limits.alarms(sound), [], "none in the record itself")
    warm = {"t": (day, [v + (5 if 1000 <= i < 1100 else 0) for i, v in enumerate(sound["t"][1])])}
    check(limits.alarms(warm)[0] == day[1002], "the third reading above", limits.alarms(warm)[:3])
    stuck = {"t": (day, [v if i < 1000 else 20.3 for i, v in enumerate(sound["t"][1])])}
    check(3600 <= limits.alarms(stuck)[0] - day[1000] <= 4200, "a sensor that stands still")
    left = [i for i, t in enumerate(day) if not 3e5 < t < 4e5]
    gone = {"t": ([day[i] for i in left], [sound["t"][1][i] for i in left])}
    check(any(3e5 < t < 3.02e5 for t in limits.alarms(gone)), "one that is silent")


def only_the_first_name_counts():
    said = "door_open: a door is open, or the house leaks (80 %); else: the vents do not close (9 %)"
    check(page.is_right(said, ["vents_open", "door_open"]), "named first")
    check(not page.is_right(said, ["vents_open"]), "named second")


def a_measured_file_is_told_its_alarms():
    with tempfile.TemporaryDirectory() as folder:
        with open(os.path.join(folder, "house.csv"), "w") as f:
            f.write("time,indoor_temp_degC,outdoor_temp_degC\n")
            for hour in range(24 * 14):
                inside = 20 + math.sin(hour / 4) + 0.1 * math.sin(hour * 7) if hour < 24 * 11 else 20
                f.write("2026-01-%02dT%02d:00:00+01:00,%.3f,%.2f\n" % (1 + hour // 24, hour % 24, inside, 5 + math.sin(hour)))
        done = subprocess.run([sys.executable, os.path.join(ROOT, "tools", "alarms.py"), "--build", BUILD, "--data", folder,
                               "--plot", os.path.join(folder, "plots")], capture_output=True, text=True)
        equal(done.returncode, 0, "alarms.py " + done.stderr[-300:])
        check("house: " in done.stdout and "2026-01-12" in done.stdout, "a thermometer that stands still", done.stdout)
        equal(len(os.listdir(os.path.join(folder, "plots"))), len(done.stdout.splitlines()) - 1, "a picture each")


run(a_seed_gives_the_same_campaign_again, every_fault_is_one_that_the_plant_knows, faults_come_one_at_a_time,
    limits_ring_where_the_record_never_was, only_the_first_name_counts, a_measured_file_is_told_its_alarms)
