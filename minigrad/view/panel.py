"""The live picture of a view, with its controls: what stands between a View and `panel.js` in the page.

The page sends what the controls are set to, and gets a picture. ipywidgets sees to it that only the latest setting is
sent while the kernel is busy.
"""

from pathlib import Path

import anywidget
import traitlets


class Panel(anywidget.AnyWidget):
    _esm = Path(__file__).with_name("panel.js")
    _css = Path(__file__).with_name("panel.css")

    label = traitlets.Unicode().tag(sync=True)
    controls = traitlets.List().tag(sync=True)
    values = traitlets.Dict().tag(sync=True)
    svg = traitlets.Unicode().tag(sync=True)
    line = traitlets.Unicode().tag(sync=True)
    text = traitlets.Unicode().tag(sync=True)
    trouble = traitlets.Unicode().tag(sync=True)
    turn = traitlets.Int().tag(sync=True)  # counts the pictures: the page draws when it changes

    def __init__(self, view):
        self.view = view
        super().__init__(
            label=view.label, controls=[control.spec() for control in view.controls], values=dict(view.values)
        )
        self.redraw()
        self.observe(self.asked, names="values")

    def asked(self, change):
        """The learner moved a control."""
        self.view.values.update(change["new"])
        self.redraw()

    def redraw(self):
        """Draw the view as it is now. What goes wrong in the learner's own code is said under the picture."""
        try:
            picture, trouble = self.view.picture(), ""
        except Exception as error:
            picture, trouble = None, f"{type(error).__name__}: {error}"
        with self.hold_sync():
            self.trouble = trouble
            self.values = dict(self.view.values)
            if picture:
                self.svg, self.line, self.text = picture.svg, picture.line, picture.text
            self.turn += 1
