// The player: one or two lanes over one axis, buttons, keys, and what a guess or a touch changes.

import { clamp } from "./scene.js";
import { button, el, isCalm, set } from "./page.js";
import { checked, msAt, partingOf, stops, timeText } from "./film.js";
import { lightsUp, marked, spoken } from "./words.js";
import { Axis } from "./axis.js";
import { CodePane } from "./code.js";
import { Figure, GAP_PX, SIDE_PX, TABS_PX } from "./figure.js";
import { Guess } from "./guess.js";
import { Lane } from "./lane.js";
import { closeMenu, openMenu } from "./menu.js";

/** @typedef {import("./film.js").FilmData} FilmData */

const BESIDE_PX = 800; // the legend has room beside the code
const LEGEND = "{leader:leads} {follower:follows} {dead:down} {hw} {isr} {acknowledged} {refused} {producer} {consumer} {controller}";
const MARKS_SAY = "Point at a word, and its mark glows. A crown: the controller says who leads. e1: leader epoch 1 begins here. A filled dot asks, a ring answers, and a tile carries records. Hatched: not committed yet. Dashed: lost. Dotted across the logs: nobody leads.";
const RUNS_ON_MS = 5000; // of virtual time, at a press of a button
const MOST_SCALE_OF_WIDEST = 1.3;
const SPEEDS = [[0.5, "½×"], [1, "1×"], [2, "2×"], [4, "4×"]];
const LEAD_S = 1.3; // how much of the way to a stop is shown
const BACK_S = 0.35; // how long a step back takes
const CALM_S = 1.9; // how long a step stands under reduced motion
const EPSILON_S = 0.005;
const SEEN_SHARE = 0.5; // of the picture, or of the window where that is lower
/** Films that have played by themselves; each does so once. */
const SEEN = new Set();
let players = 0;

export class Player extends Figure {
  /** @param {HTMLElement} root @param {import("./figure.js").Model} model */
  constructor(root, model) {
    super(root, model);
    this.second = 0;
    this.speed = 1;
    this.chosen = 0;
    /** @type {Lane[]} */
    this.lanes = [];
    this._build();
    this.take(checked(model.get("film")));
    this._watch({ "change:film": () => this._answered(), "msg:custom": (it) => this._laidOut(it) });
    if (this.film.plays && !isCalm()) this._playWhenSeen();
  }

  // --- what stands there ---

  _build() {
    const id = `kb-film-${++players}`;
    this.title = el("div", { class: "kb-title", id });
    this.run = el("div", { class: "kb-run" });
    this.tabs = el("div", { class: "kb-seg kb-tabs", role: "group", "aria-label": "Which run" });
    this.axis = new Axis((second) => this.seek(second), (step) => this._stepWords(step));
    this.guess = new Guess((said) => this._guessed(said), () => this.focus());
    this.code = new CodePane((second) => this.seek(second), (problem) => this.fail(problem));
    this.root.replaceChildren(this.title, this.run, this.tabs, this.stages, this.guess.slot, this.axis.el, this._bar(), this.error,
      el("div", { class: "kb-under" }, this.code.el, this._legend(), this.words));
    set(this.root, "aria-labelledby", id);
  }

  _legend() {
    this.legend = el("details", { class: "kb-words kb-legend" }, el("summary", {}, "What the marks mean"), el("p", {}, ...marked(LEGEND)), el("p", {}, MARKS_SAY));
    lightsUp(this.legend, () => this.lanes.map(({ svg }) => svg));
    return this.legend;
  }

  _bar() {
    this.time = el("span", { class: "kb-time" });
    this.speeds = SPEEDS.map(([speed, text]) => button(String(text), () => this.setSpeed(Number(speed)), { "aria-pressed": String(speed === 1) }));
    const keys = el("span", { class: "kb-keys" }, el("kbd", {}, "space"), " play ", el("kbd", {}, "←"), " ", el("kbd", {}, "→"), " step ", el("kbd", {}, "Home"), " ", el("kbd", {}, "End"), (this.canTouch = el("span", {}, " · touch a thing in the picture")));
    this.runOn = button(`run on ${RUNS_ON_MS / 1000} s`, () => this._runOn(), { "aria-label": `let ${RUNS_ON_MS / 1000} seconds of virtual time pass` });
    return el("div", { class: "kb-bar" }, this.playButton, button("◂ step", () => this.back(), { "aria-label": "one step back" }),
      button("step ▸", () => this.on(), { "aria-label": "one step on" }), this.runOn, this.time, el("div", { class: "kb-seg", role: "group", "aria-label": "Speed" }, ...this.speeds), keys);
  }

