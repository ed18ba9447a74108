// The search page: sections that hold all the words, the best first, each with an excerpt.
// It reads KB_SECTIONS (sections.js): [link, page, title, text] of every section.

const MOST = 40, AROUND = 90;

/** Say how well a section fits; 0 if a word is missing. A word in a title counts most. */
function weight([, page, title, text], words) {
  let sum = 0;
  for (const word of words) {
    const inTitle = title.toLowerCase().includes(word), inText = text.toLowerCase().split(word).length - 1;
    if (!inTitle && !inText && !page.toLowerCase().includes(word)) return 0;
    sum += (inTitle ? 20 : 0) + Math.min(inText, 8) + 1;
  }
  return sum;
}

/** Return the words around the first hit, with every hit marked. */
function excerpt(text, words) {
  const low = text.toLowerCase(), hits = words.map((word) => low.indexOf(word)).filter((at) => at >= 0);
  const first = hits.length ? Math.min(...hits) : 0, from = first > AROUND ? text.indexOf(" ", first - AROUND) + 1 : 0;
  const shown = document.createElement("p"), part = text.slice(from, first + 2 * AROUND).replace(/\S*$/, (end) => (text.length > first + 2 * AROUND ? "" : end));
  if (from) shown.append("… ");
  const any = new RegExp(`(${words.map((word) => word.replace(/[.*+?^${}()|[\]\\]/g, "\\$&")).join("|")})`, "gi");
  for (const piece of part.split(any)) {
    if (words.includes(piece.toLowerCase())) shown.append(Object.assign(document.createElement("mark"), { textContent: piece }));
    else shown.append(piece);
  }
  if (first + 2 * AROUND < text.length) shown.append(" …");
  return shown;
}

function item(section, words) {
  const [link, page, title, text] = section, entry = document.createElement("li");
  const anchor = Object.assign(document.createElement("a"), { href: link, textContent: title });
  const where = Object.assign(document.createElement("span"), { textContent: page === title ? "" : page });
  entry.append(anchor, " ", where, excerpt(text, words));
  return entry;
}

function show() {
  const asked = (new URLSearchParams(location.search).get("q") ?? "").trim();
  const place = document.getElementById("search-results"), words = [...new Set(asked.toLowerCase().split(/\s+/))].filter(Boolean);
  for (const field of document.querySelectorAll("input[name=q]")) field.value = asked;
  if (!words.length) return;
  const found = KB_SECTIONS.map((it) => [weight(it, words), it]).filter(([sum]) => sum).sort((a, b) => b[0] - a[0]);
  const count = found.length === 1 ? "1 section" : `${found.length} sections`;
  const told = Object.assign(document.createElement("p"), { role: "status", textContent: `${found.length ? count : "No section"} with “${asked}”.` });
  const list = Object.assign(document.createElement("ul"), { className: "search kb-found" });
  list.append(...found.slice(0, MOST).map(([, section]) => item(section, words)));
  place.replaceChildren(told, list);
}

show();
