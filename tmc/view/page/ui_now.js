// The moment that the page shows: a layer of the timeline. Who wants to know of a change is told once per frame.

export class Now {
  /**
   * @param {number} first the first layer of the timeline: below 0 where there is training
   * @param {number} last
   */
  constructor(first, last) {
    this.first = first;
    this.last = last;
    this.layer = first;
    /** Whether the page plays: then what is spoken aloud is held back. */
    this.playing = false;
    /** @type {((layer: number) => void)[]} */
    this.listeners = [];
    this.due = false;
  }

  /** @param {(layer: number) => void} listener is told the layer whenever it has changed */
  watch(listener) {
    this.listeners.push(listener);
  }

  /** @param {number} layer is brought into the timeline's bounds */
  go(layer) {
    const bounded = Math.max(this.first, Math.min(this.last, Math.round(layer)));
    if (bounded === this.layer) return;
    this.layer = bounded;
    this.redraw();
  }

  /** Tells everybody again in the next frame, as after a change of colours. */
  redraw() {
    if (this.due) return;
    this.due = true;
    requestAnimationFrame(() => this.tell());
  }

  /** Tells everybody now. The attribute `data-layer` of the document says afterwards what is on the screen. */
  tell() {
    this.due = false;
    const layer = this.layer;
    for (const listener of this.listeners) listener(layer);
    document.documentElement.dataset.layer = String(layer);
  }
}
