// The guess: it stands on the figure before the film goes on, and guess and truth over each other after it.

import { button, drawn, el } from "./page.js";

/** @typedef {import("./film.js").GuessData} GuessData */
/** @typedef {import("./lane.js").Lane} Lane */
/** @typedef {{question: string, choices: string[], answer: string, why: string, unit?: string}} Asked */

const MARGIN_PX = 8, STEP_PX = 12, WIDTHS_PX = [440, 360, 300];
/** What was guessed, by film, while the page lives: "" is a skip. @type {Map<string, string>} */
const SAID = new Map();

export class Guess {
  /** @param {(said: string) => void} answered @param {() => void} leave takes the focus of a box that goes */
  constructor(answered, leave) {
    this.answered = answered;
    this.leave = leave;
    this.live = el("span", { class: "kb-hide", "aria-live": "polite" });
    this.slot = el("div", { class: "kb-slot" }, this.live);
    this.box = el("div", { class: "kb-guess", role: "group", "aria-label": "Your guess" });
    this.shows = "";
  }

  take(/** @type {string} */ film, /** @type {GuessData|null} */ data) {
    this.film = film;
    this.data = data;
    this.close();
  }

  /** What was said: null while nothing was, "" after a skip. */
  get said() {
    return this.data ? SAID.get(this.film) ?? null : "";
  }

  /** The second beyond which the film is locked, or null. */
  get lock() {
    return this.data && this.said === null ? this.data.at : null;
  }

  /** Show what a second asks for: the question, the answer, or nothing; `lane` is where it may stand. */
  draw(/** @type {number} */ second, /** @type {Lane|null} */ lane) {
    const wanted = !this.data ? "" : this.lock !== null ? (second >= this.lock - 0.001 ? "asks" : "") : second >= this.data.until ? "tells" : "";
    if (wanted !== "tells") this.isClosed = false;
    const shows = wanted === "tells" && this.isClosed ? "" : wanted;
    if (shows === this.shows) return;
    this.shows = shows;
    if (!shows) return this._remove();
    this.box.className = `kb-guess kb-${shows}`;
    this.box.replaceChildren(...(shows === "asks" ? this._question() : this._answer()));
    this.live.textContent = this.box.querySelector("p")?.textContent ?? "";
    this.place(lane);
  }

  close() {
    this.shows = "";
    this._remove();
  }

  /** Lead the keyboard to the choices. */
  focus() {
    this.box.querySelector("button")?.focus({ preventScroll: true });
  }

  /** Put the box where it covers nothing on the stage, now and later, else below the picture. */
  place(/** @type {Lane|null} */ lane) {
    if (!this.shows) return;
    this.box.removeAttribute("style");
    this.box.classList.toggle("kb-on", Boolean(lane));
    (lane?.stage ?? this.slot).append(this.box);
    if (!lane) return;
    const taken = lane.taken(this.shows === "tells" ? /** @type {GuessData} */ (this.data).until : null);
    if (!WIDTHS_PX.some((width) => this._fits(lane, taken, width))) this.place(null);
  }

  _fits(/** @type {Lane} */ { stage }, /** @type {number[][]} */ taken, /** @type {number} */ width) {
    this.box.style.width = `${width}px`;
    const spot = freeSpot(taken, [stage.clientWidth, stage.clientHeight], [width, this.box.offsetHeight]);
    if (spot) Object.assign(this.box.style, { left: `${spot[0]}px`, top: `${spot[1]}px` });
    return Boolean(spot);
  }

  _remove() {
    const hadFocus = this.box.contains(document.activeElement);
    this.box.remove();
    if (hadFocus) this.leave();
  }

  _question() {
    return asked(/** @type {GuessData} */ (this.data), (said) => { SAID.set(this.film, said); this.close(); this.answered(said); });
  }

  _answer() {
    const data = /** @type {GuessData} */ (this.data), said = /** @type {string} */ (this.said);
    this.box.classList.toggle("kb-off", isOff(data, said));
    return [...told(data, said), button("✕", () => { this.isClosed = true; this.close(); }, { class: "kb-close", "aria-label": "Close" })];
  }
}

