// The machine as the table it is: one step after the other, as tmc/ir/table.py says.

import { Keyframes, Numbers } from "tmc/numbers";

/** @typedef {import("./types").Machine} Machine */
/** @typedef {import("./types").Transition} Transition */

export const ACCEPT = -1;
export const REJECT = -2;
const UNKNOWN = -2;
const NONE = -1;
const STRIDE = 1024;
const BUDGET = 8_000_000;

/** A tape: cells that are a grid, row by row, and stay as many; or a line, which grows. `origin` is the index of position 0. */
class Cells {
  /**
   * @param {Uint16Array} values
   * @param {number} origin
   * @param {boolean} fixed
   */
  constructor(values, origin, fixed) {
    this.values = values;
    this.origin = origin;
    this.fixed = fixed;
  }

  /**
   * See that a line has a cell at an index, and return what that index is now.
   * @param {number} index
   */
  reach(index) {
    if (this.fixed || (index >= 0 && index < this.values.length)) return index;
    const more = Math.max(64, this.values.length);
    const left = index < 0 ? more : 0;
    const grown = new Uint16Array(this.values.length + more);
    grown.set(this.values, left);
    this.values = grown;
    this.origin += left;
    return index + left;
  }

  copy() {
    return new Cells(this.values.slice(), this.origin, this.fixed);
  }
}

/** A machine at rest between two steps; it changes as it takes them. Heads are indices. */
class Resting {
  /**
   * @param {number} state
   * @param {Cells} data
   * @param {number} head
   * @param {Cells} work
   * @param {number} workHead
   */
  constructor(state, data, head, work, workHead) {
    this.state = state;
    this.data = data;
    this.head = head;
    this.work = work;
    this.workHead = workHead;
  }

  get size() {
    return this.data.values.length + this.work.values.length;
  }

  copy() {
    return new Resting(this.state, this.data.copy(), this.head, this.work.copy(), this.workHead);
  }
}

/** A run from its first step to its end, or as far as allowed. */
export class TableRun {
  /**
   * @param {Machine} machine
   * @param {{ rows: number[][], from: number }} input the data tape
   * @param {number} limit the most steps
   */
  constructor(machine, input, limit) {
    this.machine = machine;
    const kind = machine.tapes[0].kind;
    this.isGrid = kind !== "line";
    this.byRows = kind === "rows";
    this.rows = this.isGrid ? input.rows.length : 1;
    this.columns = this.isGrid ? input.rows[0].length : 0;
    this.hasWork = machine.tapes.length === 2;
    this.touching = touching(this.rows, this.columns);
    this.workSymbols = this.hasWork ? machine.tapes[1].symbols.length : 1;
    this.dataSymbols = machine.tapes[0].symbols.length;
    /** @type {(Int32Array | undefined)[]} by state: what to do for what can be seen there */
    this.actions = [];
    this.byState = machine.states.map((_, state) =>
      machine.transitions.flatMap((transition, number) => (transition.state === state ? [number] : [])),
    );
    this.transitions = machine.transitions.map((transition) => ({
      data: transition.write[0] ?? -1,
      work: (this.hasWork ? transition.write[1] : null) ?? -1,
      down: transition.target < 0 ? 0 : transition.move[0][0],
      right: transition.target < 0 ? 0 : transition.move[0][1],
      workRight: this.hasWork && transition.target >= 0 ? transition.move[1][1] : 0,
      target: transition.target,
    }));
    /** The transition of each step, and the steps, counted from 1, in which a symbol, the state or the place of a head changed. */
    this.taken = new Numbers();
    this.events = { write: new Numbers(), state: new Numbers(), move: new Numbers() };
    /** @type {Keyframes<Resting>} */
    this.keyframes = new Keyframes(STRIDE, BUDGET);
    /** The leftmost and rightmost position on each tape that its head stood on or the input covers. */
    this.extents = [
      { from: Math.min(0, input.from), to: Math.max(0, input.from + input.rows[0].length - 1) },
      { from: 0, to: 0 },
    ];
    this.verdict = /** @type {"" | "accept" | "reject" | "stuck"} */ ("");
    this.#run(this.#first(input), limit);
    this.cursor = { step: 0, at: this.keyframes.before(0)[1].copy() };
  }

  get steps() {
    return this.taken.length;
  }

