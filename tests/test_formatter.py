"""The formatter: one look for every text, nothing lost, nothing changed in meaning."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from conftest import ROOT
from tmc.diagnostics import InternalError, SourceRejected
from tmc.source import Source
from tmc.syntax import formatter
from tmc.syntax.formatter import format_source
from tmc.syntax.lines import split

MACHINES = [*sorted((ROOT / "machines").rglob("*.tm")), ROOT / "docs" / "sketches" / "gauss.tm"]


def formatted(text: str) -> str:
    return format_source(Source("m.tm", text))


# Each case: its name, a text, and the same text formatted.
CASES = [
    (
        "blocks_stand_apart",
        """\
machine m
"One."
  "Two."
tape data:line of _ 0 1
tape work   : line of _
bounds
steps n
start s
state s
otherwise->accept
state t
test "a"
data 1
->accept
test "b"
data is 1
""",
        """\
machine m
    "One."
    "Two."

tape data: line of _ 0 1
tape work: line of _

bounds
    steps  n

start s

state s
    otherwise   -> accept

state t

test "a"
    data 1
    -> accept

test "b"
    data is 1
""",
    ),
    (
        "holes_stay",
        """\
machine g
state s
  on ?,1 write ?,. move ?,left->?#what?
  otherwise move .,? -> s
""",
        """\
machine g

state s
    on ?, 1     write ?, .   move ?, left   -> ?   #what?
    otherwise                move ., ?      -> s
""",
    ),
    (
        "rules_stand_in_columns",
        """\
machine g
state s
  at right -> answer
  on 1 write 0 move right,right->take
  otherwise move down
state t
  on 1 , 0 | 1 at right write 0 , . move . , left
  on * write 1
""",
        """\
machine g

state s
    at right                                              -> answer
    on 1                 write 0      move right, right   -> take
    otherwise                         move down

state t
    on 1, 0|1 at right   write 0, .   move ., left
    on *                 write 1
""",
    ),
    (
        "columns_that_no_rule_uses_are_not_there",
        """\
machine m
state s
  on 0|1 move right
  otherwise   move left -> s
""",
        """\
machine m

state s
    on 0|1      move right
    otherwise   move left    -> s
""",
    ),
    (
        "a_table_is_as_wide_as_its_wide_rules",
        """\
machine m
state s
  on 0 write 1 move left -> t
  on 0|1|2|3|4|5|6|7|8|9|a|b write 0 move left -> s
  on 0|1|2|3|4|5|6|7|8|9|a|b|c|d move right -> t
  otherwise -> accept
""",
        """\
machine m

state s
    on 0                         write 1   move left    -> t
    on 0|1|2|3|4|5|6|7|8|9|a|b   write 0   move left    -> s
    on 0|1|2|3|4|5|6|7|8|9|a|b|c|d         move right   -> t
    otherwise                                           -> accept
""",
    ),
    (
        "but_few_wide_rules_jut_out",
        """\
machine m
state a
  on 0|1|2|3|4|5|6|7|8 write 1 move left -> b
  on 0|1|2|3|4|5|6|7|8|9 write 1 -> b
  otherwise -> accept
state b
  on 0 move left -> a
"""
        + "".join(f"state c{number}\non 0 move left\non 1 write 1 move right -> c{number}\n" for number in range(12)),
        """\
machine m

state a
    on 0|1|2|3|4|5|6|7|8     write 1   move left    -> b
    on 0|1|2|3|4|5|6|7|8|9   write 1   -> b
    otherwise                          -> accept

state b
    on 0                  move left    -> a
"""
        + "".join(
            f"\nstate c{number}\n    on 0                  move left\n    on 1        write 1   move right   -> c{number}\n"
            for number in range(12)
        ),
    ),
    (
        "parameters_and_captures",
        """\
use   "std.tm"
use "more.tm"
state seek ( mark,way , next )
on mark ->next
on $x   in 0|  1,_ at not left write _ ,$x move left,way -> seek( 0 | 1 ,right,seek(_,way ,accept) )
otherwise move way
state on(at, write)
on at write write -> on(at,on( write, write ))
""",
        """\
use "std.tm"
use "more.tm"

state seek(mark, way, next)
    on mark                                                      -> next
    on $x in 0|1, _ at not left   write _, $x   move left, way   -> seek(0|1, right, seek(_, way, accept))
    otherwise                                   move way

state on(at, write)
    on at                         write write                    -> on(at, on(write, write))
""",
    ),
    (
        "learners",
        """\
learner    l
start   seek (1,right , done)
""",
        """\
learner l

start seek(1, right, done)
""",
    ),
    (
        "comments_belong_to_what_follows",
        """\
# The file.
#   More.

    # m
machine m
# about
"About."
# first tape
tape data: line of _ 0 1
# second tape
tape work: line of _
# s
state s
# a rule
on 1
        # another
