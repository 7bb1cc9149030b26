// The local rules on the lattice, as tmc/ir/rules.py says, evaluated only where something changes.
//
// Cells are numbers: a cell's fields are interned. A cell is looked at again only when a neighbour has changed in a field that some rule
// reads there. Which rules apply is found by sets of rules as bits: of each cell, at each place of a patch, those that it does not forbid.

import { Keyframes, Numbers } from "tmc/numbers";
import { ACCEPT, REJECT } from "tmc/table";

/** @typedef {import("./types").Rules} Rules */
/** @typedef {import("./types").PageDocument} PageDocument */
/** @typedef {ReturnType<import("tmc/table").TableRun["beside"]>} Beside */

export const HERE = 4;
const CONTROL = 1; // marks of a cell: the control is here,
const AT_REST = 2; // it may take a step (the control waits, or the machine has its answer),
const ANSWER = 4; // the answer is here,
const LEAVES = 8; // something that belongs to the run stands here: in the last column, the lattice must grow
const LEFT = 1; // edges to which something has come
const RIGHT = 2;
const RESTING = ["none", "right-wave", "slide"]; // the signals with which the control may wait
const REJECTED = 1; // values of `answer`
const ACCEPTED = 2;
const CARRIED = ["right", "left", "carry1", "carry2", "control"];
const PLACES = [0, 1, 2, 3, 4, 5, 6, 7, 8];
const STRIDE = 64;
const BUDGET = 8_000_000;

/** Triples of numbers, each of which gets a number: 1, 2, 3, … in the order in which they are met. */
class Triples {
  constructor() {
    this.keys = new Int32Array(3 * 1024);
    this.count = 1;
    this.slots = new Int32Array(4096); // 0 is free
  }

  /**
   * The number of a triple.
   * @param {number} a
   * @param {number} b
   * @param {number} c
   */
  number(a, b, c) {
    const { keys, slots } = this;
    const mask = slots.length - 1;
    let slot = hash(a, b, c) & mask;
    for (let found = slots[slot]; found; found = slots[slot]) {
      if (keys[3 * found] === a && keys[3 * found + 1] === b && keys[3 * found + 2] === c) return found;
      slot = (slot + 1) & mask;
    }
    return this.#add(a, b, c, slot);
  }

  /**
   * @param {number} a
   * @param {number} b
   * @param {number} c
   * @param {number} slot
   */
  #add(a, b, c, slot) {
    if (3 * this.count === this.keys.length) {
      const more = new Int32Array(2 * this.keys.length);
      more.set(this.keys);
      this.keys = more;
    }
    this.keys[3 * this.count] = a;
    this.keys[3 * this.count + 1] = b;
    this.keys[3 * this.count + 2] = c;
    this.slots[slot] = this.count++;
    if (2 * this.count > this.slots.length) this.#spread();
    return this.count - 1;
  }

  #spread() {
    this.slots = new Int32Array(4 * this.slots.length);
    const mask = this.slots.length - 1;
    for (let number = 1; number < this.count; number++) {
      let slot = hash(this.keys[3 * number], this.keys[3 * number + 1], this.keys[3 * number + 2]) & mask;
      while (this.slots[slot]) slot = (slot + 1) & mask;
      this.slots[slot] = number;
    }
  }
}

/**
 * @param {number} a
 * @param {number} b
 * @param {number} c
 */
function hash(a, b, c) {
  const mixed = Math.imul(Math.imul(Math.imul(a, 0x9e3779b1) ^ b, 0x85ebca6b) ^ c, 0xc2b2ae35);
  return mixed ^ (mixed >>> 15);
}

/**
 * As many results as there is room for triples; -1 where nothing is found yet.
 * @param {Int32Array} results
 * @param {Triples} triples
 */
function enlarged(results, triples) {
  const more = new Int32Array(triples.keys.length).fill(-1);
  more.set(results);
  return more;
}

/**
 * What rules that apply together do. Writes are [field, value], copies [field, place, source field].
 * @typedef {{ writes: [number, number][], copies: [number, number, number][], places: number[], takes: boolean }} Action
 */

