"""The panel of places: what each picked expert added, laid over the picture. Pure; escaped.

A contribution is the length of gate x cross-attention output at one place of the base grid in one layer
(mova/contributions.py). All layers and both scales are in the page; its radio buttons choose among them, so
that choosing asks no server. assets/page/where.js keeps what was chosen when the panel is drawn anew.
"""

from dataclasses import dataclass
from html import escape

import numpy as np

from demo.panels.overlay import Frame, fed_style, heat_uri, mixed_uri, square_html
from demo.panels.panel import Panel, Shown, badge, panel_html
from demo.theme import EXPERT_COLOURS
from demo.words import Words
from mova.contributions import Contributions
from mova.trace import Picture
from mova.vision.experts.pool import BY_LETTER, indices

MOST_LAYERS = 8  # as many as assets/page/where.css has rules for
MOST_VALUES = 60_000  # places x experts x layers: above, only the mean over the layers is drawn

SMALLEST = 0.001  # what is less is said to be less


@dataclass(frozen=True)
class Maps:
    """The maps to draw: `names` are "all" (the mean over the layers) and each layer's number, `values`
    [names, experts, side, side] are in the order of `experts`, `most` is the largest value of all."""

    experts: tuple[str, ...]
    names: tuple[str, ...]
    values: np.ndarray
    most: float

    @classmethod
    def of(cls, kept: Contributions) -> "Maps":
        layers = kept.maps()[:, indices(kept.experts)]
        mean = layers.mean(axis=0, keepdims=True)
        if kept.layers == 1 or kept.layers > MOST_LAYERS or layers.size > MOST_VALUES:
            return cls(kept.experts, ("all",), mean, float(mean.max()))
        names = ("all", *(str(number) for number in range(1, kept.layers + 1)))
        return cls(kept.experts, names, np.concatenate([mean, layers]), float(layers.max()))

    def share(self, name: int, expert: int) -> float:
        """What part of all that was added, over all places, this expert added."""
        whole = float(self.values[name].sum())
        return float(self.values[name, expert].sum()) / whole if whole > 0 else 0.0


def where_html(shown: Shown, say: Words) -> str:
    """A map for each picked expert and one of who added most, with their controls, words and a table."""
    trace = shown.trace
    kept = trace.contributions if trace else None
    heading = say("where.title"), say("where.about")
    if trace is None or not isinstance(kept, Contributions) or not kept.experts:
        lead = escape(say(f"where.{_state(shown)}"))
        return panel_html(*heading, f'<p class="mova-lead">{lead}</p>', "where")
    maps, frame, group = Maps.of(kept), Frame.of(trace.picture), kept.digest[:8]
    figures = [_expert_figure(maps, place, frame, say) for place in range(len(maps.experts))]
    if len(maps.experts) > 1:
        figures.append(_most_figure(maps, frame, say))
    body = (
        f'<div class="mova-where" style="{fed_style(trace.picture)}">'
        f'<p class="mova-lead">{_lead(trace.picture, frame, say)}</p>{_controls(maps, group, say)}'
        f'<div class="mova-maps n{len(figures)}">{"".join(figures)}</div>{_scale_words(maps, say)}</div>'
    )
    return panel_html(*heading, body + _table(maps, frame, say), "where")


def _state(shown: Shown) -> str:
    """Why there is no map: the key of what is said instead."""
    trace = shown.trace
    if not shown.asked:
        return "idle"
    if not shown.with_picture:
        return "no_picture"
    if trace is not None and trace.routing is not None and not trace.routing.experts:
        return "none"
    if trace is not None and trace.gates is not None:
        return "gone"
    return "waiting" if shown.pending else "ended"


def _lead(picture: Picture | None, frame: Frame, say: Words) -> str:
    said = [say("where.lead")]
    if not frame.whole:
        said.append(say("where.border"))
    if not fed_style(picture):
        said.append(say("where.picture_gone"))
    return escape(" ".join(said))


# Controls


