// One cell of the network: its fields, its number and digits, the rules that apply to it and the hidden units that are on.

import { figure, found, made } from "tmc/ui_elements";
import { symbolName } from "tmc/ui_symbols";
import { Source } from "tmc/ui_source";

/** @typedef {import("./types").PageDocument} PageDocument */
/** @typedef {import("./types").CellView} CellView */
/** @typedef {import("./types").Moment} Moment */
/** @typedef {import("./types").Origin} Origin */

const OF_SYMBOLS = new Set(["symbol", "left", "right", "carry1", "carry2"]);

export class CellPanel {
  /**
   * @param {PageDocument} document_
   * @param {(origin: Origin) => void} point shows a line of the source
   */
  constructor(document_, point) {
    this.document = document_;
    this.point = point;
    this.where = found("cell-where", HTMLElement);
    this.fields = found("cell-fields", HTMLElement);
    this.number = found("cell-number", HTMLElement);
    this.units = found("units", HTMLElement);
    this.note = found("units-note", HTMLElement);
  }

  /**
   * @param {CellView} cell
   * @param {Moment} moment
   * @param {[number, number]} place its row and position
   */
  show(cell, moment, place) {
    this.where.textContent = this.place(cell, moment, place);
    this.fields.replaceChildren(this.fieldTable(cell));
    this.number.replaceChildren(...(cell.digits.length ? this.digits(cell) : []));
    this.showUnits(cell);
  }

  /**
   * @param {CellView} cell
   * @param {Moment} moment
   * @param {[number, number]} place
   */
  place({ row, column }, moment, [, position]) {
    const { training, input } = this.document;
    const columns = input.rows[0]?.length ?? 0;
    const rowName = training ? (row === input.rows.length - 1 ? " (the query)" : ` (example ${row + 1})`) : "";
    const name = column >= columns ? " (padding)" : column === columns - 1 ? " (label)" : ` (feature x${column})`;
    const here =
      moment.control?.[0] === row && moment.control[1] === column ? ` The control is here, in state ${moment.stateName}.` : "";
    if (training) return `Row ${row}${rowName}, column ${column}${name}.${here}`;
    return `${this.document.machine.tapes[0]?.kind === "line" ? "Position" : `Row ${row}, column`} ${String(position).replace("-", "−")}.${here}`;
  }

  /** @param {CellView} cell */
  fieldTable(cell) {
    const rows = cell.fields.map(({ name, value, number }, index) => {
      const heading = made("th", "", name);
      heading.scope = "row";
      const shown = made("td", "", OF_SYMBOLS.has(name) ? symbolName(value) : value);
      shown.dataset.field = name;
      shown.dataset.value = value;
      const meaning = this.document.rules.fields[index]?.says ?? "";
      return made("tr", number === 0 ? "rest" : "", heading, shown, made("td", "meaning", meaning));
    });
    const columns = made("colgroup", "", made("col", "names"), made("col", "values"), made("col"));
    return made("table", "fields", made("caption", "unseen", "Fields of the cell"), columns, made("tbody", "", ...rows));
  }

  /** @param {CellView} cell */
  digits(cell) {
    const value = cell.channels[0]?.value ?? 0;
    const columns = cell.digits.map(({ name, code, weight }) => ({ name, code: signed(code), weight: String(weight) }));
    const row = (/** @type {string} */ title, /** @type {string[]} */ texts) => {
      const heading = made("th", "", title);
      heading.scope = "row";
      return made("tr", "", heading, ...texts.map((text) => made("td", "", text)));
    };
    const names = row(
      "digit",
      columns.map(({ name }) => name),
    );
    const table = made(
      "table",
      "digits",
      made("caption", "unseen", "Digits of the number"),
      made(
        "tbody",
        "",
        names,
        row(
          "is",
          columns.map(({ code }) => code),
        ),
        row(
          "times",
          columns.map(({ weight }) => weight),
        ),
      ),
    );
    const scroll = made("div", "scroll", table);
    scroll.tabIndex = 0;
    scroll.setAttribute("role", "region");
    scroll.setAttribute("aria-label", "Digits of the number");
    const number = made(
      "p",
      "",
      "The cell is the number ",
      made("span", "number-value", figure(value).replace("-", "−")),
      ", the sum of its digits times what each is worth:",
    );
    number.dataset.number = String(value);
    return [number, scroll];
  }