on 0
# t
state t
# the end
""",
        """\
# The file.
#   More.

# m
machine m
    # about
    "About."

# first tape
tape data: line of _ 0 1
# second tape
tape work: line of _

# s
state s
    # a rule
    on 1
    # another
    on 0

# t
state t

# the end
""",
    ),
    (
        "comments_further_in_stay_in_their_block",
        """\
machine m
state s
    on 1
    # on 0  -> t

    # or so
# t
state t
    on 1
    # the end of t
# the end
""",
        """\
machine m

state s
    on 1
    # on 0  -> t

    # or so

# t
state t
    on 1
    # the end of t

# the end
""",
    ),
    (
        "comments_behind_code_line_up",
        """\
machine m # a
tape data: line of _ 0 1#d
tape w: line of _# w
state s  # b
    on 1 # c
    on 0 write 1
    on _ -> accept          #e
    on 0|1|2|3|4|5|6|7|8|9|a|b|c|d|e|f|g|h|i|j|k|l|m|n|o|p|q|r|s|t|u|v|w|x|y|z|A|B # far out
""",
        """\
machine m   # a

tape data: line of _ 0 1   #d
tape w: line of _          # w

state s   # b
    on 1                              # c
    on 0        write 1
    on _                  -> accept   #e
    on 0|1|2|3|4|5|6|7|8|9|a|b|c|d|e|f|g|h|i|j|k|l|m|n|o|p|q|r|s|t|u|v|w|x|y|z|A|B   # far out
""",
    ),
    (
        "blank_lines",
        """\


machine m


    "One."


    "Two."
tape data: line of _


tape work: line of _
tape more: line of _



state s

    on 1


    on 0

""",
        """\
machine m
    "One."

    "Two."

tape data: line of _

tape work: line of _
tape more: line of _

state s
    on 1

    on 0
""",
    ),
    (
        "bounds",
        """\
machine m
bounds
  work d+2
  steps 2*m * d^2+12 *m*d+60+(m+1)*(d ^ 2+3*d+1)+((m))^2+3*(m*(d+1)*2)
""",
        """\
machine m

bounds
    work   d + 2
    steps  2*m*d^2 + 12*m*d + 60 + (m + 1) * (d^2 + 3*d + 1) + ((m))^2 + 3 * (m * (d + 1) * 2)
""",
    ),
    (
        "tests",
        """\
machine m
test   "x0  +  x2"
  example 1   1 0->1
  query 0 0 1   -> 1
test "line"
  data   1'#'0  _ '''
  ->   stuck
  data   is 1 '#'
  query is 1
  state   is 1
""",
        """\
machine m

test "x0  +  x2"
    example 1 1 0 -> 1
    query   0 0 1 -> 1

test "line"
    data 1'#'0 _ '''
    -> stuck
    data is 1 '#'
    query is 1
    state is 1
""",
    ),
    (
        "quotes_are_left_alone",
        """\
machine m
"  a  #  b  "
tape data: line of '#''|'  '''  ' ' ','
state s
on '#'|','|'|'|' ' write '''  # '
""",
        """\
machine m
    "  a  #  b  "

tape data: line of '#' '|' ''' ' ' ','

state s
    on '#'|','|'|'|' '   write '''   # '
""",
    ),
    (
        "keywords_as_names",
        """\
machine machine
tape at: line of _
tape state: line of _
start move
state move
on _->data
state on
otherwise move move->on
test "state"
at   is _
state is _
state tape
""",
        """\
machine machine

tape at: line of _
tape state: line of _

start move

state move
    on _                    -> data

state on
    otherwise   move move   -> on

test "state"
    at is _
    state is _

state tape
""",
    ),
    (
        "wide_characters",
        "machine m\ntape data: line of _ '漢' a #1\nstate s\n on '漢' write a move right #x\n on a|_ write '漢' move left -> s #y",
        """\
machine m

tape data: line of _ '漢' a   #1

state s
    on '漢'     write a      move right          #x
    on a|_      write '漢'   move left    -> s   #y
