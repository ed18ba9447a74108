// What can happen to a thing: a short list beside it, each with its line of code.

import { clamp } from "./scene.js";
import { button, el } from "./page.js";

/** @typedef {import("./film.js").Deed} Deed */

/** @type {(() => void)|null} */
let closeOpen = null;

/** Open the one menu of the page.
 * @param {{host: HTMLElement, thing: Element, name: string, deeds: Deed[], note: string, event: any, choose: (line: string) => void}} what */
export function openMenu({ host, thing, name, deeds, note, event, choose }) {
  closeOpen?.();
  const items = deeds.map(([sign, words, line]) => el("button", {
    type: "button", role: "menuitem", tabindex: -1, onclick: () => { close(true); choose(line); },
  }, el("i", { "aria-hidden": "true" }, sign), el("span", {}, words), el("code", {}, line)));
  const box = el("div", { class: "kb-menu" }, el("div", { class: "kb-menu-name" }, name),
    el("div", { role: "menu", "aria-label": name }, ...items), ...(note ? [el("small", {}, note)] : []));
  const away = (/** @type {Event} */ it) => !box.contains(/** @type {Node} */ (it.target)) && close(false);
  function close(/** @type {boolean} */ goesBack) {
    document.removeEventListener("pointerdown", away, true);
    closeOpen = null;
    box.remove();
    if (goesBack) /** @type {HTMLElement} */ (thing).focus({ preventScroll: true });
  }
  closeOpen = () => close(false);
  box.addEventListener("keydown", (it) => onKey(it, items, () => close(true)));
  document.addEventListener("pointerdown", away, true);
  host.append(box);
  placeMenu(box, host, thing, event);
  items[0].focus({ preventScroll: true });
}

/** Close what is open, where a film or a page goes on without it. */
export const closeMenu = () => closeOpen?.();

function onKey(/** @type {KeyboardEvent} */ event, /** @type {HTMLElement[]} */ items, /** @type {() => void} */ close) {
  const here = items.indexOf(/** @type {HTMLElement} */ (document.activeElement)), last = items.length - 1;
  const to = { ArrowDown: here === last ? 0 : here + 1, ArrowUp: here > 0 ? here - 1 : last, Home: 0, End: last }[event.key];
  event.stopPropagation();
  if (event.key === "Escape" || event.key === "Tab") close();
  else if (to !== undefined) items[to].focus({ preventScroll: true });
  else return;
  event.preventDefault();
}

function placeMenu(/** @type {HTMLElement} */ box, /** @type {HTMLElement} */ host, /** @type {Element} */ thing, /** @type {any} */ event) {
  const around = host.getBoundingClientRect(), shape = thing.getBoundingClientRect();
  const isPointed = event.clientX > 0 || event.clientY > 0;
  const x = isPointed ? event.clientX + 8 : shape.left + Math.min(60, shape.width / 2);
  const y = isPointed ? event.clientY - 12 : shape.top + Math.min(30, shape.height / 2);
  box.style.left = `${clamp(x - around.left, 0, Math.max(0, around.width - box.offsetWidth))}px`;
  box.style.top = `${Math.max(0, y - around.top)}px`;
}
