"""Learning a narrow VGG-19 from VGG-19 itself, the teacher.

A part of each layer's filters is chosen, and a network of just that width learns to respond as they
do: first layer by layer, by linear least squares, then all of it at once, by Adam. Every weight is
learned from responses; none is copied. So Gram matrices and ratios keep the teacher's meaning.
"""
