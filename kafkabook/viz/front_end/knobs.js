// Knobs: buttons for a few named choices, a slider for a range, a menu for many names.

import { button, el, set } from "./page.js";

/** @typedef {{name: string, label: string, texts: string[], values: string[], default: number|null, start: number,
 *   kind: "slider"|"buttons"|"menu"}} KnobData */
/** @typedef {{el: HTMLElement, settle: (place: number, isLocked: boolean) => void}} Knob shows at which of its values it stands */

const OWED = "Guess or skip to go on";
let groups = 0;

export class Knobs {
  /** @param {KnobData[]} knobs @param {(knob: number, place: number) => void} turn */
  constructor(knobs, turn) {
    const mark = ++groups;
    this.owed = el("p", { class: "kb-owed" }, OWED);
    this.knobs = knobs.map((knob, n) => MADE[knob.kind](knob, `kb-knob-${mark}-${n}`, (/** @type {number} */ place) => turn(n, place)));
    this.el = el("div", { class: "kb-knobs" }, this.owed, ...this.knobs.map((knob) => knob.el));
  }

  /** Show where the knobs stand. A locked one says why. */
  settle(/** @type {number[]} */ places, /** @type {boolean} */ isLocked) {
    this.owed.hidden = !isLocked;
    this.knobs.forEach((knob, n) => knob.settle(places[n], isLocked));
  }
}

const MADE = {
  slider(/** @type {KnobData} */ knob, /** @type {string} */ id, /** @type {(place: number) => void} */ turn) {
    const output = el("output", { for: id });
    const input = /** @type {HTMLInputElement} */ (el("input", { id, type: "range", max: knob.texts.length - 1, "data-knob": knob.name, oninput: () => turn(+input.value) }));
    const ticks = el("span", { class: "kb-ticks" }, ...knob.texts.map((_, n) => el("i", n === knob.default ? { class: "kb-default" } : {})));
    return row(knob, id, [el("span", { class: "kb-track" }, input, ticks), output], (place, isLocked) => {
      input.value = String(place);
      input.disabled = isLocked;
      set(input, "aria-valuetext", knob.texts[place]);
      output.replaceChildren(...written(knob.texts[place]));
      [...ticks.children].forEach((tick, n) => tick.classList.toggle("kb-now", n === place));
    });
  },

  menu(/** @type {KnobData} */ knob, /** @type {string} */ id, /** @type {(place: number) => void} */ turn) {
    const menu = /** @type {HTMLSelectElement} */ (el("select", { id, "data-knob": knob.name, onchange: () => turn(+menu.value) }, ...knob.texts.map((text, value) => el("option", { value }, text))));
    return row(knob, id, [menu], (place, isLocked) => {
      menu.value = String(place);
      menu.disabled = isLocked;
    });
  },

  buttons(/** @type {KnobData} */ knob, /** @type {string} */ id, /** @type {(place: number) => void} */ turn) {
    const all = knob.texts.map((text, n) => {
      const it = button("", () => turn(n), { "data-knob": knob.name });
      it.append(...written(text));
      return it;
    });
    const group = el("span", { class: "kb-seg", role: "group", "aria-labelledby": id }, ...all);
    return row(knob, id, [group], (place, isLocked) => all.forEach((it, n) => {
      it.disabled = isLocked;
      set(it, "aria-pressed", String(n === place));
    }));
  },
};

/** @returns {Knob} */
function row(/** @type {KnobData} */ { kind, label }, /** @type {string} */ id, /** @type {HTMLElement[]} */ parts, /** @type {(place: number, isLocked: boolean) => void} */ settle) {
  const name = kind === "buttons" ? el("span", { id }, label) : el("label", { for: id }, label);
  name.className = "kb-knob-name";
  return { el: el("div", { class: "kb-knob" }, name, ...parts), settle };
}

// What is said beside a value, such as that it is the default, stands back.
function written(/** @type {string} */ text) {
  const [value, said] = text.split(" · ");
  return said ? [value, " ", el("small", {}, said)] : [value];
}
