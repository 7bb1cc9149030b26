"""The page as somebody uses it: opened from a file, played, scrubbed, by links, and by keyboard only."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product
from pathlib import Path
from typing import Any

import pytest

from browsed import Oracle, Shown, data_of, opened, write_page

SHAPE = (5, 3)  # examples and features
STEPS_OF_SGD = SHAPE[0] + 1


@pytest.fixture(scope="module")
def learner(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A page of gauss."""
    return write_page(tmp_path_factory.mktemp("pages"), "gauss", shape=SHAPE)


@pytest.fixture(scope="module")
def oracle() -> Oracle:
    return Oracle("gauss", data_of("gauss", None, SHAPE))


@pytest.fixture(scope="module")
def window(learner: Path, browser: Any) -> Iterator[Shown]:
    """The page of gauss, for all tests. In the end nothing was logged, and nothing asked for."""
    with opened(browser, learner, viewport={"width": 1200, "height": 500}) as page:
        yield page
        assert page.problems == []


@pytest.fixture
def shown(window: Shown, learner: Path) -> Shown:
    """The page of gauss, opened anew."""
    window.open(learner)
    return window


def test_opens_at_the_beginning_of_training(shown: Shown) -> None:
    assert shown.page.title() == "gauss · tmc"
    assert (shown.now()["layer"], shown.now()["lines"]) == (-STEPS_OF_SGD, [])


@pytest.mark.long
def test_steps_on_and_back(shown: Shown, oracle: Oracle) -> None:
    layers = [shown.now()["layer"], *(shown.click("#forward")["layer"] for _ in range(STEPS_OF_SGD + 4))]
    expected = [*range(-STEPS_OF_SGD, 1), *oracle.done[:4]]
    assert layers == expected
    assert [shown.click("#back")["layer"] for _ in expected[1:]] == expected[-2::-1]
    assert shown.click("#to-end")["layer"] == oracle.done[-1]
    assert shown.click("#to-start")["layer"] == -STEPS_OF_SGD


@pytest.mark.soak
def test_steps_by_layers(shown: Shown, oracle: Oracle) -> None:
    shown.at(f"#layer={oracle.done[2]}")
    shown.page.select_option("#unit", "layer")
    assert [shown.click("#forward")["layer"] for _ in range(3)] == [oracle.done[2] + count for count in (1, 2, 3)]
    assert shown.click("#back")["layer"] == oracle.done[2] + 2


@pytest.mark.long
def test_plays_to_the_end_and_stops(shown: Shown, oracle: Oracle) -> None:
    shown.page.select_option("#speed", "1000")
    shown.page.locator("#play").click()
    shown.page.wait_for_function(f"() => +document.documentElement.dataset.layer === {oracle.done[-1]}")
    assert shown.page.locator("#play").get_attribute("aria-label") == "Play"
    assert shown.page.locator("#verdict").inner_text().startswith(oracle.run.verdict)


@pytest.mark.soak
def test_a_pause_stays_where_it_is(shown: Shown) -> None:
    shown.page.locator("#play").click()
    assert shown.page.locator("#play").get_attribute("aria-label") == "Pause"
    shown.page.wait_for_function(f"() => +document.documentElement.dataset.layer > {-STEPS_OF_SGD}")
    layer = shown.click("#play")["layer"]
    shown.page.wait_for_timeout(400)  # at four steps a second something would have moved
    assert shown.now()["layer"] == layer


@pytest.mark.long
def test_scrubs(shown: Shown, oracle: Oracle) -> None:
    for layer in (oracle.done[5], 3, -2, oracle.done[-1]):
        shown.page.locator("#scrubber").fill(str(layer))
        now = shown.click("#machine")
        assert (now["layer"], now["step"]) == (layer, str(oracle.step(layer)))


