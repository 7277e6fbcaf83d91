"""What every system test begins with: the stage, the client, checks that say what they saw."""
import json
import os
import subprocess
import sys
import time

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
sys.path[:0] = [os.path.join(ROOT, "tools"), os.path.dirname(os.path.abspath(__file__))]

from mqtt import Client  # noqa: E402,F401
from stage import Stage, wait_for  # noqa: E402,F401

DATA = os.path.join(ROOT, "..", "shared", "data")
BUILD = os.environ.get("TWIND_BUILD", os.path.join(ROOT, "build"))
SKIPPED = 77  # ctest's word for it (SKIP_RETURN_CODE)


def stage(**options):
    return Stage(build=BUILD, keep=bool(os.environ.get("TEST_KEEP")), **options)


def skip(why):
    print("skipped: " + why)
    sys.exit(SKIPPED)


def check(condition, text, *seen):
    if not condition:
        raise AssertionError(text + ("" if not seen else ": " + ", ".join(repr(s) for s in seen)))
    print("ok - " + text)


def equal(actual, expected, text):
    check(actual == expected, text, actual, expected)


def generic(id, rules=(), unit="V", topic=None, binding=None, **more):
    """A generic twin with one signal x; topic dev/ID, {"v": value, "t": epoch}."""
    bind = {"topic": topic or "dev/" + id, "path": "/v", **(binding or {})}
    return {"id": id, "kind": "generic", "signals": {"x": {"unit": unit, "sd": 0.1}}, "bind": {"x": bind},
            "rules": list(rules), **more}


def threshold(id, on="measured.x", **keys):
    return {"id": id, "type": "threshold", "on": on, **keys}


def collect(client, seconds=0.0):
    """All messages that have come by now, or come within so many seconds."""
    end = time.monotonic() + seconds
    while True:
        client.poll(max(0.0, min(0.05, end - time.monotonic())))
        if time.monotonic() >= end:
            found = list(client.messages)
            client.messages.clear()
            return found


def objects(messages, topic):
    return [json.loads(m.payload) for m in messages if m.topic == topic]


def told(client, topic, match=lambda o: True, seconds=20.0):
    """The next object on the topic that matches."""
    found = client.wait_message(lambda m: m.topic == topic and m.payload[:1] == b"{" and
                                match(json.loads(m.payload)), seconds)
    return json.loads(found.payload)


def memory_mb(process):
    with open("/proc/%d/status" % process.pid) as f:
        for line in f:
            if line.startswith("RssAnon:"):
                return int(line.split()[1]) / 1024
    return 0.0


def sanitized(s):
    """Sanitizers keep what is freed for a while, and books of every thread."""
    with open(s.program("twind"), "rb") as f:
        text = f.read()
    return b"__asan_init" in text or b"__tsan_init" in text


def twinctl(s, *arguments, text=None, timeout=60):
    return subprocess.run([s.program("twinctl"), *arguments], input=text, capture_output=True, text=True,
                          timeout=timeout)


def run(*tests):
    """Runs the tests named on the command line, or all."""
    wanted = sys.argv[1:]
    for test in tests:
        if wanted and test.__name__ not in wanted:
            continue
        print("== " + test.__name__.replace("_", " "))
        test()
