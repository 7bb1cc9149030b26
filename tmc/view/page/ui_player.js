// The player: scrubber, play, step and back, speed, jumps, and where the run is, in figures and in words.

import { figure, found, made } from "tmc/ui_elements";

/** @typedef {import("tmc/timeline").Timeline} Timeline */
/** @typedef {import("tmc/ui_now").Now} Now */
/** @typedef {import("./types").Event | "cell"} Goal what to jump to; cell: a change of the cell that is looked at */
/** @typedef {import("tmc/ui_places").Place} Place */

const SPEEDS = [1, 2, 4, 8, 15, 30, 60, 250, 1000, 10000, 100000];
const MOST_WRITES = 100_000; // that are looked through for one of a cell
const SLOWEST_SPOKEN = 2; // pictures a second, where somebody has asked for less motion

export class Player {
  /**
   * @param {Timeline} timeline
   * @param {Now} now
   * @param {() => Place} cell the one that is looked at
   */
  constructor(timeline, now, cell) {
    this.cell = cell;
    this.timeline = timeline;
    this.now = now;
    this.scrubber = found("scrubber", HTMLInputElement);
    this.playButton = found("play", HTMLButtonElement);
    this.unit = found("unit", HTMLSelectElement);
    this.speed = found("speed", HTMLSelectElement);
    this.kind = found("jump-kind", HTMLSelectElement);
    this.field = found("step", HTMLInputElement);
    this.words = found("words", HTMLElement);
    for (const speed of SPEEDS) this.speed.append(new Option(`${figure(speed)} / s`, String(speed)));
    this.speed.value = "4";
    this.scrubber.min = String(now.first);
    this.scrubber.max = String(now.last);
    this.drawPhases();
    this.listen();
    now.watch((layer) => this.show(layer));
  }

  listen() {
    /** @type {[string, () => void][]} */
    const clicks = [
      ["to-start", () => this.leap(this.now.first)],
      ["back", () => this.advance(-1)],
      ["play", () => this.toggle()],
      ["forward", () => this.advance(1)],
      ["to-end", () => this.leap(this.now.last)],
      ["jump-back", () => this.jump(this.chosen(), -1)],
      ["jump-on", () => this.jump(this.chosen(), 1)],
    ];
    for (const [id, action] of clicks) found(id, HTMLButtonElement).addEventListener("click", action);
    this.scrubber.addEventListener("input", () => this.leap(Number(this.scrubber.value)));
    this.unit.addEventListener("change", () => this.now.redraw());
    found("go", HTMLFormElement).addEventListener("submit", (event) => {
      event.preventDefault();
      this.field.blur(); // so that keys are the player's again
      const place = Number(this.field.value.replace(/\s/g, ""));
      if (this.field.value.trim() && Number.isFinite(place)) this.leap(this.bySteps ? this.layerOfStep(place) : place);
      this.now.redraw();
    });
  }

  get bySteps() {
    return this.unit.value === "step";
  }

  /** @returns {Goal} */
  chosen() {
    return /** @type {Goal} */ (this.kind.value);
  }

  /** @param {number} layer */
  leap(layer) {
    this.pause();
    this.now.go(layer);
  }

  /** @param {number} step is brought into the run's bounds */
  layerOfStep(step) {
    return this.timeline.layerOfStep(Math.max(0, Math.min(this.timeline.steps, Math.round(step))));
  }

  /**
   * Some steps, or layers, on; back where the count is below 0.
   * @param {number} count
   * @param {boolean} [steps]
   */
  advance(count, steps = this.bySteps) {
    this.leap(steps ? this.afterSteps(this.now.layer, count) : this.now.layer + count);
  }

  /**
   * The layer some steps from a layer. Each step of training counts as one, and so does decoding as a whole.
   * @param {number} layer
   * @param {number} count
   * @returns {number}
   */
  afterSteps(layer, count) {
    const born = this.timeline.layerOfStep(0);
    if (count > 0) {
      if (layer < 0) return Math.min(0, layer + count);
      if (layer < born) return this.layerOfStep(count - 1);
      const step = this.timeline.stepOfLayer(layer) + count;
      return step > this.timeline.steps ? this.now.last : this.timeline.layerOfStep(step);
    }
    if (layer <= 0) return layer + count;
    if (layer <= born) return 0;
    const step = this.timeline.stepOfLayer(layer);
    const began = this.timeline.layerOfStep(step) < layer ? step + 1 : step;
    return began + count < 0 ? 0 : this.timeline.layerOfStep(began + count);
  }

  /**
   * To the next of a kind (1), or the previous one (-1).
   * @param {Goal} kind
   * @param {number} direction
   */
  jump(kind, direction) {
    this.kind.value = kind;
    const target = kind === "cell" ? this.changeOf(this.cell(), direction) : this.found(kind, this.now.layer, direction);
    if (target !== null && target !== this.now.layer) return this.leap(target);
    this.words.textContent = `There is no ${direction > 0 ? "further" : "earlier"} ${this.kind.selectedOptions[0]?.text}.`;
  }

  /**
   * @param {import("./types").Event} kind
   * @param {number} layer
   * @param {number} direction
   */
  found(kind, layer, direction) {
    return direction > 0 ? this.timeline.next(kind, layer) : this.timeline.previous(kind, layer);
  }

