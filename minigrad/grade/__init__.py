"""Grading: one's own notebooks, and a class's, whose authors may try anything.

From a file to a grade, in order:

collect     folders and archives of submissions (archives.py reads these, layouts.py says whose a file is)
reader      the cells of a notebook, whatever its bytes are
answers     what a notebook's cells define, and what each answer needs (statement.py, python.py: one cell's text)
sandbox/    programs that nobody has read, kept from everything that is not their own
values      an answer judged by what it gives in the sandbox: here the points come from
            (questions: what it is asked; library: what it has beside it; child: what asks it; wire: what goes between)
pristine    the notebook of a chapter with somebody's answers in it, run through nbval
notebook    the same, inside the sandbox; notebook_inside.py is its part in there
submission  one file's row of the journal, of all of these
journal     what was graded so far, kept against every accident
classroom   a whole class (workers.py: by whom the work is done)
reports/    what teachers and students read, made from the journal
visible     text from strangers, made harmless to look at
command     `python -m minigrad grade ...`
"""
