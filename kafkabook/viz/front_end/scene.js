// The painter that moves things: it builds the shapes of a motion once, and draws them for any second.
// The sums are those of `motion.py`; a test holds both against each other.

/** @typedef {[string, string, Object<string, string|number>, Object<string, [number, string|number][]>?, Row[]?]} Row
 * kind, key, attributes, tracks, parts */
/** @typedef {{w: number, h: number, turn?: number, shapes: Row[]}} Layout `turn`: for so long what is gone leaves before what is new appears */
/** @typedef {{el: SVGElement, at: Object, tracks: Object, moving: string[], wrote: Object, parts: Node_[], key: string}} Node_ */

const NS = "http://www.w3.org/2000/svg";
const EASE_S = 0.6, SHOW_S = 0.35, FALL_PX = 46, MORPH_S = 0.45;
const RAW = "raw"; // finished markup, such as a chart
const BLENDED = new Set(["d", "points", "transform"]);
const NUMBER = /-?\d+(?:\.\d+)?/g;

export const clamp = (x, low = 0, high = 1) => Math.max(low, Math.min(high, x));
const mixed = (was, now, share) => was + (now - was) * share;
export const eased = (share) => {
  share = clamp(share);
  return share < 0.5 ? 4 * share ** 3 : 1 - (2 - 2 * share) ** 3 / 2;
};

// A text of SVG split into its words and its numbers, remembered: a frame asks for the same few.
const SPLIT = new Map();
function split(text) {
  let found = SPLIT.get(text);
  if (!found) {
    if (SPLIT.size > 4000) SPLIT.clear();
    found = { words: text.split(NUMBER), numbers: (text.match(NUMBER) ?? []).map(Number) };
    SPLIT.set(text, found);
  }
  return found;
}

function blended(name, was, now, share) {
  if (share >= 1 || was === now) return now;
  if (typeof was === "number" && typeof now === "number") return mixed(was, now, share);
  if (!BLENDED.has(name)) return now;
  const one = split(String(was)), other = split(String(now));
  if (one.words.length !== other.words.length || one.words.some((word, n) => word !== other.words[n])) return now;
  return other.words.map((word, n) => word + (n < other.numbers.length ? short(mixed(one.numbers[n], other.numbers[n], share)) : "")).join("");
}

const short = (value) => String(Math.round(value * 10) / 10);

function around(track, second) {
  let n = track.length - 1;
  while (n > 0 && track[n][0] > second) n--;
  return [track[Math.max(0, n - 1)][1], track[n][1], track[n][0]];
}

export function along(way, share) {
  const [x0, y0, x1, y1, x2, y2] = split(way).numbers, rest = 1 - share;
  return [rest * rest * x0 + 2 * rest * share * x1 + share * share * x2, rest * rest * y0 + 2 * rest * share * y1 + share * share * y2];
}

export function shareAt(fly, second) {
  const knots = split(fly).numbers;
  let n = 0;
  while (n < knots.length && knots[n] <= second) n += 2;
  if (n === 0) return knots[1];
  if (n >= knots.length) return knots[knots.length - 1];
  return mixed(knots[n - 1], knots[n + 1], (second - knots[n - 2]) / (knots[n] - knots[n - 2]));
}

/** The shapes of one layout in one <svg>. `draw(second)` writes only what differs from what stands there. */
export class Picture {
  /** @param {SVGSVGElement} svg */
  constructor(svg) {
    this.svg = svg;
    /** @type {Node_[]} */
    this.nodes = [];
    this.second = 0;
    this.morph = null;
  }

  /** Take another layout. What has the same key keeps its element, and moves from where it is seen now. */
  load(/** @type {Layout} */ layout, { second = 0, moves = false } = {}) {
    this.layout = layout;
    this.svg.setAttribute("viewBox", `0 0 ${layout.w} ${layout.h}`);
    this.nodes = this._build(this.svg, layout.shapes, this.nodes);
    this.morph = moves ? { share: 0 } : null;
    this.draw(second);
  }

  /** Let a change of layout go on by some seconds; true while there is more to come. */
  settle(seconds) {
    if (!this.morph) return false;
    this.morph.share += seconds / MORPH_S;
    if (this.morph.share >= 1) this.morph = null;
    this.draw(this.second);
    return Boolean(this.morph);
  }

  draw(second) {
    this.second = second;
    const mix = this.morph ? eased(this.morph.share) : 1;
    for (const node of this.nodes) this._draw(node, second, mix);
  }

  /** Return the element of a key, or null. */
  find(key) {
    return this.svg.querySelector(`[data-id="${CSS.escape(key)}"]`);
  }

