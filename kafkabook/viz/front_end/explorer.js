// An explorer: knobs, steps, forks and a guess around one or two panes. Its model is a kernel's, or a grid.

import { clamp } from "./scene.js";
import { button, el, isCalm, set } from "./page.js";
import { Axis } from "./axis.js";
import { copyButton } from "./code.js";
import { Figure, GAP_PX, SIDE_PX, TABS_PX } from "./figure.js";
import { VERSION } from "./film.js";
import { asked, isOff, told } from "./guess.js";
import { Knobs } from "./knobs.js";
import { Pane } from "./pane.js";

/** @typedef {import("./pane.js").Shown} Shown */
/** @typedef {{places: number[], fork: string, guessed: string|null, shown: Shown|null, beside: Shown|null}} PictureData */

const STEP_S = 0.6; // how long a step moves; the next begins a second after it
const REST = 0.98; // where between two steps nothing moves any more
const WIDEST = 820 * 1.3;

export class Explorer extends Figure {
  /** @param {HTMLElement} root @param {import("./figure.js").Model} model */
  constructor(root, model) {
    super(root, model);
    this.meta = model.get("meta");
    if (this.meta.v !== VERSION) throw new Error(`an explorer of version ${this.meta.v}; this player plays version ${VERSION}`);
    /** @type {PictureData} */
    this.picture = model.get("picture");
    this.step = this.at = this.meta.opensAt;
    this.names = Object.keys(this.meta.forks);
    this._build();
    this._show(false);
    this._showGuess();
    this._watch({ "change:picture": () => this._answered() });
    this.stages.addEventListener("click", (event) => this._press(event));
  }

  /** Whether a guess is owed. */
  get isLocked() {
    return Boolean(this.meta.guess) && this.picture.guessed === null;
  }

  get _seen() {
    return this.lanes.filter((pane) => !pane.el.hidden);
  }

  get last() {
    const { shown, beside } = this.picture;
    return Math.max(shown?.texts.length ?? 1, beside?.texts.length ?? 0) - 1;
  }

  // --- what stands there ---

  _build() {
    this.lanes = [new Pane(), new Pane()];
    this.stages.append(...this.lanes.map((pane) => pane.el));
    this.axis = new Axis((at) => this.seek(at), (step) => this._stepText(step[0]), () => this.pause());
    this.say = el("div", { class: "kb-hide kb-told", "aria-live": "polite" });
    this.note = el("p", { class: "kb-note", "aria-live": "polite", hidden: true });
    this.guess = el("div", { class: "kb-guess", role: "group", "aria-label": "Your guess", hidden: true });
    const [says, source] = this.meta.caption.split(/(?:^| )Source: /);
    this.caption = el("p", { class: "kb-caption" }, says);
    const sources = source ? [el("details", { class: "kb-words" }, el("summary", {}, "Source"), el("p", {}, source))] : [];
    const drawsKnobs = Boolean(this.model.get("drawsKnobs"));
    this.knobs = new Knobs(drawsKnobs ? this.meta.knobs : [], (knob, place) => this.send({ do: "knob", knob, place }));
    const under = [this.stages, this.axis.el, this._bar(), this.say, this.note, this.error];
    this.root.classList.add("kb-explorer");
    this.root.replaceChildren(...(drawsKnobs ? [this.guess, ...under, this.knobs.el] : [this.knobs.el, this.guess, ...under]),
      this._forks(), this._script(), this.caption, this.words, ...sources);
    set(this.root, "aria-label", this.meta.question);
  }

  _bar() {
    this.count = el("span", { class: "kb-time" });
    return (this.bar = el("div", { class: "kb-bar" }, this.playButton, button("◂ step", () => this.go(this.step - 1), { "aria-label": "one step back" }),
      button("step ▸", () => this.go(this.step + 1), { "aria-label": "one step on" }), this.count));
  }

  _forks() {
    this.forks = this.names.map((name, n) => button(name, () => this.send({ do: "fork", name: this.picture.fork === name ? "" : name }), { "data-fork": name }));
    this.forks[0]?.append(keyOf("F"));
    const reset = button("reset", () => this.reset());
    reset.append(keyOf("R"));
    return (this.forkRow = el("div", { class: "kb-bar" }, ...(this.names.length ? ["What if:"] : []), ...this.forks, reset));
  }

  _script() {
    const copy = copyButton(() => this.meta.script, (problem) => this.fail(problem));
    return (this.scriptRow = el("div", { class: "kb-bar kb-script" }, el("code", {}, this.meta.script), copy));
  }

