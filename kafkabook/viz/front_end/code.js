// What you did, as code: the lines of the film and those that the reader touched, each with its time.
// The lines of one lane run by themselves, so each lane has its own to copy.

import { button, el } from "./page.js";
import { timeText } from "./film.js";

/** @typedef {import("./film.js").FilmData} FilmData */
/** @typedef {{second: number, ms: number, ends: number, line: string, note: string, lane: number}} Row one line of one lane */

export class CodePane {
  /** @param {(second: number) => void} seek @param {(problem: string) => void} fail */
  constructor(seek, fail) {
    this.seek = seek;
    this.list = el("ol");
    this.fail = fail;
    this.copies = el("span");
    this.el = el("div", { class: "kb-code" }, el("div", { class: "kb-code-name" }, "What you did, as code", this.copies), this.list);
    /** @type {Row[]} */
    this.touched = [];
  }

  take(/** @type {FilmData} */ film) {
    this.lanes = film.lanes.map(({ code }, lane) => [...rowsOf(code, lane), ...this.touched.filter((row) => row.lane === lane)].sort((a, b) => a.second - b.second));
    this.rows = shared(this.lanes, film.lanes.map(nameOf));
    this.copies.replaceChildren(...this.lanes.map((_, lane) => this._copyButton(film, lane)));
    this.el.hidden = !this.rows.length;
    this.items = this.rows.map((row) => el("li", {}, this._button(row)));
    this.list.replaceChildren(...this.items);
  }

  /** Keep a line that needs a kernel; the time that passed before it is a line, too. */
  add(/** @type {FilmData} */ film, /** @type {number} */ second, /** @type {number} */ ms, /** @type {string} */ line, /** @type {number} */ lane) {
    const before = this.lanes[lane].filter((row) => row.second <= second).pop(), note = "needs a kernel", whole = Math.floor(ms + 0.01);
    const row = { second, ms, ends: ms, note, lane };
    if (before && before.ends < whole) this.touched.push({ ...row, ends: whole, line: `lab.run_to(${whole})` });
    this.touched.push({ ...row, ends: Math.max(whole, before?.ends ?? 0), line });
    this.take(film);
  }

  draw(/** @type {number} */ second) {
    const isLater = this.rows.map((row) => row.second > second + 0.01);
    this.items.forEach((item, n) => item.classList.toggle("kb-later", isLater[n]));
    this._follow(isLater.lastIndexOf(false));
  }

  // A long list keeps the line that is done now in sight, but not under the hands of who reads it.
  _follow(/** @type {number} */ last) {
    if (last === this.last || this.list.matches(":hover,:focus-within")) return;
    this.last = last;
    this.list.scrollTop = last < 0 ? 0 : this.items[last].offsetTop - this.list.offsetTop - this.list.clientHeight / 2;
  }

  _button(/** @type {Row} */ { second, ms, line, note }) {
    const told = el("button", { type: "button", onclick: () => this.seek(second) }, el("span", {}, timeText(ms)), el("code", {}, line));
    if (note) told.append(el("small", {}, note));
    return told;
  }

  _copyButton(/** @type {FilmData} */ { lanes }, /** @type {number} */ lane) {
    const name = lanes.length > 1 ? ` ${nameOf(lanes[lane], lane)}` : "";
    return copyButton(() => this.lanes[lane].map(({ line }) => line).join("\n"), this.fail, name);
  }
}

/** Return a button that copies a text; `name` says what, where there are several. */
export function copyButton(/** @type {() => string} */ text, /** @type {(problem: string) => void} */ fail, name = "") {
  const copy = button(`copy${name}`, async () => {
    try {
      await navigator.clipboard.writeText(text());
      copy.textContent = `copied${name}`;
    } catch (problem) {
      fail(`Error: not copied: ${problem.message}`);
    }
  });
  return copy;
}

/** Return the name of a lane. */
const nameOf = (/** @type {import("./film.js").LaneData} */ { head }, /** @type {number} */ n) => head?.[1] || String(n + 1);

/** @returns {Row[]} */
const rowsOf = (/** @type {import("./film.js").Line[]} */ code, /** @type {number} */ lane) =>
  code.map(([second, ms, line, ends]) => ({ second, ms, ends: ends ?? ms, line, note: "", lane }));

/** Return the rows of all lanes, what two lanes share once; where they differ, a row says which lane it is of. @returns {Row[]} */
function shared(/** @type {Row[][]} */ lanes, /** @type {string[]} */ names) {
  const told = (/** @type {Row} */ { ms, line, note }) => `${ms} ${line} ${note}`;
  const known = lanes.map((rows) => new Set(rows.map(told)));
  const isOfAll = (/** @type {Row} */ row) => known.every((rows) => rows.has(told(row)));
  const rows = lanes.flat().filter((row) => row.lane === 0 || !isOfAll(row)).sort((a, b) => a.second - b.second);
  return rows.map((row) => ({ ...row, note: isOfAll(row) ? row.note : [names[row.lane], row.note].filter(Boolean).join(", ") }));
}
