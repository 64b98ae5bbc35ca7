# %% [markdown]
# # 00 · Start here: the first exercise
#
# *About 5 minutes.*
#
# Every chapter has a lesson, and a notebook like this one with its exercises. What you write here becomes, piece by
# piece, a framework of your own.
#
# An exercise goes like this:
#
# 1. Read what is asked for. Write your answer in place of the line with `raise`, and run the cell (**Shift+Enter**).
# 2. Run the cell below it: `check(...)` tries your answer on several cases and compares it with what is right. It stops
#    at the first thing that is wrong, and shows it.
# 3. Stuck? `hint(hello)` helps a little, and each further time a little more. After you have passed, `solution(hello)`
#    shows how we would write it.
#
# Run the next cell first, here and in every such notebook.

# %% tags=["nbval-ignore-output"]
from minigrad.study import *

# %% [markdown]
# ## A greeting
#
# Try it wrong first: write `return "Hello"`, and run both cells. Read what comes back. It tells you which case it was,
# what your function gave, and what was expected; the red line says it once more. Then make it right.

# %% exercise="hello"

# %% [markdown]
# ## What is yours now
#
# You know all there is to know about how exercises go:
#
# - `progress()` shows every exercise and how far you are. Your answers are kept on your own machine, outside of this
#   project, so they are still there tomorrow.
# - `reset(hello)` forgets an exercise, `restore()` takes that back.
# - Nothing is lost by a wrong answer, and nobody counts them.
#
# Go on with chapter 01: first its lesson, then its exercises.

# %% tags=["nbval-ignore-output"]
progress()
