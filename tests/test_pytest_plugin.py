"""The plugin, in runs of pytest of its own (of which the plugin is part because it is installed)."""

from __future__ import annotations

import re
import subprocess
import sys

import pytest

import tmc.net.network  # a run forgets what it has imported: so that it is not imported again and again
import tmc.pytest_plugin
import tmc.testing.machine_files
from planted import GAUSS, INCREMENT, changed

LOADED = (tmc.net.network, tmc.pytest_plugin, tmc.testing.machine_files)

BUG = INCREMENT.replace("write 1 -> accept", "write 0 -> accept")
LIBRARY = "state walk(mark, next)\n    on mark     move right\n    otherwise   -> next\n"


def machine(pytester: pytest.Pytester, name: str, text: str) -> None:
    path = pytester.path / name
    path.parent.mkdir(exist_ok=True)
    path.write_text(text, encoding="utf-8")


def run(pytester: pytest.Pytester, *options: str) -> pytest.RunResult:
    """Run pytest here. (Hypothesis would be loaded anew each time, and takes longer than all the rest.)"""
    return pytester.runpytest_inprocess("-p", "no:hypothesispytest", *options)


def test_the_tests_of_a_folder_are_collected(pytester: pytest.Pytester) -> None:
    machine(pytester, "machines/increment.tm", INCREMENT)
    machine(pytester, "machines/gauss.tm", GAUSS)
    machine(pytester, "machines/lib/walks.tm", LIBRARY)
    pytester.makepyfile("def test_of_python(): pass")
    result = run(pytester, "--collect-only", "-q")
    assert result.ret == 0
    assert result.outlines[:9] == [
        "machines/gauss.tm::x0 + x2",
        "machines/gauss.tm::a query that is an example",
        "machines/gauss.tm::all features",
        "machines/gauss.tm::one example, one feature",
        "machines/gauss.tm::rows in any order, one of them twice",
        "machines/increment.tm::eleven plus one",
        "machines/increment.tm::seven plus one grows a digit",
        "machines/increment.tm::nothing plus one",
        "test_the_tests_of_a_folder_are_collected.py::test_of_python",
    ]


def test_they_pass(pytester: pytest.Pytester) -> None:
    machine(pytester, "increment.tm", INCREMENT)
    result = run(pytester, "-v")
    result.assert_outcomes(passed=3)
    result.stdout.fnmatch_lines(["increment.tm::eleven plus one PASSED*"])


def test_a_failure_shows_what_the_machine_did(pytester: pytest.Pytester) -> None:
    """As `tmc test` does, and nothing of what Python did."""
    machine(pytester, "bug.tm", BUG)
    result = run(pytester, "-k", "seven")
    result.assert_outcomes(failed=1, deselected=2)
    report = "\n".join(result.outlines)
    assert report[report.index("____ seven") :].split("\n", 1)[1].startswith("""\
expected data 1000, got data 0000
    expected  data  1000
    got       data  0000
                    ^
    the last steps:
      step  state    data        rule
         0  to_end    [1]1 1     bug.tm:12: on 0|1 move right
         1  to_end     1[1]1     bug.tm:12: on 0|1 move right
         2  to_end     1 1[1]    bug.tm:12: on 0|1 move right
         3  to_end     1 1 1[_]  bug.tm:13: on _ move left -> carry
         4  carry      1 1[1]    bug.tm:16: on 1 write 0 move left
         5  carry      1[1]0     bug.tm:16: on 1 write 0 move left
         6  carry     [1]0 0     bug.tm:16: on 1 write 0 move left
         7  carry   [_]0 0 0     bug.tm:17: on 0|_ write 0 -> accept
         8  accept  [0]0 0 0
bug.tm:24: 8 steps, 15 layers
=========================== short test summary info ============================
FAILED bug.tm::seven plus one grows a digit""")  # fmt: skip


def test_a_planted_bug_in_gauss(pytester: pytest.Pytester) -> None:
    machine(pytester, "gauss.tm", changed(GAUSS, "on 1, 1 at right write 0", "on 1, 1 at right write 1"))
    result = run(pytester, "--tmc-table-only")
    result.assert_outcomes(passed=4, failed=1)
    report = "\n".join(result.outlines)
    assert "\nexpected the label 0 (reject), got the label 1 (accept)\n" in report
    assert "  [1]0 1 0  gauss.tm:36: on 1, 1 at right write 1 move left, left -> return\n" in report
    assert "\ngauss.tm:64: 86 steps\n" in report


