"""Names and paths on the command line, as they are typed, whatever Hydra makes of them.

``cell=1e3`` is a name, not a number, and ``content.path=photo (1).jpg`` is a file.
"""

import glob
import os.path
import re

from hydra.core.override_parser.overrides_parser import OverridesParser
from hydra.core.override_parser.types import ChoiceSweep, Override, QuotedString, RangeSweep
from hydra.errors import HydraException

from nst.config import LISTS, PATHS
from nst.errors import InputError

TEXTS = (*PATHS, "output", "data", "cell")
MANY = 100_000  # cells
LIST = re.compile(r"\[(.*?)\]")


def for_hydra(arguments: list[str]) -> list[str]:
    """Return a command's arguments as Hydra wants them. Raises `InputError` as `check_sweep`."""
    # Hydra wants -m before the settings; here it may stand anywhere.
    ordered = sorted(arguments, key=lambda argument: argument not in ("-m", "--multirun"))
    sweep = ordered[:1] in (["-m"], ["--multirun"])
    typed = [as_typed(argument, sweep) for argument in ordered]
    if sweep:
        check_sweep(typed)
    return typed


def as_typed(argument: str, sweep: bool) -> str:
    """Return an override, quoted if it is a name or path that Hydra would read as something else.

    In a sweep, commas part values and ``glob(PATTERN)`` stands for the files that match it. Raises
    `InputError` if none does, or if nothing was typed. What is quoted already, or refers to other
    settings, stays as it is.

    Example:
        >>> as_typed("cell=1e3", sweep=False), as_typed("content.path=photo (1).jpg", sweep=False)
        ("cell='1e3'", "content.path='photo (1).jpg'")
        >>> as_typed("seed=1e3", sweep=False)
        'seed=1e3'
    """
    key, _, value = argument.partition("=")
    if key in TEXTS and "=" in argument and not value.strip():  # such as a variable that is not set
        raise InputError(f"{key} is empty: give it a name, or leave it out")
    if key in LISTS and "${" not in value:
        return argument if listed(argument) else f"{key}={LIST.sub(quote_items, value)}"
    if key not in TEXTS or value in ("", "null") or value[0] in "'\"":
        return argument
    if "${" in value:  # it stays a reference within quotes
        return argument if parsed(argument) else f"{key}={quote(value)}"
    if key in ("output", "data") and value[0] == "~":  # shells leave it, also in ARGS of make
        value = os.path.expanduser(value)
        argument = f"{key}={value}"
    if sweep and key in PATHS and value.startswith("glob(") and value.endswith(")"):
        return f"{key}={','.join(map(quote, matching(argument, value[5:-1])))}"
    values = value.split(",") if sweep else [value]
    if understood(argument, values):
        return argument
    return f"{key}={','.join(map(quote, values))}"


def understood(argument: str, values: list[str]) -> bool:
    """Tell whether Hydra reads an override as these texts, or as a sweep by a function."""
    try:
        override: Override = OverridesParser.create().parse_override(argument)
    except HydraException:
        return False
    value = override.value()
    if isinstance(value, ChoiceSweep) and value.simple_form:
        return [item for item in value.list if isinstance(item, str)] == values
    return override.is_sweep_override() or (isinstance(value, str) and [value] == values)


def listed(argument: str) -> bool:
    """Whether Hydra reads an override as a list of texts and nulls, or a sweep over such."""
    try:
        override: Override = OverridesParser.create().parse_override(argument)
    except HydraException:
        return False
    found = override.value()
    values = found.list if isinstance(found, ChoiceSweep) else [found]
    items = [item for value in values for item in (value if isinstance(value, list) else [value])]
    return all(item is None or isinstance(item, str | QuotedString) for item in items)


def quote_items(found: re.Match[str]) -> str:
    """A list of texts and nulls as Hydra's grammar wants it."""
    items = [item.strip() for item in found[1].split(",")]
    return f"[{','.join(item if item == 'null' else quote(item) for item in items)}]"


def matching(argument: str, pattern: str) -> list[str]:
    """Return the files that match a pattern. Raises `InputError` if there are none."""
    files = sorted(glob.glob(os.path.expanduser(pattern.strip("'\"")), recursive=True))
    if not files:
        raise InputError(f"{argument}: no file matches: check the pattern")
    return files


def quote(text: str) -> str:
    """Return a text as Hydra's grammar wants it to be taken literally."""
    escaped = re.sub(r"(\\*)('|$)", lambda m: 2 * m[1] + ("\\'" if m[2] else ""), text)
    return f"'{escaped}'"


def check_sweep(arguments: list[str]) -> None:
    """Raise `InputError` for more cells than anyone wants, or one name for several of them."""
    for argument in arguments:
        if length(argument) > MANY:
            raise InputError(f"{argument} has more than {MANY:,} values: give range a larger step")
    names = [a for a in arguments if a.startswith("cell=")]
    if not names or "${" in names[-1] or names[-1] == "cell=null" or swept(names[-1]):
        return
    figures = [a for a in arguments if a.startswith("figure=") and a != "figure=images"]
    axes = [a.partition("=")[0] for a in arguments if swept(a)] + ["depth"] * bool(figures)
    if axes:
        raise InputError(
            f"{names[-1]} is one folder for all cells of the sweep: leave it out, or "
            f"name what varies, as in '{names[-1]}_${{{axes[0]}}}'"
        )


def swept(argument: str) -> bool:
    """Tell whether an argument is an override with more than one value."""
    override = parsed(argument)
    return bool(override and override.is_sweep_override())


def length(argument: str) -> float:
    """How many values an override by ``range`` has; of others, what was typed is not many."""
    override = parsed(argument)
    value = override.value() if override else None
    if not isinstance(value, RangeSweep) or not value.step:
        return 1
    return (float(value.stop or 0) - float(value.start or 0)) / float(value.step)


def parsed(argument: str) -> Override | None:
    """An argument as an override, if it is one."""
    if "=" not in argument or argument.startswith("-"):
        return None
    try:
        return OverridesParser.create().parse_override(argument)
    except HydraException:
        return None
