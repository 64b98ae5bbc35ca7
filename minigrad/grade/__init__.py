"""Grading notebooks: answers are found by name, put into the pristine notebook, and run there.

answers     what a notebook's cells define, and what each answer needs
pristine    the notebook of a chapter with somebody's answers in it, run through nbval
notebook    the same, inside the sandbox; notebook_inside.py is its part in there
sandbox/    programs that nobody has read, kept from everything that is not their own
command     `python -m minigrad grade NOTEBOOK ...`
"""
