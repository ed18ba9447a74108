// A lane: one run's picture with its heading and its caption.

import { el, set } from "./page.js";
import { rowAt } from "./film.js";
import { light, lightsUp, marked, spoken } from "./words.js";
import { Stage } from "./stage.js";

/** @typedef {import("./film.js").LaneData} LaneData */
/** @typedef {import("./film.js").Deed} Deed */

const COVERS = "text, rect, circle, image, path:not([fill=none])";
/** @type {Deed[]} */
const NOTHING = [];
const LATER_S = 0.5; // how far apart are the moments at which `taken` looks
const SHOWN_S = 0.1; // after which it looks at what has just appeared, however soon that goes

export class Lane extends Stage {
  /** @param {(lane: Lane, thing: Element, name: string, deeds: Deed[], event: Event) => void} touch @param {(name: string) => void} lacks */
  constructor(touch, lacks) {
    super();
    this.lacks = lacks;
    this.touch = touch;
    this.head = el("p", { class: "kb-head" });
    this.tip = el("div", { class: "kb-tip", "aria-hidden": "true", hidden: true });
    this.stage.append(this.tip);
    this.say = el("p", { class: "kb-say", "aria-live": "polite" });
    this.el = el("div", { class: "kb-lane" }, this.head, this.stage, this.say);
    /** @type {Map<string, Element>} */
    this.things = new Map();
    /** @type {Map<string, Deed[]>} */
    this.offered = new Map();
    this._listen();
  }

  _listen() {
    this.svg.addEventListener("click", (event) => this._touched(event));
    this.svg.addEventListener("keydown", (event) => event.key === "Enter" && this._touched(event));
    for (const name of ["pointerover", "focusin"]) this.svg.addEventListener(name, (event) => this._name(this._thingAt(event)));
    for (const name of ["pointerout", "focusout"]) this.svg.addEventListener(name, () => this._name(null));
    lightsUp(this.say, () => [this.svg]);
  }

  /** Take a film's lane; what keeps its key stays, and moves to where it is now. */
  take(/** @type {LaneData} */ data, /** @type {number} */ end, { second = 0, moves = false } = {}) {
    this.data = data;
    this.end = end;
    this.hold(data.layouts, second);
    const [kind, word, text] = data.head ?? ["", "", ""];
    this.el.className = "kb-lane" + (kind && ` kb-is-${kind}`);
    this.head.hidden = !data.head;
    this.head.replaceChildren(el("b", {}, word), ` ${text}`);
    this.said = undefined;
    if (this.width) this.fit(this.width, { moves });
  }

  fit(/** @type {number} */ width, { moves = false } = {}) {
    super.fit(width, { moves });
    this.say.style.maxWidth = this.head.style.maxWidth = this.svg.style.width;
    this._reserve();
  }

  _loaded() {
    this.things.clear();
    this.offered.clear();
    for (const key of Object.keys(this.data.things)) {
      const shape = this.picture.find(key);
      if (shape) this.things.set(key, shape);
    }
    this._offer();
  }

  // The caption is as high as its longest sentence, so that no button moves away while somebody steps.
  _reserve() {
    const probe = el("p", { class: "kb-say kb-probe", style: `max-width:${this.say.style.maxWidth}`, "aria-hidden": "true" });
    this.el.append(probe);
    let high = 0;
    for (const [, sentence] of this.data.says) {
      probe.replaceChildren(...marked(sentence));
      high = Math.max(high, Math.ceil(probe.getBoundingClientRect().height));
    }
    probe.remove();
    this.say.style.minHeight = `${high}px`;
  }

  draw(/** @type {number} */ second) {
    super.draw(second);
    const said = rowAt(this.data.says, second);
    if (said !== this.said) {
      this.said = said;
      light(this.say, this.svg, false);
      this.offered.clear();
      this.say.replaceChildren(...marked(said?.[1] ?? ""));
      set(this.svg, "aria-label", this.sentence() || "A picture");
    }
    this._offer();
  }

