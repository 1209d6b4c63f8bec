"""What an encoder sees of a picture, on demand: features that an answer left behind are used again.

The caller holds the engine's lock.
"""

import threading

from mova.components import BASE, Components
from mova.feature_cache import PictureFeatures
from mova.images import CheckedImage
from mova.prepared import Prepared
from mova.stages import encode_experts, look
from mova.vision.components import find_components


def see(
    prepared: Prepared, image: CheckedImage, letter: str, features: PictureFeatures, stop: threading.Event
) -> Components | None:
    """The components of an expert's features, or of the base encoder's; None after a stop.

    What is missing in the picture's `features` is computed and kept there, as an answer would.
    """
    if letter in features.components:
        return features.components[letter]
    for _ in look(prepared, image, features, stop):
        pass
    if not stop.is_set() and letter != BASE:
        for _ in encode_experts(prepared, (letter,), features, stop):
            pass
    seen = features.base if letter == BASE else features.experts.get(letter)
    if stop.is_set() or seen is None:
        return None
    features.components[letter] = find_components(seen, letter)
    return features.components[letter]
