// The axis: one line of virtual time, with what was left out, a mark a step, and a handle.

import { clamp } from "./scene.js";
import { drawn, el, set } from "./page.js";

/** @typedef {import("./film.js").FilmData} FilmData */

const PAD = 14, LINE_Y = 48, MARK_PX = 20, LETTER_PX = 7.4, MARK_APART_PX = 14;
const NARROW_PX = 18; // a gap that has room for one stroke only

/** Kind of a step → its colour, its path, and whether the path is filled. @type {Object<string, [string, string, boolean]>} */
const MARKS = {
  sent: ["producer", "M-5 0H3M0 -3.5L4.5 0L0 3.5", false],
  stored: ["leader", "M-4 -4H4V4H-4Z", true],
  copied: ["follower", "M-5 -5H2V2H-5ZM2 -2H5V5H-2V2", false],
  committed: ["ink", "M-6 -5H6L0 5Z", true],
  acked: ["consumer", "M-5.5 0L-1.5 4.5L6 -5", false],
  killed: ["error", "M-7 -7H7V7H-7ZM-3.5 -3.5L3.5 3.5M3.5 -3.5L-3.5 3.5", false],
  refused: ["error", "M-5 -5L5 5M5 -5L-5 5", false],
  elected: ["leader", "M-7 5L-8 -4L-3.5 0L0 -6L3.5 0L8 -4L7 5Z", true],
  isr: ["consumer", "M-4 -6.5H3V6.5H-4", false],
  asked: ["controller", "M-5 0H3M0 -3.5L4.5 0L0 3.5", false],
  started: ["follower", "M-4 -6L6 0L-4 6Z", true],
  lost: ["error", "M-6 -2.5V-6H-2.5M2.5 -6H6V-2.5M6 2.5V6H2.5M-2.5 6H-6V2.5", false],
  read: ["consumer", "M-5 0a5 5 0 1 0 10 0a5 5 0 1 0 -10 0", false],
  cut: ["error", "M-8 0H-4M4 0H8M-2.5 5L2.5 -5", false],
  healed: ["consumer", "M-8 0H8M-3 -4V4M3 -4V4", false],
};

export class Axis {
  /** @param {(second: number) => void} seek @param {(step: import("./film.js").Step) => string} told @param {() => void} letGo */
  constructor(seek, told, letGo = () => {}) {
    this.told = told;
    this.svg = drawn("svg", { "aria-hidden": "true" });
    this.el = el("div", { class: "kb-axis", role: "slider", tabindex: 0, "aria-label": "Time", "aria-valuemin": 0 }, this.svg);
    this.seconds = (/** @type {PointerEvent} */ event) => {
      const box = this.svg.getBoundingClientRect();
      return clamp((event.clientX - box.left - PAD) / (box.width - 2 * PAD)) * this.film.end;
    };
    this._listen(seek, letGo);
  }

  _listen(/** @type {(second: number) => void} */ seek, /** @type {() => void} */ letGo) {
    let isHeld = false;
    this.el.addEventListener("pointerdown", (event) => {
      if (event.button) return;
      isHeld = true;
      this.el.setPointerCapture(event.pointerId);
      seek(this.seconds(event));
    });
    this.el.addEventListener("pointermove", (event) => isHeld && seek(this.seconds(event)));
    for (const end of ["pointerup", "pointercancel"]) this.el.addEventListener(end, () => { isHeld = false; letGo(); });
  }

  /** Draw everything that stands still in a width. What lies beyond `locked` shows no kind: it would tell the answer. */
  build(/** @type {FilmData} */ film, /** @type {number} */ width, /** @type {number|null} */ locked) {
    this.film = film;
    this.width = width;
    this.locked = locked;
    const isTwo = film.lanes.length > 1, height = isTwo ? 110 : film.axis.breaks.length ? 92 : 70;
    this.svg.replaceChildren();
    set(this.svg, "viewBox", `0 0 ${width} ${height}`);
    set(this.svg, "height", String(height));
    set(this.el, "aria-valuemax", (locked ?? film.end).toFixed(1));
    this._buildLine(LINE_Y + (isTwo ? 55 : 36));
    this.done = this._add("rect", { x: PAD, y: LINE_Y - 3, width: 0, height: 6, rx: 3, class: "kb-done" });
    film.axis.steps.length && [0, 1].forEach((lane) => this._buildMarks(lane));
    this._buildParting();
    if (locked !== null) this._buildLock(locked);
    this.handle = this._add("g", {}, drawn("path", { d: `M0 ${LINE_Y - 17}V${LINE_Y + 17}` }), drawn("circle", { cy: LINE_Y, r: 8 }));
    set(this.handle, "class", "kb-handle");
  }

  draw(/** @type {number} */ second, /** @type {string|null} */ words) {
    const x = this.x(second);
    set(this.handle, "transform", `translate(${x.toFixed(1)} 0)`);
    set(this.done, "width", Math.max(0, x - PAD).toFixed(1));
    if (words === null) return;
    set(this.el, "aria-valuenow", second.toFixed(1));
    set(this.el, "aria-valuetext", words);
  }