/** What patches become: the local rules, and all cells met so far. */
export class Local {
  /** @param {Rules} rules */
  constructor(rules) {
    this.rules = rules;
    this.names = new Map(rules.fields.map((field, index) => [field.name, index]));
    this.resting = new Set(this.#valuesOf("move").flatMap((value, number) => (RESTING.includes(value) ? [number] : [])));
    const control = this.names.get("control") ?? -1;
    /** Rules for the control's own cell, and all others. */
    this.own = rules.rules.flatMap((rule, number) => (isOwn(rule, control) ? [number] : []));
    this.others = rules.rules.flatMap((rule, number) => (isOwn(rule, control) ? [] : [number]));
    this.words = Math.ceil(this.others.length / 32);
    /** By place: the fields that rules read or copy there, and those that they copy. */
    this.read = PLACES.map((place) => readAt(rules, place));
    this.copied = PLACES.map((place) => copiedFrom(rules, place));
    this.cells = /** @type {number[][]} */ ([]);
    this.numbers = /** @type {Map<string, number>} */ (new Map());
    this.marks = new Numbers();
    /** By cell and place: the others that the cell does not forbid there, in bits; what of it can matter there; what can be copied. */
    this.allowed = new Numbers();
    this.views = new Numbers();
    this.copies = new Numbers();
    this.kinds = PLACES.map(() => ({ views: new Map(), copies: new Map() }));
    /** By cell: what it becomes where no rule applies, -1 as long as nobody has asked; and the own rules that its fields admit. */
    this.quiet = new Numbers();
    /** @type {({ rule: number, others: import("./types").Literal[] }[] | undefined)[]} */
    this.candidates = [];
    this.actions = /** @type {(Action | undefined)[]} */ ([]);
    this.triples = new Triples();
    this.results = new Int32Array(1024).fill(-1);
    this.inRow = new Triples();
    this.resultsInRow = new Int32Array(1024).fill(-1);
    /** Whether the last cell asked for takes a transition. */
    this.taking = false;
    /** What stands beyond the edges. */
    this.border = this.cell(rules.fields.map(() => 0));
  }

  /** @param {string} name */
  #valuesOf(name) {
    const index = this.names.get(name);
    return index === undefined ? [] : this.rules.fields[index].values;
  }

  /**
   * The value of a field of a cell; 0 for a field that the machine does not use.
   * @param {number[]} fields
   * @param {string} name
   */
  valueOf(fields, name) {
    const index = this.names.get(name);
    return index === undefined ? 0 : fields[index];
  }

  /**
   * The number of a cell.
   * @param {number[]} fields
   */
  cell(fields) {
    const key = fields.join();
    const known = this.numbers.get(key);
    if (known !== undefined) return known;
    this.numbers.set(key, this.cells.length);
    this.cells.push(fields);
    this.marks.push(this.#marksOf(fields));
    this.quiet.push(-1);
    for (const place of PLACES) {
      for (let word = 0; word < this.words; word++) this.allowed.push(this.#allowedAt(fields, place, word));
      this.views.push(numbered(this.kinds[place].views, fields, this.read[place]));
      this.copies.push(numbered(this.kinds[place].copies, fields, this.copied[place]));
    }
    return this.cells.length - 1;
  }

  /** @param {number[]} fields */
  #marksOf(fields) {
    const answer = this.valueOf(fields, "answer") !== 0;
    const control = this.valueOf(fields, "control") !== 0;
    const rests = this.resting.has(this.valueOf(fields, "move")) && this.valueOf(fields, "push") === 0;
    const leaves = CARRIED.some((name) => this.valueOf(fields, name) !== 0);
    return +control * CONTROL + +((control && rests) || answer) * AT_REST + +answer * ANSWER + +leaves * LEAVES;
  }

  /**
   * @param {number[]} fields
   * @param {number} place
   * @param {number} word
   */
  #allowedAt(fields, place, word) {
    let bits = 0;
    for (let bit = 0; bit < 32; bit++) {
      const rule = this.rules.rules[this.others[32 * word + bit]];
      if (rule?.when.every(([where, field, values]) => where !== place || values.includes(fields[field]))) bits |= 1 << bit;
    }
    return bits;
  }

