"""How the page looks: in the dark, on a phone, to somebody who cannot see it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from browsed import Shown, opened, write_page

MOMENTS = ("#layer=-2", "#step=5&show=move", "#step=20&show=state", "#step=9999")
LIGHT: dict[str, Any] = {"viewport": {"width": 1300, "height": 900}}
LOOKS: dict[str, dict[str, Any]] = {
    "light": LIGHT,
    "dark": {**LIGHT, "color_scheme": "dark"},
    "phone": {"viewport": {"width": 360, "height": 740}, "device_scale_factor": 2, "is_mobile": True, "has_touch": True},
}


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Pages of two learners, of the paper's network of one, and of a line machine that uses a library."""
    folder = tmp_path_factory.mktemp("pages")
    made = {"gauss": write_page(folder, "gauss", shape=(5, 3)), "palindrome": write_page(folder, "palindrome", text="abba")}
    scalar = tmp_path_factory.mktemp("scalar")
    made["decision_list"] = write_page(folder, "decision_list", shape=(5, 3))  # its states have long names
    return {**made, "scalar": write_page(scalar, "gauss", shape=(5, 3), target="scalar")}


@pytest.mark.long
@pytest.mark.parametrize("look", LOOKS)
def test_nothing_is_found_by_axe(pages: dict[str, Path], browser: Any, look: str) -> None:
    with opened(browser, pages["gauss"], "#step=5&cell=2,1", **LOOKS[look]) as shown:
        shown.press("i")
        assert findings(shown) == []


@pytest.mark.soak
@pytest.mark.parametrize("look", LOOKS)
@pytest.mark.parametrize("name", ["gauss", "palindrome", "scalar"])
def test_nothing_is_found_by_axe_at_any_moment(pages: dict[str, Path], browser: Any, name: str, look: str) -> None:
    with opened(browser, pages[name], **LOOKS[look]) as shown:
        for moment in ("#layer=-2", "#layer=3", "#step=5", "#step=9999"):
            shown.at(moment)
            assert findings(shown) == []
        shown.press("i", "?")
        assert findings(shown) == []
        assert shown.problems == []


def findings(shown: Shown) -> list[str]:
    """What axe has to say, a line for each element."""
    from axe_playwright_python.sync_playwright import Axe

    results = Axe().run(shown.page)
    return [
        f"{violation['id']}: {node['html'][:120]}: {node['failureSummary']}"
        for violation in results.response["violations"]
        for node in violation["nodes"]
    ]


@pytest.mark.long
def test_a_phone_scrolls_downwards_only(pages: dict[str, Path], browser: Any) -> None:
    with opened(browser, pages["gauss"], **LOOKS["phone"]) as shown:
        for name, moment in zip(pages, MOMENTS, strict=True):
            shown.open(pages[name], moment)
            assert shown.page.evaluate("[document.documentElement.scrollWidth, visualViewport.width]") == [360, 360]
        player = shown.page.locator(".player").bounding_box()
        assert player["height"] < 240
        assert shown.page.locator("#play").is_visible()


@pytest.mark.long
def test_dark_and_light_are_two_pages_of_colours(pages: dict[str, Path], browser: Any) -> None:
    paper = "getComputedStyle(document.body).backgroundColor"
    with opened(browser, pages["gauss"], **LOOKS["dark"]) as shown:
        dark = shown.page.evaluate(paper)
        shown.click("#theme-button")
        light = shown.page.evaluate(paper)
        shown.click("#theme-button")
        assert [shown.page.evaluate(paper), brightness(dark) < 60, brightness(light) > 200] == [dark, True, True]


def brightness(colour: str) -> float:
    """The mean of the three numbers of a colour such as ``rgb(1, 2, 3)``."""
    return sum(float(part) for part in colour.removeprefix("rgb(").removesuffix(")").split(",")) / 3


@pytest.mark.long
def test_what_is_spoken(pages: dict[str, Path], browser: Any) -> None:
    with opened(browser, pages["palindrome"], **LIGHT) as shown:
        shown.at("#step=2")
        live = shown.page.locator("#words")
        assert live.get_attribute("aria-live") == "polite"
        assert live.inner_text() == shown.now()["words"] != ""
        names = shown.page.eval_on_selector_all(
            "main section h2", "(all) => all.filter((e) => e.checkVisibility()).map((e) => e.textContent)"
        )
        assert names == ["Program", "Machine", "Network", "States", "Cell", "Space and time"]
        assert "in state copy" in shown.page.locator("#lattice-canvas").get_attribute("aria-label")
        shown.page.locator("#play").click()
        assert live.get_attribute("aria-live") == "off"  # nobody can listen to four steps a second


@pytest.mark.soak
def test_less_motion_means_fewer_pictures(pages: dict[str, Path], browser: Any) -> None:
    with opened(browser, pages["gauss"], **LIGHT, reduced_motion="reduce") as shown:
        shown.page.evaluate(
            "window.pictures = 0; new MutationObserver(() => { window.pictures += 1; })"
            ".observe(document.documentElement, { attributes: true, attributeFilter: ['data-layer'] })"
        )
        shown.page.select_option("#speed", "60")
        shown.page.locator("#play").click()
        shown.page.wait_for_timeout(1200)
        assert 1 <= shown.page.evaluate("window.pictures") <= 3
