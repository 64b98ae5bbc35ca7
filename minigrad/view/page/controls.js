// The arguments of an explored function: sliders, switches, choices.

const shortly = (x) => (Number.isInteger(x) ? String(x) : String(+x.toPrecision(6)));

/** A control for each argument; change(place, value) is called as it is turned. */
function controlsOf(model, change) {
  const values = model.get("values");
  return model.get("controls").map((control, place) => {
    const { name, kind } = control, value = values[place];
    if (kind === "switch") {
      const box = element("input", { type: "checkbox", role: "switch", "aria-label": name, onchange: () => change(place, box.checked) });
      box.checked = value;
      return element("label", { class: "mg-control" }, element("code", {}, name), box);
    }
    if (kind === "choice") {
      const list = element("select", { "aria-label": name, onchange: () => change(place, list.selectedIndex) },
        ...control.options.map((option) => element("option", {}, option)));
      list.selectedIndex = value;
      return element("label", { class: "mg-control" }, element("code", {}, name), list);
    }
    const shown = element("output", {}, shortly(value));
    const range = element("input", {
      type: "range", min: control.low, max: control.high, step: control.step, "aria-label": name,
      oninput: () => {
        const number = kind === "whole" ? Math.round(range.value) : Number(range.value);
        shown.textContent = shortly(number);
        change(place, number);
      },
    });
    range.value = value;
    return element("label", { class: "mg-control" }, element("code", {}, name), range, shown);
  });
}
