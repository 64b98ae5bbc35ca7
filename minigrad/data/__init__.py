"""Batches: datasets, the loader that deals them out, the transforms of their pictures, and CIFAR-10."""

from . import transforms
from .cifar10 import CIFAR10, CIFAR10Subset
from .collate import default_collate
from .dataset import Dataset, Subset, TensorDataset, random_split
from .loader import DataLoader
