// The tapes with their heads: rows of cells, of which as many are shown as there is room for.

import { found, legendEntry, made, reveal } from "tmc/ui_elements";
import { Source } from "tmc/ui_source";
import { symbolKinds, symbolLooks, symbolName, symbolText } from "tmc/ui_symbols";
import { windowOf } from "tmc/ui_window";

/** @typedef {import("./types").PageDocument} PageDocument */
/** @typedef {import("./types").Moment} Moment */
/** @typedef {import("./types").Stretch} Stretch */
/** @typedef {import("tmc/timeline").Timeline} Timeline */
/** @typedef {import("./types").Origin} Origin */
/** @typedef {{from: number, to: number}} Extent */

const MOST_ROWS = 80;
const MOST_COLUMNS = 80;
const CELL = 27; // pixels a cell of a line takes, with its gap

/** A table of cells: a grid, or a line, which has one row. */
class TapeView {
  /**
   * @param {HTMLElement} box
   * @param {string[]} symbols
   * @param {{caption: string, row?: (row: number) => string, column: (column: number) => string, query?: number, label?: number}} names
   */
  constructor(box, symbols, names) {
    this.box = box;
    this.symbols = symbols;
    this.kinds = symbolKinds(symbols);
    this.names = names;
    /** @type {Map<string, HTMLTableCellElement>} */
    this.cells = new Map();
    this.shown = "";
    /** @type {HTMLTableCellElement | undefined} */
    this.head = undefined;
  }

  /**
   * @param {Stretch[]} rows
   * @param {[number, number]} head row and column
   * @param {Extent} columns
   */
  show(rows, head, columns) {
    const room = rows.length > 1 ? MOST_COLUMNS : Math.max(9, Math.min(MOST_COLUMNS, Math.floor(this.box.clientWidth / CELL)));
    const wide = windowOf(columns, room, head[1]);
    const tall = windowOf({ from: 0, to: rows.length - 1 }, MOST_ROWS, head[0]);
    const shown = [wide.from, wide.to, tall.from, tall.to].join(" ");
    if (shown !== this.shown) this.build(tall, wide);
    this.shown = shown;
    for (let row = tall.from; row <= tall.to; row += 1) {
      const stretch = rows[row];
      for (let column = wide.from; column <= wide.to; column += 1) {
        this.fill(this.cells.get(`${row} ${column}`), stretch?.symbols[column - stretch.from] ?? 0);
      }
    }
    this.mark(this.cells.get(head.join(" ")));
  }

  /** @param {[number, number] | null} place that is looked at */
  markChosen(place) {
    for (const cell of this.box.querySelectorAll("td.chosen")) cell.classList.remove("chosen");
    if (place) this.cells.get(place.join(" "))?.classList.add("chosen");
  }

  /** @param {[number, number] | null} place that the last step has written to */
  markWrite(place) {
    for (const cell of this.box.querySelectorAll("td.wrote")) cell.classList.remove("wrote");
    if (place) this.cells.get(place.join(" "))?.classList.add("wrote");
  }

  /** @param {number | null} row that is learnt now */
  markRow(row) {
    for (const line of this.box.querySelectorAll("tr.learnt")) line.classList.remove("learnt");
    if (row !== null) this.cells.get(`${row} 0`)?.parentElement?.classList.add("learnt");
  }

  /**
   * @param {HTMLTableCellElement | undefined} cell
   * @param {number} symbol
   */
  fill(cell, symbol) {
    if (!cell || cell.dataset.symbol === String(symbol)) return;
    const kind = this.kinds[Number(cell.dataset.symbol ?? -1)];
    if (kind) cell.classList.remove(kind);
    cell.dataset.symbol = String(symbol);
    cell.classList.add(this.kinds[symbol] ?? "blank");
    cell.textContent = symbolText(this.symbols[symbol] ?? "_");
    this.tint(cell, symbol);
  }

  /**
   * @param {HTMLTableCellElement} cell
   * @param {number} symbol
   */
  tint(cell, symbol) {
    const look = symbolLooks(this.symbols)[symbol];
    cell.style.background = look?.tinted ? look.fill : "";
  }

