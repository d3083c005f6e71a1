"""A headless Chromium for the tests, as Debian packages it, and a report that is open in it."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from selenium import webdriver
from selenium.common.exceptions import JavascriptException, TimeoutException
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.support.ui import WebDriverWait
from sweeping import settings, write_failure, write_sweep

from studies.report import write

SECONDS = 120  # for what a browser does; it only ends a test that hangs
CHROMIUM, DRIVER = shutil.which("chromium"), shutil.which("chromedriver")
FLAGS = (
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
    "--disable-dev-shm-usage",
)  # fmt: skip


@contextmanager
def browser(profile: Path) -> Iterator[Any]:
    """A browser with a new profile, which logs the page's messages and its requests."""
    options = webdriver.ChromeOptions()
    options.binary_location = str(CHROMIUM)
    for flag in (*FLAGS, f"--user-data-dir={profile}"):
        options.add_argument(flag)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    # Given the driver's path, selenium looks for none and downloads none.
    driver = webdriver.Chrome(options=options, service=Service(executable_path=DRIVER))
    try:
        yield driver
    finally:
        driver.quit()


class Reader:
    """Someone at a browser: what a test does with a page."""

    def __init__(self, driver: Any) -> None:
        self.driver = driver

    def emulate(self, width: int, height: int, **media: str) -> None:
        """A screen of that size, and media features such as ``prefers_color_scheme="dark"``."""
        screen = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < 600}
        self.driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", screen)
        names = {name.replace("_", "-"): value for name, value in media.items()}
        features = [{"name": name, "value": value} for name, value in names.items()]
        self.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": features})

    def on_paper(self, printed: bool) -> None:
        self.driver.execute_cdp_cmd(
            "Emulation.setEmulatedMedia", {"media": "print" if printed else ""}
        )

    def js(self, script: str, *arguments: Any) -> Any:
        return self.driver.execute_script(script, *arguments)

    def find(self, selector: str) -> Any:
        return self.driver.find_element("css selector", selector)

    def find_all(self, selector: str) -> list[Any]:
        return self.driver.find_elements("css selector", selector)

    def focused(self) -> Any:
        return self.driver.switch_to.active_element

    def press(self, *keys: str) -> None:
        """Keys for whatever has the focus."""
        for key in keys:
            self.focused().send_keys(key)

    def expect(self, script: str, value: object) -> None:
        """A script gives that value, soon: a browser loads and closes things in its own time."""
        try:
            WebDriverWait(self.driver, SECONDS, 0.05, [JavascriptException]).until(
                lambda _: self.js(script) == value
            )
        except TimeoutException:
            pytest.fail(f"{script}: {self.js(script)!r} instead of {value!r}")

    def log(self, name: str) -> list[dict[str, Any]]:
        """What was logged since the log was last read."""
        return self.driver.get_log(name)


@pytest.fixture(scope="session")
def reader(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Reader]:
    if not (CHROMIUM and DRIVER):
        pytest.skip("no chromium and chromedriver: apt-get install chromium chromium-driver")
    with browser(tmp_path_factory.mktemp("profile")) as driver:
        yield Reader(driver)


@pytest.fixture(scope="session")
def page(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The report of fifty cells and a failure."""
    root = tmp_path_factory.mktemp("results")
    write_sweep(root, ("Night", "Storm"), seeds=1)
    own = settings("Night", ["conv1_1"], 1e-3, 0)
    write_failure(root / "failed", "out of memory", own | {"size": 4096})
    return write(root, root / "report.html")


@pytest.fixture
def opened(reader: Reader, page: Path) -> Reader:
    """The report, open on a large light screen."""
    reader.emulate(1280, 900)
    reader.driver.get(page.as_uri())
    return reader
