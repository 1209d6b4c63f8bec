"""What sees how a chart is laid out, beside the reader of print that the small model has in DePlot's place.

A small U-Net on half the reading view says for places of 8 px what the print there is (a title, a category, a
value beside a mark, ...), where marks end, and for the whole picture which kind of chart it is, if any. The
table that follows from that and from the letters is made by rule (`mova/vision/charts`).
"""

from collections.abc import Sequence

from torch import Tensor, nn
from torch.nn import functional as F

from mova.config import MovaConfig
from mova.vision.charts.layout import layout_of
from mova.vision.charts.seen import KINDS, MARKS, ROLES, Seen, kind_of
from mova.vision.charts.table import table_lines
from mova.vision.experts.reader import ReadingExpert
from mova.vision.experts.unet import UNet
from mova.vision.lines import SIDE, Line
from mova.vision.reading import Page
from mova.vision.spelling import Spelling

HALF = 384  # px of the picture that the sight looks at


class ChartSight(UNet):
    """Pixels [B, 3, 384, 384] -> Seen. `widths` are those of the U-Net."""

    def __init__(self, widths: tuple[int, ...]):
        super().__init__(widths)
        _, b, _, _, e = widths
        self.kind_head = nn.Linear(e, len(KINDS))
        self.role_head = nn.Conv2d(b, len(ROLES), 1)
        self.mark_head = nn.Conv2d(b, len(MARKS) + 2, 1)

    def forward(self, pixels: Tensor) -> Seen:
        features, whole = self.features(pixels)
        marks = self.mark_head(features)
        return Seen(
            self.role_head(features),
            marks[:, : len(MARKS)],
            marks[:, len(MARKS) :].sigmoid(),
            self.kind_head(whole),
        )


class ChartExpert(ReadingExpert):
    """A reader that writes a chart as a table; any other picture it reads as the readers do.

    `sight` are the widths of what sees the chart's layout.
    """

    def __init__(self, config: MovaConfig, width: int, sides: tuple[int, ...], sight: tuple[int, ...]):
        super().__init__(config, width, sides)
        self.sight = ChartSight(sight)

    def lines(self, pixels: Tensor, page: Page, spelling: Spelling) -> Sequence[Line]:
        """A chart's table, or of another picture the lines that were read."""
        seen = self.sight(F.avg_pool2d(pixels[None].to(self.reader.ink_head.weight.dtype), SIDE // HALF))
        if kind_of(seen) == "none":
            return super().lines(pixels, page, spelling)

        def read_rows(view: Tensor, rows: tuple[int, int]) -> Page:
            return self.page(view, SIDE, rows)

        return table_lines(layout_of(page, seen, pixels, read_rows), page, spelling)
