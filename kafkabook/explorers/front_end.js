// The front end of every explorer: one file, no dependency, for a kernel (anywidget) and for a page.
// `mount` draws one explorer into an element and talks to a model: get(name), on(event, f), send(message).
// With a kernel the model is anywidget's; in a page it is `pagePlayer`, which holds all pictures itself.

const CSS = `
.kb-player,.kb-view{--i:var(--kb-ink,#1b1d24);--m:var(--kb-muted,#5f6779);--l:var(--kb-rule,#d3d6dd);
--p:var(--kb-panel,#f5f7fa);--b:var(--kb-leader,#0072b2);--o:var(--kb-coordinator,#a39100);--e:var(--kb-error-word,#b84f00);
--w:var(--kb-paper,#fff);max-width:820px;margin:1em 0;color:var(--i);font:14px/1.45 Arial,"Liberation Sans",Helvetica,sans-serif}
.kb-player *,.kb-view *{box-sizing:border-box}
.kb-player svg,.kb-view svg{display:block;max-width:100%;height:auto}
.kb-player [hidden],.kb-view [hidden]{display:none!important}
.kb-hide{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%);white-space:nowrap}
.kb-row{display:flex;flex-wrap:wrap;align-items:center;gap:8px;margin:6px 18px}
.kb-row button,.kb-guess button{font:inherit;color:var(--i);background:var(--p);border:1px solid var(--l);border-radius:7px;
padding:4px 11px;cursor:pointer;min-height:30px}
.kb-row button:hover,.kb-guess button:hover{border-color:var(--b)}
.kb-row button[aria-pressed=true]{border-color:var(--b);box-shadow:inset 0 0 0 1px var(--b)}
.kb-row button:disabled{opacity:.45;cursor:default}
.kb-key{color:var(--m);font-size:12px;margin-left:6px}
.kb-knob{display:grid;grid-template-columns:12.5em minmax(120px,1fr) 12em;gap:2px 14px;align-items:center;margin:8px 18px}
.kb-knob label{font-weight:bold}.kb-knob output{font-variant-numeric:tabular-nums}
.kb-knob small{color:var(--m);font-size:13px}
.kb-track{position:relative;display:block}
.kb-track select{font:inherit;max-width:100%;color:var(--i);background:var(--p);border:1px solid var(--m);border-radius:7px;padding:4px 8px}
.kb-track input,.kb-time input{width:100%;margin:0;height:24px;accent-color:var(--b);cursor:pointer}
.kb-ticks{display:flex;justify-content:space-between;height:6px;padding:0 7px;margin-top:-3px;pointer-events:none}
.kb-ticks i{width:2px;background:var(--l)}.kb-ticks i.kb-now{background:var(--b)}.kb-ticks i.kb-default{background:var(--i);height:8px}
.kb-time{flex:1;min-width:180px}.kb-count{color:var(--m);font-size:13px;min-width:6.5em;text-align:right;font-variant-numeric:tabular-nums}
.kb-guess{border:2px dashed var(--o);border-radius:9px;padding:10px 14px;margin:10px 18px;display:flex;flex-wrap:wrap;gap:8px;align-items:center}
.kb-guess p{flex-basis:100%;margin:0!important}
.kb-guess input{font:inherit;width:7em;padding:3px 8px;border:1px solid var(--m);border-radius:7px;background:var(--w);color:var(--i);min-height:30px}
.kb-note{margin:8px 18px;padding:6px 12px;background:var(--p);border-left:3px solid var(--o);border-radius:3px;overflow-wrap:anywhere}
.kb-error{margin:8px 18px;color:var(--e);font-weight:bold}
.kb-caption{margin:6px 18px!important;color:var(--m);font-size:13px}
.kb-script code{font-size:13px;color:var(--m);background:none;border:0;flex:1;min-width:200px}
.kb-beside{border-left:3px dashed var(--o);margin-left:-3px}
.kb-beside>b{display:block;padding:8px 18px 0;color:var(--i)}
.kb-player details,.kb-view details{margin:6px 18px;color:var(--m);font-size:13px}
.kb-player pre,.kb-view pre{overflow:auto;max-height:280px;font-size:12px;background:var(--p);color:var(--i);padding:8px;border:0}
.kb-guess p:focus{outline:none}
.kb-player :focus-visible,.kb-view :focus-visible{outline:2px solid var(--b);outline-offset:2px}
.kb-picture [data-id],.kb-picture [data-set]{cursor:pointer}.kb-scale{flex-basis:100%;height:44px}
@media(max-width:600px){.kb-knob{grid-template-columns:1fr}.kb-say{all:unset;display:block;white-space:pre-line;margin:6px 18px}}`;

