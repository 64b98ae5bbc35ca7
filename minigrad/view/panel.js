// A picture with controls. What the controls are set to goes to Python; a picture, a line and a text come back.

function element(tag, attributes = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  made.append(...children);
  return made;
}

// Each maker gives {nodes, show}: what is put into the page, and a function that shows a value in it.
const makers = {
  slider(spec, id, change) {
    return ranged(spec, id, change, spec.low, spec.high, spec.step, (value) => {
      const digits = (String(spec.step).split(".")[1] ?? "").length;
      return value.toFixed(digits).replace("-", "\u2212");
    });
  },
  steps(spec, id, change) {
    return ranged(spec, id, change, 0, spec.texts.length - 1, 1, (value) => spec.texts[value]);
  },
  choice(spec, id, change) {
    const options = spec.texts.map((text, i) => element("option", { value: i }, text));
    const select = element("select", { id }, ...options);
    select.addEventListener("change", () => {
      const index = Number(select.value);
      change({ [spec.name]: index, ...spec.sets[index] });
    });
    return { nodes: [select], show: (value) => (select.value = value) };
  },
  text(spec, id, change) {
    const input = element("input", { id, type: "text", spellcheck: "false", autocomplete: "off" });
    input.addEventListener("input", () => change({ [spec.name]: input.value }));
    return { nodes: [input], show: (value) => input.value !== value && (input.value = value) };
  },
};

function ranged(spec, id, change, min, max, step, said) {
  const input = element("input", { id, type: "range", min, max, step, "aria-label": spec.label });
  const value = element("output", { class: "value", for: id, "aria-hidden": "true" });
  const show = (number) => {
    input.value = number;
    value.textContent = said(Number(number));
    input.setAttribute("aria-valuetext", value.textContent);
  };
  input.addEventListener("input", () => {
    show(input.value);
    change({ [spec.name]: Number(input.value) });
  });
  const nodes = [input, value];
  if (spec.plays) nodes.push(player(spec, input, change));
  return { nodes, show };
}

// A button that moves a slider on, a step for every picture that has come.
function player(spec, input, change) {
  const button = element("button", { type: "button", "aria-label": `Play ${spec.label}` }, "Play");
  let running = false;
  const stop = () => {
    running = false;
    button.textContent = "Play";
    button.setAttribute("aria-label", `Play ${spec.label}`);
  };
  button.addEventListener("click", async () => {
    if (running) return stop();
    running = true;
    button.textContent = "Pause";
    button.setAttribute("aria-label", `Pause ${spec.label}`);
    if (Number(input.value) >= spec.high) await change({ [spec.name]: spec.low });
    while (running && button.isConnected && Number(input.value) < spec.high) {
      const pause = new Promise((resolve) => setTimeout(resolve, 1000 * spec.plays));
      await Promise.all([pause, change({ [spec.name]: Number(input.value) + Number(spec.step) })]);
    }
    stop();
  });
  return button;
}

let panels = 0;

function render({ model, el }) {
  const panel = `minigrad-panel-${++panels}`;
  const root = element("div", { class: "minigrad-panel", role: "group", "aria-label": model.get("label") });
  root.setAttribute("data-lm-suppress-shortcuts", "true"); // keys are the sliders' here, not the notebook's
  root.addEventListener("keydown", (event) => event.stopPropagation());

  const picture = element("div", { class: "picture", role: "img", "aria-describedby": `${panel}-line` });
  picture.setAttribute("aria-label", model.get("label"));
  const line = element("p", { class: "line", id: `${panel}-line`, role: "status" });
  const trouble = element("p", { class: "trouble", role: "alert" });
  const text = element("pre", { tabindex: "0", "aria-label": "The same in words" });
  const inWords = element("details", {}, element("summary", {}, "In words"), text);

  let values = { ...model.get("values") };
  const waiting = [];
  const shows = {};

  // Set controls, tell Python, and wait until the picture is there, but not for ever.
  function change(changes) {
    values = { ...values, ...changes };
    for (const [name, value] of Object.entries(changes)) shows[name]?.(value);
    model.set("values", values);
    model.save_changes();
    return new Promise((resolve) => {
      waiting.push(resolve);
      setTimeout(resolve, 2000);
    });
  }

  const controls = element("div", { class: "controls" });
  const grid = element("div", { class: "grid" });
  for (const spec of model.get("controls")) {
    const id = `${panel}-${spec.name}`;
    const { nodes, show } = makers[spec.kind](spec, id, change);
    shows[spec.name] = show;
    const control = element("div", { class: "control" }, element("label", { for: id }, spec.label), ...nodes);
    (spec.small ? grid : controls).append(control);
    show(values[spec.name]);
  }
  if (grid.childElementCount) controls.append(grid);

  picture.addEventListener("click", (event) => {
    const clicked = event.target.closest("[data-sets]");
    if (!clicked) return;
    const { rows, columns, ...sets } = JSON.parse(clicked.getAttribute("data-sets"));
    const frame = clicked.getBoundingClientRect();
    if (rows) sets[rows[0]] = Math.floor(((event.clientY - frame.top) / frame.height) * rows[1]);
    if (columns) sets[columns[0]] = Math.floor(((event.clientX - frame.left) / frame.width) * columns[1]);
    change(sets);
  });

  // The new picture takes the old one's place when all that is in it is ready to be seen: nothing flickers.
  let latest = 0;
  async function draw() {
    const turn = ++latest;
    const next = element("div");
    next.innerHTML = model.get("svg");
    const images = [...next.querySelectorAll("image")].map((found) => {
      const image = new Image();
      image.src = found.getAttribute("href");
      return image.decode().catch(() => {});
    });
    await Promise.all(images);
    if (turn !== latest) return;
    next.querySelector("svg")?.setAttribute("aria-hidden", "true");
    picture.replaceChildren(...next.childNodes);
    for (const resolve of waiting.splice(0)) resolve();
  }
  function say() {
    line.textContent = model.get("line");
    trouble.textContent = model.get("trouble");
    text.textContent = model.get("text");
    inWords.hidden = !text.textContent;
  }
  function settle() {
    values = { ...values, ...model.get("values") };
    for (const [name, value] of Object.entries(values)) shows[name]?.(value);
  }

  function update() {
    settle();
    say();
    draw();
  }

  model.on("change:turn", update);
  update();
  root.append(...(controls.childElementCount ? [controls] : []), picture, line, trouble, inWords);
  el.append(root);
  return () => model.off("change:turn", update);
}

export default { render };
