"""Verdicts: the rules on tables with a known answer."""

import math
from types import SimpleNamespace as Namespace
from typing import Any

import pandas as pd
import pytest

from studies.claims.figure import claims_figure
from studies.claims.measures import tabulate
from studies.claims.verdicts import (
    FAILS,
    FALLS,
    HOLDS,
    PARTLY,
    RISES,
    UNMEASURED,
    Measure,
    Rule,
    at_least,
    at_most,
    less,
    more,
    table,
    together,
)


def values(*seeds: list[float], settings: str = "abc") -> pd.DataFrame:
    return pd.DataFrame(list(seeds), columns=list(settings))


@pytest.mark.parametrize(
    ("seeds", "verdict"),
    [
        (([1, 2, 3], [2, 3, 4]), HOLDS),
        (([1, 2, 3], [2, 4, 3]), PARTLY),  # one step of one seed goes down, the way goes up
        (([1, 2, 2], [2, 3, 4]), PARTLY),  # a step that does not move is no rise
        (([1, 2, 3], [2, 3, 1]), FAILS),
        (([3, 2, 1], [4, 3, 2]), FAILS),
    ],
)
def test_a_trend_has_to_go_on_at_every_step_and_in_every_seed(
    seeds: tuple[list[float], ...], verdict: str
) -> None:
    assert RISES.judge(values(*seeds)) == verdict
    assert FALLS.judge(-values(*seeds)) == verdict


def test_one_setting_has_no_trend() -> None:
    assert RISES.judge(values([1.0], settings="a")) == UNMEASURED


@pytest.mark.parametrize(
    ("rule", "verdict"),
    [
        (at_most(3), HOLDS),
        (at_most(2), PARTLY),  # b is 3 in the second seed, c is 3 in the first
        (at_most(0.5), FAILS),
        (at_least(1), HOLDS),
        (at_least(2, ["b", "c"]), PARTLY),
        (at_most(1, ["a"]), HOLDS),
        (at_most(1, ["d"]), UNMEASURED),
    ],
)
def test_a_bound_has_to_be_kept_by_every_seed(rule: Rule, verdict: str) -> None:
    assert rule.judge(values([1, 2, 3], [1, 3, 1])) == verdict


def test_an_order_has_to_be_kept_by_every_seed_not_by_means() -> None:
    assert less("a", "b").judge(values([1, 2], [3, 4], settings="ab")) == HOLDS
    assert less("a", "b").judge(values([1, 9], [3, 2], settings="ab")) == PARTLY
    assert less("a", "b").judge(values([1, 1], [3, 2], settings="ab")) == FAILS
    assert more("b", "a").judge(values([1, 2], [3, 4], settings="ab")) == HOLDS
    assert less("a", "z").judge(values([1, 2], settings="ab")) == UNMEASURED


def test_without_any_whole_seed_nothing_is_measured() -> None:
    for rules in ([RISES], [at_most(3)], [less("a", "b")], [RISES, at_most(3)]):
        assert Measure(1, "length", "layer", values(), rules).found == UNMEASURED


def test_verdicts_together_hold_only_if_each_does() -> None:
    assert together([HOLDS, "", UNMEASURED, HOLDS]) == HOLDS
    assert together([FAILS, FAILS]) == FAILS
    assert together([HOLDS, FAILS]) == PARTLY
    assert together(["", UNMEASURED]) == UNMEASURED
    measure = Measure(1, "length", "layer", values([1, 2, 3]), [RISES, at_most(2)])
    assert measure.found == PARTLY
    row = table([measure], {1: "one"}).iloc[0]
    assert (row["limit"], row["expected"]) == (2, "rises at every step and at most 2")


def test_the_table_has_mean_deviation_and_verdicts() -> None:
    measures = [
        Measure(1, "length", "layer", values([1, 2, 3], [3, 4, 5]), [RISES]),
        Measure(1, "colour", "layer", values([1, 2, 3], [3, 4, 5]), [FALLS]),
        Measure(2, "curve", "evaluations", values([1, 2, 3])),
    ]
    frame = table(measures, {1: "one", 2: "two"})
    assert len(frame) == 9
    row = frame[(frame["measure"] == "length") & (frame["setting"] == "b")].iloc[0]
    assert (row["mean"], row["deviation"], row["seeds"]) == (3, pytest.approx(math.sqrt(2)), 2)
    assert frame.groupby("measure")["found"].first().to_dict() == {
        "length": HOLDS, "colour": FAILS, "curve": "",
    }  # fmt: skip
    assert frame.groupby("claim")["verdict"].first().to_dict() == {1: PARTLY, 2: UNMEASURED}
    assert frame[frame["claim"] == 2]["deviation"].isna().all()  # one seed has none


def test_a_seed_that_lacks_a_cell_is_not_counted() -> None:
    cells: Any = [Namespace(config=Namespace(seed=s, layer_set=d)) for s, d in ("0a", "0b", "1a")]
    found = tabulate(cells, lambda cell: cell.config.layer_set, lambda cell: {"value": 1.0})
    assert found["value"].to_dict("index") == {"0": {"a": 1.0, "b": 1.0}}


def test_the_figure_draws_a_part_of_the_claims() -> None:
    frame = table([Measure(4, "length", "layer", values([1, 2, 3]), [RISES])], {4: "a claim"})
    frame = frame.assign(profile="demo", network="random", size=32, evaluations=1)
    assert [axes.axison for axes in claims_figure(frame).axes] == [False, True]
