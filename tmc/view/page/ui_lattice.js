// The network's cells on a canvas: one channel as colour, the control, signals in flight, and the cell that is looked at.

import { channelsOf, offer } from "tmc/ui_channels";
import { found, legendEntry } from "tmc/ui_elements";
import { symbolText } from "tmc/ui_symbols";
import { controlOf, placesAt, within } from "tmc/ui_places";
import { colour } from "tmc/ui_theme";
import { windowOf } from "tmc/ui_window";

/** @typedef {import("./types").PageDocument} PageDocument */
/** @typedef {import("./types").Moment} Moment */
/** @typedef {import("tmc/timeline").Timeline} Timeline */
/** @typedef {import("tmc/ui_places").Places} Places */
/** @typedef {import("tmc/ui_places").Place} Place */
/** @typedef {import("tmc/ui_channels").Channel} Channel */

const SMALLEST = 6; // pixels of a cell
const TALLEST = 620; // pixels of all cells, unless they were smaller than that
const COMFORTABLE = 24; // pixels of a cell of a line
const LARGEST = 34;
const MOST = 128; // rows or columns shown at once
const LINES = 10; // pixels of a cell from which on there are lines between cells
const LETTERS = 15; // pixels of a cell from which on there are letters in it

/** Where a signal goes, by the last word of its name: right and down. */
const DIRECTIONS = { right: [1, 0], left: [-1, 0], up: [0, -1], down: [0, 1], decode: [-1, 0], slide: [1, 0] };

export class LatticePanel {
  /**
   * @param {PageDocument} document_
   * @param {Timeline} timeline
   * @param {(place: Place, lasting: boolean) => void} pointed is told the cell that is pointed at, and whether to stay there
   * @param {() => void} left is told that nothing is pointed at any more
   */
  constructor(document_, timeline, pointed, left) {
    this.timeline = timeline;
    this.box = found("lattice", HTMLElement);
    this.canvas = found("lattice-canvas", HTMLCanvasElement);
    this.select = found("channel", HTMLSelectElement);
    this.channels = channelsOf(document_);
    offer(this.select, this.channels);
    this.fields = new Map(document_.rules.fields.map((field, index) => [field.name, { ...field, index }]));
    this.size = LARGEST;
    this.layer = NaN;
    /** @type {Place | null} */
    this.control = null;
    /** @type {Place} */
    this.chosen = [0, 0];
    this.tall = { from: 0, to: 0 };
    this.wide = { from: 0, to: 0 };
    this.select.addEventListener("change", () => this.draw());
    this.listen(pointed, left);
  }