  /**
   * What a cell becomes; `taking` says afterwards whether a transition was taken in it.
   * @param {Int32Array} cells the lattice
   * @param {number} index of the cell
   * @param {number} width of a row
   * @param {Int32Array} offsets from a cell to its neighbours, by place
   */
  next(cells, index, width, offsets) {
    const own = cells[index];
    let action = this.#others(cells, index, width);
    this.taking = false;
    if (this.marks.values[own] & CONTROL) action = this.#own(cells, index, offsets, action);
    if (action === 0) {
      if (this.quiet.values[own] < 0) this.quiet.values[own] = this.cell(this.#resting(own));
      return this.quiet.values[own];
    }
    const found = this.actions[action] ?? this.#action(action);
    if (found.takes) this.taking = true;
    let key = this.triples.number(action, own, 0);
    for (const place of found.places) {
      key = this.triples.number(key, this.copies.values[9 * cells[index + offsets[place]] + place], -1);
    }
    if (key >= this.results.length) this.results = enlarged(this.results, this.triples);
    if (this.results[key] < 0) this.results[key] = this.cell(this.#result(found, cells, index, offsets));
    return this.results[key];
  }

  /**
   * The same for a lattice of one row, where three cells say it all: looked up once found.
   * @param {Int32Array} cells
   * @param {number} index
   * @param {number} width
   * @param {Int32Array} offsets
   */
  nextInRow(cells, index, width, offsets) {
    const key = this.inRow.number(cells[index - 1], cells[index], cells[index + 1]);
    if (key >= this.resultsInRow.length) this.resultsInRow = enlarged(this.resultsInRow, this.inRow);
    let result = this.resultsInRow[key];
    if (result < 0) {
      const next = this.next(cells, index, width, offsets);
      result = 2 * next + +this.taking;
      this.resultsInRow[key] = result;
    }
    this.taking = (result & 1) === 1;
    return result >> 1;
  }

  /**
   * The action of those of the `others` that apply; 0: none.
   * @param {Int32Array} cells
   * @param {number} index
   * @param {number} width
   */
  #others(cells, index, width) {
    const allowed = this.allowed.values;
    const { words } = this;
    const block = 9 * words;
    let action = 0;
    for (let word = 0; word < words; word++) {
      let bits = allowed[cells[index - 1] * block + 3 * words + word] & allowed[cells[index] * block + 4 * words + word];
      if (bits === 0) continue;
      bits &= allowed[cells[index + 1] * block + 5 * words + word];
      bits &= allowed[cells[index - width - 1] * block + word] & allowed[cells[index - width] * block + words + word];
      bits &= allowed[cells[index - width + 1] * block + 2 * words + word];
      bits &=
        allowed[cells[index + width - 1] * block + 6 * words + word] & allowed[cells[index + width] * block + 7 * words + word];
      bits &= allowed[cells[index + width + 1] * block + 8 * words + word];
      for (; bits !== 0; bits &= bits - 1) {
        action = this.triples.number(action, this.others[32 * word + 31 - Math.clz32(bits & -bits)], -2);
      }
    }
    return action;
  }

  /**
   * The same for the control's own cell; it goes on from the action of the others.
   * @param {Int32Array} cells
   * @param {number} index
   * @param {Int32Array} offsets
   * @param {number} action
   */
  #own(cells, index, offsets, action) {
    this.candidates[cells[index]] ??= this.#candidates(this.cells[cells[index]]);
    for (const { rule, others } of this.candidates[cells[index]] ?? []) {
      let holds = true;
      for (const [place, field, values] of others) {
        if (!values.includes(this.cells[cells[index + offsets[place]]][field])) holds = false;
      }
      if (holds) action = this.triples.number(action, rule, -2);
    }
    return action;
  }

