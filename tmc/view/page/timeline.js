// The one object that the interface asks: a run on one timeline of layers and steps.
//
// Layers are numbered as the network numbers them: layer 0 is what the memory hands to the convolution, layer `layers` the last one of the
// run. Before them, from `first` on, stand the steps of SGD, one for each layer below 0; without training `first` is 0.

import { LatticeRun } from "tmc/rules";
import { spaceTime } from "tmc/spacetime";
import { ACCEPT, REJECT, TableRun } from "tmc/table";
import { Units } from "tmc/units";

/** @typedef {import("./types").PageDocument} PageDocument */
/** @typedef {import("./types").Moment} Moment */
/** @typedef {import("./types").Stretch} Stretch */
/** @typedef {import("./types").CellView} CellView */
/** @typedef {import("./types").SpaceTime} SpaceTime */
/** @typedef {import("./types").SpaceTimeView} SpaceTimeView */
/** @typedef {import("./types").Event} Event */
/** @typedef {import("./types").Transition} Transition */
/** @typedef {import("./types").Lattice} Lattice */

export class Timeline {
  /** @param {PageDocument} document */
  constructor(document) {
    this.document = document;
    this.run = new TableRun(document.machine, document.input, document.limits.steps);
    this.cells = new LatticeRun(document, this.run);
    const { names } = this.cells.local;
    this.units = new Units(document.network, names.get("state") ?? 0, names.get("control") ?? 0);
    /** The first layer: minus the number of steps of SGD. */
    this.first = 0 - (document.training?.steps.length ?? 0);
    /** The last layer. */
    this.layers = this.cells.layers;
    /** The last step of the machine that is shown. */
    this.steps = Math.max(0, this.cells.layerOfStep.length - 1);
    /** accept, reject, stuck, or "": the run is cut, see `cut`. */
    this.verdict = this.steps === this.run.steps && this.cells.ended !== "lost" ? this.run.verdict : "";
    /** Why the page shows only the beginning of the run, or "". */
    this.cut = this.#cut();
    /** Whether the machine is a learner: its data tape is a grid. */
    this.isGrid = this.run.isGrid;
    /** By tape, the first and last position that is ever of interest: where the input stands and the head was. */
    this.extents = this.run.extents;
    this.known = /** @type {Map<number[], number[]>} */ (new Map());
  }

