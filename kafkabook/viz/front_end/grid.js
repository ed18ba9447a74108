// An explorer without a kernel: its whole grid, and what a reader does to it. The verbs are those of explorers/session.py.

/** @typedef {import("./pane.js").Shown} Shown */

export class Grid {
  constructor(/** @type {any} */ data) {
    this.meta = data.meta;
    const all = data.shown.map((it) => unfolded(it, data));
    this.at = (/** @type {any} */ places) => all[data.grid[places]] ?? null;
    this.places = this._start();
    this.fork = "";
    this.guessed = null;
    this.listeners = {};
  }

  _start() {
    return this.meta.knobs.map((knob) => knob.start);
  }

  get(/** @type {string} */ name) {
    return name === "picture" ? this._picture() : { meta: this.meta, drawsKnobs: true, problem: "" }[name];
  }

  on(/** @type {string} */ event, /** @type {() => void} */ act) {
    this.listeners[event] = act;
  }

  send(/** @type {any} */ message) {
    VERBS[message.do](this, message);
    this.listeners["change:picture"]?.();
  }

  _picture() {
    const { fork, guessed } = this, places = [...this.places];
    if (this.meta.guess && guessed === null) return { places, fork, guessed, shown: this.at("before"), beside: null };
    const forked = places.map((place, n) => this.meta.forks[fork]?.[n] ?? place);
    return { places, fork, guessed, shown: this.at(places), beside: fork ? this.at(forked) : null };
  }
}

const VERBS = {
  knob: (grid, { knob, place }) => { grid.places[knob] = place; },
  set: (grid, { name, value }) => {
    const knob = grid.meta.knobs.findIndex((it) => it.name === name);
    grid.places[knob] = grid.meta.knobs[knob].values.indexOf(value);
  },
  reset: (grid) => { grid.places = grid._start(); grid.fork = ""; },
  fork: (grid, { name }) => { grid.fork = name; },
  guess: (grid, { value }) => { grid.guessed = value; Object.assign(grid.places, grid.meta.guess.shows); },
};

// Texts, layouts and rows that repeat are packed once. A layout is put together when it is first shown.
function unfolded(shown, { texts, layouts, rows }) {
  const whole = (row) => {
    const found = typeof row === "number" ? rows[row] : row;
    return found[4] ? [...found.slice(0, 4), found[4].map(whole)] : found;
  };
  const opened = {};
  for (const [width, n] of Object.entries(shown.layouts)) {
    let made = null;
    Object.defineProperty(opened, width, { enumerable: true, get: () => (made ??= { ...layouts[n], shapes: layouts[n].shapes.map(whole) }) });
  }
  return { ...shown, texts: shown.texts.map((n) => texts[n]), layouts: opened };
}
