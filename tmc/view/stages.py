"""The views of any stage: text, document and graph."""

from __future__ import annotations

from typing import Any, assert_never

from tmc.ir import document as documents
from tmc.ir.cells import Cells
from tmc.ir.filters import Filters
from tmc.ir.rules import Rules
from tmc.ir.table import Table
from tmc.view.cells import cells_text
from tmc.view.filters import filters_text
from tmc.view.rules import rules_text
from tmc.view.syntax import Syntax, syntax_document, syntax_text
from tmc.view.table import Optimised, optimised_text, table_text

Stage = Syntax | Table | Optimised | Rules | Cells | Filters


def text(stage: Stage) -> str:
    """The stage for people: what it is, its sizes, and a listing."""
    match stage:
        case Syntax():
            return syntax_text(stage)
        case Table():
            return table_text(stage)
        case Optimised():
            return optimised_text(stage)
        case Rules():
            return rules_text(stage)
        case Cells():
            return cells_text(stage)
        case Filters():
            return filters_text(stage)
    assert_never(stage)


def document(stage: Stage) -> dict[str, Any]:
    """The stage for programs: dictionaries, lists, numbers and strings, ready for JSON."""
    match stage:
        case Syntax():
            return syntax_document(stage)
        case Table():
            return documents.table_document(stage)
        case Optimised():
            merged = {name: list(others) for name, others in stage.merged.items()}
            return {**documents.table_document(stage.table), "merged": merged}
        case Rules():
            return documents.rules_document(stage)
        case Cells():
            return documents.cells_document(stage)
        case Filters():
            return documents.filters_document(stage)
    assert_never(stage)


def graph(stage: Stage) -> Any:
    """The stage as a networkx graph. Only here is networkx imported."""
    from tmc.view import graphs

    match stage:
        case Syntax():
            return graphs.syntax_graph(stage)
        case Table():
            return graphs.table_graph(stage)
        case Optimised():
            return graphs.table_graph(stage.table)
        case Rules():
            return graphs.rules_graph(stage)
        case Cells():
            return graphs.cells_graph(stage)
        case Filters():
            return graphs.filters_graph(stage)
    assert_never(stage)
