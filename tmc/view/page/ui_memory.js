// The memory: how stochastic gradient descent fills it, an example at a time, before the first query.

import { found, made, reveal } from "tmc/ui_elements";

/** @typedef {import("./types").Training} Training */
/** @typedef {import("./types").Moment} Moment */

export class MemoryPanel {
  /** @param {Training} training */
  constructor(training) {
    this.training = training;
    this.box = found("memory", HTMLElement);
    this.note = found("memory-note", HTMLElement);
    this.said = found("memory-step", HTMLElement);
    this.note.textContent =
      "The weights that are learnt, a row for each example. They begin at 0. The gradient of an example's loss is 0 everywhere but in its own " +
      `row, so its step (learning rate ${fraction(training.rate)}) writes label × features there: + is ${fraction(training.unit)}, − is ` +
      `−${fraction(training.unit)}. The last row gets a dummy example of ones, so that the query appears there unchanged.`;
    const features = (training.examples[0]?.length ?? 1) - 1;
    const head = made(
      "tr",
      "",
      made("td"),
      ...Array.from({ length: features }, (_, index) => heading("col", `x${index}`)),
      heading("col", "label"),
    );
    this.rows = training.steps.map((step) => {
      const name = step.example === training.steps.length - 1 ? "dummy" : `example ${step.example + 1}`;
      const cells = this.written(step.example).map((_, index) => made("td", index === features ? "blank edge" : "blank"));
      return { name, cells, row: made("tr", "", heading("row", name), ...cells) };
    });
    const caption = made("caption", "unseen", "The memory's weights");
    this.box.replaceChildren(
      made("table", "tape dense", caption, made("thead", "", head), made("tbody", "", ...this.rows.map(({ row }) => row))),
    );
    this.filled = 0;
  }

  /**
   * The signs that a step leaves in its row: label times features, and the label.
   * @param {number} example
   * @returns {number[]}
   */
  written(example) {
    const row = this.training.examples[example] ?? [];
    const dummy = example === this.training.steps.length - 1;
    const label = row.at(-1) ?? 1;
    return row.map((value, index) => (dummy ? 1 : index === row.length - 1 ? value : value * label));
  }

  /** @param {Moment} moment */
  show(moment) {
    const done = moment.layer < 0 ? this.rows.length + moment.layer : this.rows.length;
    for (let row = Math.min(done, this.filled); row < Math.max(done, this.filled); row += 1) this.fill(row, row < done);
    this.filled = done;
    this.rows.forEach(({ row }, index) => row.classList.toggle("now", index === done));
    const row = this.rows[done]?.row;
    if (row) reveal(this.box, row);
    this.said.textContent = this.words(moment, done);
  }

  /**
   * @param {number} row
   * @param {boolean} full
   */
  fill(row, full) {
    const signs = this.written(row);
    this.rows[row]?.cells.forEach((cell, index) => {
      const sign = full ? (signs[index] ?? 0) : 0;
      cell.textContent = sign === 0 ? "" : sign > 0 ? "+" : "−";
      cell.classList.toggle("strong", sign > 0);
      cell.classList.toggle("blank", sign === 0);
    });
  }

  /**
   * @param {Moment} moment
   * @param {number} done
   */
  words({ training: step }, done) {
    if (!step) return `All ${this.rows.length} steps are done; the memory stays as it is, whatever the query.`;
    const rows = [...new Set(step.gradient.map(([row]) => row))];
    const values = step.gradient.map(([, , value]) => signed(value)).join(" ");
    const where = rows.length === 0 ? "0 everywhere" : `0 but in ${rows.map((row) => this.rows[row]?.name).join(", ")}: ${values}`;
    return (
      `Step ${done + 1} of ${this.rows.length}: label ${signed(step.label)}, output ${signed(step.output)}, so the loss is ` +
      `½(${signed(step.label)} − ${signed(step.output)})² and its gradient is ${where}.`
    );
  }
}

/**
 * @param {string} scope
 * @param {string} text
 */
function heading(scope, text) {
  const cell = made("th", "", text);
  cell.scope = scope;
  return cell;
}

/**
 * A number as people write it: ⅓, not 0.3333.
 * @param {number} number
 */
function fraction(number) {
  return Math.abs(number - 1 / 3) < 1e-6 ? "⅓" : String(number);
}

/** @param {number} number */
function signed(number) {
  return number > 0 ? `+${number}` : number < 0 ? `−${-number}` : "0";
}
