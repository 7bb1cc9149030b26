// Light and dark, and the colours of both for what is painted on a canvas.

import { found } from "tmc/ui_elements";

/** Colours for kinds that have no order: Okabe and Ito's, told apart by the colour-blind, set against light and against dark. */
const KINDS = [
  ["#0072b2", "#56a8e8"],
  ["#d55e00", "#f08a3c"],
  ["#009e73", "#2fc79b"],
  ["#b05a92", "#dd9bc4"],
  ["#a67c00", "#e6c542"],
  ["#3b8fc4", "#9bd0f5"],
  ["#7a4a1e", "#c79a6b"],
  ["#5b5fa8", "#a5a9ee"],
];

/** Whether the page is dark now. */
export function isDark() {
  const chosen = document.documentElement.dataset.theme;
  return chosen ? chosen === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
}

/** What was found out about colours, until they change. @type {Map<string, any>} */
const remembered = new Map();

/**
 * What `make` returns, made once for each key and again when colours have changed.
 * @template T
 * @param {string} key
 * @param {() => T} make
 * @returns {T}
 */
export function perTheme(key, make) {
  if (!remembered.has(key)) remembered.set(key, make());
  return remembered.get(key);
}

/**
 * A colour as it is now: of the style sheet's variable, such as `--ink`, or one in the language of style sheets.
 * @param {string} name
 * @returns {string}
 */
export function colour(name) {
  return perTheme(name, () => {
    const probe = document.documentElement;
    probe.style.setProperty("outline-color", name.startsWith("--") ? `var(${name})` : name);
    const value = getComputedStyle(probe).outlineColor;
    probe.style.removeProperty("outline-color");
    return value;
  });
}

/**
 * A colour as red, green and blue, 0 to 255.
 * @param {string} name
 * @returns {[number, number, number]}
 */
export function rgb(name) {
  return perTheme(`rgb ${name}`, () => {
    const canvas = document.createElement("canvas");
    canvas.width = canvas.height = 1;
    const context = canvas.getContext("2d", { willReadFrequently: true });
    if (!context) return [0, 0, 0];
    context.fillStyle = colour(name);
    context.fillRect(0, 0, 1, 1);
    const [red = 0, green = 0, blue = 0] = context.getImageData(0, 0, 1, 1).data;
    return [red, green, blue];
  });
}

/**
 * A colour between two: `part` of the first, from 0 to 1.
 * @param {string} first
 * @param {string} second
 * @param {number} part
 * @returns {string}
 */
export function mixed(first, second, part) {
  return colour(`color-mix(in oklab, ${colour(first)} ${Math.round(100 * part)}%, ${colour(second)})`);
}

/**
 * A colour for kind number `index` of some; after the eighth they come again, lighter or darker.
 * @param {number} index
 * @returns {string}
 */
export function kindColour(index) {
  const pair = KINDS[index % KINDS.length] ?? ["#777777", "#999999"];
  const base = /** @type {string} */ (pair[isDark() ? 1 : 0]);
  const round = Math.floor(index / KINDS.length);
  if (round === 0) return base;
  return mixed(base, isDark() ? "white" : "black", Math.max(0.4, 1 - 0.25 * round));
}

/**
 * The button that changes between light and dark. `changed` is called whenever colours do.
 * @param {() => void} changed
 * @returns {() => void} changes the colours, as the button does
 */
export function startTheme(changed) {
  const button = found("theme-button", HTMLButtonElement);
  const say = () => {
    remembered.clear();
    button.textContent = isDark() ? "Light" : "Dark";
    button.setAttribute("aria-label", isDark() ? "Light colours" : "Dark colours");
    changed();
  };
  const change = () => {
    document.documentElement.dataset.theme = isDark() ? "light" : "dark";
    say();
  };
  button.addEventListener("click", change);
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", say);
  say();
  return change;
}
