// The whole: where we are on the way forward and back, the buttons and keys that move us, and what follows from it.

const PACE = 1100; // ms between steps while playing
const PATIENCE = 5000; // ms until we say that Python does not answer

class Debugger {
  constructor(model, root) {
    this.model = model;
    this.at = 0; // how many events have happened
    this.picked = null;
    this.explorer = model.get("controls").length > 0;
    this.picture = new Picture((number) => this.pick(number), (key) => this.fold(key));
    this.said = element("p", { class: "mg-said", "aria-live": "polite" });
    this.facts = element("div", { class: "mg-facts-of", role: "region", "aria-label": "the chosen node", tabindex: 0 });
    this.problem = element("p", { class: "mg-alarm", role: "alert" });
    this.bar = this.toolbar();
    this.body = element("div", { class: "mg-body" }, this.picture.root, this.facts);
    root.classList.add("mg");
    root.classList.toggle("mg-explorer", this.explorer);
    const controls = element("div", { class: "mg-controls" }, ...controlsOf(model, (place, value) => this.change(place, value)));
    root.replaceChildren(...(this.explorer ? [controls, this.problem] : []), this.bar, this.said, this.body, this.legend());
    root.addEventListener("keydown", (event) => this.key(event));
    this.root = root;
    this.newScene();
    this.newRun(this.explorer ? Infinity : 0);
    const [first] = this.run.differences;
    if (first) this.runTo(first.said.startsWith("The value") ? "forward" : "back", first.node);
  }

  toolbar() {
    const button = (word, title, onclick) => element("button", { type: "button", title, onclick }, word);
    this.play = button("Play", "Space", () => this.toggle());
    this.range = element("input", {
      type: "range", min: 0, step: 1, "aria-label": "step",
      oninput: () => this.go(Number(this.range.value)),
    });
    this.count = element("span", { class: "mg-count" });
    return element("div", { class: "mg-bar", role: "toolbar", "aria-label": "steps" },
      button("Start", "Home", () => this.go(0)), button("Back", "Left arrow", () => this.move(-1)),
      button("Step", "Right arrow", () => this.move(1)), this.play, button("End", "End", () => this.go(Infinity)),
      this.range, this.count);
  }

  legend() {
    const sample = (kind, word) => element("span", {}, element("span", { class: `mg-sample mg-sample-${kind}` }), word);
    this.legendBox = element("div", { class: "mg-legend" });
    this.samples = { leaf: sample("leaf", "leaf"), parameter: sample("parameter", "parameter"), constant: sample("constant", "constant"),
      yours: sample("yours", "runs on your own code"), differs: sample("differs", "differs from PyTorch") };
    return this.legendBox;
  }

  /** The cards stand elsewhere: something was folded or opened, or the graph is another one. */
  newScene() {
    this.picture.show(this.model.get("scene"));
    if (this.run) this.update();
  }

  newRun(at) {
    this.run = this.model.get("run");
    const { nodes, steps } = this.run;
    this.events = nodes.flatMap((node, number) => (node.kind === "op" ? [{ way: "forward", node: number }] : []));
    this.forwards = this.events.length;
    steps.forEach((step, place) => this.events.push({ way: "back", node: step.node, step, last: place === steps.length - 1 }));
    this.range.max = this.events.length;
    if (this.picked !== null && this.picked >= nodes.length) this.picked = null;
    const kinds = new Set(nodes.map((node) => node.kind));
    const shown = ["leaf", "parameter", "constant"].filter((kind) => kinds.has(kind));
    if (nodes.some((node) => node.yours)) shown.push("yours");
    if (this.run.differences.length) shown.push("differs");
    this.legendBox.replaceChildren(...shown.map((kind) => this.samples[kind]),
      element("span", { class: "mg-faint" }, "Click a node. Keys: left, right, up, down, Home, End, Space."));
    this.go(at);
  }

  /** Where a step may end: within one folded card, all events are one step. */
  stops(at) {
    if (at <= 0 || at >= this.events.length || at === this.forwards) return true;
    const [before, after] = [this.events[at - 1], this.events[at]].map((event) => this.picture.cardOf.get(event.node));
    return before !== after || before?.kind !== "group";
  }

