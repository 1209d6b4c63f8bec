"""The typefaces the makers draw with: Debian's where they are installed, and those that Matplotlib brings.

A quarter of the families is kept for judging and never used in the split `train`. What is not installed is
left out, so that everything works (with less variety) where only Matplotlib and Pillow are.
"""

import random
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from PIL import ImageFont

from training.pictures.fonts import font_folder

DEBIAN = Path("/usr/share/fonts")
# Debian packages of the families below, for `make train-needs`.
PACKAGES = (
    "fonts-liberation2 fonts-noto-core fonts-open-sans fonts-roboto-unhinted fonts-roboto-slab fonts-lato "
    "fonts-freefont-ttf fonts-crosextra-carlito fonts-crosextra-caladea fonts-inconsolata fonts-firacode "
    "fonts-cantarell fonts-linuxlibertine fonts-ebgaramond fonts-quicksand fonts-comic-neue fonts-urw-base35 "
    "fonts-inter fonts-karla fonts-cabin fonts-dosis fonts-hack fonts-jetbrains-mono fonts-courier-prime "
    "fonts-sil-gentium-basic fonts-vollkorn fonts-yanone-kaffeesatz fonts-b612 fonts-sora fonts-play "
    "fonts-adf-gillius fonts-league-spartan scowl"
).split()


@dataclass(frozen=True)
class Family:
    """A typeface with an upright and a bold face.

    `regular` and `bold` are files, relative to Debian's folder or to Matplotlib's; `weight` how much more
    often than others it is drawn with; `kept` whether it is kept for judging; `sort` sans, serif or mono;
    `named` whether other programs know it under `name` (it is not one face of a family used otherwise).
    """

    name: str
    regular: str
    bold: str
    sort: str = "sans"
    weight: int = 1
    kept: bool = False
    named: bool = True

    @property
    def faces(self) -> tuple[Path, Path] | None:
        """Regular and bold file, None where one of them is not installed."""
        names = (self.regular, self.bold)
        later = tuple(name.replace("liberation2", "liberation") for name in names)  # Debian 13's folder
        for folder in (DEBIAN, font_folder()):
            for regular, bold in (names, later):
                if (folder / regular).is_file() and (folder / bold).is_file():
                    return folder / regular, folder / bold
        return None


def _debian(name: str, stem: str, regular: str, bold: str, *more, **options) -> Family:
    """A family whose files differ in the end of their names."""
    return Family(name, stem + regular, stem + bold, *more, **options)


URW = "opentype/urw-base35/"
FAMILIES = (
    Family("DejaVu Sans", "DejaVuSans.ttf", "DejaVuSans-Bold.ttf", weight=4),
    Family("DejaVu Serif", "DejaVuSerif.ttf", "DejaVuSerif-Bold.ttf", "serif"),
    Family("DejaVu Sans Mono", "DejaVuSansMono.ttf", "DejaVuSansMono.ttf", "mono"),
    Family("STIXGeneral", "STIXGeneral.ttf", "STIXGeneralBol.ttf", "serif"),
    *(
        _debian(f"Liberation {sort}", f"truetype/liberation2/Liberation{sort}-", "Regular.ttf", "Bold.ttf",
                kind, weight)
        for sort, kind, weight in (("Sans", "sans", 4), ("Serif", "serif", 2), ("Mono", "mono", 1))
    ),
    _debian("Noto Sans", "truetype/noto/NotoSans-", "Regular.ttf", "Bold.ttf", weight=2),
    _debian("Noto Serif", "truetype/noto/NotoSerif-", "Regular.ttf", "Bold.ttf", "serif"),
    _debian("Open Sans", "truetype/open-sans/OpenSans-", "Regular.ttf", "Bold.ttf", weight=2),
    _debian("Roboto", "truetype/roboto/unhinted/RobotoTTF/Roboto-", "Regular.ttf", "Bold.ttf", weight=2),
    _debian("Roboto Condensed", "truetype/roboto/unhinted/RobotoCondensed-", "Regular.ttf", "Bold.ttf"),
    _debian("Roboto Slab", "opentype/roboto/slab/RobotoSlab-", "Regular.otf", "Bold.otf", "serif"),
    _debian("FreeSans", "truetype/freefont/FreeSans", ".ttf", "Bold.ttf"),
    _debian("FreeSerif", "truetype/freefont/FreeSerif", ".ttf", "Bold.ttf", "serif"),
    _debian("FreeMono", "truetype/freefont/FreeMono", ".ttf", "Bold.ttf", "mono"),
    _debian("Caladea", "truetype/crosextra/Caladea-", "Regular.ttf", "Bold.ttf", "serif"),
    _debian("Inconsolata", "truetype/inconsolata/Inconsolata", ".otf", ".otf", "mono"),
    _debian("Fira Code", "truetype/firacode/FiraCode-", "Regular.ttf", "Bold.ttf", "mono"),
    _debian("Hack", "truetype/hack/Hack-", "Regular.ttf", "Bold.ttf", "mono"),
    _debian("Cantarell", "opentype/cantarell/Cantarell-", "Regular.otf", "Bold.otf"),
    _debian("Linux Libertine O", "opentype/linux-libertine/LinLibertine_", "R.otf", "RB.otf", "serif"),
    _debian("Linux Biolinum O", "opentype/linux-libertine/LinBiolinum_", "R.otf", "RB.otf"),
    _debian("EB Garamond", "opentype/ebgaramond/EBGaramond12-", "Regular.otf", "Bold.otf", "serif"),
    _debian("Quicksand", "truetype/quicksand/Quicksand-", "Regular.ttf", "Bold.ttf"),
    _debian("Comic Neue", "opentype/comic-neue/ComicNeue-", "Regular.otf", "Bold.otf"),
    _debian("URW Bookman", URW + "URWBookman-", "Light.otf", "Demi.otf", "serif"),
    _debian("URW Gothic", URW + "URWGothic-", "Book.otf", "Demi.otf"),
    _debian("C059", URW + "C059-", "Roman.otf", "Bold.otf", "serif"),
    _debian("P052", URW + "P052-", "Roman.otf", "Bold.otf", "serif"),
    _debian("Nimbus Sans Narrow", URW + "NimbusSansNarrow-", "Regular.otf", "Bold.otf"),
    _debian("Karla", "truetype/karla/Karla-", "Regular.otf", "Bold.otf"),
    _debian("Dosis", "opentype/dosis/Dosis-", "Book.otf", "Bold.otf"),
    _debian("Yanone Kaffeesatz", "opentype/yanone-kaffeesatz/YanoneKaffeesatz-", "Regular.otf", "Bold.otf"),
    _debian("B612", "opentype/b612/B612-", "Regular.otf", "Bold.otf"),
    _debian("Gillius ADF", "truetype/adf/GilliusADF-", "Regular.otf", "Bold.otf"),
    # Kept for judging. Two faces of Matplotlib's fonts, kept before, are kept here too.
    Family("DejaVu Serif Italic", "DejaVuSerif-Italic.ttf", "DejaVuSerif-Italic.ttf", "serif", kept=True,
           named=False),
    Family("DejaVu Mono Bold", "DejaVuSansMono-Bold.ttf", "DejaVuSansMono-Bold.ttf", "mono", kept=True,
           named=False),
    _debian("Lato", "truetype/lato/Lato-", "Regular.ttf", "Bold.ttf", weight=2, kept=True),
    _debian("Carlito", "truetype/crosextra/Carlito-", "Regular.ttf", "Bold.ttf", weight=2, kept=True),
    _debian("Inter", "opentype/inter/Inter-", "Regular.otf", "Bold.otf", weight=2, kept=True),
    _debian("Cabin", "opentype/cabin/Cabin-", "Regular.otf", "Bold.otf", kept=True),
    _debian("Play", "opentype/play/Play-", "Regular.otf", "Bold.otf", kept=True),
    _debian("Sora", "opentype/sora/Sora-", "Regular.otf", "Bold.otf", kept=True),
    _debian("League Spartan", "opentype/league-spartan/LeagueSpartan-", "Regular.otf", "Bold.otf", kept=True),
    _debian("JetBrains Mono", "truetype/jetbrains-mono/JetBrainsMono-", "Regular.ttf", "Bold.ttf", "mono",
            kept=True),
    _debian("Courier Prime", "opentype/courier-prime/Courier Prime", ".otf", " Bold.otf", "mono", kept=True),
    _debian("Gentium Basic", "truetype/gentium-basic/GenBas", "R.ttf", "B.ttf", "serif", weight=2, kept=True),
    _debian("Vollkorn", "truetype/vollkorn/Vollkorn-", "Regular.ttf", "Bold.ttf", "serif", kept=True),
)  # fmt: skip


