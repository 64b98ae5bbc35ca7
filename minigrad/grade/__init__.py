"""Grading notebooks: answers are found by name, put into the pristine notebook, and run there.

reader      a file's bytes, the sources of its code cells or the reason why not
python      a cell's text as Python, without IPython's own syntax
statement   what a statement does with names
answers     what a notebook's cells define, and what each answer needs
pristine    the notebook of a chapter with somebody's answers in it, run through nbval
command     `python -m minigrad grade NOTEBOOK ...`

A class's notebooks come together in

collect     what everybody handed in, in folders and archives
layouts     whose a file is
archives    the files in an archive, without unpacking it
"""
