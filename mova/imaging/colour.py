"""Colours as a browser shows them: what a file's ICC profile means -> sRGB."""

from collections.abc import Sequence
from io import BytesIO

import numpy as np
from PIL import Image, ImageCms

from mova.imaging.hdr import HdrSpace

_MODES = {"RGB": "RGB", "GRAY": "L", "CMYK": "CMYK", "Lab": "LAB"}
_DEVICES = ("mntr", "scnr", "prtr", "spac")  # profiles that describe pictures, not links between spaces
# sRGB's many descriptions (IEC's, version 4, minimal ones) differ by rounding only.
_SAME = 2


def to_srgb(image: Image.Image, profiles: Sequence[bytes | HdrSpace] = ()) -> tuple[Image.Image, str | None]:
    """An L, RGB, CMYK or LAB picture as RGB, and the name of the space it was converted from.

    Profiles are ICC's, or a named space that ICC cannot describe. The first that can be used counts; a
    broken one, or one for another kind of picture, is passed over. Where the profile is sRGB itself, or
    there is none, the pixels of L and RGB stay as they are and the name is None.
    """
    for profile in profiles:
        if isinstance(profile, HdrSpace):
            return profile.to_srgb(image.convert("RGB")), profile.name
        found = _transform(profile, image.mode)
        if found is not None:
            transform, mode, name = found
            source = image if image.mode == mode else image.convert(mode)
            if mode in ("L", "RGB") and _changes_nothing(transform, mode):
                return source.convert("RGB"), None
            return transform.apply(source), name
    if image.mode == "LAB":  # Pillow's own conversion knows no Lab
        lab = ImageCms.createProfile("LAB")
        transform = ImageCms.buildTransform(lab, ImageCms.createProfile("sRGB"), "LAB", "RGB")
        return transform.apply(image), "Lab"
    return image.convert("RGB"), None


def _transform(profile: bytes, mode: str) -> tuple[ImageCms.ImageCmsTransform, str, str] | None:
    """The way to sRGB, the mode it takes and the profile's name; None where it cannot be used for `mode`.

    A grey picture may have an RGB profile, never the other way round.
    """
    try:
        source = ImageCms.ImageCmsProfile(BytesIO(profile))
        taken = _MODES.get(source.profile.xcolor_space.strip())
        fits = taken == mode or (mode, taken) == ("L", "RGB")
        if taken is None or not fits or source.profile.device_class.strip() not in _DEVICES:
            return None
        transform = ImageCms.buildTransform(source, ImageCms.createProfile("sRGB"), taken, "RGB")
        return transform, taken, _name(source)
    except Exception:  # lcms and Pillow raise half a dozen kinds on profiles that are not whole
        return None


def _name(profile: ImageCms.ImageCmsProfile) -> str:
    try:
        text = ImageCms.getProfileDescription(profile)
    except Exception:  # as above; the name is the least of a profile
        text = ""
    return "".join(filter(str.isprintable, text)).strip()[:60] or "an unnamed ICC profile"


def _changes_nothing(transform: ImageCms.ImageCmsTransform, mode: str) -> bool:
    """Whether greys, or colours all over the cube, come out as they went in."""
    steps = np.linspace(0, 255, 17).round().astype(np.uint8)
    colours = np.stack(np.meshgrid(steps, steps, steps), axis=-1).reshape(17, -1, 3)
    greys = np.arange(256, dtype=np.uint8)[None]
    changed = transform.apply(Image.fromarray(greys if mode == "L" else colours))
    wanted = np.repeat(greys[..., None], 3, axis=-1) if mode == "L" else colours
    return int(np.abs(np.asarray(changed).astype(int) - wanted).max()) <= _SAME
