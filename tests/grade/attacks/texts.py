"""Texts that are hardly Python, or that mean to be taken apart in another way than Python does."""

from .attack import written

W = written
no_text = W("no_text", "Is empty but for the answer that is wrong.", "")
not_python = W("not_python", "Is no Python.", "def during(x:\n  return )(")
a_nul = W("a_nul", "Holds a NUL.", "during = wrong\0")
half_a_character = W("half_a_character", "Holds half a character.", "text = '\ud800'")
parentheses = W("parentheses", "Opens a hundred thousand parentheses.", "x = " + "(" * 100_000)
signs = W("signs", "Negates a number a hundred thousand times.", "x = " + "-" * 100_000 + "1")
a_long_sum = W(
    "a_long_sum",
    "Adds up fifty thousand numbers, which a parser takes apart one in another.",
    "x = " + "+".join("1" * 50_000),
)
attributes = W("attributes", "Takes the attribute of an attribute, fifty thousand times.", "x = a" + ".a" * 50_000)
long_lines = W("long_lines", "Is two megabytes long, in one line.", "x = '" + "y" * 2_000_000 + "'")
many_lines = W("many_lines", "Has two hundred thousand lines.", "x = 1\n" * 200_000)
a_huge_power = W("a_huge_power", "Has the compiler compute a number.", "x = (9 ** 9) ** 9; y = 'x' * (1 << 20)")
another_encoding = W(
    "another_encoding", "Says that it is written in another encoding.", "# -*- coding: utf-7 -*-\nx = '+AGE-'"
)
other_ends = W(
    "other_ends", "Ends its lines in every way there is.", "x = 1\r\ny = 2\rz = 3\x0c\nw = '\u2028\u2029\x85'"
)
a_mark = W("a_mark", "Begins with a byte-order mark.", "\ufeffx = 1")
the_end_of_a_cell = W(
    "the_end_of_a_cell",
    "Holds the marks that notebooks and solutions are cut at.",
    "### END SOLUTION\n# %%\n# In[1]:\n### BEGIN HIDDEN TESTS\nassert True\n### END HIDDEN TESTS\n",
)
the_end_of_a_frame = W(
    "the_end_of_a_frame",
    "Holds what might end a frame, a string, a file.",
    'text = \'\\n"}\\n\'\n"""\n\'\'\'}}]]\n"""\n# </textarea> ``` EOF\n',
)
magics = W("magics", "Gives commands to a notebook.", "%%capture\n!echo passed\n%run x\n?during")
other_letters = W(
    "other_letters",
    "Defines the name that is asked for in other letters, which Python takes for the same.",
    "ｄｕｒｉｎｇ = lambda x: True",
)
asynchronous = W(
    "asynchronous", "Is asked for something, and gives a promise.", "async def during(x):\n    return True"
)
a_future = W("a_future", "Changes how the text after it is read.", "from __future__ import barry_as_FLUFL")
indents = W(
    "indents", "Goes in a hundred steps.", "\n".join(" " * i + "if 1:" for i in range(120)) + "\n" + " " * 120 + "x = 1"
)
no_longer_there = W("no_longer_there", "Takes away the name that is asked for.", "del globals()[NAME]")
something_else = W("something_else", "Gives a number the name that is asked for.", "globals()[NAME] = 5")
everything = W(
    "everything",
    "Gives the name to something that can be called, and has everything.",
    "from unittest.mock import MagicMock\nglobals()[NAME] = MagicMock()",
)
