// What a film is, and the sums over its time. Nothing here touches a page.

/** @typedef {import("./scene.js").Layout} Layout */
/** @typedef {[number, string]} Said second from which on it is true, sentence */
/** @typedef {[string, string, string]} Deed sign, words, line of code */
/** @typedef {{name: string, does: [number, Deed[]][]}} Thing */
/** @typedef {[number, number, string, number?]} Line second, virtual ms, line of code, virtual ms at its end */
/** @typedef {[number, number, string, number]} Step second, virtual ms, kind, lane */
/** @typedef {{head: [string, string, string]|null, layouts: Object<string, Layout|null>, says: Said[], twin: Said[],
 *   things: Object<string, Thing>, code: Line[]}} LaneData */
/** @typedef {{knots: [number, number][], breaks: [number, number, string][], steps: Step[], parts_at: number|null}} AxisData */
/** @typedef {{at: number, until: number, lane: number, question: string, choices: string[], answer: string, why: string}} GuessData */
/** @typedef {{v: number, title: string, run: string, end: number, lanes: LaneData[], axis: AxisData, guess: GuessData|null, plays: boolean, is_live?: boolean, edition?: number}} FilmData `is_live`: a kernel does what is touched; `edition`: it lays out what is null */

export const VERSION = 1;
const SETTLED_S = 0.7; // how long a step is watched before the film stands still
const APART_S = 0.05; // steps nearer than this are one stop

/** Return the film if this front end can play it. */
export function checked(/** @type {FilmData} */ film) {
  if (film?.v !== VERSION) throw new Error(`a film of version ${film?.v}; this player plays version ${VERSION}`);
  return film;
}

/** Return the last row that has begun by a second, or null. Rows begin with their second.
 * @template {[number, ...any]} R @param {R[]} rows @param {number} second @returns {R|null} */
export function rowAt(rows, second) {
  let found = null;
  for (const row of rows) {
    if (row[0] > second + 0.001) break;
    found = row;
  }
  return found;
}

/** Return the virtual time at a second of the film, in ms. */
export function msAt(/** @type {[number, number][]} */ knots, /** @type {number} */ second) {
  const next = knots.findIndex((knot) => knot[1] > second);
  if (next <= 0) return knots[next === 0 ? 0 : knots.length - 1][0];
  const [ms0, second0] = knots[next - 1], [ms1, second1] = knots[next];
  return ms0 + ((ms1 - ms0) * (second - second0)) / (second1 - second0);
}

/** Write a virtual time as it stands under the figure. */
export const timeText = (/** @type {number} */ ms) => `${(ms / 1000).toFixed(3)} s`;

/** Return the seconds at which a reader who steps stands still: each step, settled, and both ends. */
export function stops(/** @type {FilmData} */ { axis, end }) {
  const steps = [...new Set(axis.steps.map(([second]) => second))].sort((a, b) => a - b);
  const apart = steps.filter((second, n) => !(steps[n + 1] - second < APART_S));
  const settled = apart.map((second, n) => second + Math.min(SETTLED_S, Math.max(0, (apart[n + 1] ?? end) - second - 0.02)));
  return [0, ...settled.filter((second) => second > 0 && second < end), end];
}

/** Return the second at which two films part: up to there, their axes are the same. */
export function partingOf(/** @type {FilmData} */ one, /** @type {FilmData} */ other) {
  const old = one.axis.knots, now = other.axis.knots;
  const isSame = (/** @type {number} */ n) => old[n] && now[n] && old[n][0] === now[n][0] && old[n][1] === now[n][1];
  let n = 0;
  while (isSame(n)) n++;
  if (n === 0) return 0;
  const [a, b, [ms, second]] = [old[n], now[n], old[n - 1]];
  if (!a || !b) return second;
  // The axes may go on along one line, and one of them ends its stretch earlier.
  const isOneLine = Math.abs((a[0] - ms) * (b[1] - second) - (b[0] - ms) * (a[1] - second)) < 0.001;
  return isOneLine ? Math.min(a[1], b[1]) : second;
}