  /**
   * The own rules that the fields of a cell admit, each with what it asks of other cells.
   * @param {number[]} fields
   */
  #candidates(fields) {
    return this.own.flatMap((rule) => {
      const { when } = this.rules.rules[rule];
      const admitted = when.every(([place, field, values]) => place !== HERE || values.includes(fields[field]));
      return admitted ? [{ rule, others: when.filter(([place]) => place !== HERE) }] : [];
    });
  }

  /**
   * What rules do together: those that were numbered one after the other.
   * @param {number} action
   */
  #action(action) {
    const rules = [];
    for (let rest = action; rest; rest = this.triples.keys[3 * rest]) rules.push(this.rules.rules[this.triples.keys[3 * rest + 1]]);
    const written = rules.flatMap((rule) => rule.write.map(([field]) => field));
    if (new Set(written).size < written.length)
      throw new Error(`two rules write one field: ${rules.map(({ name }) => name).join("; ")}`);
    const writes = rules.flatMap((rule) => rule.write);
    const copies = /** @type {[number, number, number][]} */ (writes.filter((write) => write.length === 3));
    /** @type {Action} */
    const found = {
      writes: /** @type {[number, number][]} */ (writes.filter((write) => write.length === 2)),
      copies,
      places: [...new Set(copies.map(([, place]) => place))].filter((place) => place !== HERE),
      takes: rules.some((rule) => rule.kind === "transition"),
    };
    this.actions[action] = found;
    return found;
  }

  /** @param {number} own */
  #resting(own) {
    return this.rules.fields.map((field, index) => (field.persists ? this.cells[own][index] : 0));
  }

  /**
   * @param {Action} action
   * @param {Int32Array} cells
   * @param {number} index
   * @param {Int32Array} offsets
   */
  #result(action, cells, index, offsets) {
    const value = this.#resting(cells[index]);
    for (const [field, constant] of action.writes) value[field] = constant;
    for (const [field, place, source] of action.copies) value[field] = this.cells[cells[index + offsets[place]]][source];
    return value;
  }

  /**
   * The rules that apply in a patch.
   * @param {number[][]} patch
   */
  applying(patch) {
    return this.rules.rules.flatMap((rule, number) =>
      rule.when.every(([place, field, values]) => values.includes(patch[place][field])) ? [number] : [],
    );
  }
}

/**
 * Whether a rule applies in the control's own cell only.
 * @param {import("./types").Rule} rule
 * @param {number} control
 */
function isOwn(rule, control) {
  return rule.when.some(([place, field, values]) => place === HERE && field === control && !values.includes(0));
}

/**
 * @param {Rules} rules
 * @param {number} place
 */
function readAt(rules, place) {
  if (place === HERE) return rules.fields.map((_, index) => index);
  const read = rules.rules.flatMap((rule) => rule.when.flatMap(([where, field]) => (where === place ? [field] : [])));
  return [...new Set([...read, ...copiedFrom(rules, place)])];
}

/**
 * @param {Rules} rules
 * @param {number} place
 */
function copiedFrom(rules, place) {
  const copies = rules.rules.flatMap((rule) => rule.write).filter((write) => write.length === 3 && write[1] === place);
  return [...new Set(copies.map((write) => /** @type {number} */ (write[2])))];
}

/**
 * A number for what a cell holds in some fields.
 * @param {Map<string, number>} known
 * @param {number[]} fields
 * @param {number[]} which
 */
function numbered(known, fields, which) {
  const key = which.map((field) => fields[field]).join();
  const number = known.get(key) ?? known.size;
  known.set(key, number);
  return number;
}

/**
 * From the index of a cell to that of its neighbour at a place.
 * @param {number} place
 * @param {number} width
 */
function offset(place, width) {
  return (Math.floor(place / 3) - 1) * width + (place % 3) - 1;
}

