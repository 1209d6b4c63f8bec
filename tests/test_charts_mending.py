"""Printed numbers that were misread, and what the marks say of them."""

import pytest

from mova.vision.charts.mending import form_of, mended
from mova.vision.charts.rows import Row
from tests.test_charts import text


def rows(*pairs):
    """Rows of one series out of (what was read, what the mark tells)."""
    return [Row(text("Mon", 0, 0), text(said, 0, 0) if said else None, told=told) for said, told in pairs]


def written(*pairs):
    return [row.written for row in mended([rows(*pairs)])[0]]


AGREEING = (("45.6%", 45.2), ("32.2%", 32.5), ("20.1%", 20.0))


@pytest.mark.parametrize(
    ("read", "told", "printed"),
    [
        ("376%", 37.4, "37.6%"),  # a point was not seen
        ("37,6%", 37.4, "37.6%"),  # it was taken for another mark
        ("42.%", 42.3, "42.2%"),  # one digit where there were two alike
        ("4.2%", 14.1, "14.2%"),  # none where there was one
        ("342.2%", 42.1, "42.2%"),  # one too many
        ("72.2%", 12.1, "12.2%"),  # one for another
        ("22.,", 22.8, "22.8%"),  # what is no number at all is what the mark tells
    ],
)
def test_a_misread_number_is_the_likeliest_one_that_its_mark_tells(read, told, printed):
    assert written(*AGREEING, (read, told)) == [None, None, None, printed]


def test_a_mended_number_is_the_rows_value():
    row = mended([rows(*AGREEING, ("376%", 37.4))])[0][-1]
    assert row.value == 37.6 and row.printed.said == "376%"


def test_whole_numbers_stay_whole():
    assert written(("16", 16.2), ("11", 10.9), ("65", 6.2), ("1.4", 13.9)) == [None, None, "6", "14"]


def test_what_is_below_zero_has_its_sign_before_the_currency():
    dollars = (("$4.10", 4.1), ("$2.25", 2.2), ("$3.00", 3.0))
    assert written(*dollars, ("-$,", -3.25))[-1] == "-$3.25"


def test_a_number_of_the_same_form_that_nothing_alike_explains_stays_as_it_was_read():
    assert written(*AGREEING, ("98.7%", 21.2))[-1] is None


def test_where_most_numbers_differ_from_the_marks_the_axis_is_not_believed():
    assert written(("45.6%", 4.5), ("32.2%", 3.2), ("20.1%", 20.0)) == [None, None, None]
    assert written(("376", 37.4)) == [None], "one number alone proves nothing"


def test_values_without_a_mark_and_marks_without_a_number_stay():
    assert written(*AGREEING, ("376%", None), ("", 12.0))[-2:] == [None, None]
    assert mended([[]]) == [[]] and mended([]) == []


def test_every_series_is_mended_by_what_agrees_in_all():
    first, second = mended([rows(("7.0", 7.1), ("22.9", 22.8)), rows(("497", 49.5), ("60.7", 60.6))])
    assert [row.written for row in first + second] == [None, None, "49.7", None]


def test_the_form_of_a_number():
    assert form_of("$1,250.50") == ("$", 2, "") == form_of("-$3.25")
    assert form_of("12%") == ("", 0, "%") and form_of("38.5M") == ("", 1, "M")
    assert form_of("1,25") is form_of(",5") is form_of("3.") is form_of("") is None
