"""Chapter 02."""

from ..exercise import Chapter

chapter = Chapter("02_forward", "Forward")
