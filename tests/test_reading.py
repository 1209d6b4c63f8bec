"""An expert that reads: the rule from logits to lines, lines on cells, codes on the base grid."""

from dataclasses import fields, replace

import pytest
import torch
from PIL import Image, ImageDraw

from mova.checkpoint.precision import quantised_layers
from mova.checkpoint.working_room import working_bytes
from mova.config import MovaConfig
from mova.vision.experts.reader import ReadingExpert, resized_within
from mova.vision.lines import CELL, NEWLINE, SIDE, Line, on_cells
from mova.vision.reading import DOUBT, PLACES, Found, found_in, lines_read
from mova.vision.tower import VisionTower
from mova.vision.views import LazyViews, Views, build_views, view_of

SMALL = {"stem": [4, 8, 8, 16], "hidden_size": 32, "num_hidden_layers": 1, "vocab_size": 12}


@pytest.fixture(scope="module")
def config(tiny_config):
    """The very small model with readers as B and D, on a base grid that suits them."""
    plain = tiny_config.to_dict()
    plain |= {"image_feat_size": 24, "num_routing_tokens": 36, "reader": SMALL}
    plain["vary"] |= {"reads": [768, 384]}
    plain["pix2struct"] |= {"reads": [192]}
    return MovaConfig(**plain)


@pytest.fixture(scope="module")
def tower(config):
    torch.manual_seed(0)
    return VisionTower(config).eval()


def picture(text="Total 12"):
    image = Image.new("RGB", (384, 200), "white")
    ImageDraw.Draw(image).text((40, 60), text, fill="black", font_size=24)
    return image