  _build(parent, rows, old) {
    const known = new Map(old.map((node) => [node.name, node]));
    const count = {};
    let last = null;
    const nodes = rows.map((row) => {
      const [kind, key] = row;
      count[kind] = (count[kind] ?? -1) + (key ? 0 : 1);
      const name = key ? `${kind} ${key}` : `${kind}  ${count[kind]}`;
      const node = this._made(row, name, known.get(name));
      known.delete(name);
      if (last ? last.nextSibling !== node.el : parent.firstChild !== node.el) parent.insertBefore(node.el, last ? last.nextSibling : parent.firstChild);
      last = node.el;
      return node;
    });
    for (const gone of known.values()) gone.el.remove();
    return nodes;
  }

  _made([kind, key, at, tracks = {}, parts = []], name, old) {
    const el = old?.el ?? document.createElementNS(NS, kind === RAW ? "g" : kind);
    if (!old && key) el.dataset.id = key;
    const wrote = old?.wrote ?? {};
    const node = { el, name, kind, key, at, isNew: !old, tracks, wrote, from: { ...wrote }, moving: Object.keys(tracks), parts: [] };
    for (const gone of Object.keys(wrote)) if (!(gone in at) && !(gone in tracks) && gone[0] !== "~" && gone !== "opacity" && gone !== "display" && gone !== "transform") write(node, gone, "");
    if ("~text" in wrote && !("~text" in at) && !("~text" in tracks)) text(node, ""); // in this width there is no room for it
    node.isMoved = node.moving.length > 0 || "~fly" in at;
    node.parts = this._build(el, parts, old?.parts ?? []);
    node.isStill = !node.isMoved && node.parts.every((part) => part.isStill);
    node.isDrawn = false;
    return node;
  }

  _draw(node, second, mix) {
    if (node.isStill && node.isDrawn && mix === 1) return;
    const { at, tracks } = node;
    const show = this._shown(node, second);
    if (show.share < 0.01) return write(node, "display", "none");
    write(node, "display", "");
    const values = { ...at };
    for (const name of node.moving) {
      if (name === "~show") continue;
      const [was, now, since] = around(tracks[name], second);
      values[name] = blended(name, was, now, eased((second - since) / (at["~ease"] ?? EASE_S)));
    }
    place(values, second, show);
    const share = node.isNew ? show.share * mix : show.share; // what a change of layout brings appears
    if (share < 1) values.opacity = (values.opacity === undefined || values.opacity === "" ? 1 : +values.opacity) * share;
    else if (!("opacity" in values)) values.opacity = "";
    if (!("transform" in values)) values.transform = "";
    for (const name in values) {
      if (name === "~text") text(node, values[name]);
      else if (name[0] !== "~") write(node, name, mix < 1 && node.from[name] !== undefined ? blended(name, node.from[name], values[name], mix) : values[name]);
    }
    node.isDrawn = mix === 1;
    for (const part of node.parts) this._draw(part, second, mix);
  }

  _shown({ tracks, at }, second) {
    const track = tracks["~show"];
    if (!track) return { share: 1, gone: 0 };
    const [was, now, since] = around(track, second), leaves = now < was;
    const turn = this.layout.turn ?? 0; // what is gone leaves first, then what is new appears
    const share = mixed(was, now, leaves ? eased((second - since) / (at["~leave"] ?? (turn || SHOW_S))) : eased((second - since - turn) / SHOW_S));
    return { share, gone: leaves && "~leave" in at ? 1 - share : 0 };
  }
}

function place(values, second, { gone }) {
  const moves = values.transform ? [values.transform] : [];
  if (values["~fly"]) {
    const [x, y] = along(values["~way"], shareAt(values["~fly"], second));
    moves.unshift(`translate(${short(x)} ${short(y)})`);
  }
  if (gone) moves.unshift(`translate(0 ${short(FALL_PX * gone * gone)})`);
  values.transform = moves.join(" ");
}

function write(node, name, value) {
  if (node.wrote[name] === value) return;
  node.wrote[name] = value;
  if (value === "") node.el.removeAttribute(name);
  else node.el.setAttribute(name, typeof value === "number" ? String(Math.round(value * 100) / 100) : value);
}

function text(node, value) {
  if (node.wrote["~text"] === value) return;
  node.wrote["~text"] = value;
  if (node.kind === RAW) return markup(node, value);
  let words = node.words;
  if (!words) {
    words = node.el.firstChild?.nodeType === 3 ? node.el.firstChild : node.el.insertBefore(document.createTextNode(""), node.el.firstChild);
    node.words = words;
  }
  words.data = value;
}

// The only markup there is: what our own painters have drawn.
function markup(node, value) {
  const read = new DOMParser().parseFromString(`<svg xmlns="${NS}" xmlns:xlink="http://www.w3.org/1999/xlink">${value}</svg>`, "image/svg+xml");
  node.el.replaceChildren(...[...read.documentElement.childNodes].map((it) => document.importNode(it, true)));
}
