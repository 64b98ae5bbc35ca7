// The picture of a graph: cards, frames, lines. It knows where things stand and how they look, not what they mean.

const SVG = "http://www.w3.org/2000/svg";
const HEAD = 21, LINE = 17, PADDING = 9, LABEL = 44; // px, as in scene.py; LABEL: from a row's word to its text

/** An element with attributes; those that start with "on" are listeners, and undefined ones are left out. */
function element(tag, attributes = {}, ...children) {
  return filled(document.createElement(tag), attributes, children);
}

function drawn(tag, attributes = {}, ...children) {
  return filled(document.createElementNS(SVG, tag), attributes, children);
}

function filled(node, attributes, children) {
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
    else if (value !== undefined && value !== false) node.setAttribute(name, value);
  }
  node.append(...children.filter((child) => child !== undefined && child !== null && child !== ""));
  return node;
}

/** The class of a number: its sign; null is none of them. */
const colour = (x) => (x === null ? "mg-odd" : x < 0 ? "mg-minus" : "mg-plus");

class Picture {
  /** pick(number of a node), fold(key of a group): what a click asks for. */
  constructor(pick, fold) {
    this.pick = pick;
    this.fold = fold;
    this.svg = drawn("svg", { role: "group", "aria-label": "the graph" });
    this.root = element("div", { class: "mg-picture" }, this.svg);
  }

  /** Draw a scene from scratch. */
  show(scene) {
    const [width, height] = scene.size;
    this.scene = scene;
    this.cards = scene.cards.map((card) => this.card(card));
    this.lines = scene.lines.map((line) => this.line(line));
    this.cardOf = new Map(this.cards.flatMap((card) => card.nodes.map((number) => [number, card])));
    const frames = scene.frames.map((frame) => this.frame(frame));
    for (const [name, value] of Object.entries({ width, height, viewBox: `0 0 ${width} ${height}` })) {
      this.svg.setAttribute(name, value);
    }
    this.root.classList.toggle("mg-down", scene.down);
    this.svg.replaceChildren(...frames, ...this.lines.map((line) => line.g), ...this.cards.map((card) => card.g));
  }

  card(card) {
    const { w, h, kind } = card;
    const r = kind === "constant" ? 0 : 6;
    const rows = new Map();
    const texts = card.rows.map(([label, text], number) => {
      const y = HEAD + 16 + LINE * number;
      const shown = drawn("text", { class: `mg-${label}`, x: PADDING + LABEL, y }, text);
      rows.set(label, shown);
      return drawn("g", {}, drawn("text", { class: "mg-label", x: PADDING, y }, label), shown);
    });
    const open = () => (kind === "group" ? this.fold(card.key) : this.pick(card.nodes[0]));
    const g = drawn(
      "g",
      {
        class: `mg-card mg-${kind}`, transform: `translate(${card.x},${card.y})`, role: "button", tabindex: -1,
        "data-key": card.key, onclick: open,
        onkeydown: (event) => {
          if (event.key !== "Enter") return;
          event.preventDefault();
          open();
        },
      },
      drawn("rect", { class: "mg-ring", x: -5, y: -5, width: w + 10, height: h + 10, rx: r + 4 }),
      drawn("rect", { class: "mg-box", width: w, height: h, rx: r }),
      drawn("path", { class: "mg-head", d: `M1,${HEAD}V${r + 1}q0,${-r} ${r},${-r}H${w - r - 1}q${r},0 ${r},${r}V${HEAD}z` }),
      ["parameter", "group"].includes(kind) ? drawn("rect", { class: "mg-inner", x: 3, y: 3, width: w - 6, height: h - 6, rx: 4 }) : "",
      drawn("text", { x: PADDING, y: 15 }, card.made),
      card.name ? drawn("text", { class: card.name.startsWith("#") ? "mg-number" : "mg-name", x: w - PADDING, y: 15, "text-anchor": "end" }, card.name) : "",
      ...texts,
      ...this.strip(card),
    );
    return { ...card, g, rows };
  }

  /** The numbers of a tensor as colours, along the foot of its card. */
  strip({ strip, w, h }) {
    const cells = strip ?? [], wide = (w - 2 * PADDING) / cells.length;
    return cells.map((x, i) => drawn("rect", {
      class: `mg-cell ${colour(x)}`, style: `--part: ${Math.abs(x ?? 100)}%`,
      x: PADDING + i * wide, y: h - 11, width: wide + 0.3, height: 5,
    }));
  }

  frame(frame) {
    const { w, h } = frame;
    const close = () => this.fold(frame.key);
    const [x, anchor] = this.scene.down ? [w - PADDING, "end"] : [PADDING, "start"];
    const title = drawn(
      "text",
      {
        class: "mg-title", x, y: 15, "text-anchor": anchor, role: "button", tabindex: 0, "data-key": frame.key,
        "aria-label": `fold ${frame.title}`, onclick: close,
        onkeydown: (event) => {
          if (!["Enter", " "].includes(event.key)) return;
          event.preventDefault();
          event.stopPropagation();
          close();
        },
      },
      `${frame.title} `,
      drawn("tspan", { class: "mg-fold" }, "fold"),
    );
    return drawn("g", { class: "mg-frame", transform: `translate(${frame.x},${frame.y})` },
      drawn("rect", { width: w, height: h, rx: 8 }), title);
  }

  line(line) {
    const [x, y] = line.start, [toX, toY] = line.end;
    const corners = this.scene.down ? "l-4,-8h8z" : "l-8,-4v8z";
    const g = drawn("g", { class: `mg-line${line.passes ? "" : " mg-still"}` },
      drawn("path", { class: "mg-way", d: line.d }),
      line.tip ? drawn("path", { class: "mg-tip", d: `M${toX},${toY}${corners}` }) : "",
      line.parts ? drawn("circle", { class: "mg-tip", cx: x, cy: y, r: 3 }) : "");
    return { ...line, g };
  }

  /** Say on every card how it stands: state(card) gives {rows: {label: text}, classes: [...], said: "for ears"}. */
  update(state, flows) {
    for (const card of this.cards) {
      const { rows, classes, said } = state(card);
      for (const [label, text] of Object.entries(rows)) {
        if (card.rows.has(label)) card.rows.get(label).textContent = text;
      }
      card.g.setAttribute("class", ["mg-card", `mg-${card.kind}`, ...classes].join(" "));
      card.g.setAttribute("aria-label", said);
      card.g.setAttribute("tabindex", classes.includes("mg-picked") ? 0 : -1);
    }
    for (const line of this.lines) {
      line.g.setAttribute("class", ["mg-line", line.passes ? "" : "mg-still", flows(line)].join(" "));
    }
  }

  /** Scroll so that the card of a node can be seen; the page itself stays where it is. */
  reveal(number) {
    const card = this.cardOf.get(number);
    if (!card) return;
    const view = this.root, space = 24;
    const into = (start, size, from, seen) =>
      start - space < from ? start - space : start + size + space > from + seen ? start + size + space - seen : from;
    view.scrollTo({
      left: into(card.x, card.w, view.scrollLeft, view.clientWidth),
      top: into(card.y, card.h, view.scrollTop, view.clientHeight),
      behavior: "auto",
    });
  }

  focus(key) {
    this.svg.querySelector(`[data-key="${CSS.escape(key)}"]`)?.focus();
  }
}