@lru_cache(maxsize=4)
def installed(kept: bool) -> tuple[Family, ...]:
    """The families that are here, those kept for judging or the others; never empty."""
    return tuple(family for family in FAMILIES if family.kept == kept and family.faces)


def choose_family(rng: random.Random, split: str, named: bool = False, kept_share: float = 0.7) -> Family:
    """A family for a picture of the split; in `test` most pictures are set in a kept one.

    `named` leaves out those that other programs do not know by name.
    """
    families = installed(split == "test" and rng.random() < kept_share)
    families = [family for family in families if family.named or not named] or installed(False)
    return rng.choices(families, [family.weight for family in families])[0]


def browser_family(rng: random.Random, split: str) -> Family:
    """A family that Chromium finds by its name: one of Debian's, or DejaVu."""
    while True:
        family = choose_family(rng, split, named=True)
        if str(family.faces[0]).startswith(str(DEBIAN)) or family.name.startswith("DejaVu"):
            return family


@lru_cache(maxsize=4096)
def load_face(path: str, size: float) -> ImageFont.FreeTypeFont:
    """A face at `size` px per em, in Pillow's basic layout (the same on every machine)."""
    return ImageFont.truetype(path, size, layout_engine=ImageFont.Layout.BASIC)


@lru_cache(maxsize=1 << 16)
def _advance(path: str, size: float, letters: str) -> float:
    """Width of one letter, or of two with their kerning."""
    return load_face(path, size).getlength(letters)


def letter_edges(path: str, size: float, text: str) -> list[float]:
    """Where every letter of a text begins, and where the last one ends, px from its left edge.

    Letter by letter: to measure every beginning of a long line whole takes most of a page's time.
    """
    edges = [0.0]
    for before, letter in zip(" " + text, text, strict=False):
        kerned = (
            _advance(path, size, before + letter) - _advance(path, size, before) if len(edges) > 1 else None
        )
        edges.append(edges[-1] + (_advance(path, size, letter) if kerned is None else kerned))
    return edges


@lru_cache(maxsize=4096)
def cap_height(path: str, size: float) -> float:
    """Height of a capital, px."""
    large = load_face(path, 200)
    return -large.getbbox("H", anchor="ls")[1] * size / 200


def size_for_cap(path: str, cap: float) -> float:
    """The size, px per em, at which a face's capitals are `cap` px high."""
    return cap / cap_height(path, 1.0)


if __name__ == "__main__":
    print(" ".join(PACKAGES))
