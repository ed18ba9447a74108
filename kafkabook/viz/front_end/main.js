// The two doors: a page of the book, in which the figures lie packed, and a notebook with a kernel.

import STYLE from "./style.css";
import { el, keepKeys } from "./page.js";
import { Player } from "./player.js";
import { Grid } from "./grid.js";
import { Explorer } from "./explorer.js";
import { markProse } from "./words.js";

const PATIENCE_FRAMES = 60; // a notebook lays a view into its box only after it was drawn

/** Let a film be played, or an explorer be used, in an element; the result ends it. With a kernel, `model` can `send`. */
export function mount(/** @type {HTMLElement} */ root, /** @type {import("./figure.js").Model} */ model) {
  if (!document.getElementById("kb-film-style")) document.head.append(el("style", { id: "kb-film-style" }, STYLE));
  markProse(document);
  try {
    const player = model.get("meta") ? new Explorer(root, model) : new Player(root, model);
    return () => player.close();
  } catch (problem) {
    sayAloud(root, problem);
    throw problem;
  }
}

// A broken figure must not look like a still one.
function sayAloud(/** @type {HTMLElement} */ root, /** @type {any} */ problem) {
  root.append(el("p", { role: "alert", class: "kb-error" }, `Error: ${problem.message}`));
}

async function unpacked(/** @type {string} */ block) {
  const bytes = Uint8Array.from(atob(block.trim()), (letter) => letter.charCodeAt(0));
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
  return JSON.parse(await new Response(stream).text());
}

/** Start every figure of the page that does not run yet. */
export async function boot() {
  const roots = /** @type {NodeListOf<HTMLElement>} */ (document.querySelectorAll(":is([data-kb-film],[data-kb-player]):not([data-kb-ready])"));
  for (const root of roots) root.setAttribute("data-kb-ready", "");
  for (const root of roots) {
    const data = await unpacked(root.querySelector("script")?.textContent ?? "").catch((problem) => { sayAloud(root, problem); throw problem; });
    mount(root, root.hasAttribute("data-kb-player") ? new Grid(data) : filmIn(data, root.hasAttribute("data-kb-plays")));
  }
}

// The first film of a page plays once when it is first seen.
function filmIn(/** @type {import("./film.js").FilmData} */ film, /** @type {boolean} */ isFirst) {
  film.plays ||= isFirst;
  return { get: (/** @type {string} */ name) => ({ film })[name], on: () => {} };
}

/** What anywidget calls. */
function render(/** @type {{model: import("./figure.js").Model, el: HTMLElement}} */ { model, el: root }) {
  keepKeysOfBox(root, PATIENCE_FRAMES);
  return mount(root, model);
}

// The sliders beside a view are the notebook's own elements.
function keepKeysOfBox(/** @type {HTMLElement} */ root, /** @type {number} */ frames) {
  const box = /** @type {HTMLElement|null} */ (root.closest(".kb-live"));
  if (box) keepKeys(box);
  else if (frames) requestAnimationFrame(() => keepKeysOfBox(root, frames - 1));
}

if (typeof document !== "undefined") boot();

export default { render };