  /**
   * The layer at which the data tape's symbol at a place has changed, or null: writes are followed until one is there.
   * @param {Place} place
   * @param {number} direction
   * @returns {number | null}
   */
  changeOf([row, position], direction) {
    let layer = this.now.layer;
    for (let writes = 0; writes < MOST_WRITES; writes += 1) {
      const next = this.found("write", layer, direction);
      const step = this.timeline.stepOfLayer(next);
      if (next === layer || step === 0) return null;
      layer = next;
      const { head } = this.timeline.at(this.timeline.layerOfStep(step - 1));
      if (head[0] === row && head[1] === position && this.changes(step, row, position)) return layer;
    }
    return null;
  }

  /**
   * Whether a step changes the data tape at a place.
   * @param {number} step
   * @param {number} row
   * @param {number} position
   */
  changes(step, row, position) {
    const [before, after] = [step - 1, step].map((count) => {
      const stretch = this.timeline.data(this.timeline.layerOfStep(count))[row];
      return stretch?.symbols[position - stretch.from] ?? 0;
    });
    return before !== after;
  }

  /** @param {number} direction 1: faster, -1: slower */
  changeSpeed(direction) {
    const index = this.speed.selectedIndex + direction;
    if (index >= 0 && index < this.speed.options.length) this.speed.selectedIndex = index;
  }

  toggle() {
    if (this.now.playing) this.pause();
    else this.start();
  }

  start() {
    if (this.now.layer >= this.now.last) this.now.go(this.now.first);
    this.now.playing = true;
    this.sayPlaying();
    const pause = matchMedia("(prefers-reduced-motion: reduce)").matches ? 1000 / SLOWEST_SPOKEN : 0;
    let before = performance.now();
    /** @param {number} time */
    const frame = (time) => {
      if (!this.now.playing) return;
      const count = Math.floor(((time - before) * Number(this.speed.value)) / 1000);
      if (count > 0 && time - before >= pause) {
        before += (count * 1000) / Number(this.speed.value);
        const layer = this.now.layer;
        this.now.go(this.bySteps ? this.afterSteps(layer, count) : layer + count);
        if (this.now.layer >= this.now.last) return this.pause();
      }
      requestAnimationFrame(frame);
    };
    requestAnimationFrame(frame);
  }

  pause() {
    if (!this.now.playing) return;
    this.now.playing = false;
    this.sayPlaying();
    this.now.redraw();
  }

  sayPlaying() {
    this.playButton.classList.toggle("playing", this.now.playing);
    this.playButton.setAttribute("aria-label", this.now.playing ? "Pause" : "Play");
    this.words.setAttribute("aria-live", this.now.playing ? "off" : "polite");
  }

  /** Below the scrubber: what the run does, and for how long. */
  drawPhases() {
    const { first, last } = this.now;
    const born = this.timeline.layerOfStep(0);
    const done = this.timeline.layerOfStep(this.timeline.steps);
    /** @type {[string, number, number][]} */
    const phases = [
      ["training", first, 0],
      ["decoding", 0, born],
      ["running the program", born, done],
      ["done", done, last + 1],
    ];
    const bar = found("phases", HTMLElement);
    for (const [name, from, to] of phases) {
      if (to <= from) continue;
      const part = made("span", "", made("b", "", name));
      part.title = name;
      part.style.flexGrow = String(to - from);
      part.style.flexBasis = "0";
      part.dataset.from = String(from);
      part.dataset.to = String(to);
      bar.append(part);
    }
    this.phases = [...bar.children];
  }

  /** @param {number} layer */
  show(layer) {
    this.phase = "";
    const moment = this.timeline.at(layer);
    this.words.textContent = moment.words;
    this.scrubber.value = String(layer);
    this.scrubber.setAttribute(
      "aria-valuetext",
      layer < 0 ? `training, ${-layer} before the query` : `step ${moment.step}, layer ${layer}`,
    );
    for (const part of this.phases ?? []) {
      if (!(part instanceof HTMLElement)) continue;
      const now = Number(part.dataset.from) <= layer && layer < Number(part.dataset.to);
      part.classList.toggle("now", now);
      if (now) this.phase = part.title;
    }
    this.showFigures(layer, moment.step);
  }

  /**
   * @param {number} layer
   * @param {number} step
   */
  showFigures(layer, step) {
    const [unit, here, all] = this.bySteps ? ["step", step, this.timeline.steps] : ["layer", layer, this.now.last];
    const [other, there, most] = this.bySteps ? ["layer", layer, this.now.last] : ["step", step, this.timeline.steps];
    const label = document.querySelector('label[for="step"]');
    if (label) label.textContent = String(unit);
    if (document.activeElement !== this.field) this.field.value = String(here);
    found("of-steps", HTMLElement).textContent = `of ${figure(Number(all))}`;
    const steps = -this.now.first;
    const training = `example ${steps + layer + 1} of ${steps}, the last a dummy`;
    found("layer-text", HTMLElement).textContent =
      layer < 0
        ? `${this.phase} · ${training}`
        : `${this.phase}${this.phase ? " · " : ""}${other} ${figure(Number(there))} of ${figure(Number(most))}`;
  }
}
