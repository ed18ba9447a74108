// What every module needs of a page: elements whose texts are always text, keys, the reader's wish for calm.

const SVG = "http://www.w3.org/2000/svg";
const PASSED = new Set(["Escape", "Tab"]);

/** @typedef {Object<string, any>} Attributes `onclick: f` listens; true writes an empty attribute; false and null write none */

/** Return an HTML element. A string among the children becomes text, never markup. */
export function el(/** @type {string} */ name, /** @type {Attributes} */ attributes = {}, /** @type {(Node|string)[]} */ ...children) {
  return dressed(document.createElement(name), attributes, children);
}

/** Return an element of SVG, made as `el` makes one of HTML. */
export function drawn(/** @type {string} */ name, /** @type {Attributes} */ attributes = {}, /** @type {(Node|string)[]} */ ...children) {
  return dressed(document.createElementNS(SVG, name), attributes, children);
}

/** Return a button; its text is its name. */
export function button(/** @type {string} */ text, /** @type {(event: any) => void} */ onclick, /** @type {Attributes} */ attributes = {}) {
  return /** @type {HTMLButtonElement} */ (el("button", { type: "button", onclick, ...attributes }, text));
}

/** @template {Element} T @param {T} made @param {Attributes} attributes @param {(Node|string)[]} children @returns {T} */
function dressed(made, attributes, children) {
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith("on")) made.addEventListener(name.slice(2), value);
    else if (value === true) made.setAttribute(name, "");
    else if (value !== false && value != null) made.setAttribute(name, String(value));
  }
  made.append(...children);
  return made;
}

/** Write an attribute only if it changes; null takes it away. A frame asks for many that stay. */
export function set(/** @type {Element} */ made, /** @type {string} */ name, /** @type {string|null} */ value) {
  if (made.getAttribute(name) === value) return;
  if (value === null) made.removeAttribute(name);
  else made.setAttribute(name, value);
}

/** Whether the reader's system asks for less motion. */
export const isCalm = () => matchMedia("(prefers-reduced-motion: reduce)").matches;

/** Keep what is pressed in a figure from the page: JupyterLab takes arrows and letters for itself. */
export function keepKeys(/** @type {HTMLElement} */ box) {
  box.addEventListener("keydown", (event) => {
    const isForPage = event.ctrlKey || event.altKey || event.metaKey || PASSED.has(event.key);
    if (!isForPage && !(event.shiftKey && event.key === "Enter")) event.stopPropagation();
  });
}
