"""Compares samplers with those of scikit-optimize and Optuna, for benches/search.sh.

    search.py run TOOL SAMPLER SEEDS TRIALS FILE [FUNCTION...]
    search.py table FILE

TOOL is `guild`, `optuna` or `skopt`. Each line of FILE is one search: what it had
found after 50 trials and at its end, as regret, the distance from the least value
there is. Searches that FILE has are not run again. `GUILD_SUGGEST` is the program
that suggests guild's values (benches/suggest.rs).
"""

import functools
import json
import math
import os
import subprocess
import sys
import warnings

warnings.simplefilter("ignore")

# Functions: their flags, and the least value. A flag is (low, high), of floats or
# of integers, (low, high, "log"), or a list of choices.


def cube(count, low, high):
    return {f"x{i}": (low, high) for i in range(count)}


def vector(values):
    return [values[f"x{i}"] for i in range(sum(name.startswith("x") for name in values))]


def branin_of(x, y):
    inner = y - 5.1 * x * x / (4 * math.pi**2) + 5 * x / math.pi - 6
    return inner * inner + 10 * (1 - 1 / (8 * math.pi)) * math.cos(x) + 10


def branin(v):
    return branin_of(v["x0"], v["x1"])


HARTMANN_3 = (
    ((3, 10, 30), (0.1, 10, 35), (3, 10, 30), (0.1, 10, 35)),
    (
        (0.3689, 0.1170, 0.2673),
        (0.4699, 0.4387, 0.7470),
        (0.1091, 0.8732, 0.5547),
        (0.0381, 0.5743, 0.8828),
    ),
)
HARTMANN_6 = (
    (
        (10, 3, 17, 3.5, 1.7, 8),
        (0.05, 10, 17, 0.1, 8, 14),
        (3, 3.5, 1.7, 10, 17, 8),
        (17, 8, 0.05, 10, 0.1, 14),
    ),
    (
        (0.1312, 0.1696, 0.5569, 0.0124, 0.8283, 0.5886),
        (0.2329, 0.4135, 0.8307, 0.3736, 0.1004, 0.9991),
        (0.2348, 0.1451, 0.3522, 0.2883, 0.3047, 0.6650),
        (0.4047, 0.8828, 0.8732, 0.5743, 0.1091, 0.0381),
    ),
)


def hartmann(v, tables):
    x = vector(v)
    total = 0.0
    for weight, a, p in zip((1.0, 1.2, 3.0, 3.2), *tables):
        total -= weight * math.exp(-sum(a[i] * (x[i] - p[i]) ** 2 for i in range(len(x))))
    return total


def ackley(x):
    n = len(x)
    root = math.sqrt(sum(t * t for t in x) / n)
    waves = sum(math.cos(2 * math.pi * t) for t in x) / n
    return -20 * math.exp(-0.2 * root) - math.exp(waves) + 20 + math.e


def rosenbrock(v):
    x = vector(v)
    return sum(100 * (b - a * a) ** 2 + (1 - a) ** 2 for a, b in zip(x, x[1:]))


def griewank(v):
    x = vector(v)
    product = math.prod(math.cos(t / math.sqrt(i + 1)) for i, t in enumerate(x))
    return sum(t * t for t in x) / 4000 - product + 1


def levy(v):
    w = [1 + (t - 1) / 4 for t in vector(v)]
    total = math.sin(math.pi * w[0]) ** 2
    total += sum((t - 1) ** 2 * (1 + 10 * math.sin(math.pi * t + 1) ** 2) for t in w[:-1])
    return total + (w[-1] - 1) ** 2 * (1 + math.sin(2 * math.pi * w[-1]) ** 2)


def styblinski_tang(v):
    return sum(t**4 - 16 * t * t + 5 * t for t in vector(v)) / 2


def michalewicz(v):
    x = vector(v)
    return -sum(
        math.sin(t) * math.sin((i + 1) * t * t / math.pi) ** 20 for i, t in enumerate(x)
    )