  /** The colours have changed. */
  repaint() {
    for (const cell of this.cells.values()) this.tint(cell, Number(cell.dataset.symbol));
  }

  /** @param {HTMLTableCellElement | undefined} cell the one that the head is on */
  mark(cell) {
    if (this.head !== cell) {
      this.head?.classList.remove("head");
      this.head?.removeAttribute("aria-current");
      cell?.classList.add("head");
      cell?.setAttribute("aria-current", "location");
    }
    this.head = cell;
    if (cell) reveal(this.box, cell);
  }

  /**
   * @param {Extent} tall
   * @param {Extent} wide
   */
  build(tall, wide) {
    const columns = count(wide);
    const corner = this.names.row ? [made("td", "corner")] : [];
    const headings = columns.map((column) => heading("col", this.names.column(column)));
    this.cells.clear();
    const rows = count(tall).map((row) => {
      const cells = columns.map((column) => this.cell(row, column));
      const line = made(
        "tr",
        row === this.names.query ? "query" : "",
        ...(this.names.row ? [heading("row", this.names.row(row))] : []),
        ...cells,
      );
      return line;
    });
    const caption = made("caption", "unseen", this.names.caption);
    const head = made("thead", "", made("tr", "", ...corner, ...headings));
    const dense = columns.length > 14 && this.names.row ? " dense" : "";
    this.box.replaceChildren(made("table", `tape${dense}`, caption, head, made("tbody", "", ...rows)));
    this.head = undefined;
  }

  /**
   * @param {number} row
   * @param {number} column
   */
  cell(row, column) {
    const cell = made("td", column === this.names.label ? "edge" : "");
    cell.dataset.row = String(row);
    cell.dataset.column = String(column);
    this.cells.set(`${row} ${column}`, cell);
    return cell;
  }
}

export class TapesPanel {
  /**
   * @param {PageDocument} document_
   * @param {Timeline} timeline
   * @param {{choose: (place: [number, number]) => void, point: (origin: Origin) => void}} tell is told the cell of the data that is
   *   clicked, and the line that somebody wants to see
   */
  constructor(document_, timeline, { choose, point }) {
    this.timeline = timeline;
    this.taken = found("taken", HTMLButtonElement);
    /** Where the rule of the step before stands. @type {Origin | null} */
    this.origin = null;
    this.taken.addEventListener("click", () => this.origin && point(this.origin));
    found("data", HTMLElement).addEventListener("click", ({ target }) => {
      const cell = target instanceof Element ? target.closest("td[data-row]") : null;
      if (cell instanceof HTMLElement) choose([Number(cell.dataset.row), Number(cell.dataset.column)]);
    });
    this.document = document_;
    const [data, work] = document_.machine.tapes;
    const columns = document_.input.rows[0]?.length ?? 0;
    const names = document_.training ? learnerNames(document_) : timeline.isGrid ? gridNames() : lineNames("The data tape");
    this.data = new TapeView(found("data", HTMLElement), data?.symbols ?? [], names);
    this.columns = timeline.isGrid ? { from: 0, to: columns - 1 } : null;
    this.work = work ? new TapeView(found("work", HTMLElement), work.symbols, lineNames("The work tape")) : null;
    found("data-title", HTMLElement).textContent = document_.training ? "Data: the examples and the query" : "Data tape";
    found("work-title", HTMLElement).hidden = !work;
    found("work", HTMLElement).hidden = !work;
    this.state = found("state", HTMLElement);
    this.verdict = found("verdict", HTMLElement);
    this.note = found("tapes-note", HTMLElement);
    this.drawLegend();
  }

  drawLegend() {
    const symbols = this.document.machine.tapes[0]?.symbols ?? [];
    const looks = symbolLooks(symbols);
    const entries = symbols.map((symbol, index) => legendEntry(symbolName(symbol), { colour: looks[index]?.fill ?? "" }));
    found("symbol-legend", HTMLElement).replaceChildren(
      legendEntry("head", { kind: "head" }),
      legendEntry("just written", { kind: "wrote" }),
      ...entries,
    );
  }

