"""Learning in a notebook: what a lesson imports to look after its reader.

- `doctor()` says whether this machine has what the lessons need, and how to get what is missing.
"""

from minigrad.study.doctor import doctor

__all__ = ["doctor"]
