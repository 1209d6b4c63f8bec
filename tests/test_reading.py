"""An expert that reads: the rule from logits to lines, lines on cells, codes on the base grid."""

import math
from dataclasses import fields, replace

import pytest
import torch
from PIL import Image, ImageDraw

from mova.checkpoint.precision import quantised_layers
from mova.checkpoint.working_room import working_bytes
from mova.config import MovaConfig
from mova.vision.chances import Chances
from mova.vision.cutting import cut_into_tokens
from mova.vision.experts.reader import ALPHABET, ReadingExpert, resized_within
from mova.vision.experts.writing import spell, spelled
from mova.vision.letters import PLACES, Letter
from mova.vision.lines import CELL, NEWLINE, SIDE, Line, on_cells
from mova.vision.reading import Read, best_read, page_of
from mova.vision.spelling import Spelling
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


WORDS = ["", "", " ", " Total", "Total", "1", "2", " Tot", "al", "a", "l", " a"]
SPELLING = Spelling({word: token for token, word in enumerate(WORDS) if word})


class Writes(torch.nn.Module):
    """In a reader's place: finds the same text wherever it looks, and keeps the heights it was shown."""

    def __init__(self, *written):
        super().__init__()
        self.written, self.ink_head, self.heights = written, torch.nn.Linear(1, 1), []

    def forward(self, pixels):
        self.heights.append(pixels.shape[2])
        tokens, letters = logits_of(pixels.shape[2] // CELL, *self.written)
        return tokens[None], letters[None]


def logits_of(rows, *written):
    """Logits of tokens and of characters of {band: (first column, columns a letter, text, tokens at its
    letters)}, sure that there is nothing elsewhere."""
    tokens = torch.zeros(rows, PLACES, len(WORDS))
    letters = torch.zeros(2 * rows, PLACES, len(ALPHABET) + 1)
    tokens[..., 0] = letters[..., 0] = 12
    for band, first, pitch, text, ends in written:
        for k, letter in enumerate(text):
            if letter != " ":
                letters[band, first + pitch * k, 0] = 0
                letters[band, first + pitch * k, 1 + ALPHABET.index(letter)] = 9
        for k, word in ends.items():
            tokens[band // 2, first + pitch * k, 0] = 0
            tokens[band // 2, first + pitch * k, WORDS.index(word)] = 9
    return tokens.flatten(0, 1), letters.flatten(0, 1)


def read_of(*written, rows=4, side=768, first=0):
    return page_of(side, first, *logits_of(rows, *written), ALPHABET).read(SPELLING)


def texts(found):
    return ["".join(WORDS[token] for token in line.tokens) for line in found.lines]


def only_tokens(chances):
    """Chances of tokens [R, 192, V], and no other character anywhere."""
    return Chances(chances, torch.full((2 * len(chances), PLACES, len(ALPHABET) + 1), -99.0), ALPHABET)


def tokens_of(letters, chances, spelling):
    cut = cut_into_tokens(letters, only_tokens(chances), spelling)
    return [token for piece in cut for token in piece.tokens]


TOTAL = "Total", {4: " Total"}


def test_a_word_is_the_token_that_is_likeliest_where_it_ends():
    assert texts(read_of((2, 40, 3, *TOTAL))) == [" Total"]
    cut = read_of((2, 40, 3, "Total", {2: " Tot", 4: "al"}))
    assert [WORDS[token] for token in cut.lines[0].tokens] == [" Tot", "al"]
    assert texts(read_of((2, 40, 3, "Total", {}))) in ([" Total"], ["Total"]), "spelled right, if unlikely"


def test_the_letters_decide_what_is_spelled():
    wrong = read_of((2, 40, 3, "Total", {2: "al", 4: " Total"}))
    assert texts(wrong) == [" Total"], "a token that its letters do not spell is not written"


def test_a_narrow_letter_that_may_be_two_ends_one_token_and_begins_the_next():
    spelling = Spelling({" But": 0, "ter": 1, " Bu": 2, "er": 3, " Bac": 4, "cer": 5})
    chances = torch.full((2, PLACES, 6), -9.0)
    chances[1, 46, [0, 4]] = chances[1, 50, [1, 5]] = -0.1  # where t or c, and r stand

    def cut(word, twice):
        letters = [Letter(2, 42 + 2 * k, one, 1.0, twice and k == 2) for k, one in enumerate(word)]
        return tokens_of(letters, chances, spelling)

    assert cut("Buter", twice=True) == [0, 1], "Butter"
    assert cut("Buter", twice=False) != [0, 1]
    assert cut("Bacer", twice=True) != [4, 5], "a wide letter is never two"


def test_one_of_two_letters_alike_may_be_missed_where_a_token_is_all_but_certain():
    spelling = Spelling({" Scot": 0, " Scott": 1, " Sc": 2, "out": 3})
    chances = torch.full((2, PLACES, 4), -9.0)
    letters = [Letter(2, 42 + 2 * k, one, 1.0) for k, one in enumerate("Scot")]

    def cut():
        return tokens_of(letters, chances, spelling)

    chances[1, 48, 0], chances[1, 48, 1] = -3.0, -0.1
    assert cut() == [1], "Scott"
    chances[1, 48, 0], chances[1, 48, 1] = -0.1, -3.0
    assert cut() == [0]
    chances[1, 48, 0], chances[1, 48, 3] = -9.0, -0.1
    assert cut() == [0], "no other letter is ever added"


def test_a_letter_that_no_token_spells_is_left_out():
    assert texts(read_of((2, 40, 3, "Total~", {4: " Total"}))) == [" Total"]


def test_a_blank_before_a_number_is_written_where_a_gap_is():
    apart = (2, 40, 3, "Total 12", {4: " Total", 5: " ", 6: "1", 7: "2"})
    assert texts(read_of(apart)) == [" Total 12"]
    near = (2, 40, 3, "12", {0: "1", 1: "2"})
    assert texts(read_of(near)) == ["12"]


def test_a_line_may_change_its_band_and_two_lines_below_each_other_are_two():
    begins, goes_on = (2, 40, 3, "Tot", {2: " Tot"}), (3, 49, 3, "al", {1: "al"})
    assert texts(read_of(begins, goes_on)) == [" Total"]
    assert texts(read_of((2, 40, 3, *TOTAL), (3, 40, 3, *TOTAL))) == [" Total", " Total"]
    far = (2, 140, 3, *TOTAL)
    assert texts(read_of((2, 40, 3, *TOTAL), far)) == [" Total Total"], "one band is one line"
    assert len(read_of((2, 40, 3, *TOTAL), (3, 140, 3, *TOTAL)).lines) == 2, "and two are not, far apart"


def test_ink_that_is_read_in_two_bands_is_one_letter():
    tokens, letters = logits_of(4, (2, 40, 3, *TOTAL))
    weaker = letters.view(8, PLACES, -1)
    weaker[3] = weaker[2]
    weaker[3, ..., 1:] *= 0.9
    weaker[3][weaker[3].amax(-1) < 12, 0] = 5
    found = page_of(768, 0, tokens, weaker.flatten(0, 1), ALPHABET).read(SPELLING)
    assert texts(found) == [" Total"]


def test_a_letter_of_two_columns_is_not_taken_for_a_part_of_a_surer_one_beside_it():
    tokens, letters = logits_of(4, (2, 40, 3, *TOTAL))
    places = letters.view(8, PLACES, -1)

    def say(column, letter, sure):
        places[2, column] = -20.0
        places[2, column, 0] = math.log(1 - sure)
        places[2, column, 1 + ALPHABET.index(letter)] = math.log(sure)

    say(40, "T", 0.9)
    say(41, "T", 0.92)
    say(42, "o", 0.999)
    say(43, "o", 0.9999)
    say(45, "r", 0.2)  # between o and t: a shadow of this
    assert texts(page_of(768, 0, tokens, places.flatten(0, 1), ALPHABET).read(SPELLING)) == [" Total"]


def test_lines_stand_near_their_ink_whatever_the_size():
    (whole,) = read_of((25, 96, 3, *TOTAL), rows=24).lines
    (half,) = read_of((1, 96, 3, *TOTAL), rows=2, side=384, first=12).lines
    assert (whole.row, whole.column) == (6, 5) and half.row == 6


def test_spellings_are_kept_as_numbers():
    assert spelled(spell(WORDS)) == SPELLING.tokens
    with pytest.raises(ValueError, match="longer than"):
        spell(["x" * 17])


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
    expert.reader = Writes((8, 80, 3, "Total", {2: " Tot", 4: "al"}))
    expert.spellings.copy_(spell(WORDS))
    cells = expert.read(torch.randn(3, SIDE, SIDE))
    row = cells[24:36]
    assert [token for token in row if token] == [7, 8, NEWLINE] and sum(map(bool, cells)) == 3
    grid = expert(Views(*[torch.zeros(1, 0)] * 4, torch.randn(2, 3, SIDE, SIDE))).view(2, 24, 24, 64)
    place = 24 + row.index(7)
    top, left = 2 * (place // 12), 2 * (place % 12)
    code = expert.codes.weight[7]
    assert torch.equal(grid[1, top : top + 2, left : left + 2], code.expand(2, 2, 64))
    written = grid.abs().sum(-1) > 0
    assert int(written[0].sum()) == 3 * 4, "four places of the base grid for each token"


def test_every_side_is_looked_at_and_only_its_rows(config):
    expert = ReadingExpert(config, 64, (768, 384, 192)).eval()
    expert.reader = Writes()
    assert set(expert.read(torch.randn(3, SIDE, SIDE))) == {0}
    assert expert.reader.heights == [768, 384, 192]


def test_rows_of_one_colour_above_and_below_are_not_looked_at(config):
    expert = ReadingExpert(config, 64, (768,)).eval()
    expert.reader = Writes((2, 80, 3, *TOTAL))
    expert.spellings.copy_(spell(WORDS))
    pixels = torch.zeros(3, SIDE, SIDE)
    pixels[:, 10 * CELL + 5, 300] = 1.0
    pixels[:, 13 * CELL + 5, 300] = 1.0
    cells = expert.read(pixels)
    assert expert.reader.heights == [4 * CELL]
    (place,) = [k for k, cell in enumerate(cells) if cell == 3]
    assert place // 12 == (10 + 1) // 2, "row 11 of 24, whatever was left out above it"


def test_a_smaller_picture_stands_in_the_middle_of_its_border():
    pixels = torch.ones(1, 3, SIDE, SIDE)
    assert resized_within(pixels, SIDE) is pixels
    small = resized_within(pixels, 384)
    assert small.shape == (1, 3, 384, SIDE)
    assert torch.allclose(small[..., 192:576], torch.ones(())) and not small[..., :192].any()


def found(side, tokens, sure):
    return Read(side, tuple(Line((3,), row) for row in range(tokens)), sure)


def test_the_surest_size_counts_unless_it_finds_much_less():
    page, headline, half = found(768, 10, -0.6), found(384, 1, -0.1), found(384, 5, -0.2)
    assert best_read([page, headline]).count == 10, "a page is not given up for a headline"
    assert best_read([page, half]).count == 5
    few, doubtful = found(768, 4, -0.01), found(384, 11, -3.5)
    assert best_read([few, doubtful]).count == 4, "nor is what is sure given up for much that is not"
    assert best_read([found(768, 0, 0.0)]).lines == ()


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
