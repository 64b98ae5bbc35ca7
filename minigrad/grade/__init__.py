"""Grading notebooks: answers are found by name, put into the pristine notebook, and run there.

answers     what a notebook's cells define, and what each answer needs
pristine    the notebook of a chapter with somebody's answers in it, run through nbval
command     `python -m minigrad grade NOTEBOOK ...`
"""
