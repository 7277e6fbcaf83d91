#!/usr/bin/env python3
"""The service protocol: twind as a Type=notify unit with a watchdog would run it. The test
is the service manager, with a datagram socket and the environment that systemd sets."""
import json
import os
import signal
import socket
import time

from harness import check, equal, run, stage, wait_for

WATCHDOG = 2.0  # s
CONFIG = {"twins": [{"id": "shed", "kind": "generic", "signals": {"t": {"unit": "Cel"}},
                     "bind": {"t": {"topic": "shed/t"}}}]}


class Manager:
    """Hears what the service says, and when."""

    def __init__(self, address):
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.socket.bind(address.replace("@", "\0", 1))
        self.said = []  # (monotonic, word)

    def listen(self, seconds):
        self.socket.settimeout(seconds)
        try:
            text = self.socket.recv(4096).decode()
        except socket.timeout:
            return
        self.said += [(time.monotonic(), word) for word in text.splitlines()]

    def words(self):
        while True:
            n = len(self.said)
            self.listen(0.01)
            if len(self.said) == n:
                return [word for _, word in self.said]

    def wait_for(self, word, seconds=20):
        return wait_for(word, lambda: word in self.words(), seconds)


def start(s, address, **environment):
    manager = Manager(address)
    names = {"NOTIFY_SOCKET": address, **environment}
    os.environ.update(names)
    try:
        twind = s.start_twind(s.configure(CONFIG), ready=False)
    finally:
        for name in names:
            del os.environ[name]
    return manager, twind


def test_ready_without_a_broker():
    """A broker that is away must not make the start of the service fail."""
    with stage() as s:
        manager, twind = start(s, s.path("notify"))
        manager.wait_for("READY=1")
        equal(twind.poll(), None, "twind runs")
        check("WATCHDOG=1" not in manager.words(), "no watchdog is fed where none was asked for")


def test_an_abstract_socket_will_do():
    with stage() as s:
        manager, _ = start(s, "@twind-test-%d" % os.getpid())
        manager.wait_for("READY=1")
        check(True, "ready was said on an abstract socket")


def test_watchdog_is_fed_in_time():
    with stage() as s:
        s.start_broker()
        manager, _ = start(s, s.path("notify"), WATCHDOG_USEC=str(int(WATCHDOG * 1e6)))
        wait_for("beats", lambda: manager.words().count("WATCHDOG=1") >= 4, 20)
        beats = [when for when, word in manager.said if word == "WATCHDOG=1"]
        longest = max(b - a for a, b in zip(beats, beats[1:]))
        check(longest < WATCHDOG, "no pause is as long as the watchdog's", longest)


def test_watchdog_of_another_process_is_not_fed():
    with stage() as s:
        manager, _ = start(s, s.path("notify"), WATCHDOG_USEC="200000", WATCHDOG_PID="1")
        manager.wait_for("READY=1")
        manager.listen(0.6)
        check("WATCHDOG=1" not in manager.words(), "WATCHDOG_PID names another")


def test_reload_and_stop_are_told():
    with stage() as s:
        s.start_broker()
        manager, twind = start(s, s.path("notify"))
        manager.wait_for("READY=1")
        twind.send_signal(signal.SIGHUP)
        wait_for("ready again", lambda: manager.words().count("READY=1") == 2)
        equal(manager.words(), ["READY=1", "RELOADING=1", "READY=1"], "a reload is told")
        equal(s.end(twind), 0, "SIGTERM ends it with status 0")
        equal(manager.words()[-1], "STOPPING=1", "stopping is told")


def test_a_bad_reload_is_over_too():
    """Else the manager would think for ever that it is still under way."""
    with stage() as s:
        manager, twind = start(s, s.path("notify"))
        manager.wait_for("READY=1")
        with open(s.path("twind.json"), "w") as f:
            json.dump({"twins": 7}, f)
        twind.send_signal(signal.SIGHUP)
        wait_for("ready again", lambda: manager.words().count("READY=1") == 2)
        check(b"the old configuration stays in force" in s.log_from(), "the log says what became of it")
        equal(twind.poll(), None, "twind runs")


run(test_ready_without_a_broker, test_an_abstract_socket_will_do, test_watchdog_is_fed_in_time,
    test_watchdog_of_another_process_is_not_fed, test_reload_and_stop_are_told, test_a_bad_reload_is_over_too)