@pytest.mark.soak
def test_goes_to_a_step_that_is_typed(shown: Shown, oracle: Oracle) -> None:
    assert shown.press("g", "1", "2", "Enter")["layer"] == oracle.done[12]
    shown.press("u")
    assert shown.press("g", "7", "Enter")["layer"] == 7
    assert shown.press("g", "9", "9", "9", "9", "9", "Enter")["layer"] == oracle.done[-1]
    assert shown.press("g", "x", "Enter")["layer"] == oracle.done[-1]


def test_links_point_at_a_moment(shown: Shown, oracle: Oracle, learner: Path) -> None:
    assert shown.at("#step=9")["layer"] == oracle.done[9]
    assert shown.at("#layer=-2")["layer"] == -2
    assert shown.at("#layer=banana")["layer"] == -2
    shown.at(f"#layer={oracle.done[4] + 1}&cell=2,1&show=move")
    shown.press("Shift+ArrowRight", "Shift+ArrowLeft")
    shown.page.wait_for_function("() => location.hash.includes('cell=2,1') && location.hash.includes('show=move')")
    address = shown.page.evaluate("location.hash")
    shown.open(learner, address)
    assert shown.now()["layer"] == oracle.done[4] + 1
    assert shown.page.locator("#channel").input_value() == "field:move"
    assert shown.now()["fields"] == oracle.fields(oracle.cell(oracle.done[4] + 1, 2, 1))


@pytest.mark.soak
def test_the_address_follows(shown: Shown) -> None:
    shown.at("#step=3")
    shown.press("ArrowRight")
    shown.page.wait_for_function("() => location.hash === '#step=4'")


EVENTS = {
    "w": lambda before, after, _: before.data != after.data or before.work != after.work,
    "s": lambda before, after, _: before.state != after.state,
    "m": lambda before, after, _: (before.head, before.work_head) != (after.head, after.work_head),
}


@pytest.mark.long
@pytest.mark.parametrize("key", EVENTS)
def test_jumps(shown: Shown, oracle: Oracle, key: str) -> None:
    path = [configuration for configuration, _ in oracle.configurations]
    happens = [oracle.done[i + 1] for i in range(oracle.run.steps) if EVENTS[key](path[i], path[i + 1], i)]
    shown.at("#step=0")
    assert [shown.press(key)["layer"] for _ in range(6)] == happens[:6]
    assert [shown.press(f"Shift+{key.upper()}")["layer"] for _ in range(5)] == happens[4::-1]


def test_everything_by_keyboard(shown: Shown, oracle: Oracle) -> None:
    assert shown.press("q")["layer"] == 0
    assert shown.press("ArrowRight")["layer"] == oracle.done[0]
    assert shown.press("ArrowRight", "ArrowRight", "ArrowLeft")["layer"] == oracle.done[1]
    assert shown.press("Shift+ArrowRight")["layer"] == oracle.done[1] + 1
    assert shown.press("Shift+ArrowLeft", "Shift+ArrowLeft")["layer"] == oracle.done[1] - 1
    assert shown.press("h")["layer"] == oracle.done[-1]
    assert shown.press("Home")["layer"] == -STEPS_OF_SGD
    assert shown.press("End")["layer"] == oracle.done[-1]
    shown.press("n", "ArrowUp", "ArrowUp", "ArrowLeft")
    assert shown.now()["layer"] == oracle.done[-1]  # the arrows have moved in the network
    shown.press("Escape", "c")
    assert shown.page.locator("#channel").input_value() == "field:answer"
    shown.press("Shift+C", "x", "ArrowUp")
    assert shown.page.locator("#channel").input_value() == "overview"
    assert int(shown.now()["step"]) == oracle.run.steps - 1
    shown.press("Escape", "?")
    assert shown.page.locator("#keys").is_visible()
    shown.press("Escape")
    assert not shown.page.locator("#keys").is_visible()
    shown.press("t")
    assert shown.page.evaluate("document.documentElement.dataset.theme") == "dark"
    shown.press("i")
    assert shown.page.locator("#what").is_visible()