""",
    ),
    ("line_ends", "\ufeffmachine m\r\n\r\nstate s  \t# s\t\r\n\ton\t1", "machine m\r\n\r\nstate s   # s\r\n    on 1\r\n"),
    ("most_line_ends", "machine m\r\nstate s\r\n on 1\n", "machine m\r\n\r\nstate s\r\n    on 1\r\n"),
    ("as_many_line_ends", "machine m\r\nstate s\n on 1", "machine m\n\nstate s\n    on 1\n"),
]


@pytest.mark.parametrize(("text", "expected"), [case[1:] for case in CASES], ids=[case[0] for case in CASES])
def test_what_comes_out(text: str, expected: str) -> None:
    assert formatted(text) == expected
    assert formatted(expected) == expected


@pytest.mark.parametrize("path", MACHINES, ids=lambda path: path.stem)
def test_the_machines_keep_their_lines(path: Path) -> None:
    """Nothing but blanks within lines differs: so a message still names the right line."""
    before = path.read_text(encoding="utf-8")
    after = formatted(before)
    assert ["".join(line.split()) for line in after.split("\n")] == ["".join(line.split()) for line in before.split("\n")]
    assert formatted(after) == after


def test_a_text_with_syntax_errors_is_rejected() -> None:
    with pytest.raises(SourceRejected):
        formatted("machine m\nstate\n")


def test_a_change_of_meaning_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    text = "machine m  # c\nstate s\n  on 1 -> s\n"
    for wrong in ("machine m  # c\nstate s\n  on 0 -> s\n", "machine m  # d\nstate s\n  on 1 -> s\n"):
        monkeypatch.setattr(formatter, "_formatted", lambda _, wrong=wrong: wrong)
        with pytest.raises(InternalError, match=r"formatting m.tm would change more than its looks"):
            formatted(text)


# Random texts: in a template, `~` is where blanks may stand, and a blank where at least one must.
HEADS = ["machine m", "learner ~m"]
BLOCKS = {
    'use~ "std.tm"': [],
    "tape data~ :~ grid of _ 0 1~ '#'": [],
    "tape work~ :~ line of _ 0": [],
    "bounds": ["steps (~m~ +~ 1~)~ *~ d~ ^~ 2~ +~ 3~ *~ d", "work ~d~ +~ 2"],
    "start s": [],
    "start seek~ (~1~ ,~ right~ ,~ seek~ (~ _~ ,~left~ ,~ accept~ )~ )": [],
    "state s": [
        "on 1~ |~ '#'~ ,~ *~ ->~ accept",
        "on $x in 0~ |~ 1~ ,~ $y at not left top write $y~ ,~ .~ move left~ ,~ .~ ->~ put~ (~ $x~ ,~ 0~ |~ 1~ )",
        "on 0|1|2|3|4|5|6|7|8|9|a|b|c|d|e write~ '-'",
        "at bottom",
        "otherwise move right",
        "otherwise",
    ],
    "state seek~ (~mark~ ,~ way~ ,~ next~ )": ["on mark~ ->~ next", "otherwise move way"],
    'test~ "a # b"': ["example 0 1~ ->~ 1", "query 1 1~ ->~ 0"],
    'test~ "c"': ["data 1'#'0 _ ''' ", "->~ accept", "data is 1 0", "state is _"],
}
blanks = st.text(" \t", max_size=3)
comments = st.one_of(st.just(""), st.text("# '\"|->\tab", max_size=8).map("#{}".format))
between = st.lists(st.tuples(blanks, comments).map("".join), max_size=3)


@st.composite
def lines(draw: st.DrawFn, template: str) -> list[str]:
    """A line with blanks where they may stand, maybe with a comment, and after blank lines and comments."""
    words = [word + draw(blanks) for word in template.replace("~ ", "~").replace(" ", "~ ").split("~")]
    return [*draw(between), draw(blanks) + "".join(words) + draw(comments)]


@st.composite
def texts(draw: st.DrawFn) -> str:
    """A well-formed text."""
    templates = [draw(st.sampled_from(HEADS))]
    for opening in draw(st.lists(st.sampled_from(sorted(BLOCKS)), max_size=6)):
        body = BLOCKS[opening]
        templates += [opening, *(draw(st.lists(st.sampled_from(body), max_size=5)) if body else [])]
    text = [line for template in templates for line in draw(lines(template))] + draw(between)
    return draw(st.sampled_from(["\n", "\r\n"])).join(text)


@given(texts())
@settings(max_examples=150, deadline=None)
def test_any_text_is_formatted_once_and_for_all(text: str) -> None:
    once = formatted(text)  # which checks that the meaning and the comments are kept
    assert formatted(once) == once
    assert [line.comment for line in split(once) if line.comment] == [line.comment for line in split(text) if line.comment]
    assert "\r\n" not in once or once.count("\r\n") == once.count("\n")
    once = once.replace("\r\n", "\n")
    assert not any(line != line.rstrip() or "\r" in line for line in once.split("\n"))
    assert "\n\n\n" not in once
    assert once.endswith("\n")
    assert not once.endswith("\n\n")
    assert not once.startswith("\n")


@given(texts(), st.lists(blanks, min_size=1))
@settings(max_examples=60, deadline=None)
def test_blanks_make_no_difference(text: str, other: list[str]) -> None:
    """Code alone, without comments, has one look however it is indented."""
    bare = "\n".join(line.code for line in split(text) if line.code)
    again = "\n".join(other[number % len(other)] + line for number, line in enumerate(bare.split("\n")))
    assert formatted(bare) == formatted(again)