def _controls(maps: Maps, group: str, say: Words) -> str:
    layers = [(name, say("where.mean") if name == "all" else name) for name in maps.names]
    views = [("each", say("where.each"))]
    views += [(letter, letter) for letter in maps.experts] + [("most", say("where.most_short"))]
    scales = [(name, say(f"where.scale_{name}")) for name in ("own", "one")]
    rows = [
        _radios("layer", layers, group, say) if len(layers) > 1 else "",
        _radios("view", views, group, say) if len(maps.experts) > 1 else "",
        _radios("scale", scales, group, say),
        f'<label class="mova-range"><span>{escape(say("where.opacity"))}</span>'
        '<input type="range" min="0" max="100" value="75" data-where="opacity"></label>',
    ]
    return f'<div class="mova-where-controls">{"".join(rows)}</div>'


def _radios(kind: str, choices: list[tuple[str, str]], group: str, say: Words) -> str:
    """One choice among several; the first is chosen until a person chooses."""
    buttons = "".join(
        f'<label><input type="radio" name="where-{kind}-{group}" value="{value}" data-where="{kind}"'
        f"{' checked' if place == 0 else ''}><span>{escape(label)}</span></label>"
        for place, (value, label) in enumerate(choices)
    )
    name = escape(say(f"where.{kind}"))
    return (
        f'<div class="mova-choice" role="radiogroup" aria-label="{name}"><span>{name}</span>{buttons}</div>'
    )


# Maps


def _expert_figure(maps: Maps, expert: int, frame: Frame, say: Words) -> str:
    letter = maps.experts[expert]
    name, colour = BY_LETTER[letter].name, EXPERT_COLOURS[letter]
    pictures, captions = [], []
    for index, layer in enumerate(maps.names):
        values = maps.values[index, expert]
        pictures.append(_heat(layer, values, maps.most, colour))
        captions.append(
            f'<small data-layer="{layer}">{escape(_range_words(maps, index, expert, say))}</small>'
        )
    label = say(
        "where.map_alt", name=name, layer=say("where.of_mean"), place=_strongest(maps, 0, expert, frame, say),
        range=_range_words(maps, 0, expert, say),
    )  # fmt: skip
    over = f'<div class="mova-over">{"".join(pictures)}</div>'
    return (
        f'<figure class="mova-map" data-map="{letter}" style="--c:{colour}">'
        f"<figcaption>{badge(letter)}<span><b>{escape(name)}</b>{''.join(captions)}</span></figcaption>"
        f"{square_html(frame, over, escape(label))}</figure>"
    )


def _heat(layer: str, values: np.ndarray, most: float, colour: str) -> str:
    """One map twice in one: stretched from its least to its most, and, by way of a plain ground of strength
    `flat` under the stretched map at strength `rise`, as it is on a scale from 0 to the answer's most."""
    least, largest = float(values.min()), float(values.max())
    span = largest - least
    stretched = (values - least) / span if span > 0 else np.zeros_like(values)
    flat = least / most if most > 0 else 0.0
    rise = span / (most - least) if span > 0 else 0.0
    return (
        f'<span class="mova-heat" data-layer="{layer}" style="--flat:{flat:.4f};--rise:{rise:.4f}">'
        f'<i></i><img alt="" src="{heat_uri(stretched, colour)}"></span>'
    )


def _most_figure(maps: Maps, frame: Frame, say: Words) -> str:
    """Every place in the colour of the expert that added most there, brighter the larger its part."""
    colours = [EXPERT_COLOURS[letter] for letter in maps.experts]
    pictures, legends = [], []
    for index, layer in enumerate(maps.names):
        owners, parts = _owners(maps.values[index])
        uri = mixed_uri(owners, parts, colours)
        pictures.append(f'<span class="mova-heat most" data-layer="{layer}"><img alt="" src="{uri}"></span>')
        items = "".join(
            f"<span>{badge(letter)} {share:.0%}</span>" for letter, share in _led(maps, index).items()
        )
        legends.append(f'<small class="mova-legend" data-layer="{layer}">{items}</small>')
    led = ", ".join(f"{BY_LETTER[letter].name} {share:.0%}" for letter, share in _led(maps, 0).items())
    label = say("where.most_alt", layer=say("where.of_mean"), led=led)
    over = f'<div class="mova-over">{"".join(pictures)}</div>'
    return (
        f'<figure class="mova-map" data-map="most"><figcaption><span><b>{escape(say("where.most"))}</b>'
        f"{''.join(legends)}</span></figcaption>{square_html(frame, over, escape(label))}</figure>"
    )


