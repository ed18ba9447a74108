// The guess: it stands on the figure before the film goes on, and guess and truth over each other after it.

import { button, el } from "./page.js";

/** @typedef {import("./film.js").GuessData} GuessData */

const MARGIN_PX = 8, STEP_PX = 12, WIDTHS_PX = [440, 360, 300];
const COVERS = "text, rect, circle, image, path:not([fill=none])";
/** What was guessed, by film, while the page lives: "" is a skip. @type {Map<string, string>} */
const SAID = new Map();

export class Guess {
  /** @param {(said: string) => void} answered */
  constructor(answered) {
    this.answered = answered;
    this.slot = el("div", { class: "kb-slot", "aria-live": "polite" });
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

  /** Show what a second asks for: the question, the answer, or nothing; `stage` is where it may stand. */
  draw(/** @type {number} */ second, /** @type {HTMLElement|null} */ stage) {
    const wanted = !this.data ? "" : this.lock !== null ? (second >= this.lock - 0.001 ? "asks" : "") : second >= this.data.until ? "tells" : "";
    if (wanted !== "tells") this.isClosed = false;
    const shows = wanted === "tells" && this.isClosed ? "" : wanted;
    if (shows === this.shows) return;
    this.shows = shows;
    if (!shows) return this._remove();
    this.box.className = `kb-guess kb-${shows}`;
    this.box.replaceChildren(...(shows === "asks" ? this._question() : this._answer()));
    this.place(stage);
  }

  close() {
    this.shows = "";
    this._remove();
  }

  /** Lead the keyboard to the choices. */
  focus() {
    this.box.querySelector("button")?.focus({ preventScroll: true });
  }

  /** Put the box where it covers nothing on the stage, else below the picture. */
  place(/** @type {HTMLElement|null} */ stage) {
    if (!this.shows) return;
    this.box.removeAttribute("style");
    this.box.classList.toggle("kb-on", Boolean(stage));
    (stage ?? this.slot).append(this.box);
    if (stage && !WIDTHS_PX.some((width) => this._fits(stage, width))) this.place(null);
  }

  _fits(/** @type {HTMLElement} */ stage, /** @type {number} */ width) {
    this.box.style.width = `${width}px`;
    const spot = freeSpot(stage, width, this.box.offsetHeight);
    if (spot) Object.assign(this.box.style, { left: `${spot[0]}px`, top: `${spot[1]}px` });
    return Boolean(spot);
  }

  _remove() {
    const hadFocus = this.box.contains(document.activeElement);
    const root = /** @type {HTMLElement|null} */ (this.box.closest(".kb-film"));
    this.box.remove();
    if (hadFocus) root?.focus({ preventScroll: true });
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

/** Return the first place on a stage, from the top left, where a box covers nothing that is drawn, or null. */
function freeSpot(/** @type {HTMLElement} */ stage, /** @type {number} */ width, /** @type {number} */ height) {
  const around = stage.getBoundingClientRect();
  const taken = [...stage.querySelectorAll(COVERS)].map((it) => it.getBoundingClientRect())
    .filter((it) => it.width && it.width * it.height < (around.width * around.height) / 2) // paper and panels may lie below
    .map((it) => [it.left - around.left, it.top - around.top, it.right - around.left, it.bottom - around.top]);
  for (let y = MARGIN_PX; y + height <= around.height; y += STEP_PX) {
    for (let x = 0; x + width <= around.width; x += STEP_PX) {
      if (!taken.some(([l, t, r, b]) => l < x + width + MARGIN_PX && r > x - MARGIN_PX && t < y + height + MARGIN_PX && b > y - MARGIN_PX)) return [x, y];
    }
  }
  return null;
}
