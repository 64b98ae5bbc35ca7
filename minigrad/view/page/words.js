// What is said: the sentence of a step, and all there is to know of one node.

const listed = (things) => (things.length < 2 ? things.join("") : `${things.slice(0, -1).join(", ")} and ${things.at(-1)}`);

/** "g * y = 8 * 2 = 16", with what is known of it. */
function worked(sent) {
  return [...new Set([sent.formula, sent.filled, sent.adds.text])].filter(Boolean).join(" = ");
}

/** One step in a sentence or two. */
function sentence(run, event) {
  const { nodes } = run;
  const code = (text) => element("code", {}, text);
  if (!event) {
    const ops = nodes.filter((node) => node.kind === "op").length;
    return [`Nothing has run yet: ${ops} op${ops === 1 ? "" : "s"} forward to `, code(nodes.at(-1).label),
      ", then all the way back. Press Step, or the right arrow key."];
  }
  const node = nodes[event.node];
  if (event.way === "forward") {
    return [element("b", { class: "mg-forward" }, "Forward. "), code(node.label), " is ", code(`${node.made} = ${node.value.text}`)];
  }
  const { step, last } = event;
  const said = [element("b", { class: "mg-back" }, "Back. ")];
  if (event.node === nodes.length - 1) said.push("It begins at ", code(node.label), ", with gradient ", code(step.grad.text), ". ");
  else said.push("All of ", code(node.label), "’s gradient is here: ", code(step.grad.text), ". ");
  if (step.sends.length) {
    said.push(code(node.op), " sends ");
    step.sends.forEach((sent, place) => {
      if (place) said.push(place === step.sends.length - 1 ? " and " : ", ");
      said.push(code(worked(sent)), " to ", code(nodes[sent.to].label));
    });
    said.push(".");
  }
  if (step.keeps) {
    const { before, after } = step.keeps;
    said.push("It goes into ", code(`${node.label}.grad`), before ? ` (${before} before, ${after} now).` : ".");
  }
  if (last) said.push(" That was all.");
  return said;
}

/** Colours for numbers: from the most negative over 0 to the most positive. */
function strip(numbers) {
  const cells = numbers.map((x) => element("span", {
    class: colour(x), style: `--part: ${Math.abs(x ?? 100)}%`,
  }));
  return element("div", { class: "mg-strip", "aria-hidden": "true" }, ...cells);
}

/** An array: its numbers, or statistics and a strip. */
function array(said) {
  const parts = [];
  if (said.statistics) {
    const facts = Object.entries(said.statistics).map(([word, text]) => element("span", {}, element("i", {}, word), ` ${text}`));
    parts.push(element("div", { class: "mg-facts" }, ...facts));
  } else {
    parts.push(element("code", {}, said.text));
  }
  if (said.strip) parts.push(strip(said.strip));
  if (said.odd) parts.push(element("div", { class: "mg-alarm" }, said.odd));
  return parts;
}

/** Everything about one node, as it stands at this moment: `now` says what has been computed and what has arrived. */
function facts(run, number, now, runTo) {
  const node = run.nodes[number], label = (i) => run.nodes[i].label;
  const code = (text) => element("code", {}, text);
  const section = (title, ...content) => element("section", {}, element("h4", {}, title), ...content);
  const kind = { op: node.op, parameter: "parameter", leaf: "leaf", constant: "constant" }[node.kind];
  const parts = [
    element("h3", {}, code(node.label), ` ${node.label === kind ? "" : kind}`,
      node.yours ? element("span", { class: "mg-mine" }, `your ${node.yours}`) : "",
      node.shape !== "()" ? element("span", { class: "mg-faint" }, `shape ${node.shape}`) : ""),
  ];

  const difference = run.differences.find((d) => d.node === number);
  if (difference) parts.push(element("p", { class: "mg-alarm" }, difference.said));

  const known = node.kind !== "op" || now.computed.has(number);
  parts.push(section("value", ...(node.made ? [element("div", {}, code(node.made))] : []),
    ...(known ? array(node.value) : [element("span", { class: "mg-faint" }, "not computed yet")])));
  if (!node.wants) {
    parts.push(section("gradient", element("span", { class: "mg-faint" }, "none: nobody asked for it")));
    return parts;
  }

  const arrived = now.ledger.get(number) ?? [];
  const step = now.steps.get(number);
  const table = [];
  if (number === run.nodes.length - 1 && step) table.push(["backward()", step.grad.text, step.grad.text, "the start"]);
  for (const { from, sent } of arrived) {
    table.push([`${label(from)} (${run.nodes[from].op})`, sent.adds.text, sent.total.text, sent.summed]);
  }
  const first = arrived[0]?.sent;
  const state = step ? "all of it has arrived" : first ? `${arrived.length} of ${first.of} have arrived` : "nothing has arrived yet";
  const gradient = step ? array(step.grad) : arrived.length ? array(arrived.at(-1).sent.total) : [];
  const arrivals = [...gradient, element("div", { class: "mg-faint" }, state)];

  if (table.length) {
    const rows = table.map(([from, adds, total, note]) => element("tr", {}, element("td", {}, code(from)),
      element("td", {}, code(`+= ${adds}`), note ? element("span", { class: "mg-faint" }, note) : ""), element("td", {}, code(total))));
    if (step?.keeps) {
      const { before, after } = step.keeps;
      rows.push(element("tr", { class: "mg-kept" }, element("td", {}, code(`${node.label}.grad`)),
        element("td", {}, code(`+= ${step.grad.text}`), element("span", { class: "mg-faint" }, before ? `it was ${before}` : "it was None")),
        element("td", {}, code(after))));
    }
    arrivals.push(element("table", {},
      element("thead", {}, element("tr", {}, ...["from", "adds", "so far"].map((word) => element("th", { scope: "col" }, word)))),
      element("tbody", {}, ...rows)));
  }
  parts.push(section("gradient: who sent what", ...arrivals));

  if (node.kind === "op") {
    const rules = (step?.sends ?? []).map((sent) => element("div", { class: "mg-rule" }, "to ", code(label(sent.to)), ": ",
      code(worked(sent)), sent.summed ? element("span", { class: "mg-faint" }, sent.summed) : ""));
    const meant = node.arguments?.length
      ? element("div", { class: "mg-faint" }, `g is the gradient arriving, `,
        listed(node.arguments.slice(0, node.inputs.length).map((name, i) => `${name} is ${label(node.inputs[i])}`)))
      : "";
    parts.push(section("what it sends on", ...(rules.length ? rules : [element("span", { class: "mg-faint" }, "when all of its gradient is here")]), meant));
    const source = run.sources[node.op];
    if (source) parts.push(element("details", {}, element("summary", {}, `how ${node.op} is written`), element("pre", {}, source)));
  }

  parts.push(element("div", { class: "mg-run" },
    node.kind === "op" ? element("button", { type: "button", onclick: () => runTo("forward", number) }, "Run to its value") : "",
    element("button", { type: "button", onclick: () => runTo("back", number) }, "Run to its gradient")));
  return parts;
}