  /** Show where knobs, fork and guess are now. With `moves`, what keeps its key moves there. */
  _show(/** @type {boolean} */ moves) {
    const { shown, beside, places, fork } = this.picture, isLocked = this.isLocked;
    this.step = Math.min(this.step, this.last);
    this.at = Math.min(this.at, this.last);
    this._showPane(this.lanes[0], shown, moves);
    this._showPane(this.lanes[1], beside, moves);
    this.stages.hidden = this.words.hidden = !shown;
    this.axis.el.hidden = this.bar.hidden = isLocked || this.last === 0;
    this.playButton.hidden = isCalm();
    this.knobs.settle(places, isLocked);
    this.forks.forEach((it) => set(it, "aria-pressed", String(it.dataset.fork === fork)));
    this.forkRow.hidden = isLocked || !(this.names.length || places.length || this.last);
    this.scriptRow.hidden = isLocked || !this.meta.script;
    this.caption.hidden = isLocked;
    if (this.width) this.fit(this.width);
    this.tell();
    if (moves) this.move();
  }

  _showPane(/** @type {Pane} */ pane, /** @type {Shown|null} */ shown, /** @type {boolean} */ moves) {
    const wasShown = !pane.el.hidden;
    pane.el.hidden = !shown;
    if (!shown) return;
    if (moves && isCalm() && wasShown && pane.shown !== shown && pane.width) pane.fade();
    pane.take(shown, this.at + REST, moves && wasShown && !isCalm());
  }

  /** Lay everything out for a width in px. */
  fit(/** @type {number} */ width) {
    this.width = width;
    const isTwo = Boolean(this.picture.beside), isSide = isTwo && width >= SIDE_PX;
    this.root.dataset.width = isSide ? "side" : width < TABS_PX ? "narrow" : "wide";
    this.root.style.maxWidth = `${isTwo ? 2 * WIDEST + GAP_PX : WIDEST}px`;
    for (const pane of this._seen) pane.fit(isSide ? (width - GAP_PX) / 2 : width);
    this.root.classList.toggle("kb-reads", this._seen.some((pane) => pane.scale < 1));
    const steps = Array.from({ length: this.last + 1 }, (_, n) => /** @type {[number, number, string, number]} */ ([n, n, "", 0]));
    this.axis.build({ end: this.last || 1, lanes: [this], axis: { steps, breaks: [], parts_at: null } }, width, null);
    this.draw();
  }

  // --- time ---

  /** Draw what stands between two steps. Everything that moves follows from it alone. */
  draw() {
    for (const pane of this._seen) pane.draw(this.at + REST);
    if (this.width) this.axis.draw(this.at, this._stepText(this.step));
    this._keepFocus();
  }

  /** Say the step that is shown, or that is about to be. */
  tell() {
    const { fork } = this.picture, [own, other] = this.lanes.map((pane) => (pane.el.hidden ? "" : pane.textAt(this.step)));
    const isSame = other !== "" && this.lanes[0].pictureAt(this.step) === this.lanes[1].pictureAt(this.step);
    const same = ` · The same${this.step < this.last ? " up to here; step on" : ""}.`;
    const whatIf = `what if: ${fork}${isSame ? same : ""}`;
    this.lanes[1].head.hidden = !other;
    this.lanes[1].name.textContent = whatIf;
    [own, other].forEach((text, n) => set(this.lanes[n].svg, "aria-label", text.split("\n")[0]));
    this.count.textContent = `step ${this.step + 1} of ${this.last + 1}`;
    const text = [own, other && `W${whatIf.slice(1)}\n${other}`].filter(Boolean).join("\n\n");
    if (this.pre.textContent === text) return;
    this.pre.textContent = text;
    this.say.textContent = text.split("\n").filter((line) => !/ {2}/.test(line)).join("\n"); // all but the table
  }

  _stepText(/** @type {number} */ step) {
    const words = this.lanes[0].el.hidden ? "" : this.lanes[0].textAt(step).split("\n")[1] ?? "";
    return `step ${step + 1} of ${this.last + 1}. ${words}`;
  }

  /** Lead to a step. The next one moves as it does when all is played; one farther away is reached in the same time. */
  go(/** @type {number} */ to) {
    this._arrive();
    const from = this.step, way = clamp(to, 0, this.last) - from;
    this.step = from + way;
    this.tell();
    if (way === 0) return this.draw();
    if (isCalm()) return this._jump();
    // A step moves in the first 0.6 s after it has begun: the stillness before and after is left out.
    this.at = way > 0 ? from + 1 - REST : from - (1 - REST) - (1 - STEP_S) + 0.04;
    this.draw();
    const end = way > 0 ? this.step - (REST - STEP_S) + 0.02 : this.step;
    this._run({ to: end, rate: (end - this.at) / STEP_S });
  }

