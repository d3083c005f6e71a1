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
from pathlib import Path

import numpy as np
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
    the settings are. Without a rule, the values are only shown.
    """

    claim: int
    name: str
    axis: str
    values: pd.DataFrame
    rule: Rule | None = None

    @property
    def found(self) -> str:
        """Return the rule's verdict; empty without a rule."""
        if self.rule is None:
            return ""
        return UNMEASURED if self.values.empty else self.rule.judge(self.values)


def falls() -> Rule:
    """Expect each step to lower the value, in every seed; partly: last below first."""
    return Rule("falls at every step", lambda values: trend(-values))


def rises() -> Rule:
    """Expect each step to raise the value, in every seed; partly: last above first."""
    return Rule("rises at every step", trend)


def trend(values: pd.DataFrame) -> str:
    """Judge by the rule of `rises`."""
    if values.shape[1] < 2:
        return UNMEASURED
    array = values.to_numpy()
    if (array[:, 1:] > array[:, :-1]).all():
        return HOLDS
    return PARTLY if (array[:, -1] > array[:, 0]).all() else FAILS


def at_most(limit: float, settings: Sequence[str] = ()) -> Rule:
    """Expect `limit` or less, at `settings` (all, if none is named) and in every seed.

    Partly: at some of the settings, in every seed.
    """
    words = f"at most {limit:.3g}{named(settings)}"
    return Rule(words, lambda values: bound(chosen(values, settings) <= limit), limit)


def at_least(limit: float, settings: Sequence[str] = ()) -> Rule:
    """Expect `limit` or more; otherwise as `at_most`."""
    words = f"at least {limit:.3g}{named(settings)}"
    return Rule(words, lambda values: bound(chosen(values, settings) >= limit), limit)


def named(settings: Sequence[str]) -> str:
    """Return the settings as a rule's text names them."""
    return f" at {', '.join(settings)}" if settings else ""


def chosen(values: pd.DataFrame, settings: Sequence[str]) -> pd.DataFrame:
    """Return the columns of the settings that are there; all, if none is named."""
    return values[[s for s in settings if s in values]] if settings else values


def bound(within: pd.DataFrame) -> str:
    """Judge whether values are within a limit."""
    if within.empty:
        return UNMEASURED
    settings = within.all(axis=0)
    return HOLDS if settings.all() else PARTLY if settings.any() else FAILS


def less(small: str, large: str) -> Rule:
    """Expect less at `small` than at `large`, in every seed; partly: on average."""
    return Rule(f"less with {small} than {large}", lambda values: order(values, small, large))


def more(large: str, small: str) -> Rule:
    """Expect more at `large` than at `small`, in every seed; partly: on average."""
    return Rule(f"more with {large} than {small}", lambda values: order(values, small, large))


def order(values: pd.DataFrame, small: str, large: str) -> str:
    """Judge by the rules of `less` and `more`."""
    if not {small, large} <= set(values):
        return UNMEASURED
    differences = values[large] - values[small]
    if (differences > 0).all():
        return HOLDS
    return PARTLY if differences.mean() > 0 else FAILS


def all_of(*rules: Rule) -> Rule:
    """Expect what each of the rules does, of which one may be a bound; judge as a claim is."""
    words = " and ".join(rule.expected for rule in rules)
    limit = next((rule.limit for rule in rules if not math.isnan(rule.limit)), math.nan)
    return Rule(words, lambda values: together([rule.judge(values) for rule in rules]), limit)


def together(found: Sequence[str]) -> str:
    """Judge a claim by the verdicts on its measures.

    Holds or does not hold if all of them say so, otherwise partly. What was not measured does
    not count.
    """
    judged = {verdict for verdict in found if verdict not in ("", UNMEASURED)}
    if not judged:
        return UNMEASURED
    return judged.pop() if len(judged) == 1 else PARTLY


def table(
    measures: Sequence[Measure], claims: dict[int, str], reasons: dict[tuple[int, str], str]
) -> pd.DataFrame:
    """Return a row per measure and setting: mean and standard deviation over seeds, and verdicts.

    `found` is the verdict on the measure, `verdict` the one on the claim. `reasons`, by claim and
    measure, explain what does not hold and appear only then. The deviation of one seed is NaN.
    """
    rows = []
    for measure in measures:
        verdict = together([m.found for m in measures if m.claim == measure.claim])
        reason = reasons.get((measure.claim, measure.name), "")
        for setting, values in measure.values.items():
            rows.append(
                {
                    "claim": measure.claim,
                    "statement": claims[measure.claim],
                    "measure": measure.name,
                    "axis": measure.axis,
                    "setting": setting,
                    "mean": values.mean(),
                    "deviation": np.nan if len(values) < 2 else values.std(),
                    "seeds": len(values),
                    "expected": measure.rule.expected if measure.rule else "",
                    "limit": measure.rule.limit if measure.rule else np.nan,
                    "found": measure.found,
                    "verdict": verdict,
                    "reason": reason if measure.found in (PARTLY, FAILS) else "",
                }
            )
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