def camel(v):
    x, y = vector(v)
    return (4 - 2.1 * x * x + x**4 / 3) * x * x + x * y + (4 * y * y - 4) * y * y


def mixed_ackley(v):
    return ackley([v["x0"], v["x1"], v["n0"], v["n1"], v["n2"]])


def mixed_rastrigin(v):
    x = [v["x0"], v["x1"], v["n0"], v["n1"]]
    return sum(t * t - 10 * math.cos(2 * math.pi * t) + 10 for t in x)


def choice_of_functions(v):
    """As Func2C of Ru et al. 2020: two choices and two floats."""
    x, y = v["x0"] * 2, v["x1"] * 2
    terms = {
        "rosenbrock": lambda: (100 * (y - x * x) ** 2 + (1 - x) ** 2) / 300,
        "camel": lambda: camel({"x0": x, "x1": y}) / 10,
        "beale": lambda: (
            (1.5 - x + x * y) ** 2 + (2.25 - x + x * y * y) ** 2 + (2.625 - x + x * y**3) ** 2
        )
        / 50,
    }
    return terms[v["first"]]() + terms[v["second"]]()


TERMS = ["rosenbrock", "camel", "beale"]
COLOURS = ["red", "green", "blue", "black", "white", "grey"]
PESTS = {"red": 3, "green": 0, "blue": 4, "black": 1, "white": 5, "grey": 2}


def colours(v):
    """Only choices: the first matters most, and pairs of neighbours interact."""
    ranks = [PESTS[v[f"c{i}"]] for i in range(5)]
    total = sum((5 - i) * rank for i, rank in enumerate(ranks))
    return total + sum(3 for a, b in zip(ranks, ranks[1:]) if a == b and a > 0)


@functools.lru_cache(None)
def job(name):
    from sklearn import datasets, model_selection

    x, y = getattr(datasets, name)(return_X_y=True)
    return x, y, model_selection


def support_vectors(v):
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler
    from sklearn.svm import SVC

    x, y, selection = job("load_breast_cancer")
    model = SVC(C=v["c"], gamma=v["gamma"], kernel=v["kernel"], degree=v["degree"], max_iter=20000)
    pipeline = make_pipeline(StandardScaler(), model)
    folds = selection.StratifiedKFold(5, shuffle=True, random_state=0)
    scores = selection.cross_val_score(pipeline, x, y, cv=folds, scoring="accuracy")
    return 1 - float(scores.mean())


def boosted_trees(v):
    from sklearn.ensemble import GradientBoostingRegressor

    x, y, selection = job("load_diabetes")
    model = GradientBoostingRegressor(
        learning_rate=v["rate"],
        n_estimators=v["trees"],
        max_depth=v["depth"],
        subsample=v["part"],
        loss=v["loss"],
        random_state=0,
    )
    folds = selection.KFold(3, shuffle=True, random_state=0)
    scores = selection.cross_val_score(model, x, y, cv=folds, scoring="neg_root_mean_squared_error")
    return -float(scores.mean())