  /** Stand between two steps, as the axis says; let go, it moves on to the one that has begun. */
  seek(/** @type {number} */ at) {
    this._run(null);
    this.at = isCalm() ? Math.round(at) : at;
    this._follow();
    this.draw();
  }

  toggle() {
    if (this.isPlaying) return this.pause();
    if (this.last < 1) return;
    if (isCalm()) return this.go(this.step + 1); // nothing moves by itself: one step at a time
    this._arrive();
    if (this.step === this.last) this.step = this.at = 0;
    this.at += 1 - REST;
    this._follow();
    this._run({ to: Infinity, rate: 1 });
  }

  /** Move on to the step that has begun, and stand there. */
  pause() {
    this._run(null);
    if (this.at !== this.step) this._run({ to: this.step, rate: this.at < this.step ? 1 : -1 });
  }

  // Whoever steps on while a step is still running is taken to its end first.
  _arrive() {
    this._run(null);
    this.at = this.step;
  }

  _jump() {
    for (const pane of this._seen) pane.fade();
    this.at = this.step;
    this.draw();
  }

  /** Tell the step that has begun. */
  _follow() {
    const step = clamp(Math.ceil(this.at - (1 - REST) + 1e-6), 0, this.last);
    if (step === this.step) return;
    this.step = step;
    this.tell();
  }

  /** Let some real seconds pass; true while the steps run. */
  _advance(/** @type {number} */ passed) {
    if (!this.course) return false;
    const { rate } = this.course, to = Math.min(this.course.to, this.last), next = this.at + passed * rate;
    this.at = rate < 0 ? Math.max(next, to) : Math.min(next, to);
    if (this.isPlaying) this._follow();
    if (this.at === to) this._arrive();
    this.draw();
    return Boolean(this.course);
  }

  focus() {
    this.root.focus({ preventScroll: true });
  }

  // --- what a reader does ---

  reset() {
    this._run(null);
    this.step = this.at = Math.min(this.meta.opensAt, this.last);
    this.note.hidden = true;
    this.tell();
    this.draw();
    this.send({ do: "reset" });
  }

  _nextFork() {
    const all = [...this.names, ""];
    this.send({ do: "fork", name: all[(all.indexOf(this.picture.fork) + 1) % all.length] });
  }

  _press(/** @type {Event} */ event) {
    const pressed = this.isLocked ? null : this.lanes[0].pressed(event);
    if (!pressed) return false;
    if ("turns" in pressed) this.send({ do: "set", name: pressed.turns[0], value: pressed.turns[1] });
    else {
      this.note.hidden = !pressed.says;
      this.note.textContent = pressed.says;
    }
    return true;
  }

  _showGuess() {
    const { guess } = this.meta, { guessed } = this.picture;
    this.guess.hidden = !guess;
    if (!guess) return;
    this.guess.className = `kb-guess ${guessed === null ? "kb-asks" : "kb-tells"} ${isOff(guess, guessed ?? "") ? "kb-off" : ""}`;
    this.guess.replaceChildren(...(guessed === null ? asked(guess, (value) => this.send({ do: "guess", value })) : told(guess, guessed)));
  }

  // The model has answered: other knobs, a fork, or the truth.
  _answered() {
    const wasLocked = this.isLocked;
    this.picture = this.model.get("picture");
    if (wasLocked && !this.isLocked) {
      this.step = this.at = this.meta.guess.at ?? this.step;
      this._showGuess();
      this.guess.querySelector("p").focus({ preventScroll: true });
    }
    this._show(true);
  }

  _onKey(/** @type {KeyboardEvent} */ event) {
    if (event.key === "Enter" && this._press(event)) return event.preventDefault();
    const target = /** @type {HTMLElement} */ (event.target), isLetter = event.key.length === 1 && event.key !== " ";
    const act = {
      ArrowLeft: () => this.go(this.step - 1), ArrowRight: () => this.go(this.step + 1), Home: () => this.go(0), End: () => this.go(this.last),
      " ": () => this.toggle(), r: () => this.reset(), f: () => this._nextFork(),
    }[isLetter ? event.key.toLowerCase() : event.key];
    if (!act || this.isLocked || target.closest("pre,select,input:not([type=range])") || (target.closest("input,button,summary") && !isLetter)) return;
    event.preventDefault();
    act();
  }
}

const keyOf = (/** @type {string} */ letter) => el("kbd", { class: "kb-key", "aria-hidden": "true" }, letter);
