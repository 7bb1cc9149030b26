// Space and time: a tape over the steps of the run as an image, from all steps at once down to single cells.

import { figure, found, legendEntry } from "tmc/ui_elements";
import { symbolLooks } from "tmc/ui_symbols";
import { colour, kindColour, rgb } from "tmc/ui_theme";

/** @typedef {import("./types").PageDocument} PageDocument */
/** @typedef {import("./types").SpaceTime} SpaceTime */
/** @typedef {import("tmc/timeline").Timeline} Timeline */
/** @typedef {import("tmc/ui_now").Now} Now */

const HEIGHT = 460; // pixels at most
const MARGIN = 12; // pixels left of the image, for the mark of the moment
const FEWEST = 24; // steps that are shown when zoomed in most
const LARGEST = 18; // pixels of a cell
const LEGEND = 16; // states that the legend names

export class HistoryPanel {
  /**
   * @param {PageDocument} document_
   * @param {Timeline} timeline
   * @param {Now} now
   * @param {(step: number) => void} go
   */
  constructor(document_, timeline, now, go) {
    this.document = document_;
    this.timeline = timeline;
    this.now = now;
    this.go = go;
    this.box = found("history", HTMLElement);
    this.canvas = found("history-canvas", HTMLCanvasElement);
    this.note = found("history-note", HTMLElement);
    this.tape = found("history-tape", HTMLSelectElement);
    for (const [index, tape] of document_.machine.tapes.entries()) this.tape.append(new Option(`${tape.name} tape`, String(index)));
    this.tape.hidden = document_.machine.tapes.length < 2;
    this.all = timeline.steps + 1;
    /** How many steps are shown, and which is in the middle; the position in the middle. */
    this.span = this.all;
    this.middle = this.all / 2;
    this.centre = NaN;
    this.made = "";
    this.image = document.createElement("canvas");
    /** @type {SpaceTime | null} */
    this.shown = null;
    this.scale = { x: 1, y: 1 };
    this.drawLegend();
    this.listen();
  }

  listen() {
    found("history-in", HTMLButtonElement).addEventListener("click", () => this.zoom(1 / 2));
    found("history-out", HTMLButtonElement).addEventListener("click", () => this.zoom(2));
    found("history-all", HTMLButtonElement).addEventListener("click", () => this.zoom(Infinity));
    this.tape.addEventListener("change", () => {
      this.centre = NaN;
      this.draw();
    });
    this.canvas.addEventListener("wheel", (event) => {
      if (!event.ctrlKey && !event.metaKey) return;
      event.preventDefault();
      this.zoom(event.deltaY > 0 ? 2 : 1 / 2, this.stepAt(event));
    });
    this.listenToDrags();
    this.box.addEventListener("keydown", (event) => {
      if (event.ctrlKey || event.metaKey || event.altKey || event.shiftKey) return;
      const action = this.keys()[event.key];
      if (!action) return;
      event.preventDefault();
      action();
    });
    let width = 0;
    new ResizeObserver(() => {
      if (this.box.clientWidth !== width) this.draw();
      width = this.box.clientWidth;
    }).observe(this.box);
  }

  /** @returns {Record<string, () => void>} */
  keys() {
    const rows = this.shown?.height ?? 1;
    return {
      ArrowUp: () => this.walk(-1),
      ArrowDown: () => this.walk(1),
      PageUp: () => this.walk(-Math.ceil(rows / 8)),
      PageDown: () => this.walk(Math.ceil(rows / 8)),
      ArrowLeft: () => this.pan(0, -1 / 8),
      ArrowRight: () => this.pan(0, 1 / 8),
      "+": () => this.zoom(1 / 2),
      "=": () => this.zoom(1 / 2),
      "-": () => this.zoom(2),
      0: () => this.zoom(Infinity),
    };
  }

  listenToDrags() {
    /** @type {{x: number, y: number, moved: boolean} | null} */
    let held = null;
    this.canvas.addEventListener("pointerdown", (event) => {
      held = { x: event.clientX, y: event.clientY, moved: false };
    });
    this.canvas.addEventListener("pointermove", (event) => {
      if (!held || event.pointerType !== "mouse" || (event.buttons & 1) === 0) return;
      const [right, down] = [event.clientX - held.x, event.clientY - held.y];
      if (!held.moved && Math.hypot(right, down) < 5) return;
      held = { x: event.clientX, y: event.clientY, moved: true };
      const { clientWidth, clientHeight } = this.canvas;
      this.pan(-down / clientHeight, -right / clientWidth);
    });
    this.canvas.addEventListener("click", (event) => {
      if (!held?.moved) this.go(this.stepAt(event));
      held = null;
    });
  }

  /** @param {MouseEvent} event */
  stepAt(event) {
    const { top } = this.canvas.getBoundingClientRect();
    const row = Math.floor(((event.clientY - top) * devicePixelRatio) / this.scale.y);
    return this.shown?.steps[Math.max(0, Math.min(this.shown.height - 1, row))] ?? 0;
  }

