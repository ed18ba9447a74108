// A pane: what one point of an explorer's grid shows, as one motion, with shapes that can be pressed.

import { el, set } from "./page.js";
import { Stage } from "./stage.js";

/** @typedef {{layouts: Object<string, import("./scene.js").Layout>, texts: string[], pictures: number[]}} Shown
 * a layout a width, a text twin a step, a number for each different picture */

export class Pane extends Stage {
  constructor() {
    super();
    this.name = el("b");
    this.head = el("p", { class: "kb-head", hidden: true }, this.name);
    this.el = el("div", { class: "kb-lane" }, this.head, this.stage);
  }

  /** Show another point of the grid. What has the same key there keeps its element, and moves. */
  take(/** @type {Shown} */ shown, /** @type {number} */ second, /** @type {boolean} */ moves) {
    if (shown === this.shown) return;
    this.shown = shown;
    this.hold(shown.layouts, second);
    if (this.width) this.fit(this.width, { moves });
  }

  fit(/** @type {number} */ width, { moves = false } = {}) {
    super.fit(width, { moves });
    this.el.classList.toggle("kb-small", this.scale < 1);
  }

  /** The text twin of a step. */
  textAt(/** @type {number} */ step) {
    return this._of("texts", step) ?? "";
  }

  /** The number of the picture at a step: equal pictures have the same one. */
  pictureAt(/** @type {number} */ step) {
    return this._of("pictures", step);
  }

  _of(/** @type {"texts"|"pictures"} */ what, /** @type {number} */ step) {
    const all = this.shown?.[what] ?? [];
    return all[Math.min(step, all.length - 1)];
  }

  // Only what has something to say, or to turn, is a button.
  _loaded() {
    for (const shape of this.svg.querySelectorAll("[data-id],[data-set]")) {
      const isButton = Boolean(tipOf(shape)) || shape.hasAttribute("data-set");
      set(shape, "tabindex", isButton ? "0" : null);
      set(shape, "role", isButton ? "button" : null);
    }
  }

  /** Return what an event presses: a knob that it turns, or the words of a tip; null if nothing. @returns {{turns: string[]}|{says: string}|null} */
  pressed(/** @type {Event} */ event) {
    const shape = /** @type {Element} */ (event.target).closest("[role=button]");
    if (!shape || !this.svg.contains(shape)) return null;
    const turns = shape.getAttribute("data-set");
    return turns ? { turns: turns.split("=") } : { says: tipOf(shape) ?? "" };
  }
}

const tipOf = (/** @type {Element} */ shape) => [...shape.children].find((it) => it.tagName === "title")?.textContent;
