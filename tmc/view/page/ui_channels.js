// What can be shown of the network as colour: an overview, any field of its cells, any channel of the network.

import { made } from "tmc/ui_elements";
import { symbolLooks, symbolName, symbolText } from "tmc/ui_symbols";
import { colour, kindColour, mixed } from "tmc/ui_theme";

/** @typedef {import("./types").PageDocument} PageDocument */
/** @typedef {import("tmc/timeline").Timeline} Timeline */
/** @typedef {ReturnType<Timeline["lattice"]>} Lattice */

/**
 * @typedef {object} Painted how a cell looks
 * @property {string} fill
 * @property {string} ink
 * @property {string} text
 */

/**
 * @typedef {object} Channel
 * @property {string} key
 * @property {string} name
 * @property {string} says
 * @property {(layer: number, lattice: Lattice, row: number, column: number) => Painted} paint
 * @property {() => {text: string, colour: string}[]} legend
 */

/** The trit for each base-3 digit of a value's number. */
const DIGITS = [0, -1, 1];

/**
 * @param {PageDocument} document_
 * @param {Timeline} timeline
 * @returns {Channel[]}
 */
export function channelsOf(document_, timeline) {
  const fields = document_.rules.fields.map((_, index) => fieldChannel(document_, index));
  const { numeral, trits } = document_.network;
  const network = numeral ? [numberChannel(document_, timeline)] : trits ? tritChannels(document_, trits) : [];
  return [overview(document_), ...fields, ...network];
}

/**
 * Fills a selection with channels, in groups.
 * @param {HTMLSelectElement} select
 * @param {Channel[]} channels
 */
export function offer(select, channels) {
  /** @type {[string, string][]} */
  const groups = [["field:", "Fields of a cell"], ["channel:", "Channels of the network"]];
  select.replaceChildren(...channels.filter(({ key }) => !key.includes(":")).map(({ key, name }) => new Option(name, key)));
  for (const [prefix, label] of groups) {
    const options = channels.filter(({ key }) => key.startsWith(prefix)).map(({ key, name }) => new Option(name, key));
    const group = made("optgroup", "", ...options);
    group.label = label;
    if (options.length) select.append(group);
  }
}

/**
 * @param {PageDocument} document_
 * @returns {Channel}
 */
function overview(document_) {
  const { fields } = document_.rules;
  const symbol = fields.findIndex(({ name }) => name === "symbol");
  const kind = fields.findIndex(({ name }) => name === "kind");
  const pad = fields[kind]?.values.indexOf("pad") ?? -1;
  const values = fields[symbol]?.values ?? [];
  return {
    key: "overview",
    name: "overview",
    says: "In each cell the symbol of the data tape; the frame is the control, arrows are signals in flight. Small signs below: the work tape, right of its head and left of it.",
    paint(_, lattice, row, column) {
      if (kind >= 0 && lattice.value(row, column, kind) === pad) return { fill: colour("--paper"), ink: colour("--soft"), text: "" };
      const value = lattice.value(row, column, symbol);
      const look = symbolLooks(values)[value];
      return { fill: look?.fill ?? "", ink: look?.ink ?? "", text: symbolText(values[value] ?? "_") };
    },
    legend: () => values.map((value, index) => ({ text: symbolName(value), colour: symbolLooks(values)[index]?.fill ?? "" })),
  };
}

/**
 * @param {PageDocument} document_
 * @param {number} index
 * @returns {Channel}
 */
function fieldChannel(document_, index) {
  const field = document_.rules.fields[index];
  const values = field?.values ?? [];
  const isSymbol = ["symbol", "left", "right", "carry1", "carry2"].includes(field?.name ?? "");
  const names = values.map((value) => (isSymbol ? symbolName(value) : value));
  const fill = (/** @type {number} */ value) => (value === 0 ? colour("--panel") : kindColour(value - 1));
  return {
    key: `field:${field?.name}`,
    name: field?.name ?? "",
    says: `${field?.says ?? ""}${field?.persists ? "" : " (it lasts one layer)"}`,
    paint(_, lattice, row, column) {
      const value = lattice.value(row, column, index);
      if (isSymbol) {
        const look = symbolLooks(values)[value];
        return { fill: look?.fill ?? "", ink: look?.ink ?? "", text: symbolText(values[value] ?? "_") };
      }
      return { fill: fill(value), ink: value === 0 ? colour("--soft") : colour("--accent-ink"), text: "" };
    },
    legend: () => names.flatMap((text, value) => (text ? [{ text, colour: isSymbol ? (symbolLooks(values)[value]?.fill ?? "") : fill(value) }] : [])),
  };
}

/**
 * @param {PageDocument} document_
 * @param {number[]} trits
 * @returns {Channel[]}
 */
function tritChannels(document_, trits) {
  return document_.rules.fields.flatMap((field, index) =>
    Array.from({ length: trits[index] ?? 0 }, (_, digit) => ({
      key: `channel:${field.name}.${digit}`,
      name: `${field.name}.${digit}`,
      says: `The network's channel ${field.name}.${digit}: digit ${digit} of the field ${field.name}, -1, 0 or 1.`,
      paint(/** @type {number} */ _layer, /** @type {Lattice} */ lattice, /** @type {number} */ row, /** @type {number} */ column) {
        const trit = DIGITS[Math.floor(lattice.value(row, column, index) / 3 ** digit) % 3] ?? 0;
        return { fill: diverging(trit), ink: trit === 0 ? colour("--soft") : colour("--accent-ink"), text: trit > 0 ? "+" : trit < 0 ? "−" : "" };
      },
      legend: divergingLegend("−1", "+1"),
    })),
  );
}

/**
 * @param {PageDocument} document_
 * @param {Timeline} timeline
 * @returns {Channel}
 */
function numberChannel(document_, timeline) {
  const fields = document_.rules.fields.length;
  const most = (document_.network.numeral?.digits ?? []).reduce((sum, { weight }) => sum + Math.abs(weight), 0) || 1;
  /** @type {Map<string, number>} */
  const known = new Map();
  return {
    key: "channel:number",
    name: "the number",
    says: "The one number that a cell of this network is. Most of it is the digit of greatest weight.",
    paint(layer, lattice, row, column) {
      const key = Array.from({ length: fields }, (_, field) => lattice.value(row, column, field)).join(" ");
      if (!known.has(key)) known.set(key, timeline.cell(layer, row, column).channels[0]?.value ?? 0);
      const part = Math.sign(known.get(key) ?? 0) * Math.sqrt(Math.abs(known.get(key) ?? 0) / most);
      return { fill: diverging(part), ink: colour("--ink"), text: "" };
    },
    legend: divergingLegend("least", "most"),
  };
}

/** @param {number} part from -1 to 1 */
function diverging(part) {
  const end = kindColour(part < 0 ? 1 : 0);
  return mixed(end, "--panel", Math.min(1, Math.abs(part)));
}

/**
 * @param {string} least
 * @param {string} most
 */
function divergingLegend(least, most) {
  return () => [
    { text: least, colour: diverging(-1) },
    { text: "0", colour: diverging(0) },
    { text: most, colour: diverging(1) },
  ];
}