  move(direction) {
    let at = this.at + direction;
    while (at > 0 && at < this.events.length && !this.stops(at)) at += direction;
    this.go(at);
  }

  go(at) {
    this.at = Math.max(0, Math.min(at, this.events.length));
    const event = this.events[this.at - 1];
    if (event && !this.explorer) this.picked = event.node;
    if (this.at === this.events.length) this.stop();
    this.update();
    if (event) this.picture.reveal(event.node);
  }

  runTo(way, number) {
    const place = this.events.findIndex((event) => event.way === way && event.node === number);
    if (place >= 0) this.go(place + 1);
    this.choose(number);
  }

  choose(number) {
    this.picked = number;
    this.update();
    this.picture.reveal(number);
  }

  pick(number) {
    this.choose(number);
    this.picture.focus(this.picture.cardOf.get(number)?.key ?? "");
  }

  fold(key) {
    const closed = this.model.get("closed");
    this.toFocus = key;
    this.ask("closed", closed.includes(key) ? closed.filter((other) => other !== key) : [...closed, key]);
  }

  change(place, value) {
    this.ask("values", this.model.get("values").map((old, other) => (other === place ? value : old)));
  }

  /** What only Python can do: it alone runs functions, and lays graphs out. */
  ask(trait, value) {
    this.model.set(trait, value);
    this.model.save_changes();
    clearTimeout(this.waiting);
    this.waiting = setTimeout(() => {
      this.said.textContent = "Python has not answered. If the kernel is not busy, run this cell again.";
    }, PATIENCE);
  }

  toggle() {
    if (this.timer) return this.stop();
    if (this.at === this.events.length) this.go(0);
    this.play.textContent = "Pause";
    this.timer = setInterval(() => this.move(1), PACE);
  }

  stop() {
    clearInterval(this.timer);
    this.timer = null;
    this.play.textContent = "Play";
  }

  key(event) {
    const target = event.target;
    const typing = target.matches("select, input:not(.mg-bar input)");
    const onButton = target.matches("button, summary, input");
    if (event.ctrlKey || event.altKey || event.metaKey || event.key === "Escape") return;
    event.stopPropagation(); // in here, keys do what they do on any page, and are not JupyterLab's shortcuts
    if (typing) return;
    const inPicture = this.picture.root.contains(target);
    const keys = {
      ArrowLeft: () => this.move(-1), ArrowRight: () => this.move(1), Home: () => this.go(0), End: () => this.go(Infinity),
    };
    if (!onButton) keys[" "] = () => this.toggle();
    if (inPicture) Object.assign(keys, { ArrowUp: () => this.beside(-1), ArrowDown: () => this.beside(1) });
    if (!(event.key in keys)) return;
    event.preventDefault();
    keys[event.key]();
    if (inPicture && this.picked !== null) this.picture.focus(this.picture.cardOf.get(this.picked)?.key ?? "");
  }

  /** Choose the card before or after the chosen one, in the order in which they were computed. */
  beside(direction) {
    const order = [...this.picture.cards].sort((a, b) => a.nodes.at(-1) - b.nodes.at(-1));
    const place = order.findIndex((card) => card.nodes.includes(this.picked));
    const next = order[Math.max(0, Math.min(order.length - 1, place < 0 ? 0 : place + direction))];
    this.pick(next.nodes.at(-1));
  }

  /** What has happened up to now: values, the ledger of what arrived where, and the tensors whose gradient is final. */
  now() {
    const computed = new Set(), ledger = new Map(), steps = new Map();
    for (const event of this.events.slice(0, this.at)) {
      if (event.way === "forward") computed.add(event.node);
      else {
        steps.set(event.node, event.step);
        for (const sent of event.step.sends) {
          if (!ledger.has(sent.to)) ledger.set(sent.to, []);
          ledger.get(sent.to).push({ from: event.node, sent });
        }
      }
    }
    return { computed, ledger, steps };
  }