/** Return the question, and what can be said to it: one of the choices, or a whole number where there are none. @returns {Node[]} */
export function asked(/** @type {Asked} */ { question, choices, unit }, /** @type {(said: string) => void} */ say) {
  const missing = el("span", { role: "alert", class: "kb-error" });
  const skip = button("skip", () => say(""), { class: "kb-skip", "data-guess": "" });
  return [el("p", {}, question), el("div", { class: "kb-choices" },
    ...(choices.length ? choices.map((choice) => button(choice, () => say(choice), { "data-guess": choice })) : typed(unit, say, missing)), skip, missing)];
}

function typed(/** @type {string|undefined} */ unit, /** @type {(said: string) => void} */ say, /** @type {HTMLElement} */ missing) {
  const field = /** @type {HTMLInputElement} */ (el("input", { type: "number", "aria-label": "Your guess", onkeydown: (it) => it.key === "Enter" && take() }));
  const take = () => (/^-?\d+$/.test(field.value) ? say(String(+field.value)) : missing.replaceChildren("Type a whole number, or skip."));
  return [field, unit ?? "", button("guess", take)];
}

/** Whether what was said is not so; a skip says nothing. */
export const isOff = (/** @type {Asked} */ { answer }, /** @type {string} */ said) => said !== "" && said !== answer;

/** Return guess and truth over each other, and one sentence why. @returns {Node[]} */
export function told(/** @type {Asked} */ data, /** @type {string} */ said) {
  const { choices, answer, why, unit } = data, written = (/** @type {string} */ it) => (unit ? `${it} ${unit}` : it);
  const words = said === "" ? ["You skipped. It is ", el("b", {}, written(answer)), ". "]
    : isOff(data, said) ? ["You said ", el("b", {}, written(said)), ". It is ", el("b", {}, written(answer)), ". "]
    : ["You said ", el("b", {}, written(said)), ", and so it is. "];
  const chips = choices.map((it) => el("span", { class: `${it === said ? "kb-mine" : ""} ${it === answer ? "kb-true" : ""}` }, it));
  const over = choices.length ? [el("div", { class: "kb-chips", "aria-hidden": "true" }, ...chips)] : isOff(data, said) ? [gap(+said, +answer)] : [];
  return [...over, el("p", { tabindex: -1 }, ...words, why)];
}

// Two numbers on one line, and what lies between them.
function gap(/** @type {number} */ mine, /** @type {number} */ truth) {
  const low = Math.min(0, mine, truth), wide = Math.max(mine, truth) - low || 1;
  const at = (/** @type {number} */ value) => 36 + (248 * (value - low)) / wide;
  const x = [at(mine), at(truth)].sort((a, b) => a - b);
  return drawn("svg", { class: "kb-gap", viewBox: "0 0 320 58", "aria-hidden": "true" },
    drawn("path", { d: "M36 28H284" }), drawn("rect", { x: x[0], y: 22, width: x[1] - x[0], height: 12 }),
    ...[["kb-mine", mine, "you: ", 14], ["kb-true", truth, "", 52]].map(([kind, value, name, y]) => drawn("g", { class: kind },
      drawn("circle", { cx: at(+value), cy: 28, r: 6 }), drawn("text", { x: at(+value), y, "text-anchor": "middle" }, `${name}${value}`))));
}

/** Return the first place on a stage, from the top left, where a box covers nothing that is taken, or null. */
function freeSpot(/** @type {number[][]} */ taken, /** @type {number[]} */ [wide, high], /** @type {number[]} */ [width, height]) {
  for (let y = MARGIN_PX; y + height <= high; y += STEP_PX) {
    for (let x = 0; x + width <= wide; x += STEP_PX) {
      if (!taken.some(([l, t, r, b]) => l < x + width + MARGIN_PX && r > x - MARGIN_PX && t < y + height + MARGIN_PX && b > y - MARGIN_PX)) return [x, y];
    }
  }
  return null;
}