  #cut() {
    if (this.cells.ended === "lost") {
      return `After ${this.steps} steps the network leaves its machine: the run takes more room than the machine's bounds promise.`;
    }
    if (this.verdict) return "";
    if (this.cells.ended === "rest") return "Nothing changes any more: the machine goes on like this for ever.";
    if (this.cells.ended === "cells") {
      return `The run goes on: this page ends after ${this.steps} steps, as too many cells of the network change. Use less data to see more.`;
    }
    return `The run goes on: this page ends after ${this.steps} steps. Make one with a larger --max-steps to see more.`;
  }

  /**
   * The first layer at which so many steps are done.
   * @param {number} step
   */
  layerOfStep(step) {
    return this.cells.layerOfStep.values[Math.max(0, Math.min(step, this.steps))];
  }

  /**
   * How many steps are done at a layer.
   * @param {number} layer
   */
  stepOfLayer(layer) {
    return Math.max(0, this.cells.layerOfStep.lastUpTo(layer));
  }

  /**
   * What there is to say of a layer.
   * @param {number} layer
   * @returns {Moment}
   */
  at(layer) {
    const step = this.stepOfLayer(layer);
    const now = this.run.at(step);
    const ended = layer >= this.layers && this.verdict !== "";
    const training = layer < 0 && this.document.training ? this.document.training.steps[layer - this.first] : null;
    const born = layer >= this.layerOfStep(0);
    const lattice = layer < 0 ? null : this.cells.at(layer);
    return {
      layer,
      step,
      phase: training ? "training" : !born ? "decoding" : ended ? "end" : "running",
      state: now.state,
      stateName: this.#stateName(now.state),
      head: this.run.place(now),
      workHead: now.workHead - now.work.origin,
      transition: born && step < this.run.steps ? this.run.taken.values[step] : null,
      verdict: ended ? this.verdict : "",
      words: this.#words(layer, step, born, training),
      training,
      control: lattice && lattice.control >= 0 ? lattice.place(lattice.control) : null,
    };
  }

  /** @param {number} state */
  #stateName(state) {
    return state === ACCEPT ? "accept" : state === REJECT ? "reject" : this.document.machine.states[state];
  }

  /**
   * @param {number} layer
   * @param {number} step
   * @param {boolean} born
   * @param {import("./types").TrainingStep | null} training
   */
  #words(layer, step, born, training) {
    if (training) return this.#trainingWords(training);
    if (!born) return "The network decodes its memory: the query and the labels run through it, and leave plain examples.";
    if (step < this.run.steps) return this.#stepWords(step);
    if (layer < this.layers || !this.verdict) return this.cut;
    if (this.verdict === "stuck") return `Stuck: no rule of ${this.#stateName(this.run.at(step).state)} applies.`;
    return `The machine ${this.verdict}s after ${step} ${step === 1 ? "step" : "steps"}.`;
  }

  /** @param {number} step */
  #stepWords(step) {
    const { tapes, transitions } = this.document.machine;
    const now = this.run.at(step);
    const read = [now.data.values[now.head], now.work.values[now.workHead]].slice(0, tapes.length);
    const said = read.map(
      (symbol, tape) =>
        `${symbol === 0 ? "a blank" : tapes[tape].symbols[symbol]}${tapes.length > 1 ? ` (${tapes[tape].name})` : ""}`,
    );
    const { action } = transitions[this.run.taken.values[step]];
    return `In ${this.#stateName(now.state)}, reading ${said.join(" and ")}: ${action}.`;
  }

  /** @param {import("./types").TrainingStep} training */
  #trainingWords(training) {
    const examples = (this.document.training?.steps.length ?? 1) - 1;
    const which = training.example < examples ? `example ${training.example + 1} of ${examples}` : "the dummy example";
    const what = training.example < examples ? "its row" : "the last row";
    return `SGD on ${which}: the output is ${training.output}, and the step writes ${what} of the memory.`;
  }

  /**
   * The data tape at a layer: its rows; a line has one row.
   * @param {number} layer
   * @returns {Stretch[]}
   */
  data(layer) {
    const { data } = this.run.at(this.stepOfLayer(layer));
    if (!this.isGrid) return [{ from: -data.origin, symbols: data.values }];
    const { rows, columns } = this.run;
    return Array.from({ length: rows }, (_, row) => ({
      from: 0,
      symbols: data.values.subarray(row * columns, (row + 1) * columns),
    }));
  }

  /**
   * The work tape at a layer, or null if the machine has none. What is outside of `symbols` is blank.
   * @param {number} layer
   * @returns {Stretch | null}
   */
  workTape(layer) {
    if (!this.run.hasWork) return null;
    const { work } = this.run.at(this.stepOfLayer(layer));
    return { from: -work.origin, symbols: work.values };
  }

  /**
   * The memory during and after SGD, a row for each example and one for the query, in -1, 0 and 1; or null for a line.
   * @param {number} layer
   * @returns {number[][] | null}
   */
  memory(layer) {
    const { training } = this.document;
    if (!training) return null;
    const done = Math.min(training.steps.length, Math.max(0, layer - this.first));
    return training.examples.map((row, number) => {
      const label = number < training.examples.length - 1 ? row[row.length - 1] : 1;
      if (number >= done) return row.map(() => 0);
      if (number === training.examples.length - 1) return row.map(() => 1);
      return row.map((value, column) => (column === row.length - 1 ? label : label * value));
    });
  }

  /**
   * The lattice at a layer; while SGD runs, that of the step's example. `from` is the position of the first column, `value` gives the
   * value of a field of a cell, `channel` that of a channel of the network. It changes with the next call.
   * @param {number} layer
   * @returns {Lattice}
   */
  lattice(layer) {
    const { local } = this.cells;
    const now = layer < 0 ? null : this.cells.at(layer);
    const rows = now ? now.rows : this.document.lattice.rows.length;
    const columns = now ? now.columns : this.document.lattice.rows[0].length;
    const at = now
      ? (/** @type {number} */ row, /** @type {number} */ column) => local.cells[now.at(row, column)]
      : this.#learning(layer);
    return {
      rows,
      columns,
      from: now ? now.from : this.document.lattice.from,
      cell: at,
      value: (row, column, field) => at(row, column)[field],
      channel: (row, column, channel) => this.#channels(at(row, column))[channel],
    };
  }

  /**
   * The channels of a cell, looked up once found.
   * @param {number[]} cell
   */
  #channels(cell) {
    let channels = this.known.get(cell);
    if (!channels) {
      channels = this.units.channels(cell);
      this.known.set(cell, channels);
    }
    return channels;
  }

  /**
   * The cells while SGD runs: the memory times the example.
   * @param {number} layer below 0
   * @returns {(row: number, column: number) => number[]}
   */
  #learning(layer) {
    const { rules, lattice, training } = this.document;
    const memory = this.memory(layer) ?? [];
    const example = training?.examples[layer - this.first] ?? [];
    const last = layer === -1;
    const symbol = rules.fields.findIndex(({ name }) => name === "symbol");
    const numbers = ["0", "_", "1"].map((value) => rules.fields[symbol].values.indexOf(value));
    const cells = numbers.map((number) =>
      rules.fields.map((_, field) => (field === symbol ? number : lattice.cells[lattice.rows[0][0]][field])),
    );
    return (row, column) => {
      if (column >= memory[row].length) return lattice.cells[lattice.rows[row][column]];
      const factor = last || column === memory[row].length - 1 ? 1 : example[column];
      return cells[memory[row][column] * factor + 1];
    };
  }

  /**
   * All that there is to say of a cell at a layer.
   * @param {number} layer
   * @param {number} row
   * @param {number} column
   * @returns {CellView}
   */
  cell(layer, row, column) {
    const lattice = this.lattice(layer);
    const cell = lattice.cell(row, column);
    const patch = this.patch(layer, row, column);
    const { rules, network } = this.document;
    const channels = this.units.known ? this.#channels(cell) : [];
    const outputs = this.units.known ? this.units.outputs(patch).slice(0, -1) : [];
    return {
      row,
      column,
      fields: rules.fields.map(({ name, values }, field) => ({ name, value: values[cell[field]], number: cell[field] })),
      channels: channels.map((value, channel) => ({ name: network.channels[channel], value })),
      digits: this.units.digits(cell),
      rules: this.cells.local.applying(patch),
      units: outputs.flatMap((values, layer) => values.flatMap((value, unit) => (value ? [{ layer, unit, value }] : []))),
    };
  }

  /**
   * The nine cells around a place, row by row.
   * @param {number} layer
   * @param {number} row
   * @param {number} column
   */
  patch(layer, row, column) {
    const { rows, columns, cell } = this.lattice(layer);
    const border = this.document.rules.fields.map(() => 0);
    const at = (/** @type {number} */ r, /** @type {number} */ c) =>
      r >= 0 && r < rows && c >= 0 && c < columns ? cell(r, c) : border;
    return [-1, 0, 1].flatMap((down) => [-1, 0, 1].map((right) => at(row + down, column + right)));
  }

  /**
   * The next layer at which something has happened: a symbol, the state or the place of a head has changed, or the machine has ended. The
   * last layer if there is none.
   * @param {Event} kind
   * @param {number} layer
   */
  next(kind, layer) {
    if (kind === "halt") return this.layers;
    const steps = this.run.events[kind];
    const after = steps.lastUpTo(this.stepOfLayer(layer)) + 1;
    return after < steps.length && steps.values[after] <= this.steps ? this.layerOfStep(steps.values[after]) : this.layers;
  }

  /**
   * The same, backwards; `first` if there is none.
   * @param {Event} kind
   * @param {number} layer
   */
  previous(kind, layer) {
    if (kind === "halt") return this.first;
    const steps = this.run.events[kind];
    const before = steps.lastUpTo(this.stepOfLayer(layer - 1));
    return before < 0 ? this.first : this.layerOfStep(steps.values[before]);
  }

  /**
   * A picture of a tape over time, see `SpaceTime`.
   * @param {SpaceTimeView} view
   * @returns {SpaceTime}
   */
  spaceTime(view) {
    return spaceTime(this.run, view);
  }
}