  update() {
    const { nodes } = this.run, now = this.now(), event = this.events[this.at - 1];
    const value = (number) => (nodes[number].kind === "op" && !now.computed.has(number) ? "?" : nodes[number].short);
    const grad = (number) => {
      const last = now.ledger.get(number)?.at(-1)?.sent;
      if (now.steps.has(number)) return now.steps.get(number).short;
      return last ? (last.count < last.of ? `${last.short} (${last.count} of ${last.of})` : last.short) : "–";
    };
    const differs = new Set(this.run.differences.map((d) => d.node));
    const current = this.explorer && this.at === this.events.length ? null : event;
    this.picture.update((card) => {
      const classes = [], has = (number) => card.nodes.includes(number);
      const ops = card.nodes.filter((number) => nodes[number].kind === "op");
      if (ops.length && !ops.some((number) => now.computed.has(number))) classes.push("mg-waiting");
      if (current && has(current.node)) classes.push("mg-current", current.way === "forward" ? "mg-ahead" : "mg-backwards");
      if (current?.step?.sends.some((sent) => has(sent.to))) classes.push("mg-gets");
      if (has(this.picked)) classes.push("mg-picked");
      if (card.nodes.some((number) => nodes[number].yours)) classes.push("mg-yours");
      if (card.nodes.some((number) => differs.has(number))) classes.push("mg-differs");
      if (card.kind === "group") return { rows: {}, classes, said: `${card.made}, folded; Enter opens it` };
      const node = nodes[card.nodes[0]], rows = { value: value(card.nodes[0]), grad: grad(card.nodes[0]) };
      const said = `${node.label}, ${node.op || node.kind}, value ${rows.value}${node.wants ? `, gradient ${rows.grad}` : ""}`;
      return { rows, classes, said };
    }, (line) => {
      if (!current) return "";
      const leads = (user) => line.uses.some(([other]) => other === user);
      if (current.way === "forward") return leads(current.node) ? "mg-flow mg-ahead" : "";
      return current.step.sends.some((s) => s.to === line.source) && leads(current.node) ? "mg-flow mg-backwards" : "";
    });
    this.range.value = this.at;
    const way = this.at <= this.forwards ? "forward" : "back";
    this.count.textContent = `${this.at} of ${this.events.length}${this.at ? `, ${way}` : ""}`;
    this.range.setAttribute("aria-valuetext", this.count.textContent);
    this.said.replaceChildren(...(current || !this.explorer ? sentence(this.run, current) : this.result()));
    this.facts.replaceChildren(...(this.picked === null ? [this.invitation()] : facts(this.run, this.picked, now, (way, n) => this.runTo(way, n))));
  }

  result() {
    const { nodes, steps } = this.run, last = nodes.at(-1), code = (text) => element("code", {}, text);
    const slopes = steps.filter((step) => step.keeps && nodes[step.node].name).sort((a, b) => a.node - b.node)
      .map((step) => `${nodes[step.node].name}.grad = ${step.grad.text}`);
    return ["The result is ", code(last.value.text), ...(slopes.length ? [", and ", code(slopes.join(", "))] : []), ".",
      last.wants && !steps.length ? " Gradients are those of one number: let it end with .sum() or .mean()." : ""];
  }

  invitation() {
    return element("p", { class: "mg-faint" }, "Click a node to see how it was made, and who sent it what.");
  }
}

function render({ model, el }) {
  const view = new Debugger(model, el);
  const listeners = {
    "change:answers": () => clearTimeout(view.waiting),
    "change:scene": () => {
      const now = model.get("run");
      if (now !== view.run) return; // a new graph: its run comes with it
      view.newScene();
      if (view.toFocus) view.picture.focus(view.toFocus);
      view.toFocus = null;
    },
    "change:run": () => {
      const atEnd = view.at >= view.events.length;
      view.run = null;
      view.newScene();
      view.newRun(view.explorer && atEnd ? Infinity : Math.min(view.at, model.get("run").nodes.length));
    },
    "change:problem": () => {
      view.problem.textContent = model.get("problem");
      view.body.classList.toggle("mg-stale", Boolean(model.get("problem")));
    },
  };
  for (const [name, listener] of Object.entries(listeners)) model.on(name, listener);
  return () => {
    view.stop();
    clearTimeout(view.waiting);
    for (const [name, listener] of Object.entries(listeners)) model.off(name, listener);
  };
}

export default { render };
