"""Measurements against PyTorch and others, and what they left: `logs` of trainings, `results` of races.

`python -m benchmarks` is the race. Read `rows` (what is measured), then `libraries/torchlike` (how minigrad and PyTorch
do it, in the very same lines), then `worker` and `turns` (how it is timed), and `table`.

`convolution` times the four ways of lesson 10.
"""
