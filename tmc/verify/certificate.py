"""The certificate of a checkpoint: that the weights in the file do, layer after layer, what the source in the file says.

Every stage is shown against the one before it, and says how:

- *compared*: the same thing made twice, and nothing may differ;
- *proved*: every case there is, see `tmc.verify.boxes`;
- *run*: some cases, side by side with the oracle. Only this is not a proof; the stage says what was run.

What is proved of one layer holds of any number of layers: the cells that a layer leaves behind are legal again, and stand beside
each other as cells may (`tmc.verify.neighbours`); and of such cells every patch was looked at.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cache, partial
from itertools import combinations
from time import perf_counter
from typing import Generic, TypeVar

from tmc.automaton.edges import stop_at_edges
from tmc.automaton.reachable import Reachable, reachable
from tmc.diagnostics import InternalError, Rejected, SourceRejected
from tmc.ir.conflicts import validate
from tmc.ir.document import table_document
from tmc.ir.from_document import table_of
from tmc.ir.rules import Rules
from tmc.ir.table import Table
from tmc.net.checkpoint.reading import Checkpoint
from tmc.net.checkpoint.writing import metadata_of
from tmc.optimise.passes import PASSES, optimise
from tmc.pipeline import Stages, lower_table, read_machine
from tmc.source import Source
from tmc.verify.boxes import Number
from tmc.verify.decoding import decoding
from tmc.verify.faults import Fault, changed_units, misplaced_units, rounded_unit, units_of_several
from tmc.verify.head_and_memory import answers, learns
from tmc.verify.labels import labels
from tmc.verify.legal_cells import Legal, escapes, legal
from tmc.verify.metadata import compared, metadata_faults, other_sizes
from tmc.verify.neighbours import Neighbours, computing
from tmc.verify.precision import Contract
from tmc.verify.proofs import PROOFS
from tmc.verify.rules_to_table import differences
from tmc.verify.short_runs import run_beside
from tmc.verify.sums import rounded
from tmc.verify.unit_terms import Apart, SeveralInputs
from tmc.verify.weights_to_rules import Patches, prove

COMPARED, PROVED, RUN = "compared", "proved", "run"
Found = TypeVar("Found")


@dataclass(frozen=True, slots=True)
class Stage:
    """One step of a certificate: what it says, how that was shown, in how many cases and seconds, and what was wrong (nothing: it
    holds). `margin`: how near any unit comes to its kink, where that is known."""

    name: str
    how: str
    says: str
    cases: int
    seconds: float
    faults: tuple[Fault, ...] = ()
    margin: Number | None = None

    @property
    def holds(self) -> bool:
        """Whether nothing was wrong."""
        return not self.faults


@dataclass(frozen=True, slots=True)
class Certificate:
    """What is known of a checkpoint; `digest` is the SHA-256 of its tensors, `source` that of the text it was compiled from.

    `dtype`: the kind of its numbers, in which it is exact; `contract`: what is known of others (None: nothing).
    """

    machine: str
    target: str
    digest: str
    source: str
    stages: tuple[Stage, ...]
    dtype: str
    contract: Contract | None = None

    def __repr__(self) -> str:
        wrong = [stage.name for stage in self.stages if not stage.holds]
        said = f"not verified: {', '.join(wrong)}" if wrong else "verified"
        return f"<Certificate of {self.machine}, target {self.target}: {said}>"

    @property
    def holds(self) -> bool:
        """Whether every stage holds."""
        return all(stage.holds for stage in self.stages)


@dataclass(frozen=True, slots=True)
class Shown(Generic[Found]):
    """What a stage has shown, see `Stage`; and what was found on the way, for stages that rest on it (None: nothing)."""

    cases: int
    faults: Sequence[str | Fault] = ()
    margin: Number | None = None
    found: Found | None = None


def certify(checkpoint: Checkpoint, progress: Callable[[str], None] = lambda _: None) -> Certificate:
    """Show, stage by stage, that a checkpoint does what its source says. A stage that cannot be shown names what is wrong; those
    that would rest on it are left out."""
    about = checkpoint.about
    work = _StageRunner(checkpoint, progress)
    contract = work.go()
    machine, source = str(about["table"]["name"]), str(about["source"]["sha256"])
    name, dtype = checkpoint.target.name, _dtype(checkpoint)
    return Certificate(machine, name, checkpoint.digest, source, tuple(work.stages), dtype, contract)


def _dtype(checkpoint: Checkpoint) -> str:
    """The number format of a checkpoint."""
    return next(tensor.dtype.name for name, tensor in checkpoint.tensors.items() if name.endswith(".bias"))


@dataclass
class _StageRunner:
    """The stages, in order: each method shows some, and returns what others rest on (None: it could not be found)."""

    checkpoint: Checkpoint
    progress: Callable[[str], None]
    stages: list[Stage] = field(default_factory=list)

    def go(self) -> Contract | None:
        """All of them."""
        table = self._table()
        stages = None if table is None else self._stages(table)
        if table is None or stages is None:
            return None
        self._rules(table, stages)
        claimed = reachable(stages.rules)
        relation = self._invariants(stages.rules, claimed)
        cells = None if relation is None else self._layers(stages.rules, claimed, relation)
        if cells is None:
            return None
        patches = _patches(self.checkpoint, stages, claimed, cells)
        if not self._sums(stages, patches):
            return None
        contract = self._weights(stages, patches)
        self._head(stages, cells)
        if self.checkpoint.memory is not None:
            says = "every row holds an example, a label, and nothing else; the last one is the dummy"
            self._show("memory, as trained", COMPARED, says, lambda: _trained(self.checkpoint))
        return contract

    def _show(self, name: str, how: str, says: str, show: Callable[[], Shown[Found]]) -> Shown[Found]:
        """Add a stage."""
        self.progress(name)
        began = perf_counter()
        try:
            shown = show()
        except (Rejected, InternalError) as error:
            shown = Shown(0, (str(error),))
        faults = tuple(fault if isinstance(fault, Fault) else Fault(fault) for fault in shown.faults)
        self.stages.append(Stage(name, how, says, shown.cases, perf_counter() - began, faults, shown.margin))
        return shown

    def _table(self) -> Table | None:
        """Source → table."""

        def show() -> Shown[Table]:
            try:
                table = table_of(self.checkpoint.about["table"])
            except ValueError as error:
                return Shown(1, (f"the checkpoint holds no valid table: {error}",))
            return Shown(1, _source_faults(self.checkpoint), found=table)

        says = "the source in the file, compiled again, is the table in the file"
        return self._show("source → table", COMPARED, says, show).found

    def _stages(self, table: Table) -> Stages | None:
        """What the table's checkpoint would say of itself; None if its layers are of other sizes: then nothing can be compared."""

        def show() -> Shown[Stages]:
            about = self.checkpoint.about
            target = self.checkpoint.target
            stages = lower_table(table, target.name, target.scale_of(about))
            expected = metadata_of(stages, str(about["source"]["text"]))
            faults = tuple(metadata_faults(about, expected, stages))
            fits = not any(other_sizes(about["units"], expected["units"], stages))
            return Shown(len(compared(about, expected)), faults, found=stages if fits else None)

        says = "the file describes its cells, channels and units as the table's network has them"
        return self._show("table → metadata", COMPARED, says, show).found

    def _rules(self, table: Table, stages: Stages) -> None:
        """Table → rules."""

        def transitions() -> Shown[None]:
            split = stop_at_edges(stages.lowered)
            return Shown(len(split.transitions), differences(split, stages.rules))

        def travelling() -> Shown[None]:
            return Shown(*run_beside(stages))

        says = "the rules of the control are the table's transitions, one for one"
        self._show("table → rules", PROVED, says, transitions)
        says = "table and rules, run side by side on small inputs, agree before every step: how the control and the tapes travel"
        self._show("table → rules, travelling", RUN, says, travelling)

    def _invariants(self, rules: Rules, claimed: Reachable) -> Neighbours | None:
        """What may stand beside what."""

        def show() -> Shown[Neighbours]:
            relation = computing(rules)
            wrong = tuple(f"this does not hold in every layer: {one.name}" for one in relation.refuted(claimed.invariants))
            return Shown(relation.pairs(), wrong, found=relation)

        shown = self._show("invariants", PROVED, "no rule leads out of the relation of cells that may stand side by side", show)
        return None if shown.faults else shown.found

    def _layers(self, rules: Rules, claimed: Reachable, relation: Neighbours) -> Legal | None:
        """Rules → rules, layer after layer. Returns the legal cells if they are kept."""
        cells = legal(rules, claimed, relation.signals)

        def together() -> Shown[None]:
            validate(rules)
            return Shown(len(rules.rules) * (len(rules.rules) - 1) // 2)

        def closed() -> Shown[None]:
            fields = (escape.field or "signals" for escape in escapes(rules, relation, cells))
            faults = [f"a cell may get {name} that it is not said to have" for name in fields]
            return Shown(len(relation.ways), tuple(dict.fromkeys(faults)))

        def decoded() -> Shown[None]:
            before = decoding(rules, cells, relation.signals)
            return Shown(before.layers, (*before.faults, *before.refuted(rules, claimed.invariants)))

        shown = [self._show("rules", PROVED, "no two rules write one field at once", together)]
        shown.append(self._show("legal cells", PROVED, "no rule leads out of the legal cells", closed))
        if rules.has("kind"):
            says = "until the control is born, invariants and legal cells are kept; then all else is at rest"
            shown.append(self._show("decoding", PROVED, says, decoded))
        return None if any(one.faults for one in shown) else cells

    def _sums(self, stages: Stages, patches: Callable[[], Patches]) -> bool:
        """Returns whether no sum is rounded: what follows is right if so."""

        def show() -> Shown[None]:
            try:
                apart = Apart(self.checkpoint)
            except SeveralInputs as found:
                return Shown(0, tuple(units_of_several(found, labels(self.checkpoint, stages), stages)))
            cases, unit = rounded(self.checkpoint, apart, patches().occurring)
            return Shown(cases, () if unit is None else (rounded_unit(unit, stages),))

        says = f"in {_dtype(self.checkpoint)}, no sum of the convolution or the head is rounded, in whatever order it is added up"
        return not self._show("sums", PROVED, says, show).faults

    def _weights(self, stages: Stages, patches: Callable[[], Patches]) -> Contract | None:
        """Rules → weights. Returns in which number formats they do the same."""

        def show() -> Shown[Contract]:
            agreement = prove(self.checkpoint, patches())
            contract = PROOFS[stages.target.name].contract(self.checkpoint, patches(), agreement)
            blamed = changed_units(labels(self.checkpoint, stages), stages) if agreement.faults else ()
            return Shown(agreement.cases, (*map(str, agreement.faults), *blamed), agreement.margin, contract)

        def labelled() -> Shown[None]:
            found = labels(self.checkpoint, stages)
            return Shown(found.units, tuple(misplaced_units(found, stages)))

        says = "in every legal patch, a layer of the weights in the file is a layer of the rules"
        contract = self._show("rules → weights", PROVED, says, show).found
        self._show("labels", COMPARED, "every hidden unit that is read is what its label says", labelled)
        return contract

    def _head(self, stages: Stages, cells: Legal) -> None:
        """The head, and what learning needs."""

        def encode(cell: tuple[int, ...]) -> tuple[float, ...]:
            return tuple(float(number) for number in stages.encode(cell))

        def answered() -> Shown[None]:
            looked_at = PROOFS[stages.target.name].cells(self.checkpoint, stages, cells)
            found = answers(self.checkpoint, stages.rules, encode, looked_at)
            return Shown(found.cases, found.faults)

        def learnt() -> Shown[None]:
            found = learns(self.checkpoint, stages.rules, encode)
            return Shown(found.cases, found.faults)

        self._show("head", PROVED, "the head makes of every legal cell its verdict, and of all others 0", answered)
        if stages.rules.has("kind"):
            says = "the derivatives that Lemma 1.1 needs: in a memory's first empty row 1, elsewhere 0"
            self._show("memory", PROVED, says, learnt)


def _patches(checkpoint: Checkpoint, stages: Stages, claimed: Reachable, cells: Legal) -> Callable[[], Patches]:
    """The legal patches of a checkpoint's target, found when they are first asked for."""
    return cache(partial(PROOFS[stages.target.name].patches, checkpoint, stages, claimed, cells))


def _source_faults(checkpoint: Checkpoint) -> tuple[str, ...]:
    """Why the source in a checkpoint does not make the table in it, with any of the passes left out."""
    from hashlib import sha256

    source = checkpoint.about["source"]
    text = str(source["text"])
    if sha256(text.encode()).hexdigest() != source["sha256"]:
        return ("the source in the file does not match the hash beside it",)
    if not text:
        return ("the file holds no source, as it was made from a table",)
    given = checkpoint.about["table"]
    try:
        written, _ = read_machine(Source(f"the source in {checkpoint.name}", text))
    except SourceRejected as rejected:
        return (f"the source in the file has errors: {rejected.diagnostics[0].message}",)
    return () if any(made == given for made in _tables(written)) else ("the source in the file compiles to another table",)


def _trained(checkpoint: Checkpoint) -> Shown[None]:
    """Whether a trained memory is one that Lemma 1.1 leaves behind."""
    memory, third = checkpoint.memory, checkpoint.about["learning_rate"]
    assert memory is not None
    full, dummy = (abs(memory) == third).all(), (memory[-1] == third).all()
    return Shown(memory.size, () if full and dummy else ("gradient descent would leave another memory",))


def _tables(written: Table) -> Iterator[object]:
    """The documents of the tables that a source makes, with the most usual passes first."""
    from tmc.automaton.rows_to_grid import rows_to_grid

    for count in range(len(PASSES) + 1):
        for without in combinations(PASSES, count):
            yield table_document(rows_to_grid(optimise(written, without)[0]))