  /** Show a film, from a second on. What is in the old one too keeps its place, and moves. */
  take(/** @type {FilmData} */ film, { second = 0, moves = false } = {}) {
    closeMenu();
    this.film = film;
    this.name = [film.title, film.run, film.guess?.question].join("\n");
    this.stops = stops(film);
    this.canTouch.hidden = film.lanes.every(({ things }) => !Object.keys(things).length);
    this.runOn.hidden = !film.is_live;
    this.title.textContent = film.title;
    this.run.textContent = film.run;
    this._takeLanes(film, second, moves);
    this.guess.take(this.name, film.guess);
    this.code.take(film);
    if (this.width) this.fit(this.width);
    this.go(second);
  }

  _takeLanes(/** @type {FilmData} */ film, /** @type {number} */ second, /** @type {boolean} */ moves) {
    while (this.lanes.length > film.lanes.length) this.lanes.pop()?.el.remove();
    film.lanes.forEach((data, n) => {
      if (!this.lanes[n]) this.stages.append((this.lanes[n] = new Lane((...touch) => this._openMenu(...touch), (name) => this._lacks(name))).el);
      this.lanes[n].take(data, film.end, { second, moves });
    });
    const widest = film.lanes.map(({ layouts }) => MOST_SCALE_OF_WIDEST * Math.max(...Object.keys(layouts).map(Number)));
    this.root.style.maxWidth = `${Math.round(widest.reduce((sum, width) => sum + width, GAP_PX * (widest.length - 1)))}px`;
    this.tabs.replaceChildren(...film.lanes.map(({ head }, n) => button(head?.[1] || String(n + 1), () => this.choose(n))));
    this.choose(Math.min(this.chosen, film.lanes.length - 1));
    if (moves) this.move();
  }

  /** Lay everything out for a width in px. */
  fit(/** @type {number} */ width) {
    if (!this.width) this.legend.open = width >= BESIDE_PX;
    this.width = width;
    const isTwo = this.lanes.length > 1, isSide = isTwo && width >= SIDE_PX;
    this.isTabbed = isTwo && width < TABS_PX;
    this.root.dataset.width = isSide ? "side" : width < TABS_PX ? "narrow" : "wide";
    this.tabs.hidden = !this.isTabbed;
    this._showLanes();
    for (const lane of this.lanes) lane.fit(isSide ? (width - GAP_PX) / 2 : width);
    this._buildAxis();
    this.go(this.second);
    this.guess.place(this._guessLane());
  }

  // With a kernel, one width comes with the film, and another one when it is asked for.
  _lacks(/** @type {string} */ width) {
    const asked = `${this.film.edition} ${width}`;
    if (asked !== this.asked) this.send({ do: "layout", width });
    this.asked = asked;
  }

  _laidOut(/** @type {{edition: number, width: number, lanes: import("./scene.js").Layout[]}} */ { edition, width, lanes }) {
    if (edition !== this.film.edition) return;
    lanes.forEach((layout, n) => { this.film.lanes[n].layouts[width] = layout; });
    if (this.width) this.fit(this.width);
  }

  _showLanes() {
    this.lanes.forEach((lane, n) => { lane.el.hidden = Boolean(this.isTabbed) && n !== this.chosen; });
    [...this.tabs.children].forEach((tab, n) => set(tab, "aria-pressed", String(n === this.chosen)));
  }

  /** Show one of two lanes, where there is room for one only. */
  choose(/** @type {number} */ lane) {
    this.chosen = lane;
    this._showLanes();
    if (this.width) this.guess.place(this._guessLane());
  }

  _buildAxis() {
    this.axis.build(this.film, this.width ?? 0, this.guess.lock);
    this.axis.draw(this.second, this._told());
  }

  // --- time ---

