// Elements of the page: found by id, and made.

/**
 * The element with this id, of this class; throws if the page lacks it.
 * @template {Element} T
 * @param {string} id
 * @param {new () => T} kind
 * @returns {T}
 */
export function found(id, kind) {
  const element = document.getElementById(id);
  if (!(element instanceof kind)) throw new Error(`the page has no ${kind.name} with the id ${id}`);
  return element;
}

/**
 * A new element with a class and what is in it.
 * @template {keyof HTMLElementTagNameMap} K
 * @param {K} tag
 * @param {string} [kind] its class; "" for none
 * @param {...(Node | string)} content
 * @returns {HTMLElementTagNameMap[K]}
 */
export function made(tag, kind = "", ...content) {
  const element = document.createElement(tag);
  if (kind) element.className = kind;
  element.append(...content);
  return element;
}

/**
 * An entry of a legend: a swatch of a colour, or with a class of the style sheet, and a text.
 * @param {string} text
 * @param {{colour?: string, kind?: string, sign?: string}} look
 * @returns {HTMLLIElement}
 */
export function legendEntry(text, { colour, kind, sign }) {
  const swatch = made("span", `swatch ${kind ?? ""}`.trim(), sign ?? "");
  if (colour) swatch.style.background = colour;
  swatch.setAttribute("aria-hidden", "true");
  return made("li", "", swatch, text);
}

/** What is to be revealed when all panels are drawn: then the browser lays the page out once. @type {Map<HTMLElement, Element>} */
const toReveal = new Map();

/**
 * Scrolls a box, and nothing around it, so that an element in it is seen; as soon as everything is drawn.
 * @param {HTMLElement} box
 * @param {Element} element
 */
export function reveal(box, element) {
  if (toReveal.size === 0) {
    queueMicrotask(() => {
      for (const [one, inside] of toReveal) scrollTo(one, inside);
      toReveal.clear();
    });
  }
  toReveal.set(box, element);
}

/**
 * @param {HTMLElement} box
 * @param {Element} element
 */
function scrollTo(box, element) {
  const outer = box.getBoundingClientRect();
  const inner = element.getBoundingClientRect();
  if (inner.top < outer.top || inner.bottom > outer.bottom) {
    box.scrollTop += inner.top - outer.top - (outer.height - inner.height) / 2;
  }
  const fits = inner.width < outer.width;
  if (fits && (inner.left < outer.left || inner.right > outer.right)) {
    box.scrollLeft += inner.left - outer.left - (outer.width - inner.width) / 2;
  }
}

/**
 * A number with its thousands set apart, as in 47 176 870.
 * @param {number} number
 * @returns {string}
 */
export function figure(number) {
  return String(number).replace(/\B(?=(\d{3})+$)/g, "\u202f");
}