def test_a_test_by_its_name_and_the_last_failures(pytester: pytest.Pytester) -> None:
    machine(pytester, "bug.tm", changed(BUG, 'test "nothing', 'test "seven, and nothing'))
    machine(pytester, "increment.tm", INCREMENT)
    run(pytester, "--tmc-table-only", "increment.tm::nothing plus one").assert_outcomes(passed=1)
    run(pytester, "--tmc-table-only").assert_outcomes(passed=3, failed=3)
    run(pytester, "--tmc-table-only", "--lf").assert_outcomes(failed=3)
    run(pytester, "--tmc-table-only", "--lf", "-k", "eleven").assert_outcomes(failed=1, deselected=2)


def test_names_that_come_twice_or_are_empty(pytester: pytest.Pytester) -> None:
    case = "\n  data 1\n  -> accept\n"
    tests = "".join(f'test "{name}"{case}' for name in ("x", "x", ""))
    machine(pytester, "m.tm", "machine m\ntape t: line of _ 1\nstart s\nstate s\n  otherwise -> accept\n" + tests)
    result = run(pytester, "--collect-only", "-q")
    assert result.outlines[:3] == ["m.tm::x", "m.tm::x (line 9)", "m.tm::(line 12)"]


def test_files_that_are_in_error(pytester: pytest.Pytester) -> None:
    machine(pytester, "empty.tm", "")
    machine(pytester, "wrong.tm", changed(INCREMENT, "-> carry", "-> crry"))
    machine(pytester, "right.tm", INCREMENT)
    result = run(pytester, "--tmc-table-only")
    result.assert_outcomes(failed=2, passed=3)
    report = "\n".join(result.outlines)
    assert "\nempty.tm is empty\n" in report
    assert "\nFAILED wrong.tm::is a machine - error[TMC004]: no state is named `crry`\n" in report
    assert """
error[TMC004]: no state is named `crry`
   --> wrong.tm:13:23
   |
13 |     on _ move left -> crry
   |                       ^^^^ not defined in this machine
   = help: there is a state named `carry`
""" in report  # fmt: skip
    assert "Traceback" not in report


def test_a_library_has_no_tests(pytester: pytest.Pytester) -> None:
    machine(pytester, "walks.tm", LIBRARY)
    result = run(pytester, "walks.tm")
    assert result.ret == pytest.ExitCode.NO_TESTS_COLLECTED
    result.assert_outcomes()


WARNING = changed(INCREMENT, "state carry\n", "state carry\n    on 1 write 0 move left\n")


def test_warnings_are_warnings(pytester: pytest.Pytester) -> None:
    machine(pytester, "twice.tm", WARNING)
    result = run(pytester, "--tmc-table-only", "-W", "default")
    result.assert_outcomes(passed=3, warnings=1)
    result.stdout.fnmatch_lines(["twice.tm:17", "  twice.tm:17: MachineWarning: this rule can never apply (TMC101)"])


def test_notes_are_no_warnings(pytester: pytest.Pytester) -> None:
    text = re.sub(r"write 1 +-> accept", "write 1 move left -> accept", INCREMENT)
    assert text != INCREMENT
    machine(pytester, "increment.tm", text)
    run(pytester, "--tmc-table-only", "-W", "error").assert_outcomes(passed=3)


def test_warnings_are_errors_where_that_is_wanted(pytester: pytest.Pytester) -> None:
    machine(pytester, "twice.tm", WARNING)
    result = run(pytester, "-W", "error")
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["warning[[]TMC101]: this rule can never apply", "   --> twice.tm:17:5"])
    result.stdout.no_fnmatch_line("*Traceback*")
    ignored = run(pytester, "-W", "error", "-W", "ignore::tmc.pytest_plugin.MachineWarning", "--tmc-table-only")
    ignored.assert_outcomes(passed=3)


TCL = "# A module.\npackage provide thing 1.0\nnamespace eval thing {}\n"
TEXMACS = "<TeXmacs|1.99.2>\n\n<style|article>\n\n<\\body>\n  the machine of Turing\n</body>\n"


def test_files_of_others_are_passed_over(pytester: pytest.Pytester) -> None:
    machine(pytester, "thing-1.0.tm", TCL)
    machine(pytester, "paper.tm", TEXMACS)
    machine(pytester, "right.tm", INCREMENT)
    (pytester.path / "link.tm").symlink_to("/etc/hostname")
    result = run(pytester, "--tmc-table-only", "-W", "default")
    result.assert_outcomes(passed=3, warnings=3)
    why = "it does not begin like a machine; name it if it is meant to be one"
    result.stdout.fnmatch_lines([
        "link.tm:0", "  link.tm:0: MachineWarning: link.tm is passed over: it is a link that leads out of the folder", "",
        "paper.tm:0", f"  paper.tm:0: MachineWarning: paper.tm is passed over: {why}", "", "thing-1.0.tm:0",
    ], consecutive=True)  # fmt: skip
    run(pytester, "-W", "error", "--tmc-table-only").assert_outcomes(passed=3, failed=3)
    named = run(pytester, "--tmc-table-only", "paper.tm")
    named.assert_outcomes(failed=1)
    named.stdout.fnmatch_lines(["error[[]TMC002]: this is a document of TeXmacs, not one of tmc"])