const PASSED = new Set(["Escape", "Tab"]);
const calm = () => matchMedia("(prefers-reduced-motion: reduce)").matches;
let mounts = 0;

// el("button", {class: "x", onclick: f}, "text", child): text is always text, never markup.
function el(name, attributes = {}, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (key.startsWith("on")) made.addEventListener(key.slice(2), value);
    else if (value === true) made.setAttribute(key, "");
    else if (value !== false && value != null) made.setAttribute(key, value);
  }
  made.append(...children);
  return made;
}

// JupyterLab takes arrows and letters for itself; what is pressed in an explorer stays in it.
function keepKeys(box) {
  box.addEventListener("keydown", (event) => {
    const forPage = event.ctrlKey || event.altKey || event.metaKey || PASSED.has(event.key);
    if (!forPage && !(event.shiftKey && event.key === "Enter")) event.stopPropagation();
  });
}

function mount(root, model) {
  const meta = model.get("meta");
  const mark = `-${++mounts}`;
  let picture = model.get("picture");
  let time = meta.opensAt, playing = 0, pinned = "";
  const locked = () => Boolean(meta.guess) && picture.guessed == null;

  const shown = el("div", { class: "kb-picture" });
  const besideName = el("b");
  const beside = el("div", { class: "kb-picture" });
  const besideBox = el("div", { class: "kb-beside", hidden: true }, besideName, beside);
  const say = el("div", { class: "kb-hide kb-say", "aria-live": "polite" });
  const error = el("div", { class: "kb-error", role: "alert", hidden: true });
  const note = el("div", { class: "kb-note", "aria-live": "polite", hidden: true });
  const pre = el("pre");
  const words = el("details", {}, el("summary", {}, "In words"), pre);
  const guessBox = el("div", { class: "kb-guess", hidden: true });

  // -- time --
  const bar = el("input", { type: "range", min: 0, value: 0, "aria-label": "step", oninput: () => go(+bar.value) });
  const count = el("span", { class: "kb-count" });
  const back = el("button", { type: "button", "aria-label": "one step back", onclick: () => go(time - 1) }, "◀");
  const next = el("button", { type: "button", "aria-label": "one step on", onclick: () => go(time + 1) }, "▶");
  const play = el("button", { type: "button", onclick: () => toggle() }, "play");
  const beats = el("span", { class: "kb-ticks", "aria-hidden": "true" });
  const timeRow = el("div", { class: "kb-row" }, back, next, play, el("span", { class: "kb-time" }, bar, beats), count);
  const last = () => Math.max(picture.frames.length, picture.beside.length) - 1;

  function go(to) {
    time = Math.max(0, Math.min(last(), to));
    if (time === last()) stop();
    draw();
  }
  function stop() {
    clearInterval(playing);
    playing = 0;
    play.textContent = "play";
  }
  function toggle() {
    if (playing || last() < 1) return stop();
    if (calm()) return go(time + 1); // no motion by itself: one step at a time
    if (time === last()) time = -1;
    playing = setInterval(() => (root.isConnected ? go(time + 1) : stop()), 900);
    play.textContent = "pause";
    go(time + 1);
  }

  // -- knobs (in a page; with a kernel they are ipywidgets) --
  const knobs = (model.get("drawsKnobs") ? meta.knobs : []).map((knob, number) => {
    const id = `kb-knob${mark}-${number}`;
    const output = el("output", { for: id });
    const input = el(knob.isMenu ? "select" : "input", {
      id, type: "range", min: 0, max: knob.texts.length - 1, "data-knob": knob.name,
      oninput: () => tell({ do: "knob", knob: number, place: +input.value }),
    }, ...(knob.isMenu ? knob.texts.map((text, value) => el("option", { value }, text)) : []));
    const ticks = knob.isMenu ? "" : el("span", { class: "kb-ticks", "aria-hidden": "true" },
      ...knob.texts.map((_, place) => el("i", place === knob.default ? { class: "kb-default" } : {})));
    const row = el("div", { class: "kb-knob" }, el("label", { for: id }, knob.label),
      el("span", { class: "kb-track" }, input, ticks), output);
    const settle = (place) => {
      input.value = place;
      input.disabled = locked();
      if (knob.isMenu) return;
      const [value, told] = knob.texts[place].split(" · ");
      input.setAttribute("aria-valuetext", knob.texts[place]);
      output.replaceChildren(value, ...(told ? [" ", el("small", {}, told)] : []));
      [...ticks.children].forEach((tick, n) => tick.classList.toggle("kb-now", n === place));
    };
    return { row, settle };
  });

  // -- forks, reset, fault script --
  const names = Object.keys(meta.forks);
  const forks = names.map((name, n) => el("button", {
    type: "button", "data-fork": name, onclick: () => tell({ do: "fork", name: picture.fork === name ? "" : name }),
  }, name, ...(n ? [] : [el("span", { class: "kb-key", "aria-hidden": "true" }, "F")])));
  const nextFork = () => tell({ do: "fork", name: [...names, ""][(names.indexOf(picture.fork) + 1) % (names.length + 1)] });
  const reset = el("button", { type: "button", onclick: () => startAgain() }, "reset",
    el("span", { class: "kb-key", "aria-hidden": "true" }, "R"));
  const forkRow = el("div", { class: "kb-row" }, ...(names.length ? ["what if:"] : []), ...forks, reset);
  function startAgain() {
    stop();
    time = meta.opensAt;
    note.hidden = true;
    tell({ do: "reset" });
  }
  const copy = el("button", { type: "button", onclick: () => copyScript() }, "copy");
  const scriptRow = el("div", { class: "kb-row kb-script" }, el("code", {}, meta.script), copy);
  async function copyScript() {
    try {
      await navigator.clipboard.writeText(meta.script);
      copy.textContent = "copied";
    } catch (problem) {
      fail(`Error: not copied: ${problem.message}`);
    }
  }

  // -- guess --
  function askGuess() {
    const guess = meta.guess;
    const answer = (value) => tell({ do: "guess", value: String(value) });
    const missing = el("span", { role: "alert", class: "kb-error" });
    const typed = () => (/^-?\d+$/.test(field.value) ? answer(+field.value) : missing.replaceChildren("Type a whole number, or skip."));
    const field = el("input", { type: "number", "aria-label": "your guess", onkeydown: (e) => e.key === "Enter" && typed() });
    const choices = guess.choices.map((choice) => el("button", { type: "button", "data-guess": choice, onclick: () => answer(choice) }, choice));
    const asked = [field, guess.unit, el("button", { type: "button", onclick: typed }, "guess")];
    guessBox.replaceChildren(el("p", {}, el("b", {}, "Your guess: "), guess.question),
      ...(choices.length ? choices : asked), el("button", { type: "button", "data-guess": "", onclick: () => answer("") }, "skip"), missing);
  }
  function tellTruth() {
    const { answer, why, unit, choices } = meta.guess;
    const mine = picture.guessed, unitText = unit ? ` ${unit}` : "";
    const lead = mine === "" ? "Skipped. It is " : mine === answer ? "You guessed it: " : `You guessed ${mine}${unitText}. It is `;
    const text = el("p", { tabindex: -1 }, lead, el("b", {}, answer + unitText), `. ${why}`);
    const isNumber = !choices.length && mine !== "" && mine !== answer;
    guessBox.replaceChildren(text, ...(isNumber ? [scale(+mine, +answer)] : []));
    return text;
  }
  // Guess and truth on one line, the gap between them shaded.
  function scale(mine, truth) {
    const low = Math.min(0, mine, truth), wide = Math.max(mine, truth) - low || 1;
    const at = (value) => 30 + (600 * (value - low)) / wide;
    const [from, to] = [at(Math.min(mine, truth)), at(Math.max(mine, truth))];
    const svg = new DOMParser().parseFromString(`<svg xmlns="http://www.w3.org/2000/svg" class="kb-scale" viewBox="0 0 660 44" font-size="13" text-anchor="middle" aria-hidden="true"><path d="M30 14H630" stroke="var(--l)" stroke-width="2"/><rect x="${from}" y="8" width="${to - from}" height="12" fill="var(--o)" opacity=".35"/><circle cx="${at(mine)}" cy="14" r="6" fill="var(--w)" stroke="var(--i)" stroke-width="2"/><circle cx="${at(truth)}" cy="14" r="6" fill="var(--b)"/><text x="${at(mine)}" y="38" fill="var(--i)">yours ${mine}</text><text x="${at(truth)}" y="38" fill="var(--b)">${truth}</text></svg>`, "image/svg+xml");
    return document.importNode(svg.documentElement, true);
  }

  // -- drawing --
  // Ids inside a figure are made this mount's own, so that equal figures in one page never collide.
  const own = (svg) => svg.replace(/( (?:id|aria-labelledby)=")([^"]*)"/g,
    (_, name, ids) => `${name}${ids.split(" ").map((id) => id + mark).join(" ")}"`)
    .replace(/(url\(#|href="#)([^")]+)/g, `$1$2${mark}`);
  function place(into, frame, film) {
    const focused = into.contains(document.activeElement) ? document.activeElement.dataset.id : null;
    into.innerHTML = own(frame.svg);
    // As high as the highest step, so that no button moves away while somebody steps.
    const high = Math.max(...film.map(({ svg }) => /height="(\d+)/.exec(svg)[1]));
    into.firstChild.viewBox.baseVal.height = high;
    into.firstChild.setAttribute("height", high);
    for (const thing of into.querySelectorAll("[data-id],[data-set]")) {
      thing.setAttribute("tabindex", "0");
      thing.setAttribute("role", "button");
      if (focused && thing.dataset.id === focused) thing.focus();
    }
  }
  function pin(target) {
    const thing = target.closest?.("[data-id],[data-set]");
    if (!thing) return false;
    if (thing.dataset.set) {
      const [name, value] = thing.dataset.set.split("=");
      tell({ do: "set", name, value });
    } else {
      pinned = thing.querySelector("title")?.textContent ?? "";
      note.hidden = !pinned;
      note.textContent = pinned;
    }
    return true;
  }
  function draw() {
    const many = last() > 0, frame = locked() ? meta.before : picture.frames[Math.min(time, picture.frames.length - 1)];
    shown.hidden = words.hidden = !frame;
    if (frame) place(shown, frame, locked() ? [frame] : picture.frames);
    const other = locked() ? null : picture.beside[Math.min(time, picture.beside.length - 1)];
    besideBox.hidden = !other;
    const same = other?.svg !== frame?.svg ? "" : time < last() ? " · The same up to here; step on." : " · The same.";
    const whatIf = `what if: ${picture.fork}${same}`;
    if (other) {
      besideName.textContent = whatIf;
      place(beside, other, picture.beside);
    }
    timeRow.hidden = locked() || !many;
    beats.replaceChildren(...Array.from({ length: last() + 1 }, (_, n) => el("i", { class: n === time ? "kb-now" : "" })));
    bar.max = last();
    bar.value = time;
    bar.setAttribute("aria-valuetext", `${time + 1} of ${last() + 1}`);
    count.textContent = `step ${time + 1} of ${last() + 1}`;
    back.disabled = time === 0;
    next.disabled = time === last();
    play.hidden = calm();
    knobs.forEach((knob, n) => knob.settle(picture.places[n]));
    forks.forEach((fork) => fork.setAttribute("aria-pressed", String(fork.dataset.fork === picture.fork)));
    forkRow.hidden = locked() || !(names.length || meta.knobs.length || many);
    scriptRow.hidden = locked() || !meta.script;
    caption.hidden = locked();
    const text = [frame?.text, other && `W${whatIf.slice(1)}\n${other.text}`].filter(Boolean).join("\n\n");
    if (pre.textContent !== text) {
      pre.textContent = text;
      say.textContent = text.split("\n").filter((line) => !/ {2}/.test(line)).join("\n"); // all but the table
    }
  }
  function refresh() {
    const told = locked();
    picture = model.get("picture");
    if (told && !locked()) {
      time = meta.guess.at ?? time;
      tellTruth().focus();
    }
    time = Math.min(time, last());
    draw();
  }
  function fail(problem) {
    error.hidden = !problem;
    error.textContent = problem;
  }
  function tell(message) {
    try {
      model.send(message);
    } catch (problem) {
      fail(`Error: ${problem.message}`);
      throw problem;
    }
  }

  const caption = el("p", { class: "kb-caption" }, meta.caption);
  root.replaceChildren(guessBox, shown, besideBox, timeRow, say, ...knobs.map((knob) => knob.row), note, error, forkRow, scriptRow, caption, words);
  root.setAttribute("role", "group");
  root.setAttribute("aria-label", meta.question);
  root.classList.add("kb");
  if (!root.hasAttribute("tabindex")) root.tabIndex = 0;

  const KEYS = {
    ArrowLeft: () => go(time - 1), ArrowRight: () => go(time + 1), Home: () => go(0), End: () => go(last()),
    " ": toggle, r: startAgain, f: () => names.length && nextFork(),
  };
  root.addEventListener("click", (event) => shown.contains(event.target) && !locked() && pin(event.target));
  root.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.altKey || event.metaKey || event.shiftKey) return;
    const inField = event.target.matches("input:not([type=range]),select");
    const hasKeys = event.target.matches("input,button,summary");
    if (event.key === "Enter" && pin(event.target)) return event.preventDefault();
    const letter = event.key.length === 1 && event.key !== " ";
    const act = KEYS[letter ? event.key.toLowerCase() : event.key];
    if (!act || inField || locked() || (hasKeys && !letter)) return;
    event.preventDefault();
    act();
  });
  keepKeys(root);
  model.on("change:picture", refresh);
  model.on("change:problem", () => fail(model.get("problem")));
  if (meta.guess) {
    guessBox.hidden = false;
    if (locked()) askGuess();
    else tellTruth();
  }
  draw();
  return () => stop();
}

// -- with a kernel --
function render({ model, el: root }) {
  style();
  root.classList.add("kb-view");
  const arm = (left) => {
    const box = root.closest(".kb-live");
    if (box) keepKeys(box);
    else if (left) requestAnimationFrame(() => arm(left - 1));
  };
  arm(60);
  return mount(root, model);
}

// -- in a page --
// The same verbs as kafkabook/explorers/session.py, over a grid that is already drawn.
function pagePlayer({ meta, grid, pictures }) {
  const listeners = {}, start = () => meta.knobs.map((knob) => knob.start);
  const state = { places: start(), fork: "", guessed: null };
  const at = (places) => grid[places.join(",")].map((number) => pictures[number]);
  const turned = () => state.places.map((place, n) => meta.forks[state.fork][n] ?? place);
  const verbs = {
    knob: ({ knob, place }) => { state.places[knob] = place; },
    set: ({ name, value }) => {
      const knob = meta.knobs.findIndex((it) => it.name === name);
      state.places[knob] = meta.knobs[knob].values.indexOf(value);
    },
    reset: () => { state.places = start(); state.fork = ""; },
    fork: ({ name }) => { state.fork = name; },
    guess: ({ value }) => { state.guessed = value; Object.assign(state.places, meta.guess.shows); },
  };
  const traits = {
    meta: () => meta, drawsKnobs: () => true, problem: () => "",
    picture: () => ({ ...state, places: [...state.places], frames: at(state.places), beside: state.fork ? at(turned()) : [] }),
  };
  return {
    get: (name) => traits[name](),
    on: (event, listener) => { listeners[event] = listener; },
    send: (message) => { verbs[message.do](message); listeners["change:picture"]?.(); },
  };
}

async function unpacked(block) {
  const bytes = Uint8Array.from(atob(block.trim()), (letter) => letter.charCodeAt(0));
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
  return JSON.parse(await new Response(stream).text());
}

async function boot() {
  const players = [...document.querySelectorAll("[data-kb-player]:not([data-kb-ready])")];
  if (players.length) style();
  for (const root of players) {
    root.setAttribute("data-kb-ready", "");
    try {
      mount(root, pagePlayer(await unpacked(root.querySelector("script").textContent)));
    } catch (problem) {
      root.append(el("p", { role: "alert", class: "kb-error" }, `Error: ${problem.message}`));
      throw problem;
    }
  }
}

function style() {
  if (!document.getElementById("kb-style")) document.head.append(el("style", { id: "kb-style" }, CSS));
}

if (typeof document !== "undefined") boot();

export default { render };
