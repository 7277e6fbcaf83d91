"""A stage for demo, system tests and benchmarks: a private mosquitto on a free port, twind in
a temporary state folder, and everything ended again by the ids that were started."""
import contextlib
import json
import os
import re
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
import tempfile
import time

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
MOSQUITTO = shutil.which("mosquitto", path=os.environ.get("PATH", "") + ":/usr/sbin")


def free_port():
    with contextlib.closing(socket.socket()) as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def wait_for(what, condition, seconds=20.0):
    """Waits until condition() is true; its value."""
    end = time.monotonic() + seconds
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > end:
            raise TimeoutError("%s: not within %.0f s" % (what, seconds))
        time.sleep(0.02)


def strip_comments(text):
    """JSON with // comments (whole lines or after blanks, as our own files have them)."""
    return re.sub(r"(^|\s)//[^\n]*", r"\1", text)


class Stage:
    def __init__(self, build=None, keep=False):
        self.build = build or os.path.join(ROOT, "build")
        self.folder = tempfile.mkdtemp(prefix="twind-")
        self.keep = keep
        self.processes = []
        self.port = free_port()
        self.broker = None

    # ---- processes ----
    def start(self, arguments, **options):
        process = subprocess.Popen(arguments, **options)
        self.processes.append(process)
        return process

    def path(self, name):
        return os.path.join(self.folder, name)

    def program(self, name):
        return os.path.join(self.build, name)

    def end(self, process, how=signal.SIGTERM, seconds=15):
        if process.poll() is None:
            process.send_signal(how)
        try:
            return process.wait(seconds)
        except subprocess.TimeoutExpired:
            process.kill()
            return process.wait()

    def close(self):
        for process in reversed(self.processes):
            self.end(process)
        if not self.keep:
            shutil.rmtree(self.folder, ignore_errors=True)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    # ---- broker ----
    def start_broker(self, extra=""):
        config = self.path("mosquitto.conf")
        with open(config, "w") as f:
            f.write("listener %d 127.0.0.1\nallow_anonymous true\nmax_queued_messages 0\n"
                    "max_inflight_messages 1000\nlog_type none\npersistence true\n"
                    "persistence_location %s/\nautosave_interval 1\n"
                    "autosave_on_changes false\nset_tcp_nodelay true\nuser root\n%s" % (self.port, self.folder, extra))
        self.broker = self.start([MOSQUITTO, "-c", config], stdout=subprocess.DEVNULL,
                                 stderr=subprocess.DEVNULL)
        wait_for("mosquitto", self.broker_answers)
        return self.broker

    def stop_broker(self, how=signal.SIGTERM):
        self.end(self.broker, how)

    def broker_answers(self):
        with contextlib.closing(socket.socket()) as s:
            return s.connect_ex(("127.0.0.1", self.port)) == 0

    @property
    def url(self):
        return "mqtt://127.0.0.1:%d" % self.port

    # ---- twind ----
    def configure(self, config, name="twind.json"):
        """Completes a configuration (a dict) with broker and state folder and writes it."""
        config = dict(config)
        config.setdefault("broker", {})
        config["broker"] = {"url": self.url, **config["broker"]}
        config.setdefault("state_dir", self.path("state"))
        path = self.path(name)
        with open(path, "w") as f:
            json.dump(config, f, indent=1)
        return path

    def configure_file(self, source):
        with open(os.path.join(ROOT, source)) as f:
            return self.configure(json.loads(strip_comments(f.read())))

    def start_twind(self, config, log="twind.log", ready=True):
        with open(self.path(log), "ab") as f:
            begin = f.tell()
            twind = self.start([self.program("twind"), "-c", config], stderr=f, stdout=f)
        if ready:
            wait_for("twind", lambda: twind.poll() is not None or
                     b"connected to" in self.log_from(log, begin), 30)
            if twind.poll() is not None:
                raise RuntimeError("twind ended: " + self.log_from(log, begin).decode())
        return twind

    def log_from(self, log="twind.log", begin=0):
        with open(self.path(log), "rb") as f:
            f.seek(begin)
            return f.read()

    def database(self):
        return self.path("state/history.db")

    def query(self, sql, *parameters):
        with contextlib.closing(sqlite3.connect("file:%s?mode=ro" % self.database(), uri=True,
                                                timeout=20)) as db:
            return db.execute(sql, parameters).fetchall()

    def one(self, sql, *parameters):
        return self.query(sql, *parameters)[0][0]


def fail(text):
    print("FAILED: " + text, file=sys.stderr)
    sys.exit(1)
