"""Chapter 00, start here: one exercise, to see how exercises go."""

from ..exercise import Chapter, given

chapter = Chapter("00_start_here", "Start here")


@chapter.exercise(
    points=1,
    minutes=3,
    cases=[
        given("a name is greeted", "Ada"),
        given("whoever it is, the greeting is theirs", "Grace Hopper"),
        given("without a name, the world is greeted", ""),
    ],
    hints=(
        "What the function is to give back is in its description, above the line with `raise`. Look at the commas.",
        "An f-string puts a value into a text: f'My name is {name}.' An empty text counts as false: `if name: ...`.",
        """
        def hello(name):
            if ...:
                name = ...
            return f"..."
        """,
    ),
)
def hello(name):
    """A greeting.

    name: a text    ->    a text, such as "Hello, Ada!"; without a name ("") it is "Hello, world!"

    >>> hello("Ada")
    'Hello, Ada!'
    """
    ### BEGIN SOLUTION
    if not name:
        name = "world"
    return f"Hello, {name}!"
    ### END SOLUTION


@chapter.hidden("hello")
def strangers(rng):
    """Names that nobody has."""
    one, two, three = ("".join(rng.choice([*"abcdefghijklmnopqrstuvwxyz"], 6)).title() for _ in range(3))
    return [given("a name that nobody has", one), given("and one of two words", f"{two} {three}")]


@chapter.wrong(
    "hello", "It shows the greeting but gives nothing back. print() is for people; return is for whoever called."
)
def printed(name):
    print(f"Hello, {name or 'world'}!")


chapter.wrong(
    "hello",
    "The case without a name is missing: what does the description say about it?",
    'if not name:\n        name = "world"\n    ',
    "",
)
chapter.wrong("hello", "Nearly: the greeting ends with an exclamation mark.", '{name}!"', '{name}"')
chapter.wrong("hello", "It greets Ada, whoever comes. Use the name that was given.", '{name}!"', "{'Ada'}!\"")
chapter.wrong("hello", "Nearly: there is a comma before the name.", "Hello, {", "Hello {")


@chapter.way("hello", "`or` gives its second side where the first is empty.")
def hello_or(name):
    return f"Hello, {name or 'world'}!"
