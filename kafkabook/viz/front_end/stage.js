// A stage: the drawing of one motion, in the widest layout that fits.

import { Picture } from "./scene.js";
import { drawn, el } from "./page.js";

/** @typedef {import("./scene.js").Layout} Layout */

const TEXT_PX = 13; // of what says no size, as in the stills
const MOST_SCALE = 1.3, LEAST_SCALE = 0.7;
const OWN_IDS = /( id="|url\(#|href="#)([^")]+)/g;
let stages = 0;

export class Stage {
  constructor() {
    this.mark = `-kb${++stages}`;
    this.svg = /** @type {SVGSVGElement} */ (drawn("svg", { role: "group", "font-size": TEXT_PX }));
    this.stage = el("div", { class: "kb-stage" }, this.svg);
    this.picture = new Picture(this.svg);
    this.second = 0;
    this.shows = "";
    /** @type {Object<string, Layout|null>} */
    this.layouts = {};
  }

  /** Take other layouts; the next `fit` shows one of them. */
  hold(/** @type {Object<string, Layout|null>} */ layouts, /** @type {number} */ second) {
    this.layouts = layouts;
    this.second = second;
    this.shows = "";
  }

  /** Choose the layout for a width, and scale it up a little where that fills the room. What keeps its key stays, and moves. */
  fit(/** @type {number} */ width, { moves = false } = {}) {
    this.width = width;
    const widths = Object.keys(this.layouts).map(Number).sort((a, b) => a - b);
    const best = String(widths.filter((it) => it <= width).pop() ?? widths[0]);
    const name = this.layouts[best] ? best : Object.keys(this.layouts).filter((it) => this.layouts[it]).pop() ?? best;
    if (name !== best) this.lacks(best);
    if (name !== this.shows) this._load(name, moves);
    const { w, h } = this.layouts[name];
    this.scale = Math.max(LEAST_SCALE, Math.min(MOST_SCALE, width / w));
    this.svg.style.width = `${(w * this.scale).toFixed(1)}px`;
    this.svg.style.height = `${(h * this.scale).toFixed(1)}px`;
  }

  _load(/** @type {string} */ name, /** @type {boolean} */ moves) {
    this.shows = name;
    this.picture.load(owned(this.layouts[name], this.mark), { second: this.second, moves });
    this._loaded();
  }

  /** What to do where the best layout is not here yet; another one is shown till then. */
  lacks(/** @type {string} */ _name) {}

  _loaded() {}

  draw(/** @type {number} */ second) {
    this.second = second;
    this.picture.draw(second);
  }

  /** Let a change of layouts go on; true while there is more to come. */
  settle(/** @type {number} */ seconds) {
    return this.picture.settle(seconds);
  }

  /** Show the next second by a cross-fade: what was seen lies above it, and goes. */
  fade() {
    this.stage.querySelector(".kb-was")?.remove();
    const was = /** @type {SVGElement} */ (this.svg.cloneNode(true));
    was.setAttribute("class", "kb-was");
    was.setAttribute("aria-hidden", "true");
    was.setAttribute("inert", "");
    for (const shape of was.querySelectorAll("[tabindex],[role]")) for (const name of ["tabindex", "role", "aria-label", "aria-haspopup"]) shape.removeAttribute(name);
    was.addEventListener("animationend", () => was.remove());
    this.stage.append(was);
  }
}

/** Give the ids of a layout the mark of their stage: two of one page draw the same hatch. */
function owned(/** @type {import("./scene.js").Layout} */ layout, /** @type {string} */ mark) {
  const ids = new Set();
  let hasRaw = false;
  const collect = (rows) => rows.forEach(([kind, , at, , parts = []]) => { if (at.id) ids.add(at.id); hasRaw ||= kind === "raw"; collect(parts); });
  collect(layout.shapes);
  if (!ids.size && !hasRaw) return layout;
  const own = (name, value, kind) => {
    if (kind === "raw" && name === "~text") return value.replace(OWN_IDS, `$1$2${mark}`);
    if (name === "id") return value + mark;
    const id = typeof value === "string" && name[0] !== "~" ? /^(?:url\()?#([^)]+)\)?$/.exec(value)?.[1] : undefined;
    return id && ids.has(id) ? value.replace(id, id + mark) : value;
  };
  const rename = (rows) => rows.map(([kind, key, at, tracks = {}, parts = []]) => [
    kind, key,
    Object.fromEntries(Object.entries(at).map(([name, value]) => [name, own(name, value, kind)])),
    Object.fromEntries(Object.entries(tracks).map(([name, track]) => [name, track.map(([second, value]) => [second, own(name, value, kind)])])),
    rename(parts),
  ]);
  return { ...layout, shapes: rename(layout.shapes) };
}