@pytest.mark.soak
def test_letters_can_be_left_to_others(shown: Shown, oracle: Oracle) -> None:
    shown.press("q", "?")
    shown.page.locator("#keys-on").uncheck()
    shown.press("Escape", "End")
    assert shown.press("q", "w")["layer"] == oracle.done[-1]


@pytest.mark.soak
def test_the_tab_key_reaches_every_control(shown: Shown) -> None:
    wanted = set(
        shown.page.eval_on_selector_all(
            "button, select, input, [tabindex='0']", "(all) => all.filter((e) => e.checkVisibility()).map((e) => e.id)"
        )
    )
    reached = set()
    for _ in range(60):
        shown.page.keyboard.press("Tab")
        reached.add(shown.page.evaluate("document.activeElement.id"))
    assert wanted - {""} <= reached


@pytest.mark.long
def test_a_unit_shows_its_line(shown: Shown, oracle: Oracle) -> None:
    now = shown.at(f"#layer={oracle.began[3]}")
    line = now["lines"][0][0]
    shown.page.locator(f"#units button[data-line='{line}']").click()
    assert shown.page.locator("#source li.pointed").get_attribute("data-line") == str(line)
    control = oracle.configurations[3][0].head
    assert shown.page.locator("#cell-where").inner_text().startswith(f"Row {control[0]} ")


@pytest.mark.long
def test_follows_a_cell(shown: Shown, oracle: Oracle) -> None:
    grids = [configuration.data.rows for configuration, _ in oracle.configurations]

    def changes_of(row: int, column: int) -> list[int]:
        return [oracle.done[i + 1] for i in range(oracle.run.steps) if grids[i][row][column] != grids[i + 1][row][column]]

    row, column = max(product(range(len(grids[0])), range(len(grids[0][0]))), key=lambda place: len(changes_of(*place)))
    changes = changes_of(row, column)
    assert changes
    shown.at(f"#step=0&cell={row},{column}")
    assert [shown.press("e")["layer"] for _ in changes] == changes
    assert shown.press("e")["words"] == "There is no further change of this cell."
    assert [shown.press("Shift+E")["layer"] for _ in changes[1:]] == changes[-2::-1]
    now = shown.click("#data td[data-row='0'][data-column='1']")
    assert now["fields"] == oracle.fields(oracle.cell(now["layer"], 0, 1))
    assert shown.page.locator("#jump-kind").input_value() == "cell"


@pytest.mark.long
def test_memory_fills_up(shown: Shown, oracle: Oracle) -> None:
    rows = oracle.configurations[0][0].data.rows
    signs = [[1 if symbol == 2 else -1 for symbol in row] for row in rows[:-1]]
    expected = [[*(label * x for x in row), label] for *row, label in signs] + [[1] * len(rows[0])]
    for done in range(STEPS_OF_SGD + 1):
        shown.at(f"#layer={done - STEPS_OF_SGD}")
        cells = shown.page.eval_on_selector_all(
            "#memory tbody tr",
            "(all) => all.map((row) => [...row.querySelectorAll('td')].map((e) => ({ '+': 1, '−': -1, '': 0 })[e.textContent]))",
        )
        assert cells == [row if number < done else [0] * len(row) for number, row in enumerate(expected)]
        said = shown.page.locator("#memory-step").inner_text()
        assert ("output 0" in said) == (done < STEPS_OF_SGD)


@pytest.mark.long
def test_space_and_time_goes_where_it_is_clicked(shown: Shown, oracle: Oracle) -> None:
    canvas = shown.page.locator("#history-canvas")
    canvas.scroll_into_view_if_needed()
    box = canvas.bounding_box()
    rows = oracle.run.steps + 1
    per_row = box["height"] / rows
    for step in (rows - 2, rows // 2, 4):
        canvas.click(position={"x": 40, "y": (step + 0.5) * per_row})
        assert shown.settled()["step"] == str(step)
    shown.page.locator("#history-in").click()
    assert "steps 0 to" in shown.page.locator("#history-note").inner_text()