  /** The sentence of the caption, as it is read aloud. */
  sentence() {
    return spoken(this.said?.[1] ?? "");
  }

  /** The text twin at the second that is shown. */
  twin() {
    return rowAt(this.data.twin, this.second)?.[1] ?? "";
  }

  /** Return what is taken on the stage by shapes and texts, as left, top, right, bottom in px: now, and at every moment `since` a second. */
  taken(/** @type {number|null} */ since) {
    const all = new Map(), moments = [this.second];
    if (since !== null) {
      for (let second = since; second <= this.end; second += LATER_S) moments.push(second);
      const appears = this.picture.nodes.flatMap(({ tracks }) => tracks["~show"] ?? []).map(([second]) => second + SHOWN_S);
      moments.push(...new Set(appears.filter((second) => second > since)));
    }
    for (const second of moments) {
      this.picture.draw(second);
      for (const box of this._boxes()) all.set(box.join(), box);
    }
    this.picture.draw(this.second);
    return [...all.values()];
  }

  // Paper and panels, larger than half the stage, may lie below.
  _boxes() {
    const around = this.stage.getBoundingClientRect(), most = (around.width * around.height) / 2;
    return [...this.svg.querySelectorAll(COVERS)].map((it) => it.getBoundingClientRect())
      .filter((it) => it.width && it.width * it.height < most)
      .map((it) => [it.left - around.left, it.top - around.top, it.right - around.left, it.bottom - around.top].map(Math.round));
  }

  // Only what can be touched at this second is a button. A frame looks again only where that changes.
  _offer() {
    for (const [key, shape] of this.things) {
      const deeds = this._deeds(key);
      if (this.offered.get(key) === deeds) continue;
      this.offered.set(key, deeds);
      set(shape, "tabindex", deeds.length ? "0" : null);
      set(shape, "role", deeds.length ? "button" : null);
      set(shape, "aria-haspopup", deeds.length ? "menu" : null);
      set(shape, "aria-label", deeds.length ? labelOf(shape, this.data.things[key].name) : null);
    }
  }

  _deeds(/** @type {string} */ key) {
    return rowAt(this.data.things[key].does, this.second)?.[1] ?? NOTHING;
  }

  /** The key of what an event is about, if it can be touched now. */
  _thingAt(/** @type {Event} */ event) {
    let shape = /** @type {Element} */ (event.target).closest("[data-id]");
    while (shape && !this.things.has(shape.getAttribute("data-id") ?? "")) shape = shape.parentElement?.closest("[data-id]") ?? null;
    const key = shape?.getAttribute("data-id") ?? null;
    return key !== null && this._deeds(key).length ? key : null;
  }

  // What is pointed at or has the focus shows its name, and that something can be done to it.
  _name(/** @type {string|null} */ key) {
    this.tip.hidden = key === null;
    if (key === null) return;
    this.tip.textContent = `${this.data.things[key].name} ▾`;
    const shape = this.things.get(key)?.getBoundingClientRect(), around = this.stage.getBoundingClientRect();
    if (!shape) return;
    const left = Math.min(shape.left - around.left, around.width - this.tip.offsetWidth);
    this.tip.style.left = `${Math.max(0, left)}px`;
    this.tip.style.top = `${shape.top - around.top - this.tip.offsetHeight - 4}px`;
  }

  _touched(/** @type {Event} */ event) {
    const key = this._thingAt(event);
    if (key === null) return;
    event.preventDefault();
    this._name(null);
    this.touch(this, /** @type {Element} */ (this.things.get(key)), this.data.things[key].name, this._deeds(key), event);
  }
}

// What is written on a thing belongs into its name; where that holds the name already, it is the name.
function labelOf(/** @type {Element} */ shape, /** @type {string} */ name) {
  const written = shape.textContent ?? "";
  return written.includes(name) ? null : [name, written].filter(Boolean).join(": ");
}