/** A lattice that changes, layer by layer. A border stands around it. */
class Evolution {
  /**
   * @param {Local} local
   * @param {number} rows
   * @param {number} columns
   * @param {number} from the position of the first column
   * @param {Int32Array} cells a row of the border above and one below, a column of it on either side
   */
  constructor(local, rows, columns, from, cells) {
    this.local = local;
    this.rows = rows;
    this.columns = columns;
    this.from = from;
    this.width = columns + 2;
    this.cells = cells;
    this.offsets = Int32Array.from(PLACES, (place) => offset(place, this.width));
    this.seen = new Int32Array(cells.length).fill(-1);
    this.outside = Uint8Array.from(cells, (_, index) => +!this.#isInside(index));
    /** The first `count` of `changed` are the indices of cells that the last layer changed, and those of `before` what they were. */
    this.changed = new Int32Array(cells.length);
    this.before = new Int32Array(cells.length);
    this.dirty = new Int32Array(cells.length);
    this.count = 0;
    this.layer = 0;
    /** How many cells were looked at, over all layers. */
    this.looked = 0;
    /** The index of the control, or of the answer; -1: there is none yet. */
    this.control = cells.findIndex((cell) => (local.marks.values[cell] & (CONTROL | ANSWER)) !== 0);
    /** Whether the last layer took a transition, and the edges to which something came in it. */
    this.taking = false;
    this.edges = 0;
  }

  /** @param {number} index */
  #isInside(index) {
    const column = index % this.width;
    return index >= this.width && index < this.cells.length - this.width && column > 0 && column < this.width - 1;
  }

  /** Look at every cell in the next layer. */
  stir() {
    this.count = 0;
    for (let index = 0; index < this.cells.length; index++) {
      if (this.outside[index]) continue;
      this.changed[this.count] = index;
      this.before[this.count++] = -1;
    }
    return this;
  }

  /** @returns {Snapshot} */
  snapshot() {
    const { rows, columns, from, layer, control, count } = this;
    const [changed, before] = [this.changed.slice(0, count), this.before.slice(0, count)];
    return { rows, columns, from, layer, control, changed, before, cells: this.cells.slice(), size: this.cells.length + 2 * count };
  }

  /**
   * @param {Local} local
   * @param {Snapshot} snapshot
   */
  static of(local, { rows, columns, from, layer, control, changed, before, cells }) {
    const evolution = new Evolution(local, rows, columns, from, cells.slice());
    evolution.changed.set(changed);
    evolution.before.set(before);
    evolution.count = changed.length;
    evolution.layer = layer;
    evolution.control = control;
    return evolution;
  }

  /**
   * @param {number} row
   * @param {number} column
   */
  index(row, column) {
    return (row + 1) * this.width + column + 1;
  }

  /** One layer. */
  advance() {
    const { local, cells, rows, width, offsets, dirty, changed, before } = this;
    const last = width - 2;
    const count = this.#find();
    this.looked += count;
    this.taking = false;
    let changes = 0;
    for (let number = 0; number < count; number++) {
      const index = dirty[number];
      const next = rows === 1 ? local.nextInRow(cells, index, width, offsets) : local.next(cells, index, width, offsets);
      if (local.taking) this.taking = true;
      if (next !== cells[index]) {
        changed[changes] = index;
        before[changes++] = next; // they change places below: until then, all cells see the layer before
      }
    }
    this.count = changes;
    this.edges = 0;
    for (let number = 0; number < changes; number++) {
      const index = changed[number];
      const cell = before[number];
      before[number] = cells[index];
      cells[index] = cell;
      const marks = local.marks.values[cell];
      if (marks & (CONTROL | ANSWER)) this.control = index;
      if (marks & LEAVES) this.edges |= index % width === last ? RIGHT : index % width === 1 ? LEFT : 0;
    }
    this.layer++;
  }

