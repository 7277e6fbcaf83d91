#!/usr/bin/env python3
"""The Debian package and the unit: what is in them, who owns it, that the installed program
takes the installed configuration, and that the sandbox is as tight as it is said to be."""
import gzip
import hashlib
import os
import re
import shutil
import subprocess
import sys
import tempfile

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
sys.path[:0] = [os.path.join(ROOT, "tests", "system")]
from harness import BUILD, check, equal, run, skip  # noqa: E402

UNIT = os.path.join(ROOT, "systemd", "twind.service")
EXPOSURE = 1.5
FILES = ["/usr/bin/twind", "/usr/bin/twinctl", "/lib/systemd/system/twind.service", "/etc/twind/twind.json",
         "/usr/share/man/man8/twind.8.gz", "/usr/share/man/man5/twind.json.5.gz",
         "/usr/share/man/man1/twinctl.1.gz", "/usr/share/doc/twind/copyright",
         "/usr/share/doc/twind/changelog.gz", "/usr/share/doc/twind/README.md",
         "/usr/share/doc/twind/examples/mosquitto-twind.conf"]


def output(*arguments, **options):
    return subprocess.run(arguments, text=True, capture_output=True, check=True, **options).stdout


def is_release(build):
    try:
        with open(os.path.join(build, "CMakeCache.txt")) as f:
            return "CMAKE_BUILD_TYPE:STRING=Release" in f.read()
    except FileNotFoundError:
        return False


def release_build():
    for build in (BUILD, os.path.join(ROOT, "build")):
        if is_release(build) and os.path.exists(os.path.join(build, "twind")):
            return build
    return None


def build_package(folder):
    made = output(os.path.join(ROOT, "tools/package.sh"), release_build(), folder).strip()
    equal(os.path.dirname(made), folder, "the package is where it was asked for")
    return made


def listing(package):
    """path: (mode, owner)"""
    rows = [line.split(None, 5) for line in output("dpkg-deb", "-c", package).splitlines()]
    return {row[5].lstrip("."): (row[0], row[1]) for row in rows}


def check_contents(package):
    files = listing(package)
    for name in FILES:
        check(name in files, name + " is in the package")
    equal({owner for _, owner in files.values()}, {"root/root"}, "all is root's")
    for name, (mode, _) in files.items():
        wanted = "drwxr-xr-x" if name.endswith("/") else \
                 "-rwxr-xr-x" if name.startswith("/usr/bin/") else "-rw-r--r--"
        if mode != wanted:
            raise AssertionError("%s has mode %s, not %s" % (name, mode, wanted))
    check(not [n for n in files if n.startswith(("/var", "/usr/local", "/home"))], "nothing elsewhere")


def check_control(package):
    depends = output("dpkg-deb", "-f", package, "Depends")
    for library in ("libuv1", "libsqlite3-0", "libpaho-mqtt1.3", "libcjson1"):
        check(library in depends, "depends on " + library)
    check("san" not in depends, "no sanitizer is linked", depends)
    equal(output("dpkg-deb", "-I", package, "conffiles").split(), ["/etc/twind/twind.json"], "conffiles")
    with open(os.path.join(ROOT, "CMakeLists.txt")) as f:
        version = re.search(r"project\(twind VERSION ([\d.]+)", f.read())
    equal(output("dpkg-deb", "-f", package, "Version").strip(), version.group(1), "the project's version")
    for script in ("postinst", "prerm", "postrm"):
        text = output("dpkg-deb", "-I", package, script)
        subprocess.run(["sh", "-n"], input=text, text=True, check=True)
        check("set -e" in text, script + " stops at errors")


def check_extracted(package, root):
    output("dpkg-deb", "-x", package, root)
    for line in output("dpkg-deb", "-I", package, "md5sums").splitlines():
        digest, name = line.split(None, 1)
        with open(os.path.join(root, name), "rb") as f:
            if hashlib.md5(f.read()).hexdigest() != digest:
                raise AssertionError(name + " differs from its md5sum")
    state = {**os.environ, "STATE_DIRECTORY": os.path.join(root, "var/lib/twind")}
    result = subprocess.run([root + "/usr/bin/twind", "-c", root + "/etc/twind/twind.json", "--check"],
                            text=True, capture_output=True, env=state)
    equal((result.returncode, result.stderr), (0, ""), "the installed program takes the installed configuration")
    example = os.path.join(root, "usr/share/doc/twind/examples/twins.d/greenhouse.json.example")
    shutil.copy(example, root + "/etc/twind/twins.d/greenhouse.json")
    result = subprocess.run([root + "/usr/bin/twind", "-c", root + "/etc/twind/twind.json", "--dump-config"],
                            text=True, capture_output=True, env=state)
    check('"gh1"' in result.stdout, "an example that is copied into twins.d becomes a twin", result.stderr)
    with gzip.open(root + "/usr/share/man/man8/twind.8.gz", "rt") as f:
        check(".Nm twind" in f.read(), "the manual is readable")


def test_package():
    if not shutil.which("dpkg-shlibdeps") or not release_build():
        skip("dpkg-dev or a release build is missing")
    with tempfile.TemporaryDirectory() as folder:
        package = build_package(folder)
        check_contents(package)
        check_control(package)
        check_extracted(package, os.path.join(folder, "root"))


def unit_values(key):
    with open(UNIT) as f:
        return re.findall(r"^%s=(.*)$" % key, f.read(), re.M)


def test_unit_is_sandboxed():
    if not shutil.which("systemd-analyze"):
        skip("systemd-analyze is missing")
    said = output("systemd-analyze", "security", "--offline=true", "--no-pager", UNIT)
    exposure = float(re.search(r"exposure level for \S+: ([\d.]+)", said).group(1))
    check(exposure <= EXPOSURE, "exposure %.1f is at most %.1f" % (exposure, EXPOSURE))


def test_unit_is_well_formed():
    """systemd's own check of it, with this build's program in the place of the installed."""
    if not shutil.which("systemd-analyze"):
        skip("systemd-analyze is missing")
    with tempfile.TemporaryDirectory() as folder:
        unit = os.path.join(folder, "twind.service")
        with open(UNIT) as f, open(unit, "w") as to:
            to.write(f.read().replace("/usr/bin/twind", os.path.join(BUILD, "twind"))
                     .replace("Documentation=", "#"))
        result = subprocess.run(["systemd-analyze", "verify", "--man=no", unit], text=True, capture_output=True)
        ours = [line for line in result.stderr.splitlines() if "twind.service" in line]
        equal(ours, [], "systemd-analyze verify has nothing to say")


def test_unit_agrees_with_the_program():
    equal(unit_values("Type"), ["notify"], "the program says when it is ready")
    check("HUP" in unit_values("ExecReload")[-1], "reload is SIGHUP")
    equal(unit_values("StateDirectory"), ["twind"], "the state folder is /var/lib/twind")
    equal(unit_values("RestartPreventExitStatus"), ["1"], "a bad configuration is not tried again")
    with tempfile.NamedTemporaryFile("w", suffix=".json") as f:
        f.write("{ ]")
        f.flush()
        result = subprocess.run([os.path.join(BUILD, "twind"), "-c", f.name], text=True, capture_output=True)
        equal(result.returncode, 1, "and exits 1")


run(test_unit_is_sandboxed, test_unit_is_well_formed, test_unit_agrees_with_the_program, test_package)
