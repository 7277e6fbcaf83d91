"""What a forecast has to beat: the value now, the same hour of the day before, and a ridge
regression fitted on the first half. Standard library only."""
import math
import operator
import statistics

DAY = 86400
HOUR = 3600
PENALTIES = (0.001, 0.01, 0.1, 1.0)  # times the number of rows; of standardised columns


def dot(a, b):
    return sum(map(operator.mul, a, b))


def solve(matrix, right):
    """Of a symmetric positive definite system, by Cholesky."""
    n, low = len(right), []
    for i in range(n):
        row = []
        for j in range(i):
            row.append((matrix[i][j] - dot(row, low[j])) / low[j][j])
        row.append(math.sqrt(max(matrix[i][i] - dot(row, row), 1e-12)))
        low.append(row)
    y = []
    for i in range(n):
        y.append((right[i] - dot(low[i], y)) / low[i][i])
    x = [0.0] * n
    for i in reversed(range(n)):
        x[i] = (y[i] - sum(low[k][i] * x[k] for k in range(i + 1, n))) / low[i][i]
    return x


def normal(columns, y):
    return [[dot(a, b) for b in columns] for a in columns], [dot(a, y) for a in columns]


def weights(system, penalty, n):
    gram = [row[:] for row in system[0]]
    for i in range(len(gram)):
        gram[i][i] += penalty * n
    return solve(gram, system[1])


class Ridge:
    """Fitted on rows (lists of features, None where missing: such rows are left out) and
    targets; the penalty is the best on the last quarter, fitted on what is before."""

    def __init__(self, rows, targets):
        whole = [(r, t) for r, t in zip(rows, targets) if t is not None and None not in r]
        self.columns = []
        if len(whole) < 2 * len(rows[0]) if rows else True:
            return
        y = [t for _, t in whole]
        raw = list(zip(*(r for r, _ in whole)))
        self.columns = [(i, statistics.fmean(c), statistics.pstdev(c)) for i, c in enumerate(raw)]
        self.columns = [c for c in self.columns if c[2] > 1e-9]
        self.mean = statistics.fmean(y)
        x = [[(v - m) / s for v in raw[i]] for i, m, s in self.columns]
        y = [v - self.mean for v in y]
        self.weights = weights(normal(x, y), self.best_penalty(x, y), len(y))

    @staticmethod
    def best_penalty(x, y):
        cut = len(y) * 3 // 4
        system = normal([c[:cut] for c in x], y[:cut])
        late = list(zip(*(c[cut:] for c in x)))

        def error(penalty):
            w = weights(system, penalty, cut)
            return sum((dot(w, row) - t) ** 2 for row, t in zip(late, y[cut:]))
        return min(PENALTIES, key=error)

    def predict(self, row):
        """What is missing counts as its mean; None where nothing could be fitted."""
        if not self.columns:
            return None
        seen = [0.0 if row[i] is None else (row[i] - m) / s for i, m, s in self.columns]
        return self.mean + dot(self.weights, seen)


def features(inputs, outputs, signal, known):
    """A function of (now, lead): present outputs and inputs, the signal a day before the
    target, the hour; inputs at the target where they are known."""
    present = [s for _, s in sorted(inputs.items())] + [s for _, s in sorted(outputs.items())]

    def row(now, lead):
        hour = math.tau * (now % DAY) / DAY
        found = [s.get(now) for s in present]
        found += [outputs[signal].get(now + lead - DAY), math.sin(hour), math.cos(hour)]
        return found + ([s.get(now + lead) for _, s in sorted(inputs.items())] if known else [])
    return row


def ridge(inputs, outputs, signal, lead, half, known):
    """A predictor by time, fitted on what lies before `half`, targets included."""
    row = features(inputs, outputs, signal, known)
    times = [t for t in sorted(outputs[signal]) if t + lead <= half]
    fitted = Ridge([row(t, lead) for t in times], [outputs[signal].get(t + lead) for t in times])
    return lambda now: fitted.predict(row(now, lead))


def simple(outputs, signal, lead):
    """The two that need no fitting, by time."""
    seen = outputs[signal]
    return {"persistence": seen.get, "yesterday": lambda now: seen.get(now + lead - DAY)}
