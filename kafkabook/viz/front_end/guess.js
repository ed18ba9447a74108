// The guess: it stands on the figure before the film goes on, and guess and truth over each other after it.

import { button, el } from "./page.js";

/** @typedef {import("./film.js").GuessData} GuessData */
/** @typedef {import("./lane.js").Lane} Lane */

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
    const taken = lane.taken(this.shows === "tells");
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
    const { question, choices } = /** @type {GuessData} */ (this.data);
    const say = (/** @type {string} */ said) => { SAID.set(this.film, said); this.close(); this.answered(said); };
    return [el("p", {}, question), el("div", { class: "kb-choices" },
      ...choices.map((choice) => button(choice, () => say(choice), { "data-guess": choice })),
      button("skip", () => say(""), { class: "kb-skip", "data-guess": "" }))];
  }

  _answer() {
    const { choices, answer, why } = /** @type {GuessData} */ (this.data), said = /** @type {string} */ (this.said);
    this.box.classList.toggle("kb-off", said !== "" && said !== answer);
    const told = said === "" ? ["You skipped. It is ", el("b", {}, answer), ". "]
      : said === answer ? ["You said ", el("b", {}, said), ", and so it is. "]
      : ["You said ", el("b", {}, said), ". It is ", el("b", {}, answer), ". "];
    const chips = choices.map((it) => el("span", { class: `${it === said ? "kb-mine" : ""} ${it === answer ? "kb-true" : ""}` }, it));
    const close = button("✕", () => { this.isClosed = true; this.close(); }, { class: "kb-close", "aria-label": "Close" });
    return [el("div", { class: "kb-chips", "aria-hidden": "true" }, ...chips), el("p", {}, ...told, why), close];
  }
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
