"""Grading notebooks: answers are found by name, put into the pristine notebook, and run there.

answers     what a notebook's cells define, and what each answer needs
pristine    the notebook of a chapter with somebody's answers in it, run through nbval
journal     what was graded so far, kept against every accident
reports     what teachers and students read, made from the journal
visible     text from strangers, made harmless to look at
command     `python -m minigrad grade NOTEBOOK ...`
"""
