"""The report in a real browser: what a reader does with it, by keyboard and on a phone."""

import json
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from browsing import CHROMIUM, DRIVER, browser, emulate
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support.ui import WebDriverWait
from sweeping import settings, write_failure, write_sweep

from nst.report import write

pytestmark = pytest.mark.skipif(
    not (CHROMIUM and DRIVER), reason="no chromium and chromedriver: apt-get install them"
)


@pytest.fixture(scope="module")
def driver(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    with browser(tmp_path_factory.mktemp("profile")) as found:
        yield found


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("results")
    write_sweep(root, ("Night", "Storm"), seeds=1)
    own = settings("Night", ["conv1_1"], 1e-3, 0)
    write_failure(root / "failed", "out of memory", own | {"size": 4096})
    return write(root, root / "report.html")


@pytest.fixture
def opened(driver: Any, page: Path) -> Any:
    emulate(driver, 1280, 900)
    driver.get(page.as_uri())
    return driver


def js(driver: Any, script: str, *arguments: Any) -> Any:
    return driver.execute_script(script, *arguments)


def wait(driver: Any, condition: Callable[[Any], Any]) -> Any:
    return WebDriverWait(driver, 20, 0.05).until(condition)


def find(driver: Any, selector: str) -> Any:
    return driver.find_element("css selector", selector)


def press(driver: Any, *keys: str) -> None:
    for key in keys:
        driver.switch_to.active_element.send_keys(key)


def test_the_sliders_show_the_picture_of_their_place(opened: Any) -> None:
    cells = js(opened, "return report.cells")
    seen = set()
    for slider, key in (("#ratio", "ratio"), ("#depth", "style_layers")):
        js(opened, "arguments[0].focus()", find(opened, slider))
        press(opened, Keys.HOME)
        for _ in range(5):
            number = int(find(opened, ".stage .picture").get_attribute("data-cell"))
            source = js(opened, "return document.querySelector('.stage img').src")
            assert source == js(opened, "return source(arguments[0])", number)
            said = find(opened, slider).get_attribute("aria-valuetext")
            assert cells[number]["settings"][key] in said or key == "ratio"
            seen.add((slider, source))
            press(opened, Keys.ARROW_RIGHT)
    assert len(seen) == 10  # five ratios, five depths, all different pictures


def test_the_set_can_be_changed(opened: Any) -> None:
    before = js(opened, "return document.querySelector('.stage img').src")
    js(opened, "const s = document.querySelector('#plane'); s.value = 1 - s.value;"
               "s.dispatchEvent(new Event('change'))")  # fmt: skip
    assert js(opened, "return document.querySelector('.stage img').src") != before


def test_enter_enlarges_arrows_move_and_escape_closes(opened: Any) -> None:
    js(opened, "document.querySelector('#cell-3 button').focus()")
    press(opened, Keys.ENTER)
    assert js(opened, "return document.querySelector('#zoom').open")
    shown = "return [shown, document.querySelector('.large').src === source(shown)]"
    assert js(opened, shown) == [3, True]
    press(opened, Keys.ARROW_RIGHT, Keys.ARROW_RIGHT, Keys.ARROW_LEFT)
    assert js(opened, shown) == [4, True]
    press(opened, Keys.ESCAPE)
    assert not js(opened, "return document.querySelector('#zoom').open")
    # The focus is where the reader was last.
    assert js(opened, "return document.activeElement.closest('li').id") == "cell-4"


def test_arrow_keys_stop_at_the_last_picture(opened: Any) -> None:
    js(opened, "document.querySelector('#cell-48 button').focus()")
    press(opened, Keys.ENTER, Keys.ARROW_RIGHT, Keys.ARROW_RIGHT, Keys.ARROW_RIGHT)
    assert js(opened, "return shown") == 49
    press(opened, Keys.ARROW_LEFT)
    assert js(opened, "return shown") == 48


def test_an_enlarged_picture_has_curves_and_its_course(opened: Any) -> None:
    js(opened, "enlarge(0)")
    wait(opened, lambda d: js(d, "return document.querySelectorAll('#zoom path').length === 3"))
    for view, number in (("Layers", 2), ("Gradient", 1)):
        js(opened, "document.querySelector(`#zoom input[value=${arguments[0]}]`).click()", view)
        paths = js(opened, "return document.querySelectorAll('#zoom path').length")
        assert paths == number, view
    slider = find(opened, ".player input")
    assert slider.get_attribute("aria-valuetext") == "evaluation 12"
    slider.send_keys(Keys.HOME)
    assert slider.get_attribute("aria-valuetext") == "evaluation 1"
    assert js(opened, "return document.querySelector('canvas').width") == 32
    find(opened, ".play").click()
    wait(opened, lambda d: slider.get_attribute("aria-valuetext") == "evaluation 12")
    assert find(opened, ".play").text == "Play"
    press(opened, Keys.ESCAPE)


def test_the_pictures_are_one_stop_of_the_tab_key(opened: Any) -> None:
    js(opened, "document.querySelector('#pictures .filter').focus()")
    press(opened, Keys.TAB)
    assert js(opened, "return document.activeElement.closest('li').id") == "cell-0"
    press(opened, Keys.ARROW_RIGHT)
    assert js(opened, "return document.activeElement.closest('li').id") == "cell-1"
    press(opened, Keys.END)
    assert js(opened, "return document.activeElement.closest('li').id") == "cell-49"
    press(opened, Keys.TAB)
    assert js(opened, "return document.activeElement.closest('section').id") == "differences"
    outline = "return getComputedStyle(document.activeElement).outlineStyle"
    assert js(opened, outline) == "solid"


def test_the_first_tab_skips_to_the_pictures(opened: Any) -> None:
    press(opened, Keys.TAB)
    link = opened.switch_to.active_element
    assert link.text == "Skip to the pictures"
    assert js(opened, "return arguments[0].getBoundingClientRect().top", link) >= 0
    press(opened, Keys.ENTER)
    assert js(opened, "return document.activeElement.id") == "main"


def column(driver: Any, name: str) -> list[str]:
    script = """
    const heads = [...document.querySelectorAll('.cells thead th')].map((h) => h.textContent);
    return [...document.querySelectorAll('.cells tbody tr:not([hidden])')]
      .map((row) => row.children[heads.indexOf(arguments[0])].textContent.trim());
    """
    return js(driver, script, name)


def test_a_click_on_a_heading_sorts_and_another_reverses(opened: Any) -> None:
    heads = opened.find_elements("css selector", ".cells thead th")
    by_name = {head.text: head for head in heads}
    for name, key in (("total", float), ("ratio", float), ("style", str)):
        before = column(opened, name)
        button = by_name[name].find_element("css selector", "button")
        for reverse, said in ((False, "ascending"), (True, "descending")):
            button.send_keys(Keys.ENTER)
            assert column(opened, name) == sorted(before, key=key, reverse=reverse)
            assert by_name[name].get_attribute("aria-sort") == said


def test_a_filter_leaves_the_pictures_and_rows_that_match(opened: Any) -> None:
    field = find(opened, "#table .filter")
    field.send_keys("ratio=1e-3 storm")
    assert column(opened, "ratio") == ["0.001"] * 5
    assert set(column(opened, "style")) == {"Storm"}
    visible = "return document.querySelectorAll('#pictures .group li:not([hidden])').length"
    assert js(opened, visible) == 5
    assert find(opened, "#table .count").text == "5 of 50"
    field.send_keys(" nothing-has-this")
    assert js(opened, visible) == 0
    field.send_keys(Keys.CONTROL, "a", Keys.NULL, Keys.BACKSPACE)
    assert js(opened, visible) == 50


def test_two_pictures_are_compared_by_what_differs(opened: Any) -> None:
    rows = """
    return [...document.querySelectorAll('.compare tbody tr')]
      .map((row) => [...row.children].map((cell) => cell.textContent));
    """
    choose = """
    const [a, b] = document.querySelectorAll('.compare select');
    a.value = arguments[0]; b.value = arguments[1];
    a.dispatchEvent(new Event('change'));
    """
    js(opened, choose, 0, 0)
    assert js(opened, rows) == [["Nothing differs."]]
    cells = js(opened, "return report.cells")
    other = next(i for i, c in enumerate(cells) if c["settings"]["style"] == "Storm")
    js(opened, choose, 0, other)
    found = {key: values for key, *values in js(opened, rows)}
    assert found["style"] == ["Night", "Storm"]
    assert "ratio" not in found
    sources = "return [...document.querySelectorAll('.compare img')].map((image) => image.src)"
    assert js(opened, sources) == [js(opened, "return source(arguments[0])", i) for i in (0, other)]


def test_a_line_is_picked_with_the_keyboard_and_opens_its_picture(opened: Any) -> None:
    box = find(opened, "#all-losses")
    js(opened, "arguments[0].scrollIntoView()", box)
    wait(opened, lambda d: js(d, "return document.querySelectorAll('#all-losses path').length"))
    assert js(opened, "return document.querySelectorAll('#all-losses path').length") == 50
    box.send_keys(Keys.ARROW_RIGHT)
    assert len(opened.find_elements("css selector", "#all-losses .here")) == 1
    assert js(opened, "return cells[0].name") in find(opened, "#picked").text
    box.send_keys(Keys.ENTER)
    assert js(opened, "return document.querySelector('#zoom').open && shown") == 0
    press(opened, Keys.ESCAPE)


@pytest.mark.parametrize("width", [320, 390, 768])
def test_nothing_is_wider_than_a_phone(opened: Any, width: int) -> None:
    emulate(opened, width, 700)
    opened.refresh()
    js(opened, "document.querySelectorAll('details').forEach((d) => { d.open = true; })")
    widest = "return Math.max(document.documentElement.scrollWidth, innerWidth)"
    for section in js(opened, "return [...document.querySelectorAll('section')].map((s) => s.id)"):
        js(opened, "document.getElementById(arguments[0]).scrollIntoView()", section)
        assert js(opened, widest) == width, section
    js(opened, "enlarge(0)")
    fits = "const z = document.querySelector('#zoom'); return z.scrollWidth <= z.clientWidth"
    assert js(opened, fits)


def luminance(driver: Any, property_: str) -> float:
    script = "return getComputedStyle(document.body)[arguments[0]].match(/[\\d.]+/g).map(Number)"
    red, green, blue = js(driver, script, property_)[:3]
    return (0.2126 * red + 0.7152 * green + 0.0722 * blue) / 255


def test_dark_mode_turns_the_colours_around(opened: Any) -> None:
    assert luminance(opened, "backgroundColor") > 0.9
    assert luminance(opened, "color") < 0.2
    emulate(opened, 1280, 900, prefers_color_scheme="dark")
    assert luminance(opened, "backgroundColor") < 0.15
    assert luminance(opened, "color") > 0.8


def test_less_motion_where_a_reader_wants_less(opened: Any) -> None:
    js(opened, "enlarge(0)")
    assert find(opened, ".play").is_displayed()
    emulate(opened, 1280, 900, prefers_reduced_motion="reduce")
    assert not find(opened, ".play").is_displayed()
    assert find(opened, ".player input").is_displayed()
    smooth = "return getComputedStyle(document.documentElement).scrollBehavior"
    assert js(opened, smooth) == "auto"


def test_on_paper_there_is_every_picture_and_no_control(opened: Any) -> None:
    opened.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": "print"})
    assert not find(opened, "nav").is_displayed()
    assert not find(opened, "#ratio").is_displayed()
    assert find(opened, "#cell-49 img").is_displayed()
    opened.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": ""})


def requests(driver: Any) -> list[str]:
    """The addresses that the page asked for since the log was last read."""
    events = [json.loads(entry["message"])["message"] for entry in driver.get_log("performance")]
    sent = [event for event in events if event["method"] == "Network.requestWillBeSent"]
    return [event["params"]["request"]["url"] for event in sent]


def test_the_page_says_no_error_and_asks_no_other_address(driver: Any, page: Path) -> None:
    for log in ("browser", "performance"):
        driver.get_log(log)
    emulate(driver, 1280, 900)
    driver.get(page.as_uri())
    for number in (0, 49):
        js(driver, "enlarge(arguments[0])", number)
        press(driver, Keys.ESCAPE)
    js(driver, "scrollTo(0, document.body.scrollHeight)")
    time.sleep(0.3)
    assert driver.get_log("browser") == []
    asked = requests(driver)
    assert page.as_uri() in asked
    assert all(url == page.as_uri() or url.startswith("data:") for url in asked)
