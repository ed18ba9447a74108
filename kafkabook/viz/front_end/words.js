// Words and marks are one: a word in braces looks like its mark, and lights it up.

/** @typedef {{kind: string, text: string}} Word */

/** What a word says when the sentence gives it no text of its own. */
const KINDS = {
  producer: "producer", consumer: "consumer", controller: "controller", leader: "leader", follower: "follower",
  dead: "down", hw: "high watermark", isr: "in sync", acknowledged: "acknowledged", refused: "refused", committed: "committed",
};
const PROSE = "article,.jp-RenderedMarkdown";
const PROSE_KINDS = new Map([...Object.entries(KINDS).filter(([kind]) => kind !== "dead").map(([kind, word]) => /** @type {const} */ ([word, kind])), ["in-sync replica", "isr"]]);
const BRACES = /\{(\w+)(?::([^{}]*))?\}/g;
const BEGINNING = /^[\p{L}\p{N}]/u, DIGIT = /\d$/, NEXT_DIGIT = /^\d/;

/** Split a sentence into plain pieces and words. Braces of an unknown kind stay as they are. @returns {(string|Word)[]} */
export function pieces(/** @type {string} */ sentence) {
  const found = [];
  let from = 0;
  for (const match of sentence.matchAll(BRACES)) {
    if (!Object.hasOwn(KINDS, match[1])) continue;
    found.push(sentence.slice(from, match.index), { kind: match[1], text: match[2] ?? KINDS[match[1]] });
    from = match.index + match[0].length;
  }
  return [...found, sentence.slice(from)].filter((piece) => piece !== "");
}

/** Return a sentence as it is read aloud. */
export const spoken = (/** @type {string} */ sentence) => pieces(sentence).map((it) => (typeof it === "string" ? it : it.text)).join("");

/** Return the nodes of a sentence; its words can be pointed at and focused. @returns {(Node|string)[]} */
export function marked(/** @type {string} */ sentence) {
  return pieces(sentence).map((it) => (typeof it === "string" ? it : markedWord(it)));
}

function markedWord(/** @type {Word} */ { kind, text }) {
  const word = document.createElement("span");
  word.className = `kb-word kb-${kind}`;
  word.tabIndex = 0;
  word.dataset.kind = kind;
  word.textContent = text;
  return word;
}

/** Let the bold words of a page's prose look like their marks; pointing at one lights it up in every figure. */
export function markProse(/** @type {Document} */ page) {
  for (const bold of /** @type {NodeListOf<HTMLElement>} */ (page.querySelectorAll(`:is(${PROSE}) strong:not(.kb-word)`))) {
    const kind = PROSE_KINDS.get((bold.textContent ?? "").toLowerCase().replace(/s$/, ""));
    if (!kind || bold.closest(".kb")) continue;
    bold.classList.add("kb", "kb-prose", "kb-word", `kb-${kind}`);
    bold.dataset.kind = kind;
    lightsUp(bold, () => page.querySelectorAll(".kb-stage > svg"));
  }
}

/** Let the words in an element light up what they stand for, while they are pointed at or have the focus. */
export function lightsUp(/** @type {HTMLElement} */ host, /** @type {() => Iterable<Element>} */ pictures) {
  for (const [name, isOn] of [["pointerover", true], ["pointerout", false], ["focusin", true], ["focusout", false]]) {
    host.addEventListener(String(name), (event) => {
      const word = /** @type {Element} */ (event.target).closest(".kb-word");
      if (word) for (const svg of pictures()) light(/** @type {HTMLElement} */ (word), svg, Boolean(isOn));
    });
  }
}

/** Light up, or no longer, what a word stands for: `Broker 1` the key `broker-1` and all that begins with it, else its kind. */
export function light(/** @type {HTMLElement} */ word, /** @type {Element} */ svg, /** @type {boolean} */ isOn) {
  for (const shape of svg.querySelectorAll(".kb-lit")) shape.classList.remove("kb-lit");
  if (!isOn) return;
  const text = (word.textContent ?? "").toLowerCase().replace(/[^\p{L}\p{N}]+/gu, "-");
  const own = shapesOf(svg, text);
  for (const shape of own.length ? own : shapesOf(svg, word.dataset.kind ?? "")) {
    if (!shape.parentElement?.closest(".kb-lit")) shape.classList.add("kb-lit");
  }
}

function shapesOf(/** @type {Element} */ svg, /** @type {string} */ target) {
  if (!BEGINNING.test(target)) return [];
  return [...svg.querySelectorAll("[data-id]")].filter((it) => begins(it.getAttribute("data-id") ?? "", target));
}

// `broker-1` begins `broker-1/5`, but not `broker-10`.
function begins(/** @type {string} */ key, /** @type {string} */ target) {
  const rest = key.slice(target.length);
  return key.startsWith(target) && !(DIGIT.test(target) && NEXT_DIGIT.test(rest)) && !/^\p{L}/u.test(rest);
}
