// The one object that the interface asks: a run on one timeline of layers and steps.
//
// Layers are numbered as the network numbers them: layer 0 is what the memory hands to the convolution, layer `layers` the last one of the
// run. Before them, from `first` on, stand the steps of SGD, one for each layer below 0; without training `first` is 0.

import { TableRun } from "tmc/table";

/** @typedef {import("./types").PageDocument} PageDocument */
/** @typedef {import("./types").Moment} Moment */
/** @typedef {import("./types").Stretch} Stretch */
/** @typedef {import("./types").CellView} CellView */
/** @typedef {import("./types").SpaceTime} SpaceTime */
/** @typedef {import("./types").Event} Event */

export class Timeline {
  /** @param {PageDocument} document */
  constructor(document) {
    this.document = document;
    this.run = new TableRun(document.machine, document.input, document.limits.steps);
    /** The first layer: minus the number of steps of SGD. */
    this.first = 0 - (document.training?.steps.length ?? 0);
    /** The last layer. */
    this.layers = this.run.steps;
    /** The last step of the machine. */
    this.steps = this.run.steps;
    /** accept, reject, stuck, or "": the run is cut, see `cut`. */
    this.verdict = this.run.verdict;
    /** Why the page shows only the beginning of the run, or "". */
    this.cut = this.verdict ? "" : `The run is longer: this page shows its first ${this.steps} steps.`;
    /** Whether the machine is a learner: its data tape is a grid. */
    this.isGrid = this.run.isGrid;
    /** By tape, the first and last position that is ever of interest: where the input stands and the head was. */
    this.extents = this.run.extents;
  }

  /**
   * The first layer at which so many steps are done.
   * @param {number} step
   */
  layerOfStep(step) {
    return Math.max(0, Math.min(step, this.steps));
  }

  /**
   * How many steps are done at a layer.
   * @param {number} layer
   */
  stepOfLayer(layer) {
    return Math.max(0, Math.min(layer, this.steps));
  }

  /**
   * What there is to say of a layer.
   * @param {number} layer
   * @returns {Moment}
   */
  at(layer) {
    const step = this.stepOfLayer(layer);
    const now = this.run.at(step);
    const last = layer >= this.layers;
    const taken = step < this.steps ? this.run.taken.values[step] : null;
    const training = layer < 0 && this.document.training ? this.document.training.steps[layer - this.first] : null;
    const { machine } = this.document;
    return {
      layer,
      step,
      phase: training ? "training" : last && this.verdict ? "end" : "running",
      state: now.state,
      stateName: now.state === -1 ? "accept" : now.state === -2 ? "reject" : machine.states[now.state],
      head: this.run.place(now),
      workHead: now.workHead - now.work.origin,
      transition: taken,
      verdict: last ? this.verdict : "",
      words: taken === null ? `The machine ends: ${this.verdict}.` : machine.transitions[taken].words,
      training,
      control: null,
    };
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
   * The lattice at a layer.
   * @param {number} layer
   * @returns {{ rows: number, columns: number, from: number, value: (row: number, column: number, field: number) => number }}
   */
  lattice(layer) {
    void layer;
    return { rows: 1, columns: 1, from: 0, value: () => 0 };
  }

  /**
   * All that there is to say of a cell at a layer.
   * @param {number} layer
   * @param {number} row
   * @param {number} column
   * @returns {CellView}
   */
  cell(layer, row, column) {
    void layer;
    return { row, column, fields: [], channels: [], digits: [], rules: [], units: [] };
  }

  /**
   * The next layer at which something happens: a symbol changes, the state does, a head moves, the machine ends. The last layer if there
   * is none.
   * @param {Event} kind
   * @param {number} layer
   */
  next(kind, layer) {
    for (let step = this.stepOfLayer(layer) + 1; step <= this.steps; step++) {
      if (this.#happens(kind, step) && this.layerOfStep(step) > layer) return this.layerOfStep(step);
    }
    return this.layers;
  }

  /**
   * The same, backwards; `first` if there is none.
   * @param {Event} kind
   * @param {number} layer
   */
  previous(kind, layer) {
    for (let step = this.stepOfLayer(layer); step > 0; step--) {
      if (this.#happens(kind, step) && this.layerOfStep(step) < layer) return this.layerOfStep(step);
    }
    return this.first;
  }

  /**
   * Whether it is in this step, counted from 1, that something happens.
   * @param {Event} kind
   * @param {number} step
   */
  #happens(kind, step) {
    const number = this.run.taken.values[step - 1];
    const transition = this.document.machine.transitions[number];
    if (kind === "state") return transition.target !== transition.state;
    if (kind === "move") return transition.target >= 0 && transition.move.some(([down, right]) => down !== 0 || right !== 0);
    if (kind === "halt") return step === this.steps;
    return transition.write.some((symbol, tape) => symbol !== null && !(transition.on[tape].length === 1 && transition.on[tape][0] === symbol));
  }

  /**
   * A picture of a tape over time, see `SpaceTime`.
   * @param {{ tape: number, first: number, last: number, from: number, to: number, width: number, height: number }} view steps and
   *   positions shown (a grid's positions are those of its cells, row by row), and the most pixels
   * @returns {SpaceTime}
   */
  spaceTime(view) {
    const height = Math.max(1, Math.min(view.height, view.last - view.first + 1));
    const width = Math.max(1, Math.min(view.width, view.to - view.from + 1));
    return {
      width,
      height,
      from: view.from,
      to: view.to,
      first: view.first,
      last: view.last,
      symbol: new Uint8Array(width * height),
      marked: new Uint32Array(width * height),
      steps: new Uint32Array(height),
      states: new Int32Array(height),
      headFrom: new Int32Array(height),
      headTo: new Int32Array(height),
    };
  }
}
