"""Charts by ECharts and by Vega-Lite in Chromium: other libraries than the one that training draws with."""

import random
from dataclasses import dataclass, replace
from pathlib import Path

from playwright.sync_api import Page

from training.makers.browser import Studio
from training.makers.chart_data import compose
from training.makers.charts import is_clean
from training.makers.fonts import choose_family
from training.makers.records import Picture
from training.makers.words import Words
from training.pictures.tables import Table

SCRIPTS = {
    "echarts": ("echarts/dist/echarts.min.js",),
    "vega": ("vega/build/vega.min.js", "vega-lite/build/vega-lite.min.js"),
}
SIZES = ((640, 480), (800, 500), (700, 500), (900, 600), (600, 600), (1000, 600), (560, 420))
TRIES = 8
# As many pies and lines as bars of three sorts: no one answer is right for most of them.
KINDS = ("bar", "bar", "horizontal bar", "grouped bar", "line", "line", "pie", "pie")
READABLE = 18.2 / 768  # size of text, px per px of the longer side: capitals a little over 12 px at 768
SHOW = {
    "echarts": """([option, theme]) => {
      const box = document.getElementById('chart');
      echarts.init(box, theme, {renderer: 'svg'}).setOption(option);
    }""",
    "vega": """async ([spec]) => {
      const view = new vega.View(vega.parse(vegaLite.compile(spec).spec),
        {renderer: 'svg', container: '#chart', hover: false});
      await view.runAsync();
    }""",
}
PALETTES = (
    None, None, None, ["#003f5c", "#bc5090", "#ffa600", "#58508d", "#ff6361", "#2f9e44", "#868e96",
        "#1098ad"],
    ["#264653", "#2a9d8f", "#e9c46a", "#f4a261", "#e76f51", "#6d597a", "#355070", "#b56576"],
)  # fmt: skip


@dataclass(frozen=True)
class Frame:
    """What a chart is drawn into: CSS px, size of text, family, background, whether it is dark."""

    width: int
    height: int
    text: float
    family: str
    kept: bool
    ground: str
    dark: bool

    @classmethod
    def choose(cls, rng: random.Random) -> "Frame":
        """Mostly white, seldom tinted or dark."""
        width, height = rng.choice(SIZES)
        family = choose_family(rng, "test", named=True)
        usual = rng.random() < 0.4
        dark = rng.random() < 0.1
        ground = "#100c2a" if dark else rng.choice(("#ffffff", "#ffffff", "#ffffff", "#f7f7f2", "#eef3fa"))
        text = READABLE * max(width, height) * rng.choice((1.0, 1.0, 1.1, 1.25))
        return cls(
            width,
            height,
            text,
            "sans-serif" if usual else family.name,
            family.kept and not usual,
            ground,
            dark,
        )


class Plotter:
    """One library, loaded once into a tab of a browser. `modules` is npm's folder node_modules."""

    def __init__(self, studio: Studio, modules: Path, library: str):
        self.studio, self.modules, self.library = studio, modules, library
        self.scripts = [(modules / name).read_text(encoding="utf-8") for name in SCRIPTS[library]]

    def draw(self, rng: random.Random) -> Picture:
        """One chart with its table; tries again where text lies over text. Questions are asked elsewhere."""
        kind = rng.choice(KINDS)
        for trial in range(TRIES):
            words, frame = Words(rng, "test"), Frame.choose(rng)
            table = compose(words, kind, most=7 if trial < 4 else 4)
            image, runs = self.shoot(frame, self.arguments(rng, table, frame))
            runs = tuple(replace(run, role="note") for run in runs)
            if is_clean(image, runs, table):
                break
        held_out = ({"font"} if frame.kept else set()) | ({"words"} if words.kept_used else set())
        return Picture(
            image, self.library, "charts", runs, (), table, held_out=frozenset(held_out | {"maker"})
        )

    def arguments(self, rng: random.Random, table: Table, frame: Frame) -> list:
        """What the library is given."""
        if self.library == "echarts":
            return [echarts_option(rng, table, frame), "dark" if frame.dark else None]
        return [vega_spec(rng, table, frame)]

    def shoot(self, frame: Frame, arguments: list) -> tuple:
        """The drawn chart and its texts."""
        html = (f"<!doctype html><body style='margin:0;background:{frame.ground}'>"
                f"<div id=chart style='width:{frame.width}px;height:{frame.height}px'></div>")  # fmt: skip

        def show(page: Page) -> None:
            for script in self.scripts:
                page.add_script_tag(content=script)
            page.evaluate(SHOW[self.library], arguments)

        shot = self.studio.shoot(html, (frame.width, frame.height), then=show)
        return shot.image, shot.runs


