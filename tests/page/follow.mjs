// Runs pages without a browser: a document a line on stdin, and for each a line on stdout with all that its timeline says of the run.

import { createInterface } from "node:readline";
import { Timeline } from "tmc/timeline";

/** The symbols of a stretch without the blanks at its ends, and where they begin. */
function trimmed({ from, symbols }) {
  let [first, end] = [0, symbols.length];
  while (first < end && symbols[first] === 0) first++;
  while (end > first && symbols[end - 1] === 0) end--;
  return first === end ? [0, []] : [from + first, [...symbols.slice(first, end)]];
}

/** The configuration at a layer: state, head, data, work head and work tape. */
function configuration(timeline, layer) {
  const { state, head, workHead, transition } = timeline.at(layer);
  const rows = timeline.data(layer);
  const data = timeline.isGrid ? rows.map(({ symbols }) => [...symbols]) : trimmed(rows[0]);
  const work = timeline.workTape(layer);
  return [state, head, data, workHead, work ? trimmed(work) : [0, []], transition];
}

/** The lattice at a layer as rows of cells. */
function lattice(timeline, layer) {
  const { rows, columns, from, cell } = timeline.lattice(layer);
  return {
    from,
    rows: Array.from({ length: rows }, (_, row) => Array.from({ length: columns }, (_, column) => cell(row, column))),
  };
}

/** By layer, the cells that it changed, with what they became. */
function* changes(timeline) {
  let before = lattice(timeline, 0);
  for (let layer = 1; layer <= timeline.layers; layer++) {
    const now = lattice(timeline, layer);
    const shift = before.from - now.from;
    yield now.rows.flatMap((row, r) =>
      row.flatMap((cell, c) => (before.rows[r][c - shift] === cell ? [] : [[r, c + now.from, cell]])),
    );
    before = now;
  }
}

/** From each layer, the layers of the next event and of the one before. */
function jumps(timeline, kind) {
  const layers = Array.from({ length: timeline.layers + 1 }, (_, layer) => layer);
  return layers.map((layer) => [timeline.next(kind, layer), timeline.previous(kind, layer)]);
}

/** All of a run. */
function followed(timeline) {
  const { steps, layers, verdict, cut, cells } = timeline;
  const layersOfSteps = Array.from({ length: steps + 1 }, (_, step) => timeline.layerOfStep(step));
  return {
    steps,
    layers,
    verdict,
    cut,
    ended: cells.ended,
    layersOfSteps,
    stepsOfLayers: Array.from({ length: layers + 1 }, (_, layer) => timeline.stepOfLayer(layer)),
    configurations: layersOfSteps.map((layer) => configuration(timeline, layer)),
    jumps: Object.fromEntries(["write", "state", "move", "halt"].map((kind) => [kind, jumps(timeline, kind)])),
    start: lattice(timeline, 0),
    changes: [...changes(timeline)],
  };
}

/** Some moments only: what the interface would show there. `cells` are places of the lattice. */
function moments(timeline, asked) {
  return asked.map(({ layer, cells }) => ({
    ...timeline.at(layer),
    configuration: configuration(timeline, layer),
    lattice: lattice(timeline, layer),
    memory: timeline.memory(layer),
    cells: cells.map(([row, column]) => ({
      ...timeline.cell(layer, row, column),
      outputs: timeline.units.outputs(timeline.patch(layer, row, column)),
    })),
  }));
}

for await (const line of createInterface({ input: process.stdin })) {
  const { document, asked, images } = JSON.parse(line);
  const timeline = new Timeline(document);
  const answer = asked ? { ...ends(timeline), moments: moments(timeline, asked) } : followed(timeline);
  if (images) answer.images = images.map((view) => image(timeline, view));
  console.log(JSON.stringify(answer));
}

function ends({ first, layers, steps, verdict, cut }) {
  return { first, layers, steps, verdict, cut };
}

function image(timeline, view) {
  const found = timeline.spaceTime(view);
  return Object.fromEntries(Object.entries(found).map(([name, value]) => [name, ArrayBuffer.isView(value) ? [...value] : value]));
}
