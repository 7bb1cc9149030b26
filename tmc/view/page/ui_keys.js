// Everything by keyboard, and the list of its keys.

import { found, made } from "tmc/ui_elements";

/** @typedef {import("tmc/ui_player").Player} Player */

/**
 * @typedef {object} Key
 * @property {string[]} names as `KeyboardEvent.key` has them, with "Shift+" before
 * @property {string} shown how the list shows them
 * @property {string} says what it does
 * @property {() => void} act
 */

/**
 * @param {Player} player
 * @param {{theme: () => void, what: () => void, channel: (direction: number) => void}} others
 * @returns {Key[]}
 */
function keysOf(player, others) {
  /** @type {(names: string, shown: string, says: string, act: () => void) => Key} */
  const key = (names, shown, says, act) => ({ names: names.split(" "), shown, says, act });
  return [
    key("Space k", "Space", "play, pause", () => player.toggle()),
    key("ArrowRight", "→", "one step on", () => player.advance(1, true)),
    key("ArrowLeft", "←", "one step back", () => player.advance(-1, true)),
    key("Shift+ArrowRight .", "Shift →", "one layer on", () => player.advance(1, false)),
    key("Shift+ArrowLeft ,", "Shift ←", "one layer back", () => player.advance(-1, false)),
    key("Home", "Home", "to the beginning", () => player.leap(player.now.first)),
    key("End", "End", "to the end", () => player.leap(player.now.last)),
    key("q", "q", "to the query: the end of training", () => player.leap(0)),
    key("+ =", "+", "faster", () => player.changeSpeed(1)),
    key("-", "−", "slower", () => player.changeSpeed(-1)),
    key("w", "w", "next write (W: previous)", () => player.jump("write", 1)),
    key("Shift+W", "", "", () => player.jump("write", -1)),
    key("s", "s", "next change of state (S: previous)", () => player.jump("state", 1)),
    key("Shift+S", "", "", () => player.jump("state", -1)),
    key("m", "m", "next move (M: previous)", () => player.jump("move", 1)),
    key("Shift+M", "", "", () => player.jump("move", -1)),
    key("e", "e", "next change of the cell that is looked at (E: previous)", () => player.jump("cell", 1)),
    key("Shift+E", "", "", () => player.jump("cell", -1)),
    key("h", "h", "to the halt", () => player.jump("halt", 1)),
    key("g", "g", "go to a step: type its number", () => {
      player.field.focus();
      player.field.select();
    }),
    key("u", "u", "step or layer, for the buttons and for play", () => {
      player.unit.value = player.bySteps ? "layer" : "step";
      player.now.redraw();
    }),
    key("c", "c", "show the next channel of the network (C: previous)", () => others.channel(1)),
    key("Shift+C", "", "", () => others.channel(-1)),
    key("n", "n", "choose a cell of the network by the arrow keys", () => found("lattice", HTMLElement).focus()),
    key("x", "x", "space and time: ↑ and ↓ move in time, ← and → in space, + − 0 zoom", () =>
      found("history", HTMLElement).focus(),
    ),
    key("t", "t", "light or dark", others.theme),
    key("i", "i", "what is this?", others.what),
    key("?", "?", "these keys", () => found("keys", HTMLDialogElement).showModal()),
    key("Escape", "Esc", "leave a field or a picture", () => {
      if (document.activeElement instanceof HTMLElement) document.activeElement.blur();
    }),
  ];
}

/** Keys that boxes with a scroll bar have a use for. */
const SCROLLING = new Set(["ArrowLeft", "ArrowRight", "Home", "End", "Space"]);

/**
 * Whether a key belongs to what has the focus.
 * @param {EventTarget | null} target
 * @param {string} name
 */
function isTaken(target, name) {
  if (!(target instanceof Element)) return false;
  if (target instanceof HTMLInputElement && target.type === "range") return name === "Space" ? false : name.startsWith("Page");
  if (target instanceof HTMLInputElement && target.type === "checkbox") return name === "Space";
  if (name === "Escape") return false;
  if (target.closest("input, select, textarea")) return true;
  if (target.closest("button, a")) return name === "Space" || name === "Enter";
  return SCROLLING.has(name) && target.closest('[role="region"]') !== null;
}

/**
 * @param {Player} player
 * @param {{theme: () => void, what: () => void, channel: (direction: number) => void}} others
 */
export function startKeys(player, others) {
  const dialog = found("keys", HTMLDialogElement);
  const letters = found("keys-on", HTMLInputElement);
  const keys = keysOf(player, others);
  const list = found("keys-list", HTMLElement);
  for (const { shown, says } of keys) if (shown) list.append(made("dt", "", made("kbd", "", shown)), made("dd", "", says));
  found("keys-button", HTMLButtonElement).addEventListener("click", () => dialog.showModal());
  document.addEventListener("keydown", (event) => {
    if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || dialog.open) return;
    const plain = event.key === " " ? "Space" : event.key;
    const letter = plain.length === 1 && plain !== "?";
    const name = event.shiftKey && (!letter || plain !== plain.toLowerCase()) && plain !== "?" ? `Shift+${plain}` : plain;
    if (isTaken(event.target, plain) || (letter && !letters.checked)) return;
    const key = keys.find(({ names }) => names.includes(name));
    if (!key) return;
    event.preventDefault();
    key.act();
  });
}