  /** @param {CellView} cell */
  showUnits(cell) {
    const { rules } = this.document.rules;
    /** @type {Map<string, Group>} */
    const groups = new Map();
    const group = (/** @type {string} */ name, /** @type {Origin} */ origin) => {
      const key = `${name} ${origin.file}:${origin.line}`;
      const known = groups.get(key) ?? { name, origin, units: [] };
      groups.set(key, known);
      return known;
    };
    for (const index of cell.rules) {
      const rule = rules[index];
      if (rule) group(rule.name, rule);
    }
    for (const { layer, unit, value } of cell.units) {
      const { name, about } = this.unit(layer, unit);
      if (about) group(about.rule, about).units.push({ name, says: about.name, value });
    }
    const entries = [...groups.values()].filter(({ name }) => name !== "");
    const first = entries.filter(({ name }) => !isUpkeep(name));
    this.units.replaceChildren(
      made("ul", "", ...[...first, ...entries.filter(({ name }) => isUpkeep(name))].map((one) => this.entry(one))),
    );
    this.note.textContent = cell.rules.length
      ? "They make the cell's next value. Each stands for a rule, and most rules for a line of the program."
      : "No rule applies to this cell now: it keeps what it holds.";
  }

  /**
   * A unit, and what formulas call it: the layer's initial and a number, counted from 1.
   * @param {number} layer
   * @param {number} unit
   */
  unit(layer, unit) {
    const { name = "", units = [] } = this.document.network.layers[layer] ?? {};
    const short = /^V\d+$/.test(name) ? `${name.toLowerCase()}.${unit + 1}` : `${name[0]}${unit + 1}`;
    return { name: short, about: units[unit] };
  }

  /** @param {Group} group */
  entry({ name, origin, units }) {
    const shown = units
      .slice(0, MOST_NAMES)
      .map(({ name: unit }) => unit)
      .join(" ");
    const names = made("span", "unit-names", units.length > MOST_NAMES ? `${shown} … (${units.length})` : shown);
    const formulas = units.map(({ name: unit, says, value }) => made("li", "", made("code", "", `${unit} = ${value}`), ` ${says}`));
    const details = made(
      "details",
      "",
      made("summary", "", made("span", "", explained(name)), " ", names),
      made("ul", "", ...formulas),
    );
    const entry = made("li", "", units.length ? details : made("span", "", explained(name)));
    if (origin.line > 0) {
      const button = made("button", "", Source.named(origin));
      button.type = "button";
      button.dataset.line = String(origin.line);
      button.setAttribute("aria-label", `Show ${Source.named(origin)} of the program`);
      button.addEventListener("click", () => this.point(origin));
      entry.append(button);
    }
    return entry;
  }
}

/**
 * @typedef {object} Group the units that are on for a rule
 * @property {string} name
 * @property {Origin} origin
 * @property {{name: string, says: string, value: number}[]} units
 */

const MOST_NAMES = 6;

/**
 * Whether units only read the neighbourhood, or keep what a cell holds.
 * @param {string} rule
 */
function isUpkeep(rule) {
  return rule === "read" || rule === "learn" || rule.startsWith("keep");
}

/** @param {string} rule */
function explained(rule) {
  if (rule === "read") return "read: what stands in this cell and its neighbours";
  if (rule === "learn") return "learn: passes the gradient on";
  return rule;
}

/** @param {number} number */
function signed(number) {
  return number < 0 ? `−${-number}` : String(number);
}
