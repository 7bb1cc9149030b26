// What can be shown of the network as colour: an overview, any field of its cells, any channel of the network.

import { made } from "tmc/ui_elements";
import { symbolLooks, symbolName, symbolText } from "tmc/ui_symbols";
import { colour, kindColour, mixed } from "tmc/ui_theme";

/** @typedef {import("./types").PageDocument} PageDocument */
/** @typedef {import("tmc/ui_places").Places} Places */

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
 * @property {(places: Places, row: number, position: number) => Painted} paint
 * @property {() => {text: string, colour: string}[]} legend
 */

/**
 * @param {PageDocument} document_
 * @returns {Channel[]}
 */
export function channelsOf(document_) {
  const fields = document_.rules.fields.map((_, index) => fieldChannel(document_, index));
  const most = (document_.network.numeral?.digits ?? []).reduce((sum, { weight }) => sum + Math.abs(weight), 0) || 1;
  const network = document_.network.channels.map((name, index) => networkChannel(name, index, most));
  return [overview(document_), ...fields, ...network];
}

/**
 * Fills a selection with channels, in groups.
 * @param {HTMLSelectElement} select
 * @param {Channel[]} channels
 */
export function offer(select, channels) {
  /** @type {[string, string][]} */
  const groups = [
    ["field:", "Fields of a cell"],
    ["channel:", "Channels of the network"],
  ];
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
    says: "In each cell the symbol of the data tape; the frame is the control, arrows are signals in flight. From the control to the right, small signs below: the work tape, as it lies left and right of its head.",
    paint(places, row, position) {
      if (kind >= 0 && places.value(row, position, kind) === pad)
        return { fill: colour("--paper"), ink: colour("--soft"), text: "" };
      const value = places.value(row, position, symbol);
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
    paint(places, row, position) {
      const value = places.value(row, position, index);
      if (isSymbol) {
        const look = symbolLooks(values)[value];
        return { fill: look?.fill ?? "", ink: look?.ink ?? "", text: symbolText(values[value] ?? "_") };
      }
      return { fill: fill(value), ink: value === 0 ? colour("--soft") : colour("--accent-ink"), text: "" };
    },
    legend: () =>
      names.flatMap((text, value) =>
        text ? [{ text, colour: isSymbol ? (symbolLooks(values)[value]?.fill ?? "") : fill(value) }] : [],
      ),
  };
}

/**
 * @param {string} name
 * @param {number} index
 * @param {number} most the greatest value it can have
 * @returns {Channel}
 */
function networkChannel(name, index, most) {
  return {
    key: `channel:${name}`,
    name: most === 1 ? name : `the ${name}`,
    says:
      most === 1
        ? `The network's channel ${name}: a digit of a field, −1, 0 or 1.`
        : `The one ${name} that a cell of this network is, on a scale of roots: most of it is the digit of greatest weight.`,
    paint(places, row, position) {
      const value = places.channel(row, position, index);
      const text = most > 1 || value === 0 ? "" : value > 0 ? "+" : "−";
      return {
        fill: diverging(Math.sign(value) * Math.sqrt(Math.abs(value) / most)),
        ink: colour(value === 0 ? "--soft" : "--accent-ink"),
        text,
      };
    },
    legend: most === 1 ? divergingLegend("−1", "+1") : divergingLegend("below 0", "above 0"),
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
