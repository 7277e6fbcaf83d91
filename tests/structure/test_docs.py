#!/usr/bin/env python3
"""Holds the documents to the programs: every command and configuration in the README works
as it stands, what is generated is fresh, the manuals are clean and name every option, verb
and key that there is."""
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
sys.path[:0] = [os.path.join(ROOT, "tests", "system")]
from harness import BUILD, check, equal, run, stage, wait_for  # noqa: E402
from stage import strip_comments  # noqa: E402

FENCE = re.compile(r"(?:<!-- test: (\w+) -->\n)?```(\w*)\n(.*?)^```$", re.M | re.S)


def read(path):
    with open(os.path.join(ROOT, path)) as f:
        return f.read()


def blocks(path):
    return [(mark, language, text) for mark, language, text in FENCE.findall(read(path))]


def marked(name):
    return [text for mark, _, text in blocks("README.md") if mark == name]


def program(name, *arguments, **options):
    return subprocess.run([os.path.join(BUILD, name), *arguments], text=True, capture_output=True, **options)


# ---- the README ----

# What stands between the README's commands and the stage: the user's broker, service and
# history are this test's.
WRAPPERS = {
    "sudo": 'exec "$@"',
    "mosquitto_sub": 'exec {mosquitto_sub} -h 127.0.0.1 -p {port} "$@"',
    "mosquitto_pub": 'exec {mosquitto_pub} -h 127.0.0.1 -p {port} "$@"',
    "twinctl": 'exec {build}/twinctl "$@" -c {config}',
    "twind": 'exec {build}/twind -c {config} "$@"',
    "systemctl": '[ "$*" = "reload twind" ] && kill -HUP {pid}',
    "sqlite3": 'for a; do case $a in /var/lib/twind/*) a={state}/${{a#/var/lib/twind/}};; esac; '
               'set -- "$@" "$a"; shift; done; exec {sqlite3} "$@"',
}


def make_wrappers(s, config, pid):
    folder = s.path("bin")
    os.mkdir(folder)
    words = {name: shutil.which(name) for name in ("mosquitto_sub", "mosquitto_pub", "sqlite3")}
    for name, text in WRAPPERS.items():
        path = os.path.join(folder, name)
        with open(path, "w") as f:
            f.write("#!/bin/sh\n" + text.format(port=s.port, build=BUILD, config=config, pid=pid,
                                                state=s.path("state"), **words) + "\n")
        os.chmod(path, 0o755)
    return {**os.environ, "PATH": folder + ":" + os.environ["PATH"]}


def shell(script, environment):
    return subprocess.run(["bash", "-euo", "pipefail", "-c", script], env=environment, text=True,
                          capture_output=True, timeout=60)


def write_drop_in(s):
    """The README's configuration where it says that it goes; the shipped main file."""
    main = json.loads(strip_comments(read("config/twind.json")))
    main["broker"]["url"] = s.url
    config = s.configure(main)
    os.mkdir(s.path("twins.d"))
    texts = [text for _, language, text in blocks("README.md") if language == "jsonc"]
    equal(len(texts), 1, "the README has one configuration")
    with open(s.path("twins.d/north.json"), "w") as f:
        f.write(texts[0])
    return config


def start_listeners(s, environment):
    """Each line of the listening block, in the background: (command, file of what it said)."""
    listeners = []
    for line in "".join(marked("listen")).splitlines():
        out = s.path("heard%d" % len(listeners))
        with open(out, "w") as f:
            s.start(["bash", "-c", "exec " + line], env=environment, stdout=f)
        listeners.append((line, out))
    return listeners


def split_queries(text):
    """Commands that begin at the line's start, with what continues them."""
    return [q for q in re.split(r"^(?=sudo sqlite3)", re.sub(r"^#.*\n", "", text, flags=re.M), flags=re.M)
            if q.strip()]


def test_readme_does_what_it_says():
    with stage() as s:
        s.start_broker()
        config = write_drop_in(s)
        twind = s.start_twind(config)
        environment = make_wrappers(s, config, twind.pid)
        listeners = start_listeners(s, environment)
        equal(len(listeners), 3, "listeners started")
        wait_for("subscriptions", lambda: heard_status(environment))
        for text in marked("run"):
            for line in text.splitlines():
                result = shell(line, environment)
                check(result.returncode == 0, line, result.stdout, result.stderr)
            if "zigbee2mqtt/north climate" in text:
                wait_for("the alert", lambda: "frost" in open(listeners[0][1]).read())
        check(b"reload: done" in s.log_from(), "the reload was done")
        check_heard(listeners)
        check_queries(environment)


def heard_status(environment):
    result = shell("mosquitto_sub -t twind/status -C 1 -W 2", environment)
    return result.stdout.strip() == "online"


