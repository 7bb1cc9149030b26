// What goes between the Python that makes a page (document.py), the engine (timeline.js) and the interface (ui.js).

/** A symbol, a state, a transition, a rule or a unit is a number: its position in the list of these. */
export type Index = number;

/** Where a thing is written: a line of a file ("" is the machine's own), 0 when it is the construction's own. */
export interface Origin {
  line: number;
  file: string;
}

export interface SourceFile {
  /** "" for the machine's own, else the name by which `use` names it. */
  name: string;
  /** What people call it, such as machines/gauss.tm. */
  title: string;
  text: string;
}

export interface Tape {
  name: string;
  kind: "grid" | "rows" | "line";
  /** The blank "_" is the first. */
  symbols: string[];
}

/** Moves are [rows, columns]. A transition that halts has the target -1 (accept) or -2 (reject). */
export interface Transition extends Origin {
  state: Index;
  /** The symbols admitted, by tape. */
  on: Index[][];
  /** Top, bottom, left, right: must the head touch that edge, must it not, or (null) does it not matter? */
  at: (boolean | null)[];
  /** What is written, by tape; null leaves the symbol. */
  write: (Index | null)[];
  move: [number, number][];
  target: number;
  /** The transition in words, such as "In state walk, on 1: write 0, move right, go on in carry." */
  words: string;
  /** What it does: "write 0, move right, go on in carry". */
  action: string;
}

export interface Machine {
  states: string[];
  start: Index;
  tapes: Tape[];
  transitions: Transition[];
}

/** A literal [place, field, values]; places are 0 (north-west) to 8 (south-east), row by row, 4 is the cell itself. */
export type Literal = [number, Index, Index[]];
/** A write [field, value], or a copy [field, place, source field]. */
export type Write = [Index, Index] | [Index, number, Index];

export interface Rule extends Origin {
  name: string;
  when: Literal[];
  write: Write[];
  /** "decoding", "transition" or "travel". */
  kind: string;
}

export interface Rules {
  fields: { name: string; values: string[]; persists: boolean; says: string }[];
  rules: Rule[];
}

export interface Unit extends Origin {
  name: string;
  rule: string;
  bias: number;
  /** Pairs of an input and its weight. */
  weights: [Index, number][];
}

export interface Layer {
  name: string;
  inputs: number;
  relu: boolean;
  units: Unit[];
}

/** How a cell is one number: digits with what they are worth in the network, the most significant first; the last is the state. */
export interface Numeral {
  digits: { name: string; weight: number }[];
  states: [Index, number][];
  parts: { fields: Index[]; digits: string[]; codes: [Index[], number[]][] }[];
}

export interface Network {
  target: string;
  says: string;
  scale: string;
  channels: string[];
  /** Empty when the network is too large for a page. */
  layers: Layer[];
  border: number[];
  /** Trits of each field, for channels that are trits; else null. */
  trits: number[] | null;
  numeral: Numeral | null;
}

export interface TrainingStep {
  /** 0 for the first example; the last step's example is the dummy. */
  example: number;
  /** 1 or -1. */
  label: number;
  /** The network's output before the step: Lemma 1.1 says 0. */
  output: number;
  /** The gradient of the loss, where it is not 0: row, column, value. */
  gradient: [number, number, number][];
}

export interface Training {
  rate: number;
  /** What 1 is in the memory. */
  unit: number;
  steps: TrainingStep[];
  /** Examples, the label last, all -1 and 1; the last row is the query. */
  examples: number[][];
}

export interface Diagram {
  /** An SVG picture: a node is <g class="node" id="state-N"> (or state-accept, state-reject), an edge <g class="edge" id="edge-N">. */
  svg: string;
  /** By transition: the number of the edge that shows it. */
  edges: number[];
}