  /**
   * @param {(place: Place, lasting: boolean) => void} pointed
   * @param {() => void} left
   */
  listen(pointed, left) {
    this.canvas.addEventListener("pointermove", (event) => {
      if (event.pointerType === "mouse") pointed(this.placeOf(event), false);
    });
    this.canvas.addEventListener("pointerleave", (event) => {
      if (event.pointerType === "mouse") left();
    });
    this.canvas.addEventListener("click", (event) => pointed(this.placeOf(event), true));
    /** @type {Record<string, Place>} */
    const arrows = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] };
    this.box.addEventListener("keydown", (event) => {
      const arrow = arrows[event.key];
      if (!arrow || event.shiftKey || event.ctrlKey || event.metaKey || event.altKey) return;
      event.preventDefault();
      pointed(within([this.chosen[0] + arrow[0], this.chosen[1] + arrow[1]], placesAt(this.timeline, this.layer)), true);
    });
    let width = 0;
    new ResizeObserver(() => {
      if (this.box.clientWidth !== width && !Number.isNaN(this.layer)) this.draw();
      width = this.box.clientWidth;
    }).observe(this.box);
  }

  /**
   * @param {MouseEvent} event
   * @returns {Place}
   */
  placeOf(event) {
    const { left, top } = this.canvas.getBoundingClientRect();
    const row = this.tall.from + Math.floor((event.clientY - top) / this.size);
    const column = this.wide.from + Math.floor((event.clientX - left) / this.size);
    return [Math.max(this.tall.from, Math.min(this.tall.to, row)), Math.max(this.wide.from, Math.min(this.wide.to, column))];
  }

  /** @returns {Channel} */
  get channel() {
    const channel = this.channels.find(({ key }) => key === this.select.value) ?? this.channels[0];
    if (!channel) throw new Error("there is no channel to show");
    return channel;
  }

  /** @param {string} key of a channel, or a part of it after its colon; others are not heeded */
  choose(key) {
    const channel = this.channels.find((one) => one.key === key || one.key.endsWith(`:${key}`));
    if (channel) this.select.value = channel.key;
  }

  /** @param {number} direction 1: the next channel, -1: the one before */
  change(direction) {
    const count = this.channels.length;
    this.select.selectedIndex = (this.select.selectedIndex + direction + count) % count;
    this.draw();
  }

  /**
   * @param {Moment} moment
   * @param {Place} chosen the cell that is looked at
   */
  show(moment, chosen) {
    this.layer = moment.layer;
    this.moment = moment;
    this.chosen = chosen;
    this.control = controlOf(this.timeline, moment);
    this.draw();
  }

  draw() {
    const { channel } = this;
    const places = placesAt(this.timeline, this.layer);
    const focus = this.control ?? this.chosen;
    const room = this.timeline.isGrid ? MOST : Math.max(9, Math.min(MOST, Math.floor(this.box.clientWidth / COMFORTABLE)));
    this.tall = windowOf({ from: 0, to: places.rows - 1 }, MOST, focus[0]);
    this.wide = windowOf(this.timeline.isGrid ? places : this.interesting(places), room, focus[1]);
    const columns = this.wide.to - this.wide.from + 1;
    const rows = this.tall.to - this.tall.from + 1;
    this.size = Math.max(SMALLEST, Math.min(LARGEST, Math.floor(TALLEST / rows), Math.floor(this.box.clientWidth / columns)));
    const context = this.prepare(columns * this.size, (this.tall.to - this.tall.from + 1) * this.size);
    if (!context) return;
    for (let row = this.tall.from; row <= this.tall.to; row += 1) {
      for (let column = this.wide.from; column <= this.wide.to; column += 1) this.drawCell(context, channel, places, row, column);
    }
    this.drawMarks(context, places);
    found("channel-note", HTMLElement).textContent = channel.says;
    const note = channel.key === "overview" ? PHASES[this.moment?.phase ?? "running"] : "";
    found("channel-note", HTMLElement).hidden = note !== "";
    found("phase-note", HTMLElement).textContent = note;
    found("phase-note", HTMLElement).hidden = note === "";
    this.drawLegend(channel);
    this.canvas.setAttribute("aria-label", this.described(places));
  }

  /**
   * The positions of a line that are of interest: what its heads visit, and some room to the right for the work tape.
   * @param {Places} places
   */
  interesting({ from, to }) {
    const [data, work] = this.timeline.extents;
    const room = work ? work.to - work.from + 1 : 1;
    return { from: Math.max(from, (data?.from ?? from) - 1), to: Math.max(from, Math.min(to, (data?.to ?? to) + room)) };
  }

  /**
   * @param {number} width
   * @param {number} height
   */
  prepare(width, height) {
    const ratio = devicePixelRatio || 1;
    const [wide, tall] = [Math.round(width * ratio), Math.round(height * ratio)];
    if (this.canvas.width !== wide || this.canvas.height !== tall) {
      this.canvas.width = wide;
      this.canvas.height = tall;
      this.canvas.style.width = `${width}px`;
      this.canvas.style.height = `${height}px`;
    }
    const context = this.canvas.getContext("2d");
    context?.setTransform(ratio, 0, 0, ratio, 0, 0);
    context?.clearRect(0, 0, width, height);
    return context;
  }

  /**
   * @param {CanvasRenderingContext2D} context
   * @param {Channel} channel
   * @param {Places} places
   * @param {number} row
   * @param {number} column
   */
  drawCell(context, channel, places, row, column) {
    const { size } = this;
    const [x, y] = [(column - this.wide.from) * size, (row - this.tall.from) * size];
    const { fill, ink, text } = channel.paint(places, row, column);
    context.fillStyle = fill;
    context.fillRect(x, y, size, size);
    if (size >= LINES) {
      context.strokeStyle = colour("--line");
      context.lineWidth = 1;
      context.strokeRect(x + 0.5, y + 0.5, size - 1, size - 1);
    }
    if (size < LETTERS) return;
    context.fillStyle = ink;
    context.textAlign = "center";
    context.textBaseline = "middle";
    context.font = `${Math.round(size * 0.42)}px ${MONO}`;
    if (text) context.fillText(text, x + size / 2, y + size * 0.46);
    const work = channel.key === "overview" && row === this.control?.[0] && column >= this.control[1];
    if (work) this.drawWork(context, places, row, column, ink);
  }

  /**
   * The halves of the work tape that a cell holds, in its lower corners.
   * @param {CanvasRenderingContext2D} context
   * @param {Places} places
   * @param {number} row
   * @param {number} column
   * @param {string} ink
   */
  drawWork(context, places, row, column, ink) {
    const { size } = this;
    if (size < 20) return;
    const [x, y] = [(column - this.wide.from) * size, (row - this.tall.from) * size];
    context.fillStyle = ink;
    context.font = `${Math.round(size * 0.27)}px ${MONO}`;
    for (const [name, place] of /** @type {[string, number][]} */ ([
      ["left", 0.2],
      ["right", 0.8],
    ])) {
      const field = this.fields.get(name);
      const value = field ? places.value(row, column, field.index) : 0;
      if (field && value > 0) context.fillText(symbolText(field.values[value] ?? ""), x + size * place, y + size * 0.82);
    }
  }

  /**
   * The control, the signals, and the cell that is looked at.
   * @param {CanvasRenderingContext2D} context
   * @param {Places} places
   */
  drawMarks(context, places) {
    for (const name of this.channel.key === "overview" ? ["move", "push"] : []) {
      const field = this.fields.get(name);
      if (!field) continue;
      for (let row = this.tall.from; row <= this.tall.to; row += 1) {
        for (let column = this.wide.from; column <= this.wide.to; column += 1) {
          const value = places.value(row, column, field.index);
          if (value > 0) this.drawSignal(context, row, column, field.values[value] ?? "", name === "push");
        }
      }
    }
    const { control } = this;
    if (control) this.frame(context, control, 3, "--accent", []);
    this.frame(context, this.chosen, 1.5, "--ink", [3, 2]);
  }

  /**
   * @param {CanvasRenderingContext2D} context
   * @param {Place} place
   * @param {number} width
   * @param {string} variable
   * @param {number[]} dash
   */
  frame(context, [row, column], width, variable, dash) {
    if (row < this.tall.from || row > this.tall.to || column < this.wide.from || column > this.wide.to) return;
    const { size } = this;
    context.strokeStyle = colour(variable);
    context.lineWidth = width;
    context.setLineDash(dash);
    const inset = size < LETTERS ? -3 : dash.length ? 4 : width / 2;
    context.strokeRect(
      (column - this.wide.from) * size + inset,
      (row - this.tall.from) * size + inset,
      size - 2 * inset,
      size - 2 * inset,
    );
    context.setLineDash([]);
  }

  /**
   * An arrow: on the upper side of the cell for the data head's signals, on the lower side for the work tape's.
   * @param {CanvasRenderingContext2D} context
   * @param {number} row
   * @param {number} column
   * @param {string} name
   * @param {boolean} low
   */
  drawSignal(context, row, column, name, low) {
    const [right, down] = DIRECTIONS[/** @type {keyof typeof DIRECTIONS} */ (name.split("-")[0])] ?? [0, 0];
    const { size } = this;
    const [x, y] = [(column - this.wide.from + 0.5) * size, (row - this.tall.from + (low ? 0.84 : 0.16)) * size];
    const reach = Math.max(2, size * 0.17);
    context.fillStyle = colour("--signal");
    context.beginPath();
    context.moveTo(x + reach * 1.6 * right, y + reach * 1.3 * down);
    context.lineTo(x - reach * (right + down), y - reach * (down + right));
    context.lineTo(x - reach * (right - down), y - reach * (down - right));
    context.closePath();
    context.fill();
  }

  /** @param {Channel} channel */
  drawLegend(channel) {
    const signal = channel.key === "overview" ? [legendEntry("signal", { kind: "arrow", sign: "▸" })] : [];
    const marks = [legendEntry("control", { kind: "head" }), ...signal];
    const entries = channel.legend().map(({ text, colour: fill }) => legendEntry(text, { colour: fill }));
    found("channel-legend", HTMLElement).replaceChildren(...entries, ...marks);
  }

  /**
   * The lattice in words.
   * @param {Places} places
   */
  described(places) {
    const { control } = this;
    const where = control
      ? `The control is in row ${control[0]}, column ${control[1]}, in state ${this.moment?.stateName}.`
      : "There is no control.";
    return `${places.rows} by ${places.to - places.from + 1} cells of the network. ${where}`;
  }
}

/** What the network does, in phases in which that is not what the machine does. */
const PHASES = {
  training:
    "What the memory hands to the network for this example: each weight times the example's feature. Rows not yet learnt are 0, and the output is 0.",
  decoding:
    "At first each cell holds a product: label × feature × the query's feature. Signals carry the query up each column and each label left along " +
    "its row and multiply once more. What is left are the plain examples, and the control is born in the upper left corner.",
  running: "",
  end: "",
};

const MONO = "ui-monospace, Menlo, Consolas, 'DejaVu Sans Mono', monospace";
