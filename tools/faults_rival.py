"""What the campaign's twin is compared to: the plain rules that a careful user sets who has seen
the very season without its faults. For each signal of a sensor, from that record after the
learning days: limits at the 0.1 and 99.9 % quantiles, and at that of changes within half an
hour; silent for three intervals; standing still for half as long again as ever seen. Three
readings in a row must agree. The limits are moved out, in tenths of the range between them,
until the record itself has no more than half an alarm a week."""
import bisect
import csv
import datetime
import json

WEEK = 7 * 86400
WITHIN = 1800  # s: of the rate
IN_A_ROW = 3
WIDER = (0, 0.1, 0.2, 0.3, 0.5, 0.8, 1.2)


def epoch(text):
    return datetime.datetime.fromisoformat(text.replace("Z", "+00:00")).timestamp()


def series(path, bound):
    """{signal: ([time], [value])} of a recording; bound: {topic: [(member, signal)]}."""
    found = {signal: ([], []) for members in bound.values() for _, signal in members}
    last, when = None, 0
    with open(path, newline="") as f:
        rows = csv.reader(f)
        next(rows)
        for text, topic, payload in rows:
            if topic not in bound:
                continue
            if text != last:
                last, when = text, epoch(text)
            said = json.loads(payload)
            for member, signal in bound[topic]:
                if said.get(member) is not None:
                    found[signal][0].append(when)
                    found[signal][1].append(said[member])
    return found


def quantile(ordered, share):
    return ordered[min(max(int(share * len(ordered)), 0), len(ordered) - 1)]


def changes(times, values):
    """Of each reading to the one half an hour before; None where there is none."""
    found, j = [], 0
    for i, t in enumerate(times):
        while times[j] < t - WITHIN:
            j += 1
        found.append(values[i] - values[j] if t - times[j] > WITHIN / 2 else None)
    return found


def standing(times, values):
    """The longest time for which a value stayed the same."""
    longest, since = 0, 0
    for i in range(1, len(values)):
        if values[i] != values[since]:
            since = i
        longest = max(longest, times[i] - times[since])
    return longest


class Limits:
    """The rules of one signal."""

    def __init__(self, times, values, begin):
        first = bisect.bisect_left(times, begin)
        times, values = times[first:], values[first:]
        ordered = sorted(values)
        moved = sorted(abs(c) for c in changes(times, values) if c is not None)
        self.low, self.high = quantile(ordered, 0.001), quantile(ordered, 0.999)
        self.rate = quantile(moved, 0.999)
        gaps = sorted(b - a for a, b in zip(times, times[1:]))
        self.silent = 3 * quantile(gaps, 0.5)
        self.still = max(1.5 * standing(times, values), 3600)
        self.wider = 0

    def alarms(self, times, values):
        """When one is raised, by any of the rules."""
        raised = self.outside(times, values) + self.gaps(times) + self.stands(times, values)
        return sorted(raised)

    def outside(self, times, values):
        margin = self.wider * (self.high - self.low)
        low, high, rate = self.low - margin, self.high + margin, self.rate * (1 + 2 * self.wider)
        raised, row = [], 0
        for t, v, c in zip(times, values, changes(times, values)):
            row = row + 1 if v < low or v > high or (c is not None and abs(c) > rate) else 0
            if row == IN_A_ROW:
                raised.append(t)
        return raised

    def gaps(self, times):
        return [a + self.silent for a, b in zip(times, times[1:]) if b - a > self.silent]

    def stands(self, times, values):
        raised, since = [], 0
        for i in range(1, len(values)):
            if values[i] != values[since]:
                since = i
            elif times[i] - times[since] > self.still >= times[i - 1] - times[since]:
                raised.append(times[i])
        return raised


class Rival:
    def __init__(self, record, begin):
        self.rules = {s: Limits(t, v, begin) for s, (t, v) in record.items() if len(t) > 100}
        weeks = (max(t[-1] for t, _ in record.values()) - begin) / WEEK
        for wider in WIDER:
            for rule in self.rules.values():
                rule.wider = wider
            own = [t for t in self.alarms(record) if t >= begin]
            if len(own) <= 0.5 * weeks:
                break

    def alarms(self, record):
        return sorted(t for s, rule in self.rules.items() for t in rule.alarms(*record[s]))