def _owners(values: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Of maps [experts, side, side]: who added most at each place, and what part of all that was."""
    whole = values.sum(axis=0)
    return values.argmax(axis=0), values.max(axis=0) / np.where(whole > 0, whole, 1)


def _led(maps: Maps, index: int) -> dict[str, float]:
    """Letter -> at what part of the places it added most."""
    owners, parts = _owners(maps.values[index])
    return {
        letter: float(((owners == place) & (parts > 0)).mean()) for place, letter in enumerate(maps.experts)
    }


# Words


def _range_words(maps: Maps, index: int, expert: int, say: Words) -> str:
    least, most = float(maps.values[index, expert].min()), float(maps.values[index, expert].max())
    if most < SMALLEST:
        return say("where.tiny" if most > 0 else "where.nothing", most=SMALLEST)
    said = say("where.range", least=number_text(least), most=number_text(most))
    if len(maps.experts) == 1:
        return said
    return say("where.part", share=f"{maps.share(index, expert):.0%}", range=said)


def _strongest(maps: Maps, index: int, expert: int, frame: Frame, say: Words) -> str:
    """Where a map is strongest, in words."""
    values = maps.values[index, expert]
    if values.max() == values.min():
        return say("where.even" if values.any() else "where.nothing")
    side = values.shape[0]
    row, column = divmod(int(values.argmax()), side)
    return say(frame.name(row, column, side))


def _scale_words(maps: Maps, say: Words) -> str:
    said = "".join(
        f'<span data-scale="{name}">{escape(say(f"where.{name}_words", most=number_text(maps.most)))}</span>'
        for name in ("own", "one")
    )
    more = [say("where.mean_words")] if len(maps.names) > 1 else []
    more += [say("where.most_words")] if len(maps.experts) > 1 else []
    return f'<p class="mova-words">{said} {escape(" ".join(more))}</p>'


def number_text(value: float) -> str:
    """Three digits of a contribution, which has no unit."""
    if 0 < value < SMALLEST:
        return f"<{SMALLEST}"
    return f"{value:.0f}" if value >= 99.95 else f"{value:.3g}"


def _table(maps: Maps, frame: Frame, say: Words) -> str:
    heads = ["layer", "expert", "share", "least", "largest", "strongest"]
    heads += [] if frame.whole else ["on_border"]
    head = "".join(f'<th scope="col">{escape(say(f"where.{name}"))}</th>' for name in heads)
    outside = ~frame.inside(maps.values.shape[-1])
    rows = []
    for index, layer in enumerate(maps.names):
        for expert, letter in enumerate(maps.experts):
            values = maps.values[index, expert]
            cells = [
                f"{letter} {escape(BY_LETTER[letter].name)}",
                f"{maps.share(index, expert):.1%}",
                escape(number_text(values.min())),
                escape(number_text(values.max())),
                escape(_strongest(maps, index, expert, frame, say)),
            ]
            if not frame.whole:
                cells.append(f"{float(values[outside].sum()) / max(float(values.sum()), 1e-30):.1%}")
            first = escape(say("where.mean")) if layer == "all" else layer
            rows.append(f'<tr><th scope="row">{first}</th>{"".join(f"<td>{c}</td>" for c in cells)}</tr>')
    return (
        f"<details><summary>{escape(say('panel.table'))}</summary><div class='mova-scroll' tabindex='0'>"
        f"<table><thead><tr>{head}</tr></thead><tbody>{''.join(rows)}</tbody></table></div></details>"
    )


WHERE = Panel("where", where_html, lambda trace: (trace.routing, trace.contributions, trace.picture))