def check_heard(listeners):
    for line, out in listeners:
        wait_for(line, lambda: open(out).read())
        check(True, line)
    shown = [text for _, language, text in blocks("README.md") if language == "json"][0]
    start = shown[:shown.index(', ...')]
    said = open(listeners[0][1]).read()
    check(said.startswith(start), "the alert is as the README shows it", said.splitlines()[:1], start)
    for line in said.splitlines():
        equal(json.loads(line)["rule"], "frost", "only the rule that the readings break is told")


def check_queries(environment):
    queries = split_queries("".join(marked("query")))
    equal(len(queries), 4, "queries")
    for query in queries:
        wait_for(query, lambda: answered(query, environment), 90)
        check(True, "rows: " + query.split("FROM")[1].split()[0])


def answered(query, environment):
    result = shell(query, environment)
    if result.returncode != 0:
        raise AssertionError("sqlite3 refuses: " + query + result.stderr)
    # a box with a row; a forecast is not before the next full hour
    return len(result.stdout.splitlines()) > 4 or "FROM forecasts" in query


def test_readme_names_commands_of_dev():
    verbs = re.findall(r"^([a-z|]+)\)$", read("dev"), re.M)
    named = re.findall(r"^\./dev (\w+)", "".join(marked("dev") + marked("package")), re.M)
    check(len(named) >= 3, "the README names ./dev's jobs", named)
    for verb in named:
        check(verb in verbs, "./dev %s is there" % verb, verbs)


def test_readme_names_files_that_exist():
    for path in re.findall(r"\]\(([^)#:]+)\)", read("README.md")):
        check(os.path.exists(os.path.join(ROOT, path)), path + " is there")
    for path in re.findall(r"^((?:daemon|include|tests)/[\w/.]*)", read("README.md"), re.M):
        check(os.path.exists(os.path.join(ROOT, path)), path + " is there")
    lines = len(read("README.md").splitlines())
    check(lines <= 200, "the README has at most 200 lines", lines)


def test_every_verb_is_in_the_readme_and_the_manual():
    verbs = re.findall(r"^  (\w+) ", program("twinctl", "--help").stdout, re.M)
    check(len(verbs) >= 10, "twinctl lists its verbs", verbs)
    for verb in verbs:
        check(re.search(r"^\.Cm (?:\w+ \| )*%s\b" % verb, read("docs/twinctl.1"), re.M),
              "twinctl(1) has " + verb)
        check("twinctl " + verb in read("README.md"), "the README has " + verb)


def test_every_option_is_in_the_manual():
    for option in re.findall(r"(--?[a-z-]+)", program("twind", "--help").stdout):
        check("Fl " + option[1:] in read("docs/twind.8"), "twind(8) has " + option)


# ---- other documents ----

def test_every_configuration_of_the_documents_loads():
    for name in sorted(os.listdir(os.path.join(ROOT, "docs"))):
        for _, language, text in blocks("docs/" + name):
            if language == "jsonc":
                check_loads(text, "docs/" + name)
    for text in re.findall(r"^\.EX\n(.*?)^\.EE", read("docs/twind.json.5"), re.M | re.S):
        check_loads(text.replace("\\-", "-"), "twind.json(5)'s example")
    for folder in ("config", "config/demo", "config/measured"):
        result = program("twind", "-c", os.path.join(ROOT, folder, "twind.json"), "--check")
        check(result.returncode == 0, folder + "/twind.json loads", result.stderr)
    for name in sorted(os.listdir(os.path.join(ROOT, "config/twins.d"))):
        check_loads(read("config/twins.d/" + name), name)


def check_loads(text, name):
    with tempfile.TemporaryDirectory() as folder:
        with open(os.path.join(folder, "twind.json"), "w") as f:
            f.write(text)
        result = program("twind", "-c", f.name, "--check")
        check(result.returncode == 0, name + ": a configuration that loads", result.stderr)


def test_generated_documents_are_fresh():
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run([os.path.join(ROOT, "tools/docs.sh"), BUILD, folder], check=True)
        for name in ("kinds.md", "twind.json.5", "detectors.md"):
            with open(os.path.join(folder, name)) as f:
                check(f.read() == read("docs/" + name), name + " is fresh (else run tools/docs.sh)")


def test_manuals_are_clean():
    for name in ("twind.8", "twind.json.5", "twinctl.1"):
        if shutil.which("mandoc"):
            out = subprocess.run(["mandoc", "-Tlint", "-W", "warning", os.path.join(ROOT, "docs", name)],
                                 text=True, capture_output=True)
            equal(out.stdout, "", name + " is clean by mandoc")


run(test_readme_does_what_it_says, test_readme_names_commands_of_dev, test_readme_names_files_that_exist,
    test_every_verb_is_in_the_readme_and_the_manual, test_every_option_is_in_the_manual,
    test_every_configuration_of_the_documents_loads, test_generated_documents_are_fresh,
    test_manuals_are_clean)
