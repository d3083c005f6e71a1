"""The student: a VGG-19 whose filters answer for some of the teacher's."""

from dataclasses import dataclass, field

from nst.inputs.weightfiles import Weights
from nst.method.vgg import VGG19, Preprocessing

# Oxford's VGG-19, the teacher; the student takes it over.
PREPROCESSING = Preprocessing(255.0, (103.939, 116.779, 123.68), bgr=True)
DEEPEST_USED = "conv5_1"  # by the paper


@dataclass
class Student:
    """Weights, and for each convolution the teacher's filters that it learns and their strength.

    `squares` holds the mean square of the chosen filters' rectified responses.
    """

    weights: Weights = field(default_factory=dict)
    chosen: dict[str, list[int]] = field(default_factory=dict)
    squares: dict[str, float] = field(default_factory=dict)

    def network(self) -> VGG19:
        """Return the network of the weights, as they are now, and differentiable in them."""
        return VGG19(self.weights, PREPROCESSING)
