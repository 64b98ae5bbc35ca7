"""Chapter 00."""

from ..exercise import Chapter

chapter = Chapter("00_start_here", "Start here")
