// The state diagram: the state and the transition of the moment are lit.

import { found, reveal } from "tmc/ui_elements";

/** @typedef {import("./types").Diagram} Diagram */
/** @typedef {import("./types").Moment} Moment */

const SMALLEST = 0.66; // of its size: smaller, the letters of a picture cannot be read

export class DiagramPanel {
  /** @param {Diagram | null} diagram */
  constructor(diagram) {
    this.box = found("diagram", HTMLElement);
    this.edges = diagram?.edges ?? [];
    /** @type {Element[]} */
    this.lit = [];
    const note = found("diagram-note", HTMLElement);
    if (!diagram) {
      this.box.hidden = true;
      note.textContent = "There is no picture: Graphviz was not installed where this page was made.";
      return;
    }
    note.textContent =
      "Boxes are states. An arrow says what it takes to go there: the symbols under the heads (data first; * is any, | is or), " +
      "and the edges of the grid that the data head touches.";
    const picture = new DOMParser().parseFromString(diagram.svg, "image/svg+xml").documentElement;
    this.picture = document.importNode(picture, true);
    this.picture.setAttribute("role", "img");
    this.picture.setAttribute("aria-label", "State diagram");
    this.box.replaceChildren(this.picture);
    this.fit();
    new ResizeObserver(() => this.fit()).observe(this.box);
  }

  /** In full, or where that would be too small, at a size that can be read, to be scrolled. */
  fit() {
    const box = this.picture instanceof SVGSVGElement ? this.picture.viewBox.baseVal : null;
    if (!this.picture || !box) return;
    const natural = box.width * (4 / 3); // Graphviz counts in points
    const scale = Math.min(1, Math.max(SMALLEST, this.box.clientWidth / natural));
    this.picture.setAttribute("width", String(Math.round(natural * scale)));
    this.picture.setAttribute("height", String(Math.round(box.height * (4 / 3) * scale)));
  }

  /** @param {Moment} moment */
  show(moment) {
    if (!this.picture) return;
    for (const element of this.lit) element.classList.remove("lit");
    const state = moment.state >= 0 ? `state-${moment.state}` : moment.state === -1 ? "state-accept" : "state-reject";
    const edge = moment.transition === null ? "" : `edge-${this.edges[moment.transition]}`;
    const running = moment.phase === "running" || moment.phase === "end";
    this.lit = running ? [state, edge].flatMap((id) => (id && document.getElementById(id)) || []) : [];
    for (const element of this.lit) element.classList.add("lit");
    const node = this.lit[0];
    if (node) reveal(this.box, node);
    const going = moment.transition === null ? "" : ", an arrow from it";
    this.picture.setAttribute("aria-label", running ? `State diagram: ${moment.stateName}${going} is lit` : "State diagram");
  }
}