def test_a_folder_that_is_a_link_can_be_named(pytester: pytest.Pytester) -> None:
    elsewhere = pytester.mkdir("elsewhere")
    machine(pytester, "elsewhere/right.tm", INCREMENT)
    (elsewhere / "link.tm").symlink_to("/etc/hostname")
    (pytester.mkdir("project") / "machines").symlink_to(elsewhere)
    for named in ("project/machines", "project/machines/"):
        result = run(pytester, "--rootdir", "project", "--tmc-table-only", "-W", "default", named)
        result.assert_outcomes(passed=3, warnings=1)


def test_tests_of_another_file(pytester: pytest.Pytester) -> None:
    machine(pytester, "student/one.tm", INCREMENT)
    machine(pytester, "student/two.tm", BUG.replace("tape data", "tape number").replace("data is", "number is"))
    machine(pytester, "student/three.tm", LIBRARY)
    machine(pytester, "hidden.tm", 'test "one"\n    data 1\n    -> accept\n\ntest "three"\n    data 11\n    -> accept\n')
    run(pytester, "--tmc-tests", "hidden.tm").assert_outcomes(passed=4, failed=1)
    machine(pytester, "hidden.tm", INCREMENT)
    result = run(pytester, "--tmc-tests", "hidden.tm", "-k", "grows or machine")
    result.assert_outcomes(passed=1, failed=2, deselected=4)
    result.stdout.fnmatch_lines(
        ["student/three.tm is no machine", "expected number 1000, got number 0000", "hidden.tm:24: 8 steps, 15 layers"]
    )


def test_tests_can_be_required(pytester: pytest.Pytester) -> None:
    machine(pytester, "none.tm", INCREMENT[: INCREMENT.index("test")])
    machine(pytester, "walks.tm", LIBRARY)
    run(pytester).assert_outcomes()
    result = run(pytester, "--tmc-require-tests")
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["none.tm has no tests"])


def test_limits(pytester: pytest.Pytester) -> None:
    machine(pytester, "increment.tm", INCREMENT)
    result = run(pytester, "--tmc-max-steps", "5", "--tmc-max-tape", "3", "-k", "eleven or seven")
    result.assert_outcomes(failed=2, deselected=1)
    result.stdout.fnmatch_lines([
        "expected at most 3 cells on the tapes (--max-tape), got a longer one to begin with",
        "expected an end within 5 steps (--max-steps), got no end after 5 steps",
    ])  # fmt: skip


def test_folders_whose_files_may_be_used(pytester: pytest.Pytester) -> None:
    machine(pytester, "lib/walks.tm", LIBRARY)
    machine(pytester, "own/m.tm", INCREMENT.replace("\ntape", '\nuse "../lib/walks.tm"\ntape', 1))
    result = run(pytester, "--tmc-table-only")
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["error[[]TMC023]: `../lib/walks.tm` is outside the machine's folder and the library"])
    run(pytester, "--tmc-table-only", "--tmc-allow-use", "lib").assert_outcomes(passed=3)
    pytester.makeini("[pytest]\ntmc_allow_use = lib\n")
    run(pytester, "--tmc-table-only").assert_outcomes(passed=3)


def test_without_the_plugin(pytester: pytest.Pytester) -> None:
    machine(pytester, "increment.tm", INCREMENT)
    assert run(pytester, "-p", "no:tmc").ret == pytest.ExitCode.NO_TESTS_COLLECTED


@pytest.mark.long
def test_side_by_side(pytester: pytest.Pytester) -> None:
    machine(pytester, "bug.tm", BUG)
    machine(pytester, "gauss.tm", GAUSS)
    result = run(pytester, "-n", "2", "--tmc-table-only")
    result.assert_outcomes(passed=5, failed=3)
    result.stdout.fnmatch_lines_random(["expected data 1000, got data 0000", "bug.tm:24: 8 steps"])


def test_it_loads_nothing_heavy_where_there_is_no_machine() -> None:
    program = (
        "import sys, pytest; before = set(sys.modules); import tmc.pytest_plugin; "
        "assert set(sys.modules) - before == {'tmc', 'tmc.version', 'tmc.pytest_plugin'}, set(sys.modules) - before"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