  /** The colours have changed. */
  repaint() {
    this.drawLegend();
    this.data.repaint();
    this.work?.repaint();
  }

  /**
   * @param {Moment} moment
   * @param {[number, number] | null} chosen the cell that is looked at for good
   */
  show(moment, chosen) {
    const [data, work] = this.timeline.extents;
    const [wroteData, wroteWork] = this.written(moment);
    const rows = this.timeline.data(moment.layer);
    this.data.show(rows, moment.head, this.columns ?? data ?? { from: 0, to: 0 });
    const example = moment.training?.example ?? null;
    this.data.markRow(example !== null && example < rows.length - 1 ? example : null);
    const line = this.timeline.workTape(moment.layer);
    if (line && this.work) this.work.show([line], [0, moment.workHead], work ?? { from: 0, to: 0 });
    this.data.markChosen(chosen);
    this.data.markWrite(wroteData ?? null);
    this.work?.markWrite(wroteWork ?? null);
    this.state.textContent = moment.stateName;
    this.note.textContent = this.noteOf(moment);
    this.verdict.textContent = this.verdictOf(moment);
    this.verdict.hidden = moment.phase !== "end";
  }

  /**
   * Where the step before wrote, on each tape; its line is shown.
   * @param {Moment} moment
   * @returns {([number, number] | null)[]}
   */
  written({ step }) {
    this.taken.hidden = step === 0;
    if (step === 0) return [];
    const before = this.timeline.at(this.timeline.layerOfStep(step - 1));
    const taken = this.document.machine.transitions[before.transition ?? -1];
    const { write = [] } = taken ?? {};
    this.origin = taken ?? null;
    this.taken.textContent = taken ? `after ${Source.named(taken)}` : "";
    /** @type {[number, number][]} */
    const heads = [before.head, [0, before.workHead]];
    return heads.map((head, tape) => ((write[tape] ?? null) === null ? null : head));
  }

  /** @param {Moment} moment */
  noteOf({ phase }) {
    if (phase === "training") return "The machine has not begun: the network learns the examples first.";
    if (phase === "decoding") return "The machine has not begun: the network turns its memory into these cells first.";
    if (phase === "end") return "Where does a symbol come from? Click its cell, then jump back to its changes (key E).";
    return "";
  }

  /** @param {Moment} moment */
  verdictOf({ verdict }) {
    if (verdict === "stuck") return "no rule applies: undecided";
    if (!verdict || !this.document.training) return verdict;
    const { label } = this.document.input;
    const answer = verdict === "accept" ? 1 : -1;
    const right = label === null ? "" : (label > 0 ? 1 : -1) === answer ? ", which is right" : ", which is wrong";
    return `${verdict}: the label is ${answer > 0 ? "1" : "0"}${right}`;
  }
}

/** @param {PageDocument} document_ */
function learnerNames(document_) {
  const query = document_.input.rows.length - 1;
  const label = (document_.input.rows[0]?.length ?? 1) - 1;
  return {
    caption: "The data: a row for each example, the query last; the label in the last column",
    row: (/** @type {number} */ row) => (row === query ? "query" : `example ${row + 1}`),
    column: (/** @type {number} */ column) => (column === label ? "label" : `x${column}`),
    query,
    label,
  };
}

function gridNames() {
  return { caption: "The data grid", row: (/** @type {number} */ row) => `row ${row}`, column: String };
}

/** @param {string} caption */
function lineNames(caption) {
  return { caption, column: (/** @type {number} */ column) => (column % 5 === 0 ? String(column).replace("-", "−") : "") };
}

/**
 * @param {string} scope
 * @param {string} text
 */
function heading(scope, text) {
  const cell = made(text ? "th" : "td", "", text);
  if (text) cell.scope = scope;
  return cell;
}

/** @param {Extent} extent */
function count({ from, to }) {
  return Array.from({ length: to - from + 1 }, (_, index) => from + index);
}