FUNCTIONS = {
    "branin": (branin, {"x0": (-5.0, 10.0), "x1": (0.0, 15.0)}, 0.39788735772973816),
    "camel": (camel, {"x0": (-3.0, 3.0), "x1": (-2.0, 2.0)}, -1.0316284534898774),
    "hartmann 3": (lambda v: hartmann(v, HARTMANN_3), cube(3, 0.0, 1.0), -3.86278214782076),
    "hartmann 6": (lambda v: hartmann(v, HARTMANN_6), cube(6, 0.0, 1.0), -3.322368011415515),
    "ackley 5": (lambda v: ackley(vector(v)), cube(5, -15.0, 30.0), 0.0),
    "rosenbrock 4": (rosenbrock, cube(4, -5.0, 10.0), 0.0),
    "griewank 5": (griewank, cube(5, -500.0, 700.0), 0.0),
    "levy 4": (levy, cube(4, -10.0, 10.0), 0.0),
    "styblinski-tang 4": (styblinski_tang, cube(4, -5.0, 5.0), -39.16616570377142 * 4),
    "michalewicz 5": (michalewicz, cube(5, 0.0, math.pi), -4.687658179088148),
    "mixed ackley 5": (
        mixed_ackley,
        {**cube(2, -15.0, 30.0), **{f"n{i}": (-15, 30) for i in range(3)}},
        0.0,
    ),
    "mixed rastrigin 4": (
        mixed_rastrigin,
        {"x0": (-5.0, 4.5), "x1": (-5.0, 4.5), "n0": (-5, 4), "n1": (-5, 4)},
        0.0,
    ),
    "choice of functions": (
        choice_of_functions,
        {**cube(2, -1.0, 1.0), "first": TERMS, "second": TERMS},
        -0.20632569069797,
    ),
    "colours": (colours, {f"c{i}": COLOURS for i in range(5)}, 0.0),
    "support vectors": (
        support_vectors,
        {
            "c": (1e-3, 1e3, "log"),
            "gamma": (1e-5, 1e1, "log"),
            "kernel": ["rbf", "poly", "sigmoid"],
            "degree": (2, 5),
        },
        0.0,
    ),
    "boosted trees": (
        boosted_trees,
        {
            "rate": (1e-3, 1.0, "log"),
            "trees": (5, 60),
            "depth": (1, 6),
            "part": (0.3, 1.0),
            "loss": ["squared_error", "absolute_error", "huber"],
        },
        0.0,
    ),
}


# The tools: each goes on until `tell` has had enough.


class Enough(Exception):
    pass


def guild(sampler, space, seed, loss):
    def flag(values):
        if isinstance(values, list):
            return values
        name = "loguniform" if len(values) == 3 else "uniform"
        return f"{name}[{values[0]!r}:{values[1]!r}]"

    flags = {name: flag(values) for name, values in space.items()}
    search = {"sampler": sampler, "flags": flags, "seed": seed}
    program = subprocess.Popen(
        [os.environ["GUILD_SUGGEST"]],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        bufsize=1,
    )
    try:
        program.stdin.write(json.dumps(search) + "\n")
        for line in program.stdout:
            program.stdin.write(repr(loss(json.loads(line))) + "\n")
        raise SystemExit(f"no suggestion from {sampler}")
    finally:
        program.kill()
        program.wait()


def optuna(sampler, space, seed, loss):
    import optuna as package

    package.logging.set_verbosity(package.logging.ERROR)
    samplers = {
        "tpe": lambda: package.samplers.TPESampler(seed=seed),
        "mvtpe": lambda: package.samplers.TPESampler(seed=seed, multivariate=True),
        "cma-es": lambda: package.samplers.CmaEsSampler(seed=seed),
        "random": lambda: package.samplers.RandomSampler(seed=seed),
        "gp": lambda: package.samplers.GPSampler(seed=seed),
    }

    def suggest(trial, name, values):
        if isinstance(values, list):
            return trial.suggest_categorical(name, values)
        if isinstance(values[0], int):
            return trial.suggest_int(name, *values)
        return trial.suggest_float(name, values[0], values[1], log=len(values) == 3)

    def objective(trial):
        return loss({name: suggest(trial, name, values) for name, values in space.items()})

    package.create_study(sampler=samplers[sampler]()).optimize(objective)


def skopt(sampler, space, seed, loss):
    import skopt as package
    from skopt.space import Categorical, Integer, Real

    def dimension(values):
        if isinstance(values, list):
            return Categorical(values)
        if isinstance(values[0], int):
            return Integer(*values)
        return Real(values[0], values[1], "log-uniform" if len(values) == 3 else "uniform")

    dimensions = [dimension(values) for values in space.values()]
    estimators = {"gp": "GP", "forest": "ET", "gbrt": "GBRT", "random": "dummy"}
    plain = {"acq_optimizer": "sampling"} if sampler == "random" else {}
    optimizer = package.Optimizer(dimensions, estimators[sampler], random_state=seed, **plain)

    def native(value):
        return value.item() if hasattr(value, "item") else value

    while True:
        point = optimizer.ask()
        values = {name: native(value) for name, value in zip(space, point)}
        optimizer.tell(point, loss(values))