  /** Put into `dirty` the cells that may change now - those that see a change, and the control, which may take a step that changes
   * nothing - and return how many they are. */
  #find() {
    const { cells, seen, layer, dirty, outside, offsets } = this;
    const views = this.local.views.values;
    const [first, end] = this.rows === 1 ? [3, 6] : [0, 9]; // of one row, there is nothing above or below
    let count = 0;
    if (this.control >= 0) {
      dirty[count++] = this.control;
      seen[this.control] = layer;
    }
    for (let number = 0; number < this.count; number++) {
      const index = this.changed[number];
      const now = 9 * cells[index];
      const before = 9 * this.before[number];
      for (let place = first; place < end; place++) {
        if (before >= 0 && views[now + place] === views[before + place]) continue;
        const at = index - offsets[place];
        if (seen[at] === layer || outside[at]) continue;
        seen[at] = layer;
        dirty[count++] = at;
      }
    }
    return count;
  }

  /** Marks of the cell where the control is, or the answer; 0 if there is neither. */
  get marks() {
    return this.control < 0 ? 0 : this.local.marks.values[this.cells[this.control]];
  }

  /**
   * Row and column of an index.
   * @param {number} index
   * @returns {[number, number]}
   */
  place(index) {
    return [Math.floor(index / this.width) - 1, (index % this.width) - 1];
  }

  /**
   * The number of a cell.
   * @param {number} row
   * @param {number} column
   */
  at(row, column) {
    return this.cells[this.index(row, column)];
  }

  /**
   * The same lattice with more columns: as many as it has to the left, and to the right.
   * @param {boolean} left
   * @param {boolean} right
   * @param {number} blank the cell that stands in new columns
   */
  wider(left, right, blank) {
    const more = left ? this.columns : 0;
    const columns = this.columns + more + (right ? this.columns : 0);
    const cells = bordered(this.local.border, this.rows, columns, (row, column) =>
      column >= more && column < more + this.columns ? this.at(row, column - more) : blank,
    );
    const grown = new Evolution(this.local, this.rows, columns, this.from - more, cells).stir();
    grown.layer = this.layer;
    grown.looked = this.looked;
    grown.taking = this.taking;
    return grown;
  }
}

/**
 * @typedef {{ rows: number, columns: number, from: number, layer: number, control: number, changed: Int32Array, before: Int32Array,
 *   cells: Int32Array, size: number }} Snapshot
 */

/**
 * Cells with the border around them.
 * @param {number} border
 * @param {number} rows
 * @param {number} columns
 * @param {(row: number, column: number) => number} cell
 */
function bordered(border, rows, columns, cell) {
  const cells = new Int32Array((rows + 2) * (columns + 2)).fill(border);
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) cells[(row + 1) * (columns + 2) + column + 1] = cell(row, column);
  }
  return cells;
}

/** A run of the rules from layer 0 to its end, or as far as allowed. */
export class LatticeRun {
  /**
   * @param {PageDocument} document
   * @param {import("tmc/table").TableRun} table the steps that the run takes
   */
  constructor(document, table) {
    const { rules, lattice, limits } = document;
    this.local = new Local(rules);
    const numbers = lattice.cells.map((cell) => this.local.cell(cell));
    this.blank = this.local.cell(lattice.blank);
    this.grows = { left: lattice.grows && !table.isGrid, right: lattice.grows };
    const [rows, columns] = [lattice.rows.length, lattice.rows[0].length];
    const cells = bordered(this.local.border, rows, columns, (row, column) => numbers[lattice.rows[row][column]]);
    const start = new Evolution(this.local, rows, columns, lattice.from, cells).stir();
    /** By step: the first layer at which it is done. */
    this.layerOfStep = new Numbers();
    /** @type {Keyframes<Snapshot>} */
    this.keyframes = new Keyframes(STRIDE, BUDGET);
    /** Why the run ended: "answer"; "rest": nothing changes any more; "steps", "layers", "cells": no more are shown; "lost": the lattice does
     * something else than the table, since it has not the room. */
    this.ended = "";
    this.carriages = carriages(document, this.local);
    const names = rules.fields[this.local.names.get("state") ?? 0].values;
    /** By state of the written machine: its value in cells; -1 if it is merged into another. */
    this.values = document.machine.states.map((name) => names.indexOf(name));
    const end = this.#run(start, table, limits);
    this.layers = end.layer;
    this.cursor = end;
  }

