// What you did, as code: the lines of the film and those that the reader touched, each with its time.

import { button, el } from "./page.js";
import { timeText } from "./film.js";

/** @typedef {import("./film.js").FilmData} FilmData */
/** @typedef {{second: number, ms: number, line: string, note: string}} Row */

export class CodePane {
  /** @param {(second: number) => void} seek @param {(problem: string) => void} fail */
  constructor(seek, fail) {
    this.seek = seek;
    this.list = el("ol");
    this.el = el("div", { class: "kb-code" }, el("div", { class: "kb-code-name" }, "What you did, as code", copyButton(() => this.rows.map(({ line }) => line).join("\n"), fail)), this.list);
    /** @type {Row[]} */
    this.touched = [];
  }

  take(/** @type {FilmData} */ film) {
    this.rows = [...rowsOf(film), ...this.touched].sort((a, b) => a.second - b.second);
    this.el.hidden = !this.rows.length;
    this.items = this.rows.map((row) => el("li", {}, this._button(row)));
    this.list.replaceChildren(...this.items);
  }

  /** Keep a line that needs a kernel. */
  add(/** @type {FilmData} */ film, /** @type {number} */ second, /** @type {number} */ ms, /** @type {string} */ line) {
    this.touched.push({ second, ms, line, note: "needs a kernel" });
    this.take(film);
  }

  draw(/** @type {number} */ second) {
    this.items.forEach((item, n) => item.classList.toggle("kb-later", this.rows[n].second > second + 0.01));
  }

  _button(/** @type {Row} */ { second, ms, line, note }) {
    const told = el("button", { type: "button", onclick: () => this.seek(second) }, el("span", {}, timeText(ms)), el("code", {}, line));
    if (note) told.append(el("small", {}, note));
    return told;
  }
}

/** Return a button that copies a text. */
export function copyButton(/** @type {() => string} */ text, /** @type {(problem: string) => void} */ fail) {
  const copy = button("copy", async () => {
    try {
      await navigator.clipboard.writeText(text());
      copy.textContent = "copied";
    } catch (problem) {
      fail(`Error: not copied: ${problem.message}`);
    }
  });
  return copy;
}

/** Return each line once; where two lanes differ, a line says which lane it is of. @returns {Row[]} */
function rowsOf(/** @type {FilmData} */ { lanes }) {
  const rows = new Map();
  lanes.forEach(({ code, head }) => code.forEach(([second, ms, line]) => {
    const name = `${ms} ${line}`, known = rows.get(name);
    rows.set(name, { second, ms, line, note: "", lanes: [...(known?.lanes ?? []), head?.[1] ?? ""] });
  }));
  return [...rows.values()].map(({ lanes: of, ...row }) => ({ ...row, note: of.length < lanes.length ? of[0] : "" }));
}