TOOLS = {"guild": guild, "optuna": optuna, "skopt": skopt}


def search(tool, sampler, function, seed, trials):
    score, space, least = FUNCTIONS[function]
    losses = []

    def loss(values):
        losses.append(score(values))
        if len(losses) == trials:
            raise Enough
        return losses[-1]

    try:
        TOOLS[tool](sampler, space, seed, loss)
    except Enough:
        pass
    found = {count: min(losses[:count]) - least for count in (50, 200) if count <= trials}
    return {"tool": tool, "sampler": sampler, "function": function, "seed": seed, "found": found}


def run(tool, sampler, seeds, trials, file, functions):
    done = set()
    if os.path.exists(file):
        with open(file) as lines:
            for line in lines:
                row = json.loads(line)
                if str(trials) in row["found"]:
                    done.add((row["tool"], row["sampler"], row["function"], row["seed"]))
    for function in functions or FUNCTIONS:
        for seed in range(int(seeds)):
            if (tool, sampler, function, seed) not in done:
                row = search(tool, sampler, function, seed, trials)
                with open(file, "a") as out:
                    out.write(json.dumps(row) + "\n")


# The table.


def compare(ours, theirs):
    """The probability of ranks like these if ours were no worse: a one-sided
    Mann-Whitney test."""
    from scipy.stats import mannwhitneyu

    if ours == theirs:
        return 1.0
    return mannwhitneyu(ours, theirs, alternative="greater").pvalue


def table(file):
    from statistics import median

    found = {}
    with open(file) as lines:
        for line in lines:
            row = json.loads(line)
            for count, regret in row["found"].items():
                key = row["tool"], row["sampler"], row["function"], int(count)
                # Below this, it is a matter of rounding.
                found.setdefault(key, {})[row["seed"]] = max(regret, 1e-12)
    samplers = sorted({sampler for tool, sampler, *_ in found if tool == "guild"})
    pairs = []
    for sampler in samplers:
        for tool in ("optuna", "skopt"):
            for count in (50, 200):
                for function in FUNCTIONS:
                    ours = found.get(("guild", sampler, function, count))
                    theirs = found.get((tool, sampler, function, count))
                    if ours and theirs:
                        ours, theirs = list(ours.values()), list(theirs.values())
                        pairs.append((sampler, tool, count, function, ours, theirs))
    tests = [compare(ours, theirs) for *_, ours, theirs in pairs]
    betters = [compare(theirs, ours) for *_, ours, theirs in pairs]

    def holm(values):
        ranks = sorted(range(len(values)), key=values.__getitem__)
        adjusted, highest = [1.0] * len(values), 0.0
        for rank, index in enumerate(ranks):
            highest = max(highest, min(1.0, (len(values) - rank) * values[index]))
            adjusted[index] = highest
        return adjusted

    head = None
    worse = 0
    for pair, loses, wins in zip(pairs, holm(tests), holm(betters)):
        sampler, tool, count, function, ours, theirs = pair
        if head != (sampler, tool):
            head = sampler, tool
            print(f"\n`{sampler}` beside {tool}:\n")
            print("| function | trials | repeats | guild | other | |")
            print("|---|--:|--:|--:|--:|---|")
        verdict = "worse" if loses < 0.01 else "better" if wins < 0.01 else ""
        worse += verdict == "worse"
        repeats = len(ours) if len(ours) == len(theirs) else f"{len(ours)}, {len(theirs)}"
        figures = f"{median(ours):.3g} | {median(theirs):.3g}"
        print(f"| {function} | {count} | {repeats} | {figures} | {verdict} |")
    print(f"\n{worse} of {len(pairs)} are worse.")


if __name__ == "__main__":
    match sys.argv[1:]:
        case ["run", tool, sampler, seeds, trials, file, *functions]:
            run(tool, sampler, seeds, int(trials), file, functions)
        case ["table", file]:
            table(file)
        case _:
            sys.exit(__doc__)
