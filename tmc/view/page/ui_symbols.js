// How symbols look, on a tape and in a cell of the network: a blank is empty, 0 pale, 1 strong; others have colours.

import { colour, kindColour, mixed, perTheme } from "tmc/ui_theme";

/**
 * @typedef {object} Look
 * @property {string} kind a class of the style sheet
 * @property {string} fill a colour, as it is now
 * @property {string} ink
 * @property {boolean} tinted whether the colour is its own, and not the class's
 */

/**
 * The classes of symbols, the blank first.
 * @param {string[]} symbols
 * @returns {string[]}
 */
export function symbolKinds(symbols) {
  const strong = symbols.includes("1") ? symbols.indexOf("1") : symbols.length - 1;
  return symbols.map((_, index) => (index === 0 ? "blank" : index === strong ? "strong" : "pale"));
}

/**
 * The looks of symbols on a canvas.
 * @param {string[]} symbols
 * @returns {Look[]}
 */
export function symbolLooks(symbols) {
  return perTheme(`symbols ${symbols.join(" ")}`, () => looksOf(symbols));
}

/**
 * @param {string[]} symbols
 * @returns {Look[]}
 */
function looksOf(symbols) {
  const looks = {
    blank: { fill: colour("--panel"), ink: colour("--soft") },
    pale: { fill: colour("--cell-zero"), ink: colour("--cell-zero-ink") },
    strong: { fill: colour("--cell-one"), ink: colour("--cell-one-ink") },
  };
  return symbolKinds(symbols).map((kind, index, kinds) => {
    const tinted = kind === "pale" && symbols[index] !== "0" && kinds.filter((other) => other === "pale").length > 1;
    const look = looks[/** @type {keyof typeof looks} */ (kind)];
    if (!tinted) return { kind, ...look, tinted };
    return { kind, fill: mixed(kindColour(index), "--panel", 0.35), ink: colour("--ink"), tinted };
  });
}

/**
 * What a symbol is called in words.
 * @param {string} symbol
 * @returns {string}
 */
export function symbolName(symbol) {
  return symbol === "_" ? "blank" : symbol;
}

/**
 * What stands in the cell of a tape.
 * @param {string} symbol
 * @returns {string}
 */
export function symbolText(symbol) {
  return symbol === "_" ? "" : symbol;
}