  /** The second up to which the film can be seen now: a guess that is owed locks the rest. */
  get limit() {
    return Math.min(this.guess.lock ?? Infinity, this.film.end);
  }

  /** Draw a second of the film. Everything that is seen follows from it alone. */
  go(/** @type {number} */ second) {
    this.second = clamp(second, 0, this.limit);
    const said = this.lanes.map((lane) => lane.said);
    for (const lane of this.lanes) lane.draw(this.second);
    const isNew = this.lanes.some((lane, n) => lane.said !== said[n]);
    this.time.textContent = `t = ${timeText(msAt(this.film.axis.knots, this.second))}`;
    if (this.width) this.axis.draw(this.second, isNew || !this.course ? this._told() : null);
    this.code.draw(this.second);
    this._drawTwin();
    this._drawParted();
    if (this.width) this.guess.draw(this.second, this._guessLane());
    this._keepFocus();
  }

  _told() {
    const sentences = this.lanes.map((lane, n) => (this.lanes.length > 1 ? `${this.film.lanes[n].head?.[1] ?? n + 1}: ` : "") + lane.sentence());
    return `${timeText(msAt(this.film.axis.knots, this.second))}. ${sentences.join(" ")}`;
  }

  _drawTwin() {
    const text = this.lanes.map((lane, n) => (this.lanes.length > 1 ? `${this.film.lanes[n].head?.slice(1).join(" · ") ?? ""}\n` : "") + lane.twin()).join("\n\n");
    if (this.pre.textContent !== text) this.pre.textContent = text;
  }

  _drawParted() {
    const parts = this.film.axis.parts_at;
    this.stages.classList.toggle("kb-apart", parts != null && this.second >= parts);
  }

  /** Stand still at a second. */
  seek(/** @type {number} */ second) {
    this.pause();
    this.go(second);
  }

  toggle() {
    if (this.course) return this.pause();
    this.play();
  }

  play() {
    if (this.second >= this.film.end - EPSILON_S) this.go(0);
    if (this.second >= this.limit - EPSILON_S) return this.guess.focus();
    this._start({ to: Infinity, rate: 1 });
  }

  pause() {
    this._run(null);
    if (this.width) this.axis.draw(this.second, this._told());
  }

  setSpeed(/** @type {number} */ speed) {
    this.speed = speed;
    this.speeds.forEach((it, n) => set(it, "aria-pressed", String(SPEEDS[n][0] === speed)));
  }

  /** Show the next step, and how it settles. */
  on() {
    const from = this._arrive();
    const to = Math.min(this.stops.find((stop) => stop > from + EPSILON_S) ?? this.film.end, this.limit);
    if (to <= from + EPSILON_S) return this.guess.focus();
    if (isCalm()) return this._jump(to);
    this.go(Math.max(from, to - LEAD_S));
    this._start({ to, rate: 1 });
  }

  /** Go back to where the last step had settled. */
  back() {
    const from = this._arrive(), to = this.stops.findLast((stop) => stop < from - EPSILON_S) ?? 0;
    if (isCalm()) return this._jump(to);
    this._start({ to, rate: Math.min(-0.01, (to - from) / BACK_S / this.speed) });
  }

  // Whoever steps on while a step is still running is taken to its end first.
  _arrive() {
    const to = this.course?.to ?? Infinity;
    this.pause();
    if (to !== Infinity) this.go(to);
    return this.second;
  }

  _jump(/** @type {number} */ second) {
    for (const lane of this.lanes) lane.fade();
    this.seek(second);
  }

  _start(/** @type {import("./figure.js").Course} */ course) {
    closeMenu();
    this.stood = 0;
    this._run(course);
  }

  /** Let some real seconds pass; true while the film runs. */
  _advance(/** @type {number} */ passed) {
    if (!this.course) return false;
    if (isCalm()) return this._advanceCalmly(passed);
    const { to, rate } = this.course, next = this.second + passed * rate * this.speed;
    this.go(rate < 0 ? Math.max(next, to) : Math.min(next, to));
    if (rate < 0 ? this.second <= to + EPSILON_S : this.second >= Math.min(to, this.limit) - EPSILON_S) this.pause();
    return Boolean(this.course);
  }