def echarts_option(rng: random.Random, table: Table, frame: Frame) -> dict:
    """An ECharts option: its own colours, grid lines, round corners, labels outside or inside."""
    size = frame.text
    option: dict = {
        "animation": False, "backgroundColor": frame.ground,
        "textStyle": {"fontFamily": frame.family, "fontSize": size},
        "title": {"text": table.title, "top": size * 0.5, "left": rng.choice(("left", "center", "center")),
                  "textStyle": {"fontSize": size * 1.3, "fontFamily": frame.family}},
    }  # fmt: skip
    palette = rng.choice(PALETTES)
    if palette and not frame.dark:
        option["color"] = palette
    if table.kind == "pie":
        return option | echarts_pie(rng, table, size)
    many = len(table.series) > 1
    names = {"type": "category", "data": list(table.categories), "name": table.category_axis,
             "nameLocation": "middle", "nameGap": size * 2.4, "nameTextStyle": {"fontSize": size},
             "axisLabel": {"fontSize": size, "interval": 0, "rotate": rng.choice((0, 0, 0, 30,
                 45))}}  # fmt: skip
    values = {"type": "value", "name": table.value_axis, "axisLabel": {"fontSize": size},
              "nameTextStyle": {"fontSize": size}, "nameLocation": "middle",
              "nameGap": size * 4.2}  # fmt: skip
    lying = table.kind == "horizontal bar"
    if lying:
        names |= {"inverse": rng.random() < 0.6, "nameGap": size * 7}
        names["axisLabel"]["rotate"] = 0
        values["nameGap"] = size * 2.4
    option |= {"xAxis": values if lying else names, "yAxis": names if lying else values}
    option["grid"] = {"top": size * (5.5 if many else 4.5), "left": size * (2.5 if table.value_axis else 1),
                      "right": size * 2, "bottom": size * 3, "containLabel": True}  # fmt: skip
    if many:
        option["legend"] = {"top": size * 2.4, "textStyle": {"fontSize": size}, "data": list(table.series)}
    option["series"] = [echarts_series(rng, table, k, size) for k in range(len(table.series))]
    return option


def echarts_series(rng: random.Random, table: Table, k: int, size: float) -> dict:
    """One series with its value labels."""
    line = table.kind == "line"
    place = "top" if line or table.kind != "horizontal bar" else "right"
    data = [
        {
            "value": value,
            "label": {"show": bool(text), "formatter": text, "position": place, "fontSize": size},
        }
        for value, text in zip(table.values[k], table.printed[k], strict=True)
    ]
    series: dict = {"type": "line" if line else "bar", "data": data, "name": table.series[k] or "values"}
    if line:
        series |= {"smooth": rng.random() < 0.3, "symbolSize": rng.choice((4, 8, 10))}
        if rng.random() < 0.2:
            series["areaStyle"] = {"opacity": 0.3}
    elif rng.random() < 0.4:
        series["itemStyle"] = {"borderRadius": 6}
    return series


def echarts_pie(rng: random.Random, table: Table, size: float) -> dict:
    """A pie or a ring with lines to its labels, or with a legend."""
    legend = rng.random() < 0.35
    data = []
    for name, value, text in zip(table.categories, table.values[0], table.printed[0], strict=True):
        label = text if legend else f"{name}\n{text}".strip()
        data.append({"name": name, "value": value, "label": {"show": bool(label), "formatter": label or " ",
                     "fontSize": size, "position": "inside" if legend else "outside"}})  # fmt: skip
    radius = ["35%", "62%"] if rng.random() < 0.35 else rng.choice(("55%", "60%"))
    option: dict = {"series": [{"type": "pie", "radius": radius, "center": ["50%", "57%"], "data": data}]}
    if legend:
        option["legend"] = {"orient": rng.choice(("vertical", "horizontal")), "left": "left", "bottom": "3%",
                            "textStyle": {"fontSize": size}}  # fmt: skip
    return option