export interface PageDocument {
  format: number;
  version: string;
  name: string;
  about: string;
  files: SourceFile[];
  /** The machine as it is written: its states and steps are those that the page shows. */
  machine: Machine;
  /** The states of the network, whose machine is the same made smaller. On the rows of a grid it has some of its own, which carry the
   * head to another row. */
  lowered: string[];
  diagram: Diagram | null;
  /** The data tape at the start: rows of symbols; a line has one row, whose first symbol is at position `from`. */
  input: { rows: Index[][]; from: number; text: string; query: number | null; label: number | null };
  rules: Rules;
  network: Network;
  /** Cells of the lattice at the start: rows of one number for each cell, a position in `cells`, each a value for each field. `from` is
   * the position of the first column; where it `grows` when a run comes to its edge, new columns hold `blank`. */
  lattice: { rows: Index[][]; cells: Index[][]; from: number; blank: Index[]; grows: boolean };
  training: Training | null;
  /** The most steps and layers that the page computes, and the most cells that it looks at for that. */
  limits: { steps: number; layers: number; cells: number };
}

/** What there is to say of one moment. */
export interface Moment {
  /** Below 0 while SGD runs: layer -1 is its last step. */
  layer: number;
  /** Steps taken. */
  step: number;
  /** training: SGD; decoding: the memory becomes plain examples; running; end: the machine has halted or is stuck. */
  phase: "training" | "decoding" | "running" | "end";
  /** A state of `machine`; -1 accept, -2 reject. */
  state: number;
  stateName: string;
  head: [number, number];
  workHead: number;
  /** The transition of `machine` that is being taken in this layer, or null at the end. */
  transition: Index | null;
  /** "accept", "reject", "stuck" (no transition applies), or "" while the run goes on or was cut. */
  verdict: "" | "accept" | "reject" | "stuck";
  /** One sentence on what happens now. */
  words: string;
  /** The step of SGD, while there is one. */
  training: TrainingStep | null;
  /** Where the control of the lattice is, or null: not born yet, or gone. */
  control: [number, number] | null;
}

/** A stretch of a tape: `symbols[0]` is at position `from`. */
export interface Stretch {
  from: number;
  symbols: ArrayLike<number>;
}

/** A lattice of cells, each a value for each field. */
export interface Lattice {
  rows: number;
  columns: number;
  /** The position of the first column. */
  from: number;
  cell(row: number, column: number): Index[];
  value(row: number, column: number, field: Index): Index;
  channel(row: number, column: number, channel: Index): number;
}

/** All that there is to say of a cell of the lattice at a layer. */
export interface CellView {
  row: number;
  column: number;
  fields: { name: string; value: string; number: Index }[];
  channels: { name: string; value: number }[];
  /** scalar only: the cell's one number and its digits. */
  digits: { name: string; code: number; weight: number }[];
  /** Rules that apply to the cell in this layer. */
  rules: Index[];
  /** Hidden units that are not 0 in this layer, in the layers' order. */
  units: { layer: Index; unit: Index; value: number }[];
}

export type Event = "write" | "state" | "move" | "halt";

/** What of a run is shown as an image: steps from `first` to `last`, positions of a tape from `from` to `to` (on a grid, cells are
 * counted row by row), and the most pixels. */
export interface SpaceTimeView {
  tape: Index;
  first: number;
  last: number;
  from: number;
  to: number;
  width: number;
  height: number;
}

/** An image of a tape over time. Pixel (y, x) stands for the configuration after the last step of bin y, and for the cells of bin x:
 * `symbol` is the most frequent symbol there (of equally frequent ones the larger number), `marked` counts those that are not blank.
 * Bin y of h begins at step first + ⌊y·(last - first + 1)/h⌋, and so do bins of cells. */
export interface SpaceTime {
  width: number;
  height: number;
  /** Position of the first and last cell, the first and last step. */
  from: number;
  to: number;
  first: number;
  last: number;
  symbol: Uint16Array;
  marked: Uint32Array;
  /** By row: the step shown, the state there (-1, -2: halted), the leftmost and rightmost position of the head in the bin. */
  steps: Uint32Array;
  states: Int32Array;
  headFrom: Int32Array;
  headTo: Int32Array;
}
