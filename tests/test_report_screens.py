"""The report in a real browser: phones, dark mode, print, and no outside requests."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from selenium.webdriver.common.keys import Keys

if TYPE_CHECKING:
    from browsing import Reader

pytest_plugins = ("browsing",)


@pytest.mark.parametrize("width", [320, 390, 768])
def test_nothing_is_wider_than_a_phone(opened: Reader, width: int) -> None:
    opened.emulate(width, 700)
    opened.driver.refresh()
    opened.js("document.querySelectorAll('details').forEach((d) => { d.open = true; })")
    widest = "return Math.max(document.documentElement.scrollWidth, innerWidth)"
    for section in opened.js("return [...document.querySelectorAll('section')].map((s) => s.id)"):
        opened.js("document.getElementById(arguments[0]).scrollIntoView()", section)
        assert opened.js(widest) == width, section
    opened.js("enlarge(0)")
    fits = "const z = document.querySelector('#zoom'); return z.scrollWidth <= z.clientWidth"
    assert opened.js(fits)


def luminance(reader: Reader, property_: str) -> float:
    script = "return getComputedStyle(document.body)[arguments[0]].match(/[\\d.]+/g).map(Number)"
    red, green, blue = reader.js(script, property_)[:3]
    return (0.2126 * red + 0.7152 * green + 0.0722 * blue) / 255


def test_dark_mode_inverts_the_colours(opened: Reader) -> None:
    assert luminance(opened, "backgroundColor") > 0.9
    assert luminance(opened, "color") < 0.2
    opened.emulate(1280, 900, prefers_color_scheme="dark")
    assert luminance(opened, "backgroundColor") < 0.15
    assert luminance(opened, "color") > 0.8


def test_less_motion_where_a_reader_wants_less(opened: Reader) -> None:
    opened.js("enlarge(0)")
    assert opened.find(".play").is_displayed()
    opened.emulate(1280, 900, prefers_reduced_motion="reduce")
    assert not opened.find(".play").is_displayed()
    assert opened.find(".player input").is_displayed()


def test_on_paper_there_is_every_picture_and_no_control(opened: Reader) -> None:
    opened.on_paper(True)
    assert not opened.find("nav").is_displayed()
    assert not opened.find("#ratio").is_displayed()
    assert opened.find("#cell-49 img").is_displayed()
    opened.on_paper(False)


def requests(reader: Reader) -> list[str]:
    """The addresses that the page asked for since the log was last read."""
    events = [json.loads(entry["message"])["message"] for entry in reader.log("performance")]
    sent = [event for event in events if event["method"] == "Network.requestWillBeSent"]
    return [event["params"]["request"]["url"] for event in sent]


def test_the_page_logs_no_error_and_requests_no_other_address(reader: Reader, page: Path) -> None:
    for log in ("browser", "performance"):
        reader.log(log)
    reader.emulate(1280, 900)
    reader.driver.get(page.as_uri())
    for number in (0, 49):
        reader.js("enlarge(arguments[0])", number)
        reader.press(Keys.ESCAPE)
    reader.js("scrollTo(0, document.body.scrollHeight)")
    drawn = "requestAnimationFrame(() => requestAnimationFrame(arguments[0]))"
    reader.driver.execute_async_script(drawn)  # what is scrolled to has been drawn
    assert reader.log("browser") == []
    asked = requests(reader)
    assert page.as_uri() in asked
    assert all(url == page.as_uri() or url.startswith("data:") for url in asked)