  x(/** @type {number} */ second) {
    return PAD + ((this.width - 2 * PAD) * second) / this.film.end;
  }

  _add(/** @type {string} */ name, /** @type {import("./page.js").Attributes} */ attributes, /** @type {(Node|string)[]} */ ...children) {
    return this.svg.appendChild(drawn(name, attributes, ...children));
  }

  _buildLine(/** @type {number} */ textY) {
    let from = 0, free = -Infinity;
    for (const [start, end, text] of this.film.axis.breaks) {
      this._stretch(from, start);
      from = end;
      if (this._break(start, end, text, textY, free)) free = this.x((start + end) / 2) + (text.length * LETTER_PX) / 2 + 8;
    }
    this._stretch(from, this.film.end);
  }

  _stretch(/** @type {number} */ from, /** @type {number} */ to) {
    if (to <= from) return;
    this._add("rect", { x: this.x(from), y: LINE_Y - 3, width: Math.max(2, this.x(to) - this.x(from)), height: 6, rx: 3, class: "kb-line" });
  }

  // A label that would touch the one before it, or the edge, is left out: the sign says enough.
  _break(/** @type {number} */ start, /** @type {number} */ end, /** @type {string} */ text, /** @type {number} */ textY, /** @type {number} */ free) {
    const left = this.x(start), right = this.x(end), middle = (left + right) / 2, half = (text.length * LETTER_PX) / 2;
    this._add("path", { d: `M${left + 2} ${LINE_Y}H${middle - 6}M${middle + 6} ${LINE_Y}H${right - 2}`, class: "kb-left-out" });
    const strokes = right - left < NARROW_PX ? [-2] : [-5, 1];
    this._add("path", { d: strokes.map((x) => `M${middle + x} ${LINE_Y + 6}l4 -12`).join(""), class: "kb-break" });
    if (middle - half < Math.max(free, 0) || middle + half > this.width) return false;
    this._add("text", { x: middle, y: textY, "text-anchor": "middle", class: "kb-span" }, text);
    return true;
  }

  _buildMarks(/** @type {number} */ lane) {
    const way = lane === 0 ? -1 : 1;
    let last = -Infinity;
    for (const step of this.film.axis.steps) {
      if ((step[3] ?? 0) !== lane) continue;
      const x = this.x(step[0]), isHidden = this.locked !== null && step[0] > this.locked;
      const isNamed = !isHidden && x - last >= MARK_APART_PX && step[2] in MARKS;
      if (isNamed) last = x;
      this._mark(step, x, way, isHidden, isNamed);
    }
  }

  _mark(/** @type {import("./film.js").Step} */ step, /** @type {number} */ x, /** @type {number} */ way, /** @type {boolean} */ isHidden, /** @type {boolean} */ isNamed) {
    const [tint, d, isFilled] = MARKS[step[2]] ?? ["ink", "", false];
    const colour = `var(--c-${isHidden ? "rule" : tint})`;
    const mark = this._add("g", { "data-step": isHidden ? "later" : step[2] });
    if (!isHidden) mark.append(drawn("title", {}, this.told(step)));
    mark.append(drawn("path", { d: `M${x.toFixed(1)} ${LINE_Y + way * 4}v${way * (isNamed ? 7 : 9)}`, style: `stroke:${colour};stroke-width:2` }));
    const paint = isFilled ? `fill:${colour}` : `fill:none;stroke:${colour};stroke-width:2.3`;
    if (isNamed) mark.append(drawn("path", { d, transform: `translate(${x.toFixed(1)} ${LINE_Y + way * MARK_PX})`, style: paint }));
  }

  _buildParting() {
    const second = this.film.axis.parts_at;
    if (this.locked !== null || this.film.lanes.length < 2) return;
    if (second == null) this._add("text", { x: this.width - PAD, y: 14, "text-anchor": "end", class: "kb-span" }, "no difference here");
    else this._flag(second, "here they part", "kb-parts", LINE_Y - MARK_PX - 9);
  }

  _buildLock(/** @type {number} */ second) {
    const x = this.x(second);
    this._add("rect", { x, y: LINE_Y - 10, width: Math.max(0, this.width - PAD - x), height: 20, class: "kb-locked" });
    this._flag(second, "Guess or skip to go on", "kb-lock", LINE_Y + 26);
  }

  // A dashed line from the top, with words on the side where there is room.
  _flag(/** @type {number} */ second, /** @type {string} */ text, /** @type {string} */ kind, /** @type {number} */ bottom) {
    const x = this.x(second), isLeft = x + text.length * LETTER_PX > this.width;
    this._add("path", { d: `M${x.toFixed(1)} 2V${bottom}`, class: `kb-flag ${kind}` });
    this._add("text", { x: x + (isLeft ? -6 : 6), y: 14, "text-anchor": isLeft ? "end" : "start", class: kind }, text);
  }
}
