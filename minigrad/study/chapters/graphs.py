"""Chapter 03."""

from ..exercise import Chapter

chapter = Chapter("03_graphs", "Graphs")
