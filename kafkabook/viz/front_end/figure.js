// A figure: what a film's player and an explorer have in common.

import { clamp } from "./scene.js";
import { button, el, keepKeys, set } from "./page.js";

/** @typedef {{get: (name: string) => any, on: (event: string, act: (it?: any) => void) => void, off?: (event: string, act: (it?: any) => void) => void,
 *   send?: (message: any) => void}} Model */
/** @typedef {{to: number, rate: number}} Course where the time of the figure runs to, in its seconds a second; without end when all is played */

// Two pictures stand side by side in a wide page; of two films, a narrow one shows one at a time.
export const SIDE_PX = 1000;
export const TABS_PX = 560;
export const GAP_PX = 28;

export class Figure {
  /** @param {HTMLElement} root @param {Model} model */
  constructor(root, model) {
    this.root = root;
    this.model = model;
    /** @type {Course|null} */
    this.course = null;
    this.stages = el("div", { class: "kb-lanes" });
    this.error = el("div", { class: "kb-error", role: "alert", hidden: true });
    this.pre = el("pre", { tabindex: 0, "aria-label": "In words", role: "group" });
    this.words = el("details", { class: "kb-words" }, el("summary", {}, "In words"), this.pre);
    this.playButton = button("▶ Play", () => this.toggle(), { class: "kb-play" });
    root.classList.add("kb", "kb-film");
    set(root, "role", "group");
    // A click anywhere brings the keys here; the tab key leads to the controls.
    root.tabIndex = -1;
  }

  /** Follow the width of the page, the keys, and what the model says. */
  _watch(/** @type {Object<string, (it?: any) => void>} */ heard) {
    const resize = () => {
      const width = this.root.clientWidth;
      if (width && width !== this.width) this.fit(width);
    };
    this.resized = new ResizeObserver(resize);
    this.resized.observe(this.root);
    resize();
    this.heard = { ...heard, "change:problem": () => this.fail(this.model.get("problem")) };
    for (const [event, act] of Object.entries(this.heard)) this.model.on(event, act);
    this.root.addEventListener("keydown", (event) => {
      if (!(event.ctrlKey || event.altKey || event.metaKey || event.shiftKey)) this._onKey(event);
    });
    keepKeys(this.root);
  }

  /** Whether all is being played, not one step. */
  get isPlaying() {
    return this.course?.to === Infinity;
  }

  _run(/** @type {Course|null} */ course) {
    this.course = course;
    this.playButton.textContent = this.isPlaying ? "❙❙ Pause" : "▶ Play";
    set(this.root, "data-runs", course ? (this.isPlaying ? "film" : "step") : null);
    if (course) this.move();
  }

  /** Draw frame after frame for as long as something moves: the time of the figure, or what another layout has brought. */
  move() {
    if (this.frame) return;
    let last = performance.now();
    const frame = (/** @type {number} */ now) => {
      const passed = clamp((now - last) / 1000, 0, 0.1);
      last = now;
      const isMoving = [this._advance(passed), ...this.lanes.map((lane) => lane.settle(passed))].some(Boolean);
      this.frame = isMoving && this.root.isConnected ? requestAnimationFrame(frame) : 0;
    };
    this.frame = requestAnimationFrame(frame);
  }

  // A shape that leaves takes the focus with it; the figure keeps the keyboard.
  _keepFocus() {
    const focused = document.activeElement;
    if (focused instanceof SVGElement && this.stages.contains(focused) && !focused.getClientRects().length) this.focus();
  }

  /** Lead the keyboard to the axis. */
  focus() {
    this.axis.el.focus({ preventScroll: true });
  }

  /** Tell the model what a reader has done. */
  send(/** @type {any} */ message) {
    try {
      this.model.send?.(message);
    } catch (problem) {
      this.fail(`Error: ${problem.message}`);
      throw problem;
    }
  }

  /** Say a problem aloud, or take it back. */
  fail(/** @type {string} */ problem) {
    this.error.hidden = !problem;
    this.error.textContent = problem;
  }

  /** Stop everything that would go on without the figure. */
  close() {
    this._run(null);
    this.resized?.disconnect();
    for (const [event, act] of Object.entries(this.heard ?? {})) this.model.off?.(event, act);
  }
}
