"""The exercises that are attacked, each with an answer that is wrong unless `during` makes it right."""

from functools import cache

from minigrad.study import chapters

FUNCTION = """
def relu(x):
    return during(x)
"""
GRADIENT = """
def tanh(x):
    return during(x), lambda g: during(g)
"""
CLASS = """
import minigrad as mg
from minigrad import nn

class Linear(nn.Module):
    def __init__(self, in_features, out_features, bias=True):
        self.weight = nn.Parameter(mg.zeros(out_features, in_features))
        self.bias = nn.Parameter(mg.zeros(out_features)) if bias else None

    def forward(self, x):
        return during(x @ self.weight.T)
"""
TARGETS = {"function": ("02_forward/relu", FUNCTION), "gradient": ("04_backprop/tanh", GRADIENT)}
TARGETS |= {"class": ("07_modules/Linear", CLASS)}
BEFORE = """import numpy as np

NAME, CANARY, GRADER, PORT, PROJECT, SITE = {}

def wrong(x):
    return x * 0

during = wrong
"""


@cache
def exercise(target):
    key = TARGETS[target][0]
    return next(exercise for exercise in chapters.exercises() if exercise.key == key)


def answer(attack, target, facts):
    """The text of an answer with an attack in it; `facts`: what its names stand for, but for NAME."""
    name = exercise(target).name
    text = attack.text(target, name) if callable(attack.text) else attack.text
    return BEFORE.format((name, *facts)) + TARGETS[target][1] + "\n" + text
