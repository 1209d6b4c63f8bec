"""The page tells the browser to ask no other host, and works under that in Chromium."""

import urllib.request

import pytest
from playwright.sync_api import expect

from tests.demo_pictures import draw_picture, make_examples
from tests.fake_engine import FakeEngine
from tests.page_server import serve
from tests.visitor import Visitor

TRY = """async () => {
  const tried = [];
  const refused = new Promise((resolve) => {
    document.addEventListener('securitypolicyviolation', (event) => {
      tried.push(event.effectiveDirective);
      if (tried.length === 3) resolve(tried.sort());
    });
  });
  new Image().src = 'https://elsewhere.example/a.png';
  const script = document.createElement('script');
  script.src = 'https://elsewhere.example/a.js';
  document.head.append(script);
  fetch('https://elsewhere.example/a').catch(() => {});
  return refused;
}"""


@pytest.fixture(scope="module")
def address(tmp_path_factory):
    with serve(FakeEngine(0.002, words=5), make_examples(tmp_path_factory.mktemp("examples"))) as address:
        yield address


def test_the_page_brings_a_policy_and_data_does_not(address):
    rules = urllib.request.urlopen(address).headers["content-security-policy"]
    named = dict(rule.strip().split(" ", 1) for rule in rules.split(";"))
    assert named["default-src"] == named["connect-src"] == "'self'" and named["object-src"] == "'none'"
    assert "http" not in rules and "*" not in rules
    assert "frame-ancestors" not in named, "a Space shows the page in a frame of another host"
    assert "content-security-policy" not in urllib.request.urlopen(f"{address}/config").headers


@pytest.mark.browser
def test_the_page_works_under_it_and_what_leads_elsewhere_is_refused(browser, address, tmp_path):
    visitor = Visitor(browser, address)
    visitor.ask("What is it?", draw_picture(tmp_path / "mine.png"))
    visitor.wait_for_answers()
    assert visitor.picture.evaluate("image => image.naturalWidth") > 0
    expect(visitor.heat_maps).to_have_count(2)
    visitor.save()
    assert visitor.complaints == []
    before = len(visitor.requests)
    assert visitor.page.evaluate(TRY) == ["connect-src", "img-src", "script-src-elem"]
    elsewhere = [url for url in visitor.requests[before:] if "elsewhere" in url]
    assert len(visitor.complaints) >= 3 or not elsewhere
    visitor.leave()