def vega_spec(rng: random.Random, table: Table, frame: Frame) -> dict:
    """A Vega-Lite specification in its own look: thin frame, grid, names turned by default."""
    size = frame.text
    rows = [
        {
            "category": name,
            "value": table.values[s][k],
            "series": series,
            "text": table.printed[s][k],
            "order": k,
        }
        for s, series in enumerate(table.series)
        for k, name in enumerate(table.categories)
    ]
    spec: dict = {
        "data": {"values": rows}, "background": frame.ground if not frame.dark else "#ffffff", "padding": 12,
        "autosize": {"type": "fit", "contains": "padding"}, "width": frame.width, "height": frame.height,
        "config": {"font": frame.family, "axis": {"labelFontSize": size, "titleFontSize": size,
                   "labelLimit": 400, "labelOverlap": False}, "title": {"fontSize": size * 1.25},
                   "legend": {"labelFontSize": size, "titleFontSize": size}, "text": {"fontSize": size}},
    }  # fmt: skip
    if table.title:
        spec["title"] = {"text": table.title, "anchor": rng.choice(("middle", "start"))}
    layers = vega_pie(rng, table, size) if table.kind == "pie" else vega_marks(rng, table)
    return spec | {"layer": layers}


def vega_marks(rng: random.Random, table: Table) -> list[dict]:
    """Bars or lines, and a layer of value labels."""
    many, lying = len(table.series) > 1, table.kind == "horizontal bar"
    names: dict = {"field": "category", "type": "nominal", "sort": None, "title": table.category_axis or None}
    if not lying:
        names["axis"] = {"labelAngle": rng.choice((0, 0, -45, -90))}
    values = {"field": "value", "type": "quantitative", "title": table.value_axis or None}
    encoding: dict = {"y" if lying else "x": names, "x" if lying else "y": values}
    if many:
        encoding["color"] = {"field": "series", "title": None, "sort": None}
    if table.kind == "grouped bar":
        encoding["xOffset"] = {"field": "series", "sort": None}
    mark: dict = {"type": "line", "point": rng.random() < 0.7} if table.kind == "line" else {"type": "bar"}
    colour = rng.choice((None, None, "#e45756", "#54a24b", "#79706e", "#b279a2"))
    if colour and not many:
        mark["color"] = colour
    layers = [{"mark": mark, "encoding": encoding}]
    if table.labelled:
        place = (
            {"align": "left", "baseline": "middle", "dx": 4} if lying else {"baseline": "bottom", "dy": -5}
        )
        text = {key: part for key, part in encoding.items() if key != "color"} | {"text": {"field": "text"}}
        layers.append({"mark": {"type": "text"} | place, "encoding": text})
    return layers


def vega_pie(rng: random.Random, table: Table, size: float) -> list[dict]:
    """A pie with a legend or names around it."""
    order = {"field": "order", "type": "quantitative"}
    theta = {"field": "value", "type": "quantitative", "stack": True}
    named = rng.random() < 0.4
    colour: dict = {"field": "category", "type": "nominal", "sort": None, "title": None}
    if named:
        colour["legend"] = None
    encoding = {"theta": theta, "color": colour, "order": order}
    layers: list[dict] = [{"mark": {"type": "arc", "outerRadius": size * 8}, "encoding": encoding}]
    around = {"theta": theta, "order": order, "detail": {"field": "category", "sort": None}}
    if named:
        layers.append(
            {
                "mark": {"type": "text", "radius": size * 10.5},
                "encoding": around | {"text": {"field": "category"}},
            }
        )
    if table.labelled:
        layers.append({"mark": {"type": "text", "radius": size * 5, "fill": "black"},
                       "encoding": around | {"text": {"field": "text"}}})  # fmt: skip
    return layers
