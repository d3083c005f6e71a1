"""The report in a real browser: what a reader does with it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from selenium.webdriver.common.keys import Keys
from sweeping import DEPTHS, RATIOS

from studies.report.cells import text

if TYPE_CHECKING:
    from browsing import Reader

pytest_plugins = ("browsing",)


def test_the_sliders_show_the_picture_of_their_place(opened: Reader) -> None:
    shown = "document.querySelector('.stage .picture').dataset.cell"
    sources = set()
    for slider, key, values in (
        ("#ratio", "ratio", [f"{ratio:g}" for ratio in RATIOS]),
        ("#depth", "style_layers", [text(names) for names in DEPTHS]),
    ):
        opened.js("arguments[0].focus()", opened.find(slider))
        opened.press(Keys.HOME)
        for value in values:
            opened.expect(f"return report.cells[{shown}].settings.{key}", value)
            number = opened.js(f"return {shown}")
            source = opened.js("return document.querySelector('.stage img').src")
            assert source == opened.js("return source(arguments[0])", number)
            sources.add(source)
            opened.press(Keys.ARROW_RIGHT)
    assert opened.find("#depth").get_attribute("aria-valuetext") == "conv1_1 … conv5_1"
    assert opened.find("#ratio").get_attribute("aria-valuetext") == "alpha/beta 10⁻¹"
    assert len(sources) == 9  # the last of the ratios is the last of the depths


def test_the_set_can_be_changed(opened: Reader) -> None:
    before = opened.js("return document.querySelector('.stage img').src")
    opened.js("const s = document.querySelector('#plane'); s.value = 1 - s.value;"
               "s.dispatchEvent(new Event('change'))")  # fmt: skip
    assert opened.js("return document.querySelector('.stage img').src") != before


def test_enter_enlarges_arrows_move_and_escape_closes(opened: Reader) -> None:
    opened.js("document.querySelector('#cell-3 button').focus()")
    opened.press(Keys.ENTER)
    opened.expect("return document.querySelector('#zoom').open", True)
    shown = "return [shown, document.querySelector('.large').src === source(shown)]"
    opened.expect(shown, [3, True])
    opened.press(Keys.ARROW_RIGHT, Keys.ARROW_RIGHT, Keys.ARROW_LEFT)
    opened.expect(shown, [4, True])
    opened.press(Keys.ESCAPE)
    opened.expect("return document.querySelector('#zoom').open", False)
    # The focus is where the reader was last.
    opened.expect("return document.activeElement.closest('li').id", "cell-4")


def test_arrow_keys_stop_at_the_last_picture(opened: Reader) -> None:
    opened.js("document.querySelector('#cell-48 button').focus()")
    opened.press(Keys.ENTER, Keys.ARROW_RIGHT, Keys.ARROW_RIGHT, Keys.ARROW_RIGHT)
    opened.expect("return shown", 49)
    opened.press(Keys.ARROW_LEFT)
    opened.expect("return shown", 48)


def test_an_enlarged_picture_has_curves_and_its_trajectory(opened: Reader) -> None:
    opened.js("enlarge(0)")
    opened.expect("return document.querySelectorAll('#zoom path').length", 3)
    for view, number in (("Layers", 2), ("Gradient", 1)):
        opened.js("document.querySelector(`#zoom input[value=${arguments[0]}]`).click()", view)
        opened.expect("return document.querySelectorAll('#zoom path').length", number)
    evaluation = "return document.querySelector('.player input').getAttribute('aria-valuetext')"
    opened.expect(evaluation, "evaluation 12")
    opened.find(".player input").send_keys(Keys.HOME)
    opened.expect(evaluation, "evaluation 1")
    opened.expect("return document.querySelector('canvas').width", 32)
    opened.find(".play").click()
    opened.expect(evaluation, "evaluation 12")
    opened.expect("return document.querySelector('.play').textContent", "Play")
    opened.press(Keys.ESCAPE)


def test_the_pictures_are_one_stop_of_the_tab_key(opened: Reader) -> None:
    opened.js("document.querySelector('#pictures .filter').focus()")
    opened.press(Keys.TAB)
    opened.expect("return document.activeElement.closest('li').id", "cell-0")
    opened.press(Keys.ARROW_RIGHT)
    opened.expect("return document.activeElement.closest('li').id", "cell-1")
    opened.press(Keys.END)
    opened.expect("return document.activeElement.closest('li').id", "cell-49")
    opened.press(Keys.TAB)
    opened.expect("return document.activeElement.closest('section').id", "differences")
    outline = "return getComputedStyle(document.activeElement).outlineStyle"
    opened.expect(outline, "solid")


def test_the_first_tab_skips_to_the_pictures(opened: Reader) -> None:
    opened.press(Keys.TAB)
    link = opened.focused()
    assert link.text == "Skip to the pictures"
    assert opened.js("return arguments[0].getBoundingClientRect().top", link) >= 0
    opened.press(Keys.ENTER)
    opened.expect("return document.activeElement.id", "main")


def column(reader: Reader, name: str) -> list[str]:
    script = """
    const heads = [...document.querySelectorAll('.cells thead th')].map((h) => h.textContent);
    return [...document.querySelectorAll('.cells tbody tr:not([hidden])')]
      .map((row) => row.children[heads.indexOf(arguments[0])].textContent.trim());
    """
    return reader.js(script, name)


def test_a_click_on_a_heading_sorts_and_another_reverses(opened: Reader) -> None:
    heads = opened.find_all(".cells thead th")
    by_name = {head.text: head for head in heads}
    for name, key in (("total", float), ("ratio", float), ("style", str)):
        before = column(opened, name)
        button = by_name[name].find_element("css selector", "button")
        for reverse, said in ((False, "ascending"), (True, "descending")):
            button.send_keys(Keys.ENTER)
            assert column(opened, name) == sorted(before, key=key, reverse=reverse)
            assert by_name[name].get_attribute("aria-sort") == said


def test_a_filter_leaves_the_pictures_and_rows_that_match(opened: Reader) -> None:
    field = opened.find("#table .filter")
    field.send_keys("ratio=1e-3 storm")
    assert column(opened, "ratio") == ["0.001"] * 5
    assert set(column(opened, "style")) == {"Storm"}
    visible = "return document.querySelectorAll('#pictures .group li:not([hidden])').length"
    opened.expect(visible, 5)
    assert opened.find("#table .count").text == "5 of 50"
    field.send_keys(" nothing-has-this")
    opened.expect(visible, 0)
    field.send_keys(Keys.CONTROL, "a", Keys.NULL, Keys.BACKSPACE)
    opened.expect(visible, 50)


def test_two_pictures_are_compared_by_what_differs(opened: Reader) -> None:
    rows = """
    return [...document.querySelectorAll('.compare tbody tr')]
      .map((row) => [...row.children].map((cell) => cell.textContent));
    """
    choose = """
    const [a, b] = document.querySelectorAll('.compare select');
    a.value = arguments[0]; b.value = arguments[1];
    a.dispatchEvent(new Event('change'));
    """
    opened.js(choose, 0, 0)
    opened.expect(rows, [["Nothing differs."]])
    cells = opened.js("return report.cells")
    other = next(i for i, c in enumerate(cells) if c["settings"]["style"] == "Storm")
    opened.js(choose, 0, other)
    found = {key: values for key, *values in opened.js(rows)}
    assert found["style"] == ["Night", "Storm"]
    assert "ratio" not in found
    sources = "return [...document.querySelectorAll('.compare img')].map((image) => image.src)"
    opened.expect(sources, [opened.js("return source(arguments[0])", i) for i in (0, other)])


def test_a_line_is_picked_with_the_keyboard_and_opens_its_picture(opened: Reader) -> None:
    box = opened.find("#all-losses")
    opened.js("arguments[0].scrollIntoView()", box)
    opened.expect("return document.querySelectorAll('#all-losses path').length", 50)
    box.send_keys(Keys.ARROW_RIGHT)
    assert len(opened.find_all("#all-losses .here")) == 1
    assert opened.js("return cells[0].name") in opened.find("#picked").text
    box.send_keys(Keys.ENTER)
    opened.expect("return document.querySelector('#zoom').open && shown", 0)
    opened.press(Keys.ESCAPE)
