// What keeps a reader from reading a figure, measured from the boxes that the browser draws.
// `seen` tells which texts are small, leave the picture or lie on another one; `faint` tells which ones
// stand out too little from what is painted below them; `walk` asks both at many moments.

window.readable = (() => {
  const LEAST_PX = 13, LEAST_RATIO = 4.5;
  const HARDLY_THERE = 0.3; // a text that is fading counts from this opacity on
  const HIDES = 0.5; // and a ground hides what lies below it from this one on
  const ABOVE = 0.78, BELOW = 0.21; // how far letters reach over and under their line, of their size
  const NEAR_PX = 0.5; // boxes may touch
  const ROUNDED = 0.02; // of an opacity
  const NEXT_S = 0.04; // after which a fading text is more or less there than now
  const SHAPES = "rect,circle,ellipse,path,polygon";
  const UNWRITTEN = "svg,script,style,.kb-hide,[inert]"; // holds no words that are seen around a picture
  const SAMPLES = [0.1, 0.5, 0.9]; // where along a text its ground is looked up

  // --- what stands where ---

  /** All that is painted in a figure, in its order; texts are told from shapes by `words`. */
  function painted(root) {
    const opacity = opacities();
    return [...root.querySelectorAll("svg")].filter((svg) => !svg.closest("[inert]")).flatMap((svg) =>
      [...svg.querySelectorAll(`text,${SHAPES}`)].filter((el) => el.getClientRects().length)
        .map((el, order) => ({ el, svg, order, get opacity() { return opacity(el); }, words: el.tagName === "text" ? el.textContent.trim() : null }))
        .filter((it) => it.words !== ""));
  }

  const isText = (it) => it.words !== null;
  const isThere = (it) => it.opacity >= HARDLY_THERE;

  /** A function that gives the opacity of an element, of all around it included. */
  function opacities() {
    const known = new Map();
    return function of(el) {
      if (!(el instanceof SVGElement)) return 1;
      if (!known.has(el)) known.set(el, +getComputedStyle(el).opacity * of(el.parentNode));
      return known.get(el);
    };
  }

  /** The box of a text's letters on the screen; its line is as the browser lays it, turned or scaled. */
  function boxOf({ el }) {
    const around = el.getBBox(), line = el.getStartPositionOfChar(0).y, size = parseFloat(getComputedStyle(el).fontSize);
    const to = el.getScreenCTM(), top = line - ABOVE * size, bottom = line + BELOW * size;
    const corners = [[around.x, top], [around.x + around.width, top], [around.x, bottom], [around.x + around.width, bottom]]
      .map(([x, y]) => new DOMPoint(x, y).matrixTransform(to));
    const xs = corners.map((it) => it.x), ys = corners.map((it) => it.y);
    return { left: Math.min(...xs), right: Math.max(...xs), top: Math.min(...ys), bottom: Math.max(...ys), px: size * Math.hypot(to.a, to.b) };
  }

  /** Visible words of HTML around the pictures, line by line; what is only read aloud is none. */
  function written(root) {
    const found = [], walk = document.createTreeWalker(root, NodeFilter.SHOW_ELEMENT | NodeFilter.SHOW_TEXT, wordsIn);
    for (let node = walk.nextNode(); node; node = walk.nextNode()) {
      const el = node.parentElement;
      if (!node.data.trim() || !el.checkVisibility({ visibilityProperty: true })) continue;
      const range = document.createRange(), px = parseFloat(getComputedStyle(el).fontSize);
      range.selectNodeContents(node);
      for (const { left, right, top, bottom } of range.getClientRects()) {
        const spare = Math.max(0, (bottom - top - (ABOVE + BELOW) * px) / 2);
        const box = inView(el, root, { left, right, top: top + spare, bottom: bottom - spare });
        if (box) found.push({ words: node.data.trim(), box: { ...box, px } });
      }
    }
    return found;
  }

  // What is left out is left out with all that it holds: pictures hold most of the words of a figure.
  function wordsIn(node) {
    if (node.nodeType === Node.TEXT_NODE) return NodeFilter.FILTER_ACCEPT;
    return node.matches(UNWRITTEN) ? NodeFilter.FILTER_REJECT : NodeFilter.FILTER_SKIP;
  }

  // What is scrolled out of a list, or of lines of code, is not seen.
  function inView(el, root, box) {
    for (let around = el; box && around !== root; around = around.parentElement) {
      if (getComputedStyle(around).overflowY !== "visible") box = shared(around.getBoundingClientRect(), box);
    }
    return box;
  }

  const said = (it) => JSON.stringify(it.words.length > 40 ? `${it.words.slice(0, 40)}…` : it.words);

  function shared(a, b) {
    const box = { left: Math.max(a.left, b.left), right: Math.min(a.right, b.right), top: Math.max(a.top, b.top), bottom: Math.min(a.bottom, b.bottom) };
    return box.right - box.left > NEAR_PX && box.bottom - box.top > NEAR_PX ? box : null;
  }

  const holds = (around, it, px = 1) => it.left >= around.left - px && it.right <= around.right + px && it.top >= around.top - px && it.bottom <= around.bottom + px;

  // --- what is wrong with it ---

  /** Name each text that is small, leaves its picture, is cut off by a box around it, or lies on another one. */
  function seen(root) {
    const all = painted(root), texts = all.filter((it) => isText(it) && isThere(it));
    for (const it of texts) it.box = boxOf(it);
    const html = written(root);
    return [...small([...texts, ...html]), ...texts.flatMap(outside), ...crowded(texts, html, all), ...covered(root, texts), ...wide(root)];
  }

  const small = (texts) => texts.filter((it) => it.box.px < LEAST_PX - 0.01).map((it) => `${said(it)} has ${it.box.px.toFixed(1)} px`);

  function outside(it) {
    if (!holds(it.svg.getBoundingClientRect(), it.box)) return [`${said(it)} leaves the picture`];
    for (let around = it.el.parentElement; around !== document.body; around = around.parentElement) {
      const style = getComputedStyle(around), isBox = around instanceof HTMLElement && style.overflowX !== "visible";
      if (style.clipPath !== "none" || (isBox && !holds(around.getBoundingClientRect(), it.box))) return [`${said(it)} is cut off`];
    }
    return [];
  }

  function crowded(texts, html, all) {
    const rows = [...texts, ...html].sort((a, b) => a.box.top - b.box.top), found = [];
    rows.forEach((one, n) => {
      for (let next = n + 1; next < rows.length && rows[next].box.top < one.box.bottom; next++) {
        const both = shared(one.box, rows[next].box);
        if (both && !isChange(one, rows[next]) && !isHidden(one, rows[next], both, all)) found.push(`${said(one)} lies on ${said(rows[next])}`);
      }
    });
    return found;
  }

  // One fades into the other: together they are no more than one text.
  const isChange = (one, other) => (one.opacity ?? 1) + (other.opacity ?? 1) <= 1 + ROUNDED;

  // Something opaque is painted over the lower text before the upper one, all over where they meet.
  function isHidden(one, other, both, all) {
    if (!one.svg || one.svg !== other.svg) return false;
    const [low, high] = [one.order, other.order].sort((a, b) => a - b), { left, right, top, bottom } = both;
    const corners = [[left + 1, top + 1], [right - 1, top + 1], [left + 1, bottom - 1], [right - 1, bottom - 1]];
    return all.some((it) => it.svg === one.svg && it.order > low && it.order < high && !isText(it) && (paintOf(it)?.[3] ?? 0) > HIDES && corners.every(([x, y]) => covers(it.el, x, y)));
  }

  // A guess stands on the stage, and must leave the words there free.
  function covered(root, texts) {
    return [...root.querySelectorAll(".kb-guess.kb-on")].flatMap((guess) => {
      const box = guess.getBoundingClientRect();
      return texts.filter((it) => !guess.contains(it.el) && shared(box, it.box)).map((it) => `the guess lies on ${said(it)}`);
    });
  }

  const wide = (root) => (root.scrollWidth > root.clientWidth + 1 ? [`the figure needs ${root.scrollWidth} px of ${root.clientWidth}`] : []);

  // --- contrast ---

  /** Name each text that stands out less than 4.5 to 1 from what lies below it, in the colours of now. */
  function faint(root, isFading = () => false) {
    const paint = remembered(paintOf), paper = remembered(paperOf);
    const all = painted(root), shapes = all.filter((it) => !isText(it) && paint(it)?.[3]);
    for (const it of shapes) it.box = it.el.getBoundingClientRect();
    return all.filter((it) => isText(it) && isThere(it) && !isFading(it.el)).flatMap((it) => {
      const ratio = ratioOf(it, groundsOf(it, shapes), paint, paper);
      return ratio < LEAST_RATIO ? [`${said(it)} stands out ${ratio.toFixed(1)} to 1`] : [];
    });
  }

  /** What lies below a text: a list of shapes, lowest first, for each of a few points along it. */
  function groundsOf(it, shapes) {
    const { left, right, top, bottom } = boxOf(it), isUpright = bottom - top > right - left;
    const near = shapes.filter(({ svg, order, box }) => svg === it.svg && order < it.order && box.left < right && box.right > left && box.top < bottom && box.bottom > top);
    return SAMPLES.map((share) => {
      const [x, y] = isUpright ? [(left + right) / 2, top + (bottom - top) * share] : [left + (right - left) * share, (top + bottom) / 2];
      return near.filter((other) => covers(other.el, x, y));
    });
  }

  function ratioOf(it, grounds, paint, paper) {
    return Math.min(...grounds.map((shapes) => {
      const behind = shapes.reduce((below, shape) => laid(paint(shape), below), paper(it.svg));
      return contrast(laid(paint(it), behind), behind);
    }));
  }

  function remembered(of) {
    const known = new Map();
    return (it) => {
      const key = it.el ?? it;
      if (!known.has(key)) known.set(key, of(it));
      return known.get(key);
    };
  }

  function paperOf(svg) {
    const grounds = [];
    for (let around = svg; around; around = around.parentElement) grounds.unshift(rgba(getComputedStyle(around).backgroundColor));
    return grounds.reduce((behind, colour) => laid(colour, behind), [255, 255, 255, 1]);
  }

  /** Whether a point of the screen lies in what a shape fills. */
  function covers(el, x, y) {
    const box = el.getBoundingClientRect();
    if (x < box.left || x > box.right || y < box.top || y > box.bottom) return false;
    if (el.tagName === "rect") return true;
    return el.isPointInFill(new DOMPoint(x, y).matrixTransform(el.getScreenCTM().inverse()));
  }

  /** The colour that fills a shape, with all its opacity; null where nothing, or only a hatch, does. */
  function paintOf(it) {
    const style = getComputedStyle(it.el), { fill } = style;
    if (!fill.startsWith("rgb")) return null;
    const [r, g, b, a] = rgba(fill);
    return [r, g, b, a * +style.fillOpacity * it.opacity];
  }

  function rgba(text) {
    const [r, g, b, a = 1] = (text.match(/[\d.]+/g) ?? [0, 0, 0, 0]).map(Number);
    return [r, g, b, a];
  }

  const laid = (colour, behind) => (colour ? [0, 1, 2].map((n) => behind[n] + (colour[n] - behind[n]) * colour[3]) : behind);

  function contrast(one, other) {
    const [low, high] = [luminance(one), luminance(other)].sort((a, b) => a - b);
    return (high + 0.05) / (low + 0.05);
  }

  function luminance(colour) {
    const [r, g, b] = colour.map((part) => (part / 255 <= 0.03928 ? part / 255 / 12.92 : ((part / 255 + 0.055) / 1.055) ** 2.4));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  }

  // --- moments ---

  /**
   * What is wrong at each of some seconds: `go` draws one, and `dress` puts on a theme. What can be
   * seen is measured in the first theme; what is faint, where `colours` asks for it, in each of them.
   * To draw costs most, so a moment is drawn once a theme, and whether a text fades is asked once.
   */
  function walk(root, go, seconds, { themes, dress, colours }) {
    const found = {}, fades = new Map();
    for (const theme of colours ? themes : themes.slice(0, 1)) {
      dress(theme);
      for (const second of seconds) {
        if (colours && !fades.has(second)) fades.set(second, fading(root, go, second));
        go(second);
        const told = theme === themes[0] ? seen(root) : [];
        if (colours) told.push(...faint(root, fades.get(second)));
        if (told.length) found[`${theme}, at ${second.toFixed(2)}`] = told;
      }
    }
    return found;
  }

  // A text fades where it is more or less opaque a moment before, or after.
  function fading(root, go, second) {
    const [before, after] = [-NEXT_S, NEXT_S].map((moment) => {
      go(second + moment);
      const shareOf = opacities();
      return new Map([...root.querySelectorAll("svg text")].map((el) => [el, shareOf(el)]));
    });
    return (el) => before.get(el) !== after.get(el);
  }

  return { seen, faint, walk };
})();