  /** @param {{ rows: number[][], from: number }} input */
  #first(input) {
    const data = this.isGrid
      ? new Cells(Uint16Array.from(input.rows.flat()), 0, true)
      : new Cells(new Uint16Array(Math.max(1, input.from + input.rows[0].length)), 0, false);
    if (!this.isGrid) input.rows[0].forEach((symbol, index) => (data.values[input.from + index] = symbol));
    return new Resting(this.machine.start, data, 0, new Cells(new Uint16Array(1), 0, false), 0);
  }

  /**
   * @param {Resting} now
   * @param {number} limit
   */
  #run(now, limit) {
    const [data, work] = this.extents;
    let due = 0;
    for (;;) {
      if (this.steps === due) {
        this.keyframes.add(due, now.copy());
        due += this.keyframes.stride;
      }
      if (now.state < 0) this.verdict = now.state === ACCEPT ? "accept" : "reject";
      const transition = now.state < 0 ? NONE : this.#find(now);
      if (now.state >= 0 && transition === NONE) this.verdict = "stuck";
      if (transition === NONE || this.steps === limit) return;
      const { head } = now;
      const written = this.#writes(now, transition);
      this.taken.push(transition);
      this.#apply(now, transition);
      if (written) this.events.write.push(this.steps);
      if (this.#moves(transition, head, now.head)) this.events.move.push(this.steps);
      if (now.state !== this.machine.transitions[transition].state) this.events.state.push(this.steps);
      if (!this.isGrid) {
        const head = now.head - now.data.origin;
        if (head < data.from) data.from = head;
        else if (head > data.to) data.to = head;
      }
      const spot = now.workHead - now.work.origin;
      if (spot < work.from) work.from = spot;
      else if (spot > work.to) work.to = spot;
    }
  }

  /**
   * Whether a transition that is about to be taken changes a symbol.
   * @param {Resting} now
   * @param {number} number
   */
  #writes(now, number) {
    const { data, work } = this.transitions[number];
    return (data >= 0 && now.data.values[now.head] !== data) || (work >= 0 && now.work.values[now.workHead] !== work);
  }

  /**
   * Whether a transition that led the data head from one index to another moved a head: an edge of a grid may have stopped it.
   * @param {number} number
   * @param {number} before
   * @param {number} after
   */
  #moves(number, before, after) {
    const { right, workRight } = this.transitions[number];
    return workRight !== 0 || (this.isGrid ? before !== after : right !== 0);
  }

  /**
   * The transition that applies, or NONE.
   * @param {Resting} now
   */
  #find(now) {
    const edges = this.isGrid ? this.touching[now.head] : 0;
    const seen = (edges * this.dataSymbols + now.data.values[now.head]) * this.workSymbols + now.work.values[now.workHead];
    let actions = this.actions[now.state];
    if (!actions) {
      actions = new Int32Array((this.isGrid ? 16 : 1) * this.dataSymbols * this.workSymbols).fill(UNKNOWN);
      this.actions[now.state] = actions;
    }
    if (actions[seen] === UNKNOWN) {
      const admits = (/** @type {number} */ number) =>
        this.#admits(this.machine.transitions[number], now.data.values[now.head], now.work.values[now.workHead], edges);
      actions[seen] = this.byState[now.state].find(admits) ?? NONE;
    }
    return actions[seen];
  }

  /**
   * @param {Transition} transition
   * @param {number} data
   * @param {number} work
   * @param {number} edges
   */
  #admits(transition, data, work, edges) {
    if (!transition.on[0].includes(data) || (this.hasWork && !transition.on[1].includes(work))) return false;
    return transition.at.every((test, edge) => test === null || test === ((edges >> edge) % 2 === 1));
  }

  /**
   * @param {Resting} now
   * @param {number} number
   */
  #apply(now, number) {
    const transition = this.transitions[number];
    if (transition.data >= 0) now.data.values[now.head] = transition.data;
    if (transition.work >= 0) now.work.values[now.workHead] = transition.work;
    now.state = transition.target;
    if (transition.workRight) now.workHead = now.work.reach(now.workHead + transition.workRight);
    if (this.isGrid) now.head = this.#onGrid(now.head, transition.down, transition.right);
    else if (transition.right) now.head = now.data.reach(now.head + transition.right);
  }

  /**
   * Where a head on a grid stands after a move: an edge stops it, or, on rows, only the two ends of the whole.
   * @param {number} head
   * @param {number} down
   * @param {number} right
   */
  #onGrid(head, down, right) {
    const row = Math.floor(head / this.columns) + down;
    const column = (head % this.columns) + right;
    const inside = row >= 0 && row < this.rows && (this.byRows || (column >= 0 && column < this.columns));
    const next = row * this.columns + column;
    return inside && next >= 0 && next < this.rows * this.columns ? next : head;
  }

  /**
   * The machine after so many steps. What is returned changes with the next call.
   * @param {number} step
   */
  at(step) {
    const [moment, snapshot] = this.keyframes.before(step);
    if (this.cursor.step > step || this.cursor.step < moment) this.cursor = { step: moment, at: snapshot.copy() };
    while (this.cursor.step < step) this.#apply(this.cursor.at, this.taken.values[this.cursor.step++]);
    return this.cursor.at;
  }

  /**
   * Show every configuration from one step to another. What is shown changes from step to step.
   * @param {number} first
   * @param {number} last
   * @param {(now: Resting, step: number) => void} visit
   */
  walk(first, last, visit) {
    const now = this.at(first);
    visit(now, first);
    while (this.cursor.step < last) {
      this.#apply(now, this.taken.values[this.cursor.step++]);
      visit(now, this.cursor.step);
    }
  }

  /** The run once more from its beginning, step by step, beside something else. */
  beside() {
    const now = this.keyframes.before(0)[1].copy();
    let step = 0;
    return {
      /** Take a step; false if there is none. */
      advance: () => {
        if (step === this.steps) return false;
        this.#apply(now, this.taken.values[step++]);
        return true;
      },
      /** Row and position of the data head, and the state. */
      place: () => this.place(now),
      state: () => now.state,
    };
  }

  /**
   * Row and column of an index of the data tape.
   * @param {Resting} now
   * @returns {[number, number]}
   */
  place(now) {
    if (!this.isGrid) return [0, now.head - now.data.origin];
    return [Math.floor(now.head / this.columns), now.head % this.columns];
  }
}

/**
 * By cell of a grid: which edges it touches, top 1, bottom 2, left 4, right 8.
 * @param {number} rows
 * @param {number} columns
 */
function touching(rows, columns) {
  return Uint8Array.from({ length: rows * columns }, (_, index) => {
    const row = Math.floor(index / columns);
    const column = index % columns;
    return +(row === 0) + 2 * +(row === rows - 1) + 4 * +(column === 0) + 8 * +(column === columns - 1);
  });
}