  /** @param {number} rows of the image, on (or, below 0, back) from the moment */
  walk(rows) {
    const step = this.timeline.stepOfLayer(this.now.layer);
    const bin = this.shown ? (this.shown.last - this.shown.first + 1) / this.shown.height : 1;
    this.go(Math.max(0, Math.min(this.timeline.steps, Math.round(step + rows * bin))));
  }

  /**
   * @param {number} factor by which more is shown; below 1 less
   * @param {number} [step] stays in sight
   */
  zoom(factor, step = this.timeline.stepOfLayer(this.now.layer)) {
    const before = this.span;
    this.span = Math.max(Math.min(FEWEST, this.all), Math.min(this.all, Math.round(this.span * factor)));
    this.middle = this.span < before ? step + 0.5 : this.middle;
    this.centre = NaN;
    this.draw();
  }

  /**
   * @param {number} down a part of what is shown
   * @param {number} right
   */
  pan(down, right) {
    this.middle += down * this.span;
    if (this.shown) this.centre = (this.shown.from + this.shown.to) / 2 + right * (this.shown.to - this.shown.from + 1);
    this.draw();
  }

  /** The steps and positions that are shown. */
  view() {
    const ratio = devicePixelRatio || 1;
    const wide = Math.max(64, Math.floor((this.box.clientWidth - MARGIN) * ratio));
    const tall = HEIGHT * ratio;
    const first = Math.round(Math.max(0, Math.min(this.all - this.span, this.middle - this.span / 2)));
    this.middle = first + this.span / 2;
    const tape = Number(this.tape.value);
    const whole = this.extent(tape);
    const room = Math.min(whole.to - whole.from + 1, Math.max(FEWEST, Math.ceil((this.span * wide) / tall)));
    if (Number.isNaN(this.centre)) this.centre = this.headAt(Math.min(this.timeline.steps, Math.floor(this.middle)), tape);
    const from = Math.round(Math.max(whole.from, Math.min(whole.to + 1 - room, this.centre - room / 2)));
    return { tape, first, last: first + this.span - 1, from, to: from + room - 1, width: wide, height: tall };
  }

  /** @param {number} tape */
  extent(tape) {
    const rows = this.document.input.rows;
    if (tape === 0 && this.timeline.isGrid) return { from: 0, to: rows.length * (rows[0]?.length ?? 1) - 1 };
    return this.timeline.extents[tape] ?? { from: 0, to: 0 };
  }

  /**
   * @param {number} step
   * @param {number} tape
   */
  headAt(step, tape) {
    const { head, workHead } = this.timeline.at(this.timeline.layerOfStep(step));
    if (tape === 1) return workHead;
    return this.timeline.isGrid ? head[0] * (this.document.input.rows[0]?.length ?? 1) + head[1] : head[1];
  }

  /** The moment has changed: it is marked, and brought into sight. */
  show() {
    const step = this.timeline.stepOfLayer(this.now.layer);
    if (this.shown && (step < this.shown.first || step > this.shown.last)) {
      this.middle = step + 0.5;
      this.centre = NaN;
    }
    this.draw();
  }

  /** The colours have changed. */
  repaint() {
    this.made = "";
    this.drawLegend();
  }

  draw() {
    if (this.box.clientWidth === 0) return;
    const view = this.view();
    const key = JSON.stringify(view);
    if (key !== this.made) this.shown = this.paint(this.timeline.spaceTime(view));
    this.made = key;
    if (this.shown) this.place(this.shown, view);
  }

  /**
   * @param {SpaceTime} picture
   * @returns {SpaceTime}
   */
  paint(picture) {
    const { width, height } = picture;
    this.image.width = width;
    this.image.height = height;
    const context = this.image.getContext("2d");
    if (!context) return picture;
    const image = context.createImageData(width, height);
    const painter = new Painter(picture, this.document.machine.tapes[Number(this.tape.value)]?.symbols ?? []);
    for (let y = 0; y < height; y += 1) painter.row(image.data, y);
    context.putImageData(image, 0, 0);
    const pixel = figure(Math.ceil((picture.last - picture.first + 1) / height));
    const cells = Math.ceil((picture.to - picture.from + 1) / width);
    const each =
      pixel === "1" && cells === 1
        ? "Each row is a step."
        : `A pixel is ${pixel} steps high and ${cells === 1 ? "one cell" : `${cells} cells`} wide.`;
    const what = this.timeline.isGrid && this.tape.value === "0" ? "the cells of the data, row after row" : "the cells of the tape";
    this.note.textContent =
      `Time goes down: steps ${figure(picture.first)} to ${figure(picture.last)}. From left to right: ${what}. ${each} ` +
      "Where the head is, the colour is the state's. A click goes there.";
    return picture;
  }

