// One cell of the network: its fields, its number and digits, the rules that apply to it and the hidden units that are on.

import { found, made } from "tmc/ui_elements";
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
   * @param {number} from the position of column 0
   */
  show(cell, moment, from) {
    this.where.textContent = this.place(cell, moment, from);
    this.fields.replaceChildren(this.fieldTable(cell));
    this.number.replaceChildren(...(cell.digits.length ? this.digits(cell) : []));
    this.showUnits(cell);
  }

  /**
   * @param {CellView} cell
   * @param {Moment} moment
   * @param {number} from
   */
  place({ row, column }, moment, from) {
    const { training, input } = this.document;
    const columns = input.rows[0]?.length ?? 0;
    const rowName = training ? (row === input.rows.length - 1 ? " (the query)" : ` (example ${row + 1})`) : "";
    const name = column >= columns ? " (padding)" : column === columns - 1 ? " (label)" : ` (feature x${column})`;
    const here = moment.control?.[0] === row && moment.control[1] === column ? ` The control is here, in state ${moment.stateName}.` : "";
    if (training) return `Row ${row}${rowName}, column ${column}${name}.${here}`;
    return `${this.document.machine.tapes[0]?.kind === "line" ? "Position" : `Row ${row}, column`} ${String(column + from).replace("-", "−")}.${here}`;
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
    return made("table", "fields", made("caption", "unseen", "Fields of the cell"), made("tbody", "", ...rows));
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
    const names = row("digit", columns.map(({ name }) => name));
    const table = made("table", "digits", made("caption", "unseen", "Digits of the number"), made("tbody", "",
      names, row("is", columns.map(({ code }) => code)), row("times", columns.map(({ weight }) => weight))));
    const scroll = made("div", "scroll", table);
    scroll.tabIndex = 0;
    scroll.setAttribute("role", "region");
    scroll.setAttribute("aria-label", "Digits of the number");
    const number = made("p", "", "The cell is the number ", made("span", "number-value", signed(value)), ", the sum of its digits times what each is worth:");
    number.dataset.number = String(value);
    return [number, scroll];
  }

  /** @param {CellView} cell */
  showUnits(cell) {
    const { rules } = this.document.rules;
    const { layers } = this.document.network;
    const byRule = new Map(cell.rules.map((index) => [rules[index]?.name ?? "", /** @type {string[]} */ ([])]));
    /** @type {Map<string, number>} */
    const reading = new Map();
    for (const { layer, unit, value } of cell.units) {
      const about = layers[layer]?.units[unit];
      const list = about?.rule ? byRule.get(about.rule) : undefined;
      const name = `${about?.name ?? unit}${value === 1 ? "" : ` = ${value}`}`;
      if (list) list.push(name);
      else reading.set(layers[layer]?.name ?? "", (reading.get(layers[layer]?.name ?? "") ?? 0) + 1);
    }
    const entries = cell.rules.map((index) => this.entry(rules[index], byRule.get(rules[index]?.name ?? "") ?? []));
    const others = [...reading].map(([name, count]) => made("li", "", made("span", "", `${count}`), `units of the layer “${name}” read the neighbourhood`));
    this.units.replaceChildren(made("ul", "", ...entries, ...others));
    this.note.textContent = cell.rules.length
      ? "They are why the cell changes next: each stands for a rule."
      : "No rule applies to this cell now: it keeps what it holds.";
  }

  /**
   * @param {import("./types").Rule | undefined} rule
   * @param {string[]} units
   */
  entry(rule, units) {
    const entry = made("li", "", made("span", "", units.join(" ")), made("span", "", rule?.name ?? ""));
    if (rule && rule.line > 0) {
      const button = made("button", "", Source.named(rule));
      button.type = "button";
      button.dataset.line = String(rule.line);
      button.setAttribute("aria-label", `Show ${Source.named(rule)} of the program`);
      button.addEventListener("click", () => this.point(rule));
      entry.append(button);
    }
    return entry;
  }
}

/** @param {number} number */
function signed(number) {
  return number < 0 ? `−${-number}` : String(number);
}
