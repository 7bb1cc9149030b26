// The interface: all panels of the page, which show one moment together.

import { Timeline } from "tmc/timeline";
import { CellPanel } from "tmc/ui_cell";
import { DiagramPanel } from "tmc/ui_diagram";
import { figure, found } from "tmc/ui_elements";
import { startHash } from "tmc/ui_hash";
import { HistoryPanel } from "tmc/ui_history";
import { startKeys } from "tmc/ui_keys";
import { LatticePanel } from "tmc/ui_lattice";
import { MemoryPanel } from "tmc/ui_memory";
import { Now } from "tmc/ui_now";
import { controlOf, placesAt, within } from "tmc/ui_places";
import { Player } from "tmc/ui_player";
import { Source } from "tmc/ui_source";
import { TapesPanel } from "tmc/ui_tapes";
import { startTheme } from "tmc/ui_theme";

/** @typedef {import("./types").PageDocument} PageDocument */
/** @typedef {import("./types").Moment} Moment */
/** @typedef {import("tmc/ui_places").Place} Place */

class Page {
  /** @param {PageDocument} document_ */
  constructor(document_) {
    this.document = document_;
    this.timeline = new Timeline(document_);
    this.now = new Now(this.timeline.first, this.timeline.layers);
    this.source = new Source(document_.files);
    this.diagram = new DiagramPanel(document_.diagram);
    this.tapes = new TapesPanel(document_, this.timeline, {
      choose: (place) => this.follow(place),
      point: (origin) => this.source.point(origin),
    });
    this.cell = new CellPanel(document_, (origin) => this.source.point(origin));
    this.lattice = new LatticePanel(
      document_,
      this.timeline,
      (place, lasting) => this.point(place, lasting),
      () => this.point(null, false),
    );
    this.memory = document_.training ? new MemoryPanel(document_.training) : null;
    this.player = new Player(this.timeline, this.now, () => this.last);
    this.history = new HistoryPanel(document_, this.timeline, this.now, (step) =>
      this.player.leap(this.timeline.layerOfStep(step)),
    );
    /** The cell that is looked at for good, null: the control's; and the one below the pointer. @type {Place | null} */
    this.pinned = null;
    /** @type {Place | null} */
    this.hovered = null;
    /** @type {Place} */
    this.last = [0, 0];
    this.introduce();
    this.now.watch((layer) => this.show(layer));
    this.startControls();
    this.now.tell();
  }

  /** Name, purpose and size of what is shown. */
  introduce() {
    const { name, about, machine, network, training, input } = this.document;
    document.documentElement.classList.toggle("learner", training !== null);
    found("machine", HTMLElement).textContent = name;
    const units = network.layers.reduce((sum, { units: list }) => sum + list.length, 0);
    const run = `${machine.states.length} states, ${machine.transitions.length} transitions; ${figure(this.timeline.steps)} steps in ${figure(this.timeline.layers)} layers`;
    const size = `the network (${network.target}) has ${figure(network.channels.length)} channels and ${figure(units)} hidden units`;
    const given = input.text
      ? ` Input: ${training ? input.text.split("/").at(-1) : input.text}${input.query === null ? "" : `, query ${input.query}`}.`
      : "";
    found("about", HTMLElement).textContent = about;
    found("facts", HTMLElement).textContent = `${run}; ${size}.${given} ${this.timeline.cut}`.trim();
  }

  startControls() {
    const theme = startTheme(() => {
      this.tapes.repaint();
      this.history.repaint();
      this.now.redraw();
    });
    const what = found("what-button", HTMLButtonElement);
    const explain = () => {
      const section = found("what", HTMLElement);
      section.hidden = !section.hidden;
      what.setAttribute("aria-expanded", String(!section.hidden));
      if (!section.hidden) section.scrollIntoView({ block: "start" });
    };
    what.addEventListener("click", explain);
    found("cell-follow", HTMLButtonElement).addEventListener("click", () => this.pin(this.pinned ? null : this.last));
    found("channel", HTMLSelectElement).addEventListener("change", () => this.now.redraw());
    const channel = (/** @type {number} */ direction) => {
      this.lattice.change(direction);
      this.now.redraw();
    };
    startKeys(this.player, { theme, what: explain, channel });
    startHash(this.timeline, this.now, { read: () => this.remembered(), take: (values) => this.recall(values) });
  }

  /** What the address holds beside the moment. */
  remembered() {
    const { key } = this.lattice.channel;
    return {
      ...(this.pinned ? { cell: this.pinned.join(",") } : {}),
      ...(key === "overview" ? {} : { show: key.replace(/^.*:/, "") }),
    };
  }

  /** @param {URLSearchParams} values */
  recall(values) {
    const cell = /^(\d+),(-?\d+)$/.exec(values.get("cell") ?? "");
    this.pin(cell ? [Number(cell[1]), Number(cell[2])] : null);
    this.lattice.choose(values.get("show") ?? "overview");
  }

  /** @param {Place | null} place null: the control's cell, wherever it is */
  pin(place) {
    this.pinned = place;
    found("cell-follow", HTMLButtonElement).setAttribute("aria-pressed", String(place === null));
    this.now.redraw();
  }

  /** @param {Place} place of the data, whose changes are jumped to from now on */
  follow(place) {
    this.player.kind.value = "cell";
    this.pin(place);
  }

  /**
   * @param {Place | null} place
   * @param {boolean} lasting
   */
  point(place, lasting) {
    if (lasting) return this.pin(place);
    if (place?.join() === this.hovered?.join()) return;
    this.hovered = place;
    this.now.redraw();
  }

  /** @param {number} layer */
  show(layer) {
    const moment = this.timeline.at(layer);
    const { transition, phase } = moment;
    const taken = transition === null ? null : this.document.machine.transitions[transition];
    document.documentElement.dataset.phase = phase;
    this.source.light(taken && (phase === "running" || phase === "end") ? taken : null);
    this.diagram.show(moment);
    this.tapes.show(moment, this.pinned);
    this.memory?.show(moment);
    this.showNetwork(moment);
    this.history.show();
  }

  /** @param {Moment} moment */
  showNetwork(moment) {
    const places = placesAt(this.timeline, moment.layer);
    const control = controlOf(this.timeline, moment);
    this.last = within(this.hovered ?? this.pinned ?? control ?? this.last, places);
    this.lattice.show(moment, this.last);
    const [row, position] = this.last;
    this.cell.show(this.timeline.cell(moment.layer, row, position - places.from), moment, this.last);
  }
}

/** @param {PageDocument} document_ */
export function start(document_) {
  new Page(document_);
}
