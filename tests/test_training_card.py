"""The card's tables, from reports as `python -m mova evaluate --json` prints them."""

import json

import pytest

from training import card


def report(experts, score):
    exact = 0.5 if experts == "router" else None
    group = {"questions": 4, "scored": 3, "score": score, "routing_exact": exact}
    tags = {"scenes: place": group, "seen phrasing": group, "held-out phrasing": group | {"score": None}}
    routing = {"experts": {"A": {"expected": 4, "chosen": 2, "precision": 1.0, "recall": 0.5}}}
    return {"experts": experts, "categories": {"scenes": group}, "tags": tags, "routing": routing}


def test_the_tables_name_every_choice_of_experts_and_what_was_held_out(tmp_path, capsys):
    paths = []
    for experts, score in (("router", 0.75), ("none", 0.25)):
        paths.append(tmp_path / f"{experts}.json")
        paths[-1].write_text(json.dumps(report(experts, score)))
    card.main([str(path) for path in paths])
    printed = capsys.readouterr().out
    assert "| scenes | 4 | 0.50 | 3 | 0.75 | 3 | 0.25 |" in printed
    assert "| A | 4 | 2 | 1.00 | 0.50 |" in printed
    assert "| held-out phrasing | 4 | 0.50 | 3 | – |" in printed
    assert "| scenes | place | 3 | 0.75 |" in printed


def test_kinds_of_which_few_answers_were_scored_can_be_left_out():
    assert "| scenes | place | 3 | 0.75 |" in card.kinds(report("router", 0.75), least=3)
    assert "place" not in card.kinds(report("router", 0.75), least=4)


def test_a_domain_that_one_choice_was_not_asked_about_is_a_dash_there():
    other = report("none", None) | {"categories": {}}
    assert "| scenes | 4 | 0.50 | 3 | 0.75 | – | – |" in card.domains(report("router", 0.75), [other])


def test_another_report_than_the_routers_in_first_place_is_refused(tmp_path, capsys):
    path = tmp_path / "none.json"
    path.write_text(json.dumps(report("none", 0.2) | {"routing": None}))
    with pytest.raises(SystemExit):
        card.main([str(path)])
    assert "router's has to come first" in capsys.readouterr().err
