"""Whether measured values are what a claim expects: the rules, and the table of claims.

A rule looks at values, a row per seed, a column per setting, and says one of

- ``holds``: what is expected is seen in every seed;
- ``partly``: some of it is seen, as each rule says;
- ``does not hold``: not even that;
- ``not measured``: there are no values to judge.

Seeds are not averaged: an effect that chance could undo does not hold. Imports no torch.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import pandas as pd

from nst.errors import InputError

HOLDS, PARTLY, FAILS, UNMEASURED = "holds", "partly", "does not hold", "not measured"


@dataclass(frozen=True)
class Rule:
    """What a claim expects of a measure, in words, and how values are judged by it."""

    expected: str
    judge: Callable[[pd.DataFrame], str]
    limit: float = math.nan  # of a bound


@dataclass(frozen=True)
class Measure:
    """A measure of a claim.

    `name` says what was measured and its unit; after a comma, which of several series of the same
    quantity it is. `values` has a row per seed and a column per setting, in order; `axis` says what
    the settings are. Without `rules`, of which one may be a bound, the values are only shown.
    """

    claim: int
    name: str
    axis: str
    values: pd.DataFrame
    rules: Sequence[Rule] = ()

    @property
    def found(self) -> str:
        """Return the verdict on the measure; empty without rules."""
        return together([rule.judge(self.values) for rule in self.rules]) if self.rules else ""


def verdict(whole: bool, part: bool) -> str:
    """Return the verdict on an expectation that is seen as a whole, or in part."""
    return HOLDS if whole else PARTLY if part else FAILS


def trend(words: str, sign: int) -> Rule:
    """Expect each step to have a sign, in every seed; partly: the way from first to last."""

    def judge(values: pd.DataFrame) -> str:
        steps = sign * values.diff(axis=1).iloc[:, 1:]
        if steps.empty:
            return UNMEASURED
        way = sign * (values.iloc[:, -1] - values.iloc[:, 0])
        return verdict((steps > 0).all(axis=None), (way > 0).all())

    return Rule(f"{words} at every step", judge)


def bound(words: str, sign: int, limit: float, settings: Sequence[str] = ()) -> Rule:
    """Expect values on one side of a limit, or at it, at `settings` (all, if none is named).

    It has to be so in every seed; partly: at some of the settings, in every seed.
    """

    def judge(values: pd.DataFrame) -> str:
        chosen = values[[name for name in settings or values if name in values]]
        if chosen.empty:
            return UNMEASURED
        within = (sign * (chosen - limit) >= 0).all()
        return verdict(within.all(), within.any())

    where = f" at {', '.join(settings)}" if settings else ""
    return Rule(f"{words} {limit:.3g}{where}", judge, limit)


def order(words: str, sign: int, first: str, second: str) -> Rule:
    """Expect less, or more, at one setting than at another, in every seed; partly: on average."""

    def judge(values: pd.DataFrame) -> str:
        if values.empty or not {first, second} <= set(values):
            return UNMEASURED
        differences = sign * (values[first] - values[second])
        return verdict((differences > 0).all(), differences.mean() > 0)

    return Rule(f"{words} with {first} than {second}", judge)


FALLS, RISES = trend("falls", -1), trend("rises", 1)
at_most, at_least = partial(bound, "at most", -1), partial(bound, "at least", 1)
less, more = partial(order, "less", -1), partial(order, "more", 1)


def together(found: Sequence[str]) -> str:
    """Return what verdicts say together: partly, unless all say the same.

    What was not measured does not count.
    """
    judged = set(found) - {"", UNMEASURED}
    return PARTLY if len(judged) > 1 else judged.pop() if judged else UNMEASURED


def table(measures: Sequence[Measure], claims: dict[int, str]) -> pd.DataFrame:
    """Return a row per measure and setting: mean and standard deviation over seeds, and verdicts.

    `found` is the verdict on the measure, `verdict` the one on the claim. `reason` is written by
    hand, once it is known why a claim does not hold. The deviation of one seed is NaN.
    """
    rows = [
        {
            "claim": measure.claim,
            "statement": claims[measure.claim],
            "measure": measure.name,
            "axis": measure.axis,
            "setting": setting,
            "mean": values.mean(),
            "deviation": values.std(),
            "seeds": len(values),
            "expected": " and ".join(rule.expected for rule in measure.rules),
            "limit": pd.Series([rule.limit for rule in measure.rules], dtype=float).max(),
            "found": measure.found,
            "verdict": together([m.found for m in measures if m.claim == measure.claim]),
            "reason": "",
        }
        for measure in measures
        for setting, values in measure.values.items()
    ]
    return pd.DataFrame(rows)


def read_table(path: Path) -> pd.DataFrame:
    """Read a table of claims that was written as CSV. Raises `InputError` if it is none."""
    empty = {"mean": [""], "deviation": [""], "limit": [""]}
    try:
        frame = pd.read_csv(path, dtype={"setting": str}, na_values=empty, keep_default_na=False)
        summary(frame)
        return frame
    except (ValueError, KeyError) as error:  # ValueError: pandas' errors of parsing
        raise InputError(f"{path} is no table of claims: make it again without --draw") from error


def summary(frame: pd.DataFrame) -> list[str]:
    """Return one line per claim, and one for each measure that is not as expected."""
    lines = []
    for number, rows in frame.groupby("claim"):
        lines.append(f"{number}. {rows['statement'].iloc[0]}: {rows['verdict'].iloc[0]}")
        for _, row in rows[rows["expected"] != ""].drop_duplicates("measure").iterrows():
            if row["found"] != HOLDS:
                because = f" ({row['reason']})" if row["reason"] else ""
                lines.append(f"   {row['measure']} {row['expected']}: {row['found']}{because}")
    return lines
