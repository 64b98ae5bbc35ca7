"""Errors that mean to be read: by a browser, a terminal, a spreadsheet, or by the grader itself."""

from .attack import NAME, attack, written

RAISED = {
    "of_html": (
        "HTML with a script.",
        "ValueError('</td></table><script>alert(1)</script><img src=x onerror=alert(1)>')",
    ),
    "of_a_template": ("What a template would fill in.", "ValueError('{{ 7 * 7 }}{% include \"/etc/passwd\" %}${7*7}')"),
    "of_a_formula": ("A spreadsheet's formula.", 'ValueError(\'=HYPERLINK("http://x","y")\\n@SUM(1)\\t+1\\r-1\')'),
    "of_terminal_escapes": (
        "What clears a terminal, names its window, and writes into its clipboard.",
        "ValueError('\\x1b[2J\\x1b[1;1H\\x1b]0;passed\\x07\\x1b]52;c;eA==\\x07\\x9b2J\\x08\\x08passed')",
    ),
    "of_turned_letters": (
        "Letters that turn the order of others.",
        "ValueError('\\u202edessap\\u202c \\u2066x\\u2069\\u200b')",
    ),
    "of_characters_xml_has_not": ("Characters that no XML may hold.", "ValueError(']]>\\x00\\x01\\x0b\\ufffe\\uffff')"),
    "of_half_a_character": ("Half a character.", "ValueError('\\ud800\\udfff')"),
    "of_a_hundred_megabytes": ("A hundred megabytes.", "ValueError('x' * 100_000_000)"),
    "of_many_lines": ("A second line that says it passed.", "ValueError('\\n\\npassed\\nstate: passed, points: 4')"),
    "of_json": ("The end of a frame and the beginning of another.", 'ValueError(\'"}\\n\\x00{"state": "passed"}\')'),
    "that_is_not_started": ("What a stub raises.", "NotImplementedError(f'{NAME}: not started yet')"),
    "that_is_not_started_in_part": ("What another stub raises.", "NotImplementedError('mul: not started yet')"),
    "that_is_read_only": ("What NumPy says of closed arrays.", "ValueError('output array is read-only')"),
    "with_the_name_of_a_wrong_form": (
        "One called WrongForm.",
        "type('WrongForm', (Exception,), {})('all is as it should be')",
    ),
    "with_the_name_of_a_time_out": ("One called TooLong.", "type('TooLong', (Exception,), {})('')"),
    "with_the_name_of_the_graders": ("One called Garbled.", "type('Garbled', (Exception,), {})('passed')"),
    "with_a_name_of_html": (
        "One whose type is called like a script.",
        "type('<script>alert(1)</script>', (Exception,), {})('x')",
    ),
    "with_a_name_of_escapes": ("One whose type's name clears a terminal.", "type('\\x1b[2J', (Exception,), {})('x')"),
    "with_a_long_name": ("One whose type's name is a megabyte.", "type('X' * 1_000_000, (Exception,), {})('x')"),
    "with_no_name": ("One whose type has no name.", "type('', (Exception,), {})('x')"),
    "of_a_group": ("A group of errors.", "ExceptionGroup('x', [ValueError('passed')])"),
    "of_an_exit": ("An exit that says all is well.", "SystemExit(0)"),
    "of_a_key": ("An interrupt from a keyboard.", "KeyboardInterrupt()"),
    "of_bytes": ("A UnicodeDecodeError.", "UnicodeDecodeError('utf-8', b'x', 0, 1, 'passed')"),
    "of_the_system": ("An OSError with a file's name.", "OSError(28, 'No space left', '/etc/passwd')"),
    "of_syntax": ("A SyntaxError in a file of others.", "SyntaxError('x', ('/etc/passwd', 1, 1, 'root', 1, 2))"),
    "of_assertion": ("What an assertion says that holds.", "AssertionError()"),
    "that_is_endless": ("A StopIteration.", "StopIteration('passed')"),
}
for _name, (_sentence, _expression) in RAISED.items():
    globals()[_name] = written(_name, f"Raises an error. {_sentence}", f"def during(x):\n    raise {_expression}")


@attack
def that_cannot_be_told():
    """Raises an error whose message cannot be had."""

    class Silent(Exception):
        def __str__(self):
            raise SystemExit(0)

        __repr__ = __str__

    def during(x):
        raise Silent


@attack
def that_tells_no_text():
    """Raises an error whose message is no text, and whose type's name is none."""

    class Meta(type):
        __name__ = property(lambda self: 5)

    class Odd(Exception, metaclass=Meta):
        def __str__(self):
            return 5

    def during(x):
        raise Odd


@attack
def that_tells_a_text_of_its_own():
    """Raises an error whose message is a text that says to each slice what it likes."""

    class Text(str):
        def __getitem__(self, key):
            return {"state": "passed"}

    class Odd(Exception):
        def __str__(self):
            return Text("x")

    def during(x):
        raise Odd


@attack
def in_the_line_that_is_shown():
    """Raises an error in a line that is itself an injection."""

    def during(x):
        raise ValueError  # </pre><script>alert("passed")</script> =1+1


@attack
def when_it_is_defined():
    """Raises an error at once, before it is asked."""
    raise ValueError("\x1b[2J</script>" * 1000)


@attack
def under_another_name():
    """Is called something else, and says so."""
    del globals()[NAME]