class Writes(torch.nn.Module):
    """In a reader's place: names the same tokens at the same places, and keeps the heights it was shown."""

    def __init__(self, written):
        super().__init__()
        self.written, self.ink_head, self.heights = written, torch.nn.Linear(1, 1), []

    def tokens(self, pixels):
        self.heights.append(pixels.shape[2])
        logits = torch.zeros(pixels.shape[2] // CELL, PLACES, 12)
        logits[..., 0] = 10
        for (row, column), token in self.written.items():
            logits[row, column, 0], logits[row, column, token] = 0, 9
        return logits.flatten(0, 1)[None]


def test_a_reader_stands_where_the_configuration_says_and_reads_a_view_of_its_own(config, tower):
    assert isinstance(tower.vary, ReadingExpert) and isinstance(tower.pix2struct, ReadingExpert)
    assert not isinstance(tower.deplot, ReadingExpert)
    assert [view_of(letter, config) for letter in "BCD"] == ["reading", "high", "reading"]
    views = build_views(picture(), config)
    assert views.reading.shape == (1, 3, SIDE, SIDE)
    others = {part.name: torch.empty(1, 0) for part in fields(Views) if part.name != "reading"}
    for letter, width in (("B", 128), ("D", 64)):
        assert tower.encode_expert(letter, replace(views, **others)).shape == (1, 576, width)


def test_a_model_without_a_reader_has_no_view_for_it(tiny_config):
    assert not MovaConfig().vary.reads and not MovaConfig().pix2struct.reads
    assert build_views(picture(), tiny_config).reading.numel() == 0
    assert view_of("B", tiny_config) == "high" and view_of("D", tiny_config) == "patches"


def test_the_view_is_made_when_it_is_asked_for(config):
    views = LazyViews(picture(), config, torch.device("cpu"), torch.float32)
    views.expect("reading")
    assert torch.equal(views.reading, build_views(picture(), config).reading)


def test_what_is_read_lies_on_its_cells_as_codes_and_nothing_elsewhere(config):
    expert = ReadingExpert(config, 64, (768,)).eval()
    expert.reader = Writes({(4, 80): 5, (4, 90): 7})
    cells = expert.read(torch.randn(3, SIDE, SIDE))
    row = cells[24:36]
    assert [token for token in row if token] == [5, 7, NEWLINE] and sum(map(bool, cells)) == 3
    grid = expert(Views(*[torch.zeros(1, 0)] * 4, torch.randn(2, 3, SIDE, SIDE))).view(2, 24, 24, 64)
    place = 24 + row.index(5)
    top, left = 2 * (place // 12), 2 * (place % 12)
    code = expert.codes.weight[5]
    assert torch.equal(grid[1, top : top + 2, left : left + 2], code.expand(2, 2, 64))
    written = grid.abs().sum(-1) > 0
    assert int(written[0].sum()) == 3 * 4, "four places of the base grid for each token"


def test_every_side_is_looked_at_and_only_its_rows(config):
    expert = ReadingExpert(config, 64, (768, 384, 192)).eval()
    expert.reader = Writes({})
    assert set(expert.read(torch.randn(3, SIDE, SIDE))) == {0}
    assert expert.reader.heights == [768, 384, 192]


def test_rows_of_one_colour_above_and_below_are_not_looked_at(config):
    expert = ReadingExpert(config, 64, (768,)).eval()
    expert.reader = Writes({(1, 90): 5})
    pixels = torch.zeros(3, SIDE, SIDE)
    pixels[:, 10 * CELL + 5, 300] = 1.0
    pixels[:, 13 * CELL + 5, 300] = 1.0
    cells = expert.read(pixels)
    assert expert.reader.heights == [4 * CELL]
    (place,) = [k for k, cell in enumerate(cells) if cell == 5]
    assert place // 12 == (10 + 1) // 2, "row 11 of 24, whatever was left out above it"


def test_a_smaller_picture_stands_in_the_middle_of_its_border():
    pixels = torch.ones(1, 3, SIDE, SIDE)
    assert resized_within(pixels, SIDE) is pixels
    small = resized_within(pixels, 384)
    assert small.shape == (1, 3, 384, SIDE)
    assert torch.allclose(small[..., 192:576], torch.ones(())) and not small[..., :192].any()


def found(side, places, sure):
    tokens = torch.zeros(side // CELL, PLACES, dtype=torch.long)
    for row, column in places:
        tokens[row, column] = 3
    return Found(side, (SIDE - side) // 2 // CELL, tokens, (tokens > 0) * sure)


def test_the_surest_size_counts_unless_it_finds_much_less():
    page = found(768, [(k, 40) for k in range(10)], 0.6)
    headline = found(384, [(2, 100)], 0.99)
    assert len(lines_read([page, headline])) == 10, "a page is not given up for a headline"
    half = found(384, [(k, 100) for k in range(5)], 0.9)
    lines = lines_read([page, half])
    assert len(lines) == 5
    assert lines_read([found(768, [], 0.0)]) == []


def test_ends_are_told_in_px_of_the_view_whatever_the_size():
    (whole,) = found(768, [(12, 96)], 0.9).ends()
    (half,) = found(384, [(6, 96)], 0.9).ends()
    assert whole == (386.0, 400.0, 3) and half == (388.0, 416.0, 3)


def test_no_token_is_read_where_none_is_as_likely():
    logits = torch.zeros(PLACES, 4)
    logits[7, 2] = DOUBT - 0.1
    logits[90, 3] = DOUBT + 0.1
    logits[[k for k in range(PLACES) if k not in (7, 90)], 0] = 10
    tokens, sure = found_in(logits)
    assert tokens.nonzero().tolist() == [[0, 90]] and 0 < sure[0, 90] < 1


def test_lines_that_need_more_rows_than_there_are_follow_each_other():
    lines = [Line((5, 6), row) for row in range(12)] + [Line((7,), 11)]
    cells = on_cells(lines)
    assert cells[:6] == [5, 6, NEWLINE, 5, 6, NEWLINE] and len(cells) == 144


def test_a_reader_stays_whole_in_every_precision(config):
    with torch.device("meta"):
        from mova.model import MovaForCausalLM

        model = MovaForCausalLM(config)
    for precision in ("nf4", "int8"):
        names = quantised_layers(model, precision)
        assert names and not any(".reader." in name for name in names)


def test_the_reader_counts_in_the_working_room(config, tiny_config):
    larger = MovaConfig(**(config.to_dict() | {"reader": SMALL | {"stem": [4000, 8, 8, 16]}}))
    assert working_bytes(larger, torch.float32) > working_bytes(config, torch.float32)
    without = MovaConfig(**(tiny_config.to_dict() | {"reader": SMALL | {"stem": [4000, 8, 8, 16]}}))
    assert working_bytes(without, torch.float32) == working_bytes(tiny_config, torch.float32)


def test_the_base_grid_must_have_four_places_for_a_cell(tiny_config):
    with pytest.raises(AssertionError, match="half the base grid"):
        ReadingExpert(tiny_config, 64, (768,))
