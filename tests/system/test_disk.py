"""A full disk: the daemon lives, says so, keeps twins and alerts live, lets the broker keep the
rest, and recovers by itself with every message stored once. Needs a tmpfs of its own."""
import json
import os
import signal
import subprocess
import time

from harness import Client, check, collect, equal, generic, memory_mb, run, skip, stage, threshold, told, wait_for

SIZE, INBOX = 16, 4 << 20  # MB of disk, bytes of inbox


class SmallDisk:
    def __init__(self, folder):
        self.folder = folder
        os.makedirs(folder)
        mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=%dm" % SIZE, "tmpfs", folder], capture_output=True)
        if mounted.returncode:
            skip("no tmpfs can be mounted: " + mounted.stderr.decode().strip())

    def __enter__(self):
        return self

    def __exit__(self, *_):
        subprocess.run(["umount", "-l", self.folder], check=True)

    def fill(self):
        with open(os.path.join(self.folder, "filler"), "wb", buffering=0) as f:
            for size in (1 << 20, 4096, 1):
                try:
                    while True:
                        f.write(b"\0" * size)
                except OSError:
                    pass

    def free(self):
        os.remove(os.path.join(self.folder, "filler"))


def everything_is_stored_once(s, client, other, n):
    client.flush(30)
    wanted = set(range(1, n + 1)) | {2 * 10 ** 6}
    rows = "SELECT count(*) FROM readings"
    wait_for("all rows", lambda: other.poll() or s.one(rows) >= len(wanted), 60)
    values = [int(r[0]) for r in s.query("SELECT value FROM readings")]
    equal((len(values), set(values) == wanted), (len(wanted), True), "every message is there, once")
    collect(other)
    told(other, "twind/daemon", lambda d: (d["health"], d["error"], d["inbox_full"]) == ("ok", "", False))
    print("ok - and it says that it is well")


def a_full_disk_is_survived():
    with stage() as s, SmallDisk(s.path("state")) as disk:
        s.start_broker()
        client, other = Client(s.port, window=1000), Client(s.port)
        other.subscribe("twind/#")
        twins = [generic("t%d" % i, [threshold("high", above=10 ** 6)]) for i in range(20)]
        twins.append(generic("never", [{"id": "silent", "type": "stale", "on": "measured.x", "after": "12s"}]))
        config = s.configure({"twins": twins, "inbox": {"size": INBOX}, "publish": {"interval": "0.2s"}})
        twind = s.start_twind(config)
        n = 0

        def publish(count, pad=0):
            nonlocal n
            for _ in range(count):
                n += 1
                client.publish("dev/t%d" % (n % 20), json.dumps({"v": n, "pad": "x" * pad}))
                other.poll()

        publish(1000)
        wait_for("rows", lambda: s.one("SELECT count(*) FROM readings") == 1000)
        disk.fill()
        begin = len(s.log_from())
        publish(2000)
        state = told(other, "twind/daemon", lambda d: d["health"] == "degraded" and d["error"], 40)
        check("disk" in state["error"] or "full" in state["error"], "twind/daemon says so: " + state["error"])
        check(b"fails" in s.log_from(begin=begin), "so does the log")
        lines = len(s.log_from(begin=begin).splitlines())
        check(lines < 20, "without flooding it: lines", lines)
        collect(other)
        client.publish("dev/t0", json.dumps({"v": 2 * 10 ** 6}))
        equal(told(other, "twind/alerts")["state"], "active", "alerts are live")
        told(other, "twind/t0/state", lambda o: o["sensors"]["x"]["value"] == 2 * 10 ** 6)
        print("ok - twins are live")
        publish(12000, pad=400)
        full = told(other, "twind/daemon", lambda d: d["inbox_full"], 40)
        check(full["inbox_depth"] > 100, "the inbox is full, the broker keeps the rest: messages", full["inbox_depth"])
        told(other, "twind/alerts", lambda a: a["rule"] == "silent" and a["state"] == "active", 30)
        print("ok - alerts are live still")
        check(twind.poll() is None, "the daemon lives")
        check(memory_mb(twind) < 100, "in bounded memory: MB", memory_mb(twind))
        disk.free()
        publish(500)
        everything_is_stored_once(s, client, other, n)
        disk.fill()
        begin = len(s.log_from())
        publish(5000, pad=400)
        wait_for("a word", lambda: b"fails" in s.log_from(begin=begin))
        twind.send_signal(signal.SIGKILL)
        twind.wait()
        twind = s.start_twind(config, ready=False)
        end = time.monotonic() + 3
        wait_for("a word", lambda: twind.poll() is not None or time.monotonic() > end)
        print("     killed and started on the full disk: " + ("it runs" if twind.poll() is None else
              "exit %d, %s" % (twind.returncode, s.log_from().decode().splitlines()[-1])))
        disk.free()
        if twind.poll() is not None:
            twind = s.start_twind(config)
        publish(500)
        everything_is_stored_once(s, client, other, n)
        equal(s.one("SELECT count(*) FROM alert_events WHERE twin = 't0'"), 2, "the alert's events too (raised, and normal again)")
        equal(s.end(twind), 0, "it ends well")


def a_full_disk_at_the_stop_ends_in_time():
    with stage() as s, SmallDisk(s.path("state")) as disk:
        s.start_broker()
        client = Client(s.port)
        config = s.configure({"twins": [generic("a")], "inbox": {"size": INBOX}})
        twind = s.start_twind(config)
        client.publish("dev/a", '{"v":1}')
        wait_for("a row", lambda: s.one("SELECT count(*) FROM readings") == 1)
        disk.fill()
        for i in range(2, 2000):
            client.publish("dev/a", '{"v":%d}' % i)
        client.flush()
        begin = time.monotonic()
        s.end(twind, seconds=20)
        check(time.monotonic() - begin < 15, "it ends: s", round(time.monotonic() - begin, 1))
        disk.free()
        s.start_twind(config)
        wait_for("all rows", lambda: s.one("SELECT count(*) FROM readings") >= 1999)
        equal(s.one("SELECT count(DISTINCT value) FROM readings"), s.one("SELECT count(*) FROM readings"),
              "what it held is stored at the next start, once")


run(a_full_disk_is_survived, a_full_disk_at_the_stop_ends_in_time)
