"""Optimizers, which turn gradients into better parameters, and schedules for their learning rates."""

from . import lr_scheduler
from .optimizer import Optimizer
from .rules import SGD, Adadelta, Adagrad, Adam, AdamW, RMSprop
