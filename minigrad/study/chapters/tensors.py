"""Chapter 01."""

from ..exercise import Chapter

chapter = Chapter("01_tensors", "Tensors")
