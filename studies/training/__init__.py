"""Distilling a narrow VGG-19 from VGG-19 itself, the teacher.

A subset of each layer's filters is chosen, and a network of that width is trained to respond as
they do: first layer by layer, by linear least squares, then end to end, by Adam. Every weight is
distilled from responses; none is copied. So Gram matrices and ratios keep the teacher's meaning.
"""
