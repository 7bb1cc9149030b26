// The interface. A placeholder: it shows one moment.

import { Timeline } from "tmc/timeline";

/** @param {import("./types").PageDocument} document_ */
export function start(document_) {
  const timeline = new Timeline(document_);
  const main = /** @type {HTMLElement} */ (document.getElementById("page"));
  main.textContent = JSON.stringify(timeline.at(timeline.layers), null, 2);
}