  _advanceCalmly(/** @type {number} */ passed) {
    this.stood = (this.stood ?? 0) - passed * this.speed;
    if (this.stood > 0) return true;
    this.stood = CALM_S;
    for (const lane of this.lanes) lane.fade();
    this.go(this.stops.find((stop) => stop > this.second + EPSILON_S) ?? this.film.end);
    if (this.second >= this.limit - EPSILON_S) this.pause();
    return Boolean(this.course);
  }

  // --- guess and touch ---

  _guessLane() {
    const lane = this.lanes[this.film.guess?.lane ?? 0];
    return lane && !lane.el.hidden ? lane : null;
  }

  _guessed(/** @type {string} */ said) {
    this.send({ do: "guess", value: said });
    this._buildAxis();
    this.play();
  }

  /** @param {Lane} lane @param {Element} thing @param {string} name @param {import("./film.js").Deed[]} deeds @param {Event} event */
  _openMenu(lane, thing, name, deeds, event) {
    this.pause();
    const note = this.film.is_live ? "" : "Here nothing runs: you get the line. A notebook's kernel plays it.";
    openMenu({ host: lane.el, thing, name, deeds, note, event, choose: (line) => this._touch(line, this.lanes.indexOf(lane), this.second) });
  }

  _touch(/** @type {string} */ line, /** @type {number} */ lane, /** @type {number} */ second) {
    if (!this.film.is_live) {
      this.code.add(this.film, second, msAt(this.film.axis.knots, second), line, lane);
      return this.code.draw(this.second);
    }
    this.isAwaited = true;
    this.send({ do: "touch", line, second, lane });
  }

  /** Say a problem aloud, or take it back; then no new film will come. */
  fail(/** @type {string} */ problem) {
    if (problem) this.isAwaited = false;
    super.fail(problem);
  }

  // Time passes for all lanes, behind all that has happened.
  _runOn() {
    this.seek(this.limit);
    this._touch(`lab.run_for(${RUNS_ON_MS})`, 0, this.second);
  }

  // The kernel has answered: its film begins as this one did, and parts from it somewhere.
  _answered() {
    const film = checked(this.model.get("film")), second = Math.min(this.second, partingOf(this.film, film));
    this.pause();
    if (isCalm()) for (const lane of this.lanes) lane.fade();
    this.take(film, { second, moves: !isCalm() });
    if (this.isAwaited) this.play();
    this.isAwaited = false;
  }

  // --- what is heard ---

  _playWhenSeen() {
    this.seen = new IntersectionObserver((entries) => {
      if (!entries.some((it) => it.intersectionRatio >= SEEN_SHARE || it.intersectionRect.height >= SEEN_SHARE * innerHeight)) return;
      this.seen?.disconnect();
      if (!SEEN.has(this.name) && this.second === 0 && !this.course) this.play();
      SEEN.add(this.name);
    }, { threshold: Array.from({ length: 11 }, (_, n) => n / 10) });
    this.seen.observe(this.stages);
  }

  _onKey(/** @type {KeyboardEvent} */ event) {
    const target = /** @type {HTMLElement} */ (event.target);
    if (target.closest("pre,input,select") || (event.key === " " && target.closest("button,summary"))) return;
    const act = {
      " ": () => this.toggle(), ArrowRight: () => this.on(), ArrowLeft: () => this.back(),
      Home: () => this.seek(0), End: () => this.seek(this.limit), Escape: () => this._leave(),
    }[event.key];
    if (!act) return;
    event.preventDefault();
    act();
  }

  // JupyterLab's own keys work where its cell has the focus, and no tab key leads back there.
  _leave() {
    /** @type {HTMLElement|null|undefined} */ (this.root.parentElement?.closest("[tabindex]"))?.focus({ preventScroll: true });
  }

  _stepWords(/** @type {import("./film.js").Step} */ [second, ms, kind, lane]) {
    const said = this.film.lanes[lane ?? 0]?.says.find((it) => Math.abs(it[0] - second) < EPSILON_S);
    return `${timeText(ms)} · ${said ? spoken(said[1]) : kind}`;
  }

  close() {
    this.pause();
    closeMenu();
    this.seen?.disconnect();
    super.close();
  }
}
