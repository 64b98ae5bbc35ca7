"""What every view is made of: a function that draws, and controls that say what it is to draw.

    draw(**values) -> Picture          View: shows one, as a picture and in words; live, it has controls to change it

Where a notebook is live, the picture stands in a `panel` with its controls. Everywhere else, in a stored notebook, on
paper, in a terminal, there is the picture as the controls were at first, and the same in words.
"""

import base64
import contextlib
import html
import time
from dataclasses import dataclass

import numpy as np

from ..interrupt import uninterrupted


@dataclass
class Picture:
    """What there is to see: the picture as `svg`; what matters in it, in one `line`; all of it in words, `text`.

    png: a function that gives the picture as PNG, to be stored in place of the svg: nbval compares an svg character by
        character, and no two machines draw the same curve quite alike
    measured: whether the numbers in the words, too, differ from machine to machine; then they are not stored
    """

    svg: str
    line: str
    text: str = ""
    png: object = None
    measured: bool = False

    def __str__(self):
        return "\n".join(part for part in (self.line, self.text) if part)


class View:
    """A picture that `draw(**values)` gives, with a control for each of the values.

    label     what is to be seen, for who does not see it
    values    what the controls are set to
    """

    def __init__(self, label, draw, *controls):
        self.label, self.draw, self.controls = label, draw, controls
        self.values = {control.name: control.value for control in controls}
        self._panel = None

    def picture(self):
        """The picture as the controls are."""
        return self.draw(**{control.name: control.read(self.values[control.name]) for control in self.controls})

    def set(self, **values):
        """Move controls, as the learner would: by value."""
        for control in self.controls:
            if control.name in values:
                self.values[control.name] = control.write(values.pop(control.name))
        if values:
            raise TypeError(f"this view has no control named {', '.join(values)}.")
        self.redraw()

    def redraw(self):
        """Draw anew what is on the screen, if anything is."""
        if self._panel:
            self._panel.redraw()

    def panel(self):
        """The live picture with its controls; None where no live notebook could show it."""
        if self._panel is None and is_live():
            from .panel import Panel

            self._panel = Panel(self)
        return self._panel

    def __repr__(self):
        return str(self.picture())

    def _repr_mimebundle_(self, include=None, exclude=None):
        picture, panel = self.picture(), self.panel()
        widget = panel._repr_mimebundle_() if panel else None
        shown = {} if widget is None else dict(widget[0] if isinstance(widget, tuple) else widget)
        return {**shown, **self.still(picture)}

    def still(self, picture):
        """The picture for a notebook that is not live."""
        if picture.png:
            words = self.label if picture.measured else str(picture)
            return {"text/plain": words, "image/png": base64.b64encode(picture.png()).decode()}
        return {"text/plain": str(picture), "text/html": image(picture.svg, f"{self.label}. {picture}")}


class Moving(View):
    """A view of training. Called with a run, after every step and epoch, it notices, and is redrawn if it is time to.

    every: the seconds from one picture to the next, at least
    """

    every = 0.15
    run, last = None, 0.0

    def __call__(self, run):
        self.run = run
        self.notice(run)
        if not run.steps or time.monotonic() - self.last > self.every:  # always when an epoch is over
            with uninterrupted():  # half a picture would be no use
                self.redraw()
            self.last = time.monotonic()

    def notice(self, run):
        """Keep what will be drawn later."""


@contextlib.contextmanager
def at_rest(*functions):
    """Those of them that are modules are as in eval() inside, and afterwards as they were."""
    modules = [part for function in functions if hasattr(function, "modules") for part in function.modules()]
    before = [module.training for module in modules]
    try:
        for module in modules:
            module.training = False
        yield
    finally:
        for module, training in zip(modules, before):
            module.training = training


def when(run):
    """How far a run is, in words."""
    if run.steps:
        return f"epoch {len(run.history) + 1}, step {run.steps}"
    return f"after epoch {len(run.history)}" if run.history else "before training"


def image(svg, alt):
    """An <img> of an SVG: it also shows in a notebook that is not trusted."""
    data = base64.b64encode(svg.encode()).decode()
    return f'<img alt="{html.escape(alt)}" src="data:image/svg+xml;base64,{data}">'


def is_live():
    """Whether a notebook's kernel runs this, and widgets are installed."""
    try:
        import anywidget  # noqa: F401
        from IPython import get_ipython
    except ImportError:
        return False
    return hasattr(get_ipython(), "kernel")


# Controls. What a panel sends and gets is always a number or a text; `read` makes of it what is meant.


class Control:
    """A value that can be changed by hand. `small` ones stand in a grid of three columns."""

    def __init__(self, name, label=None):
        self.name, self.label = name, label or name

    def read(self, raw):
        return raw

    def write(self, value):
        return value

    def spec(self):
        """What the panel needs to know, to make one."""
        return {"kind": type(self).__name__.lower(), **{k: v for k, v in vars(self).items() if k != "options"}}


class Slider(Control):
    """A number from `low` to `high`. plays: it can also run by itself, with so many seconds for a step."""

    def __init__(self, name, value, low, high, step=1, *, label=None, plays=0.0, small=False):
        super().__init__(name, label)
        self.value, self.low, self.high, self.step, self.plays, self.small = value, low, high, step, plays, small

    def read(self, raw):
        return int(raw) if isinstance(self.step, int) else float(raw)


class Steps(Control):
    """A slider over these values, one after the other."""

    def __init__(self, name, value, options, *, label=None):
        super().__init__(name, label)
        self.options, self.texts = list(options), [said(option) for option in options]
        self.value = self.write(value)

    def read(self, raw):
        return self.options[int(raw)]

    def write(self, value):
        return self.options.index(value)


class Choice(Steps):
    """One of these values. sets: what else choosing one sets, as {option: {name: value}}."""

    def __init__(self, name, value, options, *, label=None, sets=None):
        super().__init__(name, value, options, label=label)
        self.sets = [(sets or {}).get(option, {}) for option in self.options]


class Text(Control):
    """Something to write."""

    def __init__(self, name, value, *, label=None):
        super().__init__(name, label)
        self.value = value


def said(option):
    return f"{option:g}" if isinstance(option, float) else str(option)


def number(x):
    """A number in short: three digits."""
    x = float(x)
    if x == 0 or not np.isfinite(x):
        return f"{abs(x) if x == 0 else x:g}"
    return f"{x:.3g}".replace("e-0", "e-").replace("e+0", "e")
