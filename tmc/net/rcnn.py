"""A compiled network that can be trained and asked, or run on a line: what `tmc.load` returns."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import ArrayLike, NDArray

from tmc.diagnostics import CutOff, Rejected
from tmc.given import check_count, check_flag, check_path, kind_of, renamed
from tmc.net.answer import answer
from tmc.net.answers import Answers
from tmc.net.as_checkpoint import checkpoint_of
from tmc.net.called import refuse_hooks
from tmc.net.checkpoint import reading as files
from tmc.net.checkpoint.arrays import VALUES, numbers
from tmc.net.described import Shape
from tmc.net.learn import memorise, train
from tmc.net.line import LineRun, run_line
from tmc.net.network import Network
from tmc.net.remarks import More, cut_off
from tmc.pipeline import Build


@dataclass(frozen=True, slots=True)
class _AnswerOptions:
    """How to answer, see `RCNN.answer`."""

    engine: str
    dtype: str | None
    work: int | None
    max_layers: int | None
    full_depth: bool


class RCNN(Network):
    """A compiled network. A learner's: `fit` trains its memory, `predict` asks it. A line machine's: `run` runs it.

    Examples, labels and queries are all 0 and 1, or all -1 and +1, in arrays, lists or tensors. `engine` is ``auto``, ``sparse`` or
    ``dense``; ``auto`` is ``dense`` for random weights, and where hooks, parametrizations or other modules are in the network,
    which the sparse engine would not call. `work` is room for so many work-tape cells, `max_layers` the most layers that are run;
    by default both are what the machine's bounds ask for. With `full_depth` every layer is run. All methods raise `Rejected` for
    bad input.

    `tmc.net.learn.memorise`, `tmc.net.answer.answer` and `tmc.net.line.run_line` do the same, with all there is to know about it.
    """

    def fit(
        self,
        x: ArrayLike,
        y: ArrayLike,
        full_depth: bool = False,
        *,
        engine: str = "auto",
        work: int | None = None,
        max_layers: int | None = None,
    ) -> RCNN:
        """Memorise examples `x` (m, d) with labels `y` (m,) by Algorithm 1. Returns the network.

        As `tmc.net.learn.memorise`, or `train` for random weights. A network that learns nothing, since it is refused or
        interrupted, remembers what it did before.
        """
        self._check_grid("fit")
        check_flag("full_depth", full_depth)
        features, labels = _signs("x", x, 2), _signs("y", y, 1)
        if len(features) != len(labels) or not features.size:
            raise Rejected(f"features of shape {features.shape} do not fit labels of shape {labels.shape}")
        learn = train if self.is_drawn else memorise
        shape, before = self._room((len(features), features.shape[1]), work, max_layers), self.memory_array().copy()
        try:
            learn(self, features, labels, shape, full_depth=full_depth, engine=engine)
        except BaseException:
            self.set_memory(before)
            raise
        return self

    @renamed(numbers="dtype")
    def predict(
        self,
        x: ArrayLike,
        undecided: int | None = None,
        *,
        engine: str = "auto",
        dtype: str | None = None,
        work: int | None = None,
        max_layers: int | None = None,
        full_depth: bool = False,
    ) -> NDArray[np.int8]:
        """Labels (q,), -1 and +1, for queries `x` (q, d), after `fit`. What stays undecided is +1, as in the paper, or what is
        given for it: -1, 0 or 1.

        Of a machine that promises no bounds the network has as much room as a query needs, up to `tmc.net.described.MOST_PADS`
        columns, and `LAYER_CAP` layers. A query that is cut off, by these or by the machine's bounds, is undecided: unless
        `undecided` is given, the warning `tmc.diagnostics.CutOff` says which. The other arguments are those of `answer`.
        """
        if undecided is not None and check_count("undecided", undecided, -1) > 1:
            raise Rejected(f"undecided: {undecided} is not -1, 0 or 1")
        options = _AnswerOptions(engine, dtype, work, max_layers, full_depth)
        answers, shape = self._answered("predict", x, options)
        for remark in cut_off(self, answers, shape, _more(work, max_layers)) if undecided is None else ():
            warnings.warn(remark, CutOff, stacklevel=3)  # the caller is beyond `renamed`
        return answers.labels if undecided is None else np.where(answers.undecided, np.int8(undecided), answers.labels)

    @renamed(numbers="dtype")
    def answer(
        self,
        x: ArrayLike,
        *,
        engine: str = "auto",
        dtype: str | None = None,
        work: int | None = None,
        max_layers: int | None = None,
        full_depth: bool = False,
    ) -> Answers:
        """All results for queries `x` (q, d), after `fit`: labels, which are undecided, outputs, layers and more.

        `dtype` is a number format for the engine ``dense``, refused unless it is exact.
        """
        return self._answered("answer", x, _AnswerOptions(engine, dtype, work, max_layers, full_depth))[0]

    def _answered(self, method: str, x: ArrayLike, options: _AnswerOptions) -> tuple[Answers, Shape]:
        m, d = self.learnt(method)
        check_flag("full_depth", options.full_depth)
        queries = _signs("x", x, 2)
        if queries.shape[1] != d:
            raise Rejected(f"queries of {queries.shape[1]} features, but the memory holds examples of {d}")
        refuse_hooks(self, method, ("memory", "recurrent", "head"))
        shape = self._room((m, d), options.work, options.max_layers)
        engine, dtype = options.engine, options.dtype
        return answer(self, queries, shape, engine=engine, dtype=dtype, full_depth=options.full_depth), shape

    def run(
        self,
        data: str,
        max_layers: int | None = None,
        *,
        engine: str = "auto",
        window: int | None = None,
        work: int | None = None,
        full_depth: bool = False,
    ) -> LineRun:
        """Run a line machine on `data`, whose first character stands under the head.

        The lattice grows as the run needs it, unless `window` says how many cells the head may go to either side; `work` goes with
        it. `data` must consist of symbols of the tape.
        """
        check_flag("full_depth", full_depth)
        if not isinstance(data, str):
            raise Rejected(f"`data` is the text on the tape, not {kind_of(data)}")
        if window is None and work is not None:
            raise Rejected("work goes with window: without a window the tapes grow as needed")
        layers = None if max_layers is None else check_count("max_layers", max_layers, 1)
        cells = None if window is None else check_count("window", window, 0)
        more = 0 if work is None else check_count("work", work, 1)
        if not self.reads_grid:
            refuse_hooks(self, "run", ("recurrent",))
        return run_line(self, data, engine=engine, window=cells, work=more, max_layers=layers, full_depth=full_depth)

    def save(self, path: str | Path) -> None:
        """Write the network as it is, with what it has learnt, and with weights that were changed. Raises `Rejected`, and writes
        nothing, when no checkpoint can hold it."""
        check_path("a checkpoint", path)
        files.save(checkpoint_of(self), path)

    def _room(self, size: tuple[int, int], work: int | None, max_layers: int | None) -> Shape:
        """The shape for `m` examples of `d` features."""
        cells = None if work is None else check_count("work", work, 1)
        layers = None if max_layers is None else check_count("max_layers", max_layers, 1)
        return self.shape(*size, work=cells, depth=layers)


def _signs(name: str, values: ArrayLike, dimensions: int) -> NDArray[np.int8]:
    """Values of 0 and 1 as -1 and +1; values of -1 and +1 as they are."""
    array = numbers(name, values)
    if np.ma.is_masked(array):
        raise Rejected(f"{name} has entries that are masked out; {VALUES}")
    if array.ndim != dimensions:
        raise Rejected(f"{name}: an array of {dimensions} dimensions is needed, not one of shape {array.shape}")
    if not (np.isin(array, (0, 1)).all() or np.isin(array, (-1, 1)).all()):
        raise Rejected(f"{name}: {VALUES}")
    return np.where(array == 1, 1, -1).astype(np.int8)


def _more(work: int | None, max_layers: int | None) -> More:
    """How the caller can allow more: by the argument, where there is one."""
    of_work = {} if work is None else {"work": "allow more with `work`"}
    of_layers = {} if max_layers is None else {"layers": "allow more with `max_layers`"}
    return More(**of_work, **of_layers)


def of_build(build: Build) -> RCNN:
    """The network of a compiled machine."""
    return RCNN(files.from_build(build))


def load(path: str | Path, *, as_written: bool = True) -> RCNN:
    """The network in a checkpoint file. Raises `Rejected` when the file is not a checkpoint that this tmc can use, or, unless
    `as_written` is False, when its weights are not those that were written."""
    check_path("a checkpoint", path)
    return RCNN(files.load(path, as_written=as_written))