  /**
   * @param {SpaceTime} picture
   * @param {{width: number, height: number}} room
   */
  place(picture, { width, height }) {
    const ratio = devicePixelRatio || 1;
    const largest = Math.round(LARGEST * ratio);
    const y = Math.max(1, Math.min(largest, Math.floor(height / picture.height)));
    const x = Math.max(1, Math.min(largest, Math.max(8, 3 * y), Math.floor(width / picture.width)));
    this.scale = { x, y };
    const margin = Math.round(MARGIN * ratio);
    this.canvas.width = margin + picture.width * x;
    this.canvas.height = picture.height * y;
    this.canvas.style.width = `${this.canvas.width / ratio}px`;
    this.canvas.style.height = `${this.canvas.height / ratio}px`;
    const context = this.canvas.getContext("2d");
    if (!context) return;
    context.imageSmoothingEnabled = false;
    context.drawImage(this.image, margin, 0, picture.width * x, picture.height * y);
    if (Math.min(x, y) >= 6 * ratio) this.separate(context, picture, margin);
    this.mark(context, picture, margin);
  }

  /**
   * Lines between single cells.
   * @param {CanvasRenderingContext2D} context
   * @param {SpaceTime} picture
   * @param {number} margin
   */
  separate(context, { width, height }, margin) {
    const { x, y } = this.scale;
    context.fillStyle = colour("--line");
    for (let column = 0; column <= width; column += 1) context.fillRect(margin + column * x, 0, 1, height * y);
    for (let row = 0; row <= height; row += 1) context.fillRect(margin, row * y, width * x, 1);
  }

  /**
   * Marks the moment: a triangle at the margin, and a line.
   * @param {CanvasRenderingContext2D} context
   * @param {SpaceTime} picture
   * @param {number} margin
   */
  mark(context, picture, margin) {
    const step = this.timeline.stepOfLayer(this.now.layer);
    const row = Math.floor(((step - picture.first) * picture.height) / (picture.last - picture.first + 1));
    const y = (row + 0.5) * this.scale.y;
    const reach = margin * 0.4;
    context.fillStyle = colour("--accent");
    context.beginPath();
    context.moveTo(margin - 2, y);
    context.lineTo(margin - 2 - 1.6 * reach, y - reach);
    context.lineTo(margin - 2 - 1.6 * reach, y + reach);
    context.fill();
    const line = Math.max(1, Math.round(this.scale.y / 8));
    context.fillRect(margin, (row + 1) * this.scale.y - line, picture.width * this.scale.x, line);
    this.canvas.setAttribute("aria-label", `${this.note.textContent} Marked is step ${figure(step)}.`);
  }

  drawLegend() {
    const { states } = this.document.machine;
    const entries = states.slice(0, LEGEND).map((name, index) => legendEntry(name, { colour: kindColour(index) }));
    const more = states.length - entries.length;
    found("history-legend", HTMLElement).replaceChildren(
      ...entries,
      ...(more > 0 ? [legendEntry(`and ${more} more states`, {})] : []),
    );
  }
}

/** Paints rows of an image of a tape over time. */
class Painter {
  /**
   * @param {SpaceTime} picture
   * @param {string[]} symbols
   */
  constructor(picture, symbols) {
    this.picture = picture;
    this.symbols = symbolLooks(symbols).map(({ fill }) => rgb(fill));
    this.blank = this.symbols[0] ?? [255, 255, 255];
    this.strong = rgb("--cell-one");
    this.cells = (picture.to - picture.from + 1) / picture.width;
    /** @type {Map<number, [number, number, number]>} */
    this.states = new Map();
  }

  /** @param {number} state */
  state(state) {
    const known = this.states.get(state) ?? rgb(state < 0 ? "--ink" : kindColour(state));
    this.states.set(state, known);
    return known;
  }

  /**
   * @param {Uint8ClampedArray} pixels
   * @param {number} y
   */
  row(pixels, y) {
    const { picture, cells } = this;
    const { width } = picture;
    const state = this.state(picture.states[y] ?? 0);
    const left = Math.floor(((picture.headFrom[y] ?? 0) - picture.from) / cells);
    const right = Math.floor(((picture.headTo[y] ?? 0) - picture.from) / cells);
    const presence = Math.min(1, 4 / (right - left + 4));
    const head = right === left ? 1 : presence;
    for (let x = 0; x < width; x += 1) {
      const at = y * width + x;
      const part = (picture.marked[at] ?? 0) / cells;
      const base = cells > 1 ? this.blank : (this.symbols[picture.symbol[at] ?? 0] ?? this.blank);
      for (let channel = 0; channel < 3; channel += 1) {
        let value = base[channel] ?? 0;
        if (cells > 1) value += ((this.strong[channel] ?? 0) - value) * Math.min(1, part);
        if (x >= left && x <= right) value += ((state[channel] ?? 0) - value) * head;
        pixels[4 * at + channel] = value;
      }
      pixels[4 * at + 3] = 255;
    }
  }
}