  /**
   * @param {Evolution} now
   * @param {import("tmc/table").TableRun} table
   * @param {PageDocument["limits"]} limits
   */
  #run(now, table, limits) {
    const beside = table.beside();
    let pending = true; // whether a step has been taken since the control was at rest; at the start, the machine is not yet born
    for (let due = 0; ;) {
      if (now.layer === due) {
        this.keyframes.add(due, now.snapshot());
        due += this.keyframes.stride;
      }
      if (pending && now.marks & AT_REST && !this.#carries(now)) {
        pending = false;
        this.#arrive(now, beside);
      }
      if (now.marks & ANSWER) this.ended ||= "answer";
      if (this.layerOfStep.length > table.steps && table.verdict === "") this.ended ||= "steps";
      if (now.layer >= limits.layers) this.ended ||= "layers";
      if (now.looked >= limits.cells) this.ended ||= "cells";
      if (this.ended) return now;
      now = this.#next(now);
      if (now.taking) pending = true;
      if (now.count === 0) this.ended = now.taking || this.#isStuck(table) ? "rest" : "lost";
    }
  }

  /**
   * The control is at rest, a step is done: see that the table has come to the same place and state.
   * @param {Evolution} now
   * @param {Beside} beside
   */
  #arrive(now, beside) {
    const more = this.layerOfStep.length === 0 || beside.advance();
    const [row, column] = now.place(now.control);
    const [headRow, head] = beside.place();
    const same =
      row === headRow && column + now.from === head && this.#agrees(this.local.cells[now.cells[now.control]], beside.state());
    if (more && same) this.layerOfStep.push(now.layer);
    else this.ended = "lost";
  }

  /**
   * Whether a cell holds a state of the written machine, or its answer. A state that is merged with others may have the name of one of
   * those.
   * @param {number[]} cell
   * @param {number} state
   */
  #agrees(cell, state) {
    const answer = this.local.valueOf(cell, "answer");
    if (answer !== 0 || state < 0) return answer === (state === ACCEPT ? ACCEPTED : state === REJECT ? REJECTED : 0);
    const value = this.values[state];
    return value < 0 || this.local.valueOf(cell, "state") === value;
  }

  /** @param {import("tmc/table").TableRun} table */
  #isStuck(table) {
    return table.verdict === "stuck" && this.layerOfStep.length > table.steps;
  }

  /**
   * The lattice in the next layer.
   * @param {Evolution} now
   */
  #next(now) {
    now.advance();
    const left = this.grows.left && (now.edges & LEFT) !== 0;
    const right = this.grows.right && (now.edges & RIGHT) !== 0;
    if (!left && !right) return now;
    return now.wider(left, right, this.blank);
  }

  /**
   * Whether the control is on its way to another row.
   * @param {Evolution} now
   */
  #carries(now) {
    return this.carriages.size > 0 && this.carriages.has(this.local.valueOf(this.local.cells[now.cells[now.control]], "state"));
  }

  /**
   * The lattice at a layer. What is returned changes with the next call.
   * @param {number} layer
   */
  at(layer) {
    const [moment, snapshot] = this.keyframes.before(layer);
    if (this.cursor.layer > layer || this.cursor.layer < moment) this.cursor = Evolution.of(this.local, snapshot);
    while (this.cursor.layer < layer) this.cursor = this.#next(this.cursor);
    return this.cursor;
  }
}

/**
 * The values of `state` that stand for states of the network's machine only, not of the one that is written.
 * @param {PageDocument} document
 * @param {Local} local
 */
function carriages(document, local) {
  const written = new Set(document.machine.states);
  const names = new Set(document.lowered.filter((name) => !written.has(name)));
  const index = local.names.get("state") ?? -1;
  return new Set(document.rules.fields[index].values.flatMap((name, number) => (names.has(name) ? [number] : [])));
}
