// The two doors: a page of the book, in which the films lie packed, and a notebook with a kernel.

import STYLE from "./style.css";
import { el } from "./page.js";
import { Player } from "./player.js";

/** Let a film be played in an element; the result ends it. `model` holds it as `film`; with a kernel it can `send`. */
export function mount(/** @type {HTMLElement} */ root, /** @type {import("./player.js").Model} */ model) {
  if (!document.getElementById("kb-film-style")) document.head.append(el("style", { id: "kb-film-style" }, STYLE));
  try {
    const player = new Player(root, model);
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

/** Start every film of the page that does not play yet. */
export async function boot() {
  for (const root of /** @type {NodeListOf<HTMLElement>} */ (document.querySelectorAll("[data-kb-film]:not([data-kb-ready])"))) {
    root.setAttribute("data-kb-ready", "");
    const film = await unpacked(root.querySelector("script")?.textContent ?? "").catch((problem) => { sayAloud(root, problem); throw problem; });
    film.plays ||= root.hasAttribute("data-kb-plays");
    mount(root, { get: (name) => (name === "film" ? film : ""), on: () => {} });
  }
}

/** What anywidget calls. */
function render(/** @type {{model: import("./player.js").Model, el: HTMLElement}} */ { model, el: root }) {
  return mount(root, model);
}

if (typeof document !== "undefined") boot();

export default { render };
