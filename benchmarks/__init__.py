"""Measurements against PyTorch, and the logs they left."""
