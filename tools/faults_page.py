"""What the fault campaign found, in tables."""
import statistics
import time

from faults_plant import FAULTS, SIZES

BEGIN, END = "<!-- faults: begin -->", "<!-- faults: end -->"


def is_right(message, right):
    """Whether the fault that a message of the rule `fault` begins with is one of these."""
    return message.split(": ")[0] in right


def share(part, whole):
    return "%.0f %%" % (100 * part / whole) if whole else ""


def hours(values):
    return "%.1f h" % statistics.median(values) if values else ""


def table(head, rows):
    lines = ["| " + " | ".join(head) + " |", "| --- " * len(head) + "|"]
    return "\n".join(lines + ["| " + " | ".join(row) + " |" for row in rows])


def weekly(runs, what):
    weeks = sum(r["days"] for r in runs) / 7
    return "%.2f" % (sum(len(r[what]) for r in runs) / weeks) if weeks else ""


def summary(name, records, runs):
    found = [r for r in records if r["found"]]
    plain = [r for r in records if r["plain"]]
    named = [r for r in records if r["named"]]
    return [name, str(len(records)), share(len(found), len(records)), hours([r["delay"] for r in found]),
            share(len(named), len(records)), share(sum(r["right"] for r in named), len(named)), weekly(runs, "false"),
            share(len(plain), len(records)), hours([r["plain_delay"] for r in plain]), weekly(runs, "plain_false")]


SUMMARY = ("", "faults", "found", "after", "named", "rightly", "false a week", "limits: found", "after", "false a week")


def of_size(runs, size):
    own = [r for r in runs if r["size"] == size]
    return [f for r in own for f in r["records"]], own


def summaries(found):
    rows, everything = [], [r for runs in found.values() for r in runs]
    for name, runs in [("all", everything), *found.items()]:
        for i, size in enumerate(SIZES):
            records, own = of_size(runs, i)
            if records:
                rows.append(summary("%s, %s" % (name, size), records, own))
        _, sound = of_size(runs, None)
        if name == "all":
            rows.append(summary("all sizes, and without a fault", [f for r in runs for f in r["records"]], runs))
        rows.append([name + ", no fault", "", "", "", "", "", weekly(sound, "false"), "", "", weekly(sound, "plain_false")])
    return table(SUMMARY, rows)


def each(runs):
    """A row a fault: of so many of each size, how many were found, and named rightly."""
    rows = []
    for fault in dict.fromkeys(f["fault"] for r in runs for f in r["records"]):
        cells, limits = [], []
        for i in range(len(SIZES)):
            own = [f for f in of_size(runs, i)[0] if f["fault"] == fault]
            found = [f for f in own if f["found"]]
            cells += ["%d of %d" % (len(found), len(own)) if own else "", hours([f["delay"] for f in found]),
                      "%d" % sum(f["right"] for f in own) if own else ""]
            limits.append("%d" % sum(f["plain"] for f in own))
        rows.append([fault, *cells, " / ".join(limits)])
    head = ["fault"] + [h for size in SIZES for h in (size, "after", "rightly")] + ["limits"]
    order = {f["name"]: i for faults in FAULTS.values() for i, f in enumerate(faults)}
    return table(head, sorted(rows, key=lambda row: order[row[0]]))


def tables(found, seeds):
    parts = ["Seeds %s:" % ", ".join(map(str, seeds)), summaries(found)]
    for kind, runs in found.items():
        parts += ["### %s" % kind, each(runs)]
    return "\n\n".join(parts)


def stamp(seconds):
    return time.strftime("%m-%d %H:%M", time.gmtime(seconds))


def every(found):
    """Each fault with what rang, each false alarm."""
    lines = []
    for kind, runs in found.items():
        for r in runs:
            for f in r["records"]:
                lines.append("%s %d %-6s %-32s %s %3.0f h  %s  %s" % (
                    kind, r["seed"], SIZES[f["size"]], f["fault"], stamp(f["from"]), f["hours"],
                    "missed" if not f["found"] else "%4.1f h %s" % (f["delay"], ",".join(dict.fromkeys(f["by"]))),
                    "" if not f["named"] else ("right: " if f["right"] else "WRONG: ") + f["named"]))
            for when, rule, _, message in r["false"]:
                lines.append("%s %d %-6s false alarm %s %s: %s" % (
                    kind, r["seed"], SIZES[r["size"]] if r["size"] is not None else "sound", stamp(when), rule, message))
    return "\n".join(lines)


def write(path, text):
    with open(path) as f:
        before, rest = f.read().split(BEGIN)
    with open(path, "w") as f:
        f.write(before + BEGIN + "\n" + text + "\n" + END + rest.split(END)[1])
