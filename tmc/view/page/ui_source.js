// The program's text: the rule that applies is lit, and a line that somebody asked for is pointed at.

import { found, made, reveal } from "tmc/ui_elements";

/** @typedef {import("./types").Origin} Origin */
/** @typedef {import("./types").SourceFile} SourceFile */

const WORDS =
  "learner machine tape grid line rows of bounds steps work start state on at not otherwise write move left right up down stay accept reject use test example query data is in";
const TOKEN = new RegExp(
  `(?<comment>#.*$)|(?<string>"[^"]*")|(?<quoted>'[^']*')|\\b(?<word>${WORDS.split(" ").join("|")})\\b`,
  "g",
);

export class Source {
  /** @param {SourceFile[]} files the machine's own first */
  constructor(files) {
    this.box = found("source", HTMLElement);
    this.choice = found("source-files", HTMLElement);
    /** @type {Map<string, {button: HTMLButtonElement, list: HTMLOListElement}>} */
    this.files = new Map();
    for (const file of files) this.add(file);
    if (files.length < 2) this.choice.replaceChildren();
    /** The name of the file that is shown. @type {string | null} */
    this.opened = null;
    this.open(files[0]?.name ?? "");
    /** @type {Element | null} */
    this.lit = null;
    /** @type {Element | null} */
    this.pointed = null;
  }

  /** @param {SourceFile} file */
  add({ name, title, text }) {
    const list = made("ol");
    list.setAttribute("role", "list");
    text
      .replace(/\n$/, "")
      .split("\n")
      .forEach((line, index) => list.append(lineOf(line, index + 1)));
    const button = made("button", "quiet", title.split("/").at(-1) ?? title);
    button.type = "button";
    button.title = title;
    button.addEventListener("click", () => this.open(name));
    this.choice.append(button);
    this.files.set(name, { button, list });
  }

  /** @param {string} name shows this file */
  open(name) {
    const file = this.files.get(name);
    if (!file || this.opened === name) return;
    this.opened = name;
    this.box.replaceChildren(file.list);
    for (const { button } of this.files.values()) button.setAttribute("aria-pressed", String(button === file.button));
  }

  /** @param {Origin | null} origin of the rule that applies now */
  light(origin) {
    this.point(null);
    const line = this.find(origin);
    if (line === this.lit) return;
    this.lit?.classList.remove("lit");
    this.lit?.removeAttribute("aria-current");
    this.lit = line;
    if (!line || !origin) return;
    line.classList.add("lit");
    line.setAttribute("aria-current", "true");
    this.open(origin.file);
    reveal(this.box, line);
  }

  /** @param {Origin | null} origin of what somebody asked for */
  point(origin) {
    this.pointed?.classList.remove("pointed");
    this.pointed = this.find(origin);
    if (!this.pointed || !origin) return;
    this.pointed.classList.add("pointed");
    this.open(origin.file);
    reveal(this.box, this.pointed);
    this.box.scrollIntoView({ block: "nearest" });
  }

  /**
   * @param {Origin | null} origin
   * @returns {Element | null}
   */
  find(origin) {
    if (!origin || origin.line === 0) return null;
    return this.files.get(origin.file)?.list.children[origin.line - 1] ?? null;
  }

  /**
   * What a line is called, such as "line 24" or "std.tm, line 29".
   * @param {Origin} origin
   * @returns {string}
   */
  static named(origin) {
    return origin.file ? `${origin.file}:${origin.line}` : `line ${origin.line}`;
  }
}

/**
 * @param {string} text
 * @param {number} number
 * @returns {HTMLLIElement}
 */
function lineOf(text, number) {
  const label = made("span", "number", String(number));
  label.setAttribute("aria-hidden", "true");
  const code = made("code");
  let end = 0;
  for (const match of text.matchAll(TOKEN)) {
    const kind = Object.entries(match.groups ?? {}).find(([, found_]) => found_ !== undefined)?.[0] ?? "";
    code.append(text.slice(end, match.index), made("span", kind, match[0]));
    end = match.index + match[0].length;
  }
  code.append(text.slice(end));
  const line = made("li", text.startsWith("#") ? "prose" : "", label, code);
  line.value = number;
  line.dataset.line = String(number);
  return line;
}
