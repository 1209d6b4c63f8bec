"""A visitor of the page: what people do there and what they see, in words of the page and not of its markup.

Browser tests speak through this alone, so that they say what has to hold however the page is built.
"""

import re
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from playwright.sync_api import Browser, Locator, Page, expect

from tests import carrying
from tests.browser_scripts import GROWN, IN_VIEW, KEPT

PICKED = ".mova-chip.picked .mova-name"
QUIET_LINE = ".mova-line"
PATIENCE = 30_000  # ms; generous, for a busy machine


class Visitor:
    """One person with the page open. `requests` are the addresses that the page has asked for so far,
    `complaints` what the browser has said of it as errors.

    `beside` is another visitor, whose browser this page is opened in, as a second tab; `invitation` is what
    the page says first in their language.
    """

    def __init__(
        self,
        browser: Browser,
        address: str,
        query: str = "",
        beside: "Visitor | None" = None,
        invitation: str = "Pick an example above",
        **options,
    ):
        expect.set_options(timeout=PATIENCE)
        self._invitation = invitation
        options = {"viewport": {"width": 1440, "height": 900}} | options
        context = beside.page.context if beside else browser.new_context(**options)
        self.page: Page = context.new_page()
        self.page.set_default_timeout(PATIENCE)
        self.requests: list[str] = []
        self.complaints: list[str] = []
        self.page.on("request", lambda request: self.requests.append(request.url))
        self.page.on("console", self._listen)
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.goto(f"{address}/{query}")
        self._look_around()

    def _listen(self, message) -> None:
        if message.type == "error":
            self.complaints.append(message.text)

    def _look_around(self) -> None:
        # Whoever comes to present does not see the gallery once the page has heard of that.
        presented = self.page.locator("[data-presenting] #columns")
        self.examples.or_(presented).filter(visible=True).first.wait_for()
        # Someone who presents does not see the invitation, and an address that asks may have put a question
        # in its place already.
        self.invitation.or_(self.questions).first.wait_for(state="attached")
        self.page.wait_for_function("!!(window.mova?.act && window.mova.hand && window.mova.link)")

    # --- what they do -----------------------------------------------------------------------------

    def leave(self) -> None:
        """Closes the page without a word."""
        self.page.context.close()

    def reload(self) -> None:
        """Loads the page anew; the server takes them for somebody else now."""
        self.page.reload()
        self._look_around()

    def pick_example(self, number: int = 0) -> None:
        self.examples.nth(number).click()

    def ask(self, text: str, file: Path | None = None) -> None:
        """Writes a question, with a picture or without, and sends it."""
        if file is not None:
            self.choose_file(file)
            self.picture_to_send.wait_for()
        self.composer.fill(text)
        self.composer.press("Enter")

    def choose_file(self, file: Path) -> None:
        """Takes a file with the button for it."""
        self.page.locator("#composer input[type=file]").set_input_files(file)

    def drop(self, file: Path, onto: Locator) -> bool:
        """Drops a file; whether the page took it before the browser could open it in the page's place."""
        return carrying.drop(file, onto)

    def paste(self, file: Path, into: Locator | None = None) -> None:
        carrying.paste(file, into or self.composer)

    def limit_tokens(self, number: int) -> None:
        """Sets the longest answer in the settings."""
        self._set_number("Longest answer", number)

    def set_temperature(self, number: float) -> None:
        self._set_number("Temperature", number)

    def _set_number(self, setting: str, number: float) -> None:
        field = self.page.get_by_label(f"number input for {setting}")
        if not field.is_visible():
            self.open_settings()
        # The page has taken it once the slider beside the field stands there; what is written while the page
        # is still being put together may be overwritten.
        slider, value = self.page.get_by_label(f"range slider for {setting}"), str(number)
        for patience in (1000, 2000, 4000):
            field.fill(value)
            field.press("Tab")
            with suppress(AssertionError):
                expect(slider).to_have_value(value, timeout=patience)
                return
        expect(slider).to_have_value(value)

    def open_settings(self) -> None:
        self.page.get_by_role("button", name="Settings").click()

    def force_experts(self, *names: str) -> None:
        """Chooses experts in the router's place; none: CLIP alone."""
        if not names:
            self.page.get_by_label("None: CLIP alone").check()
            return
        self.page.get_by_label("I choose (up to three)").check()
        for name in names:
            self.page.get_by_label(name).check()

    def look_back_at(self, number: int) -> None:
        """Clicks the answer of this number in the open conversation."""
        self.answers.nth(number).click(position={"x": 60, "y": 10})

    @contextmanager
    def pressing(self, button: Locator) -> Iterator[None]:
        """Holds the mouse button down on it where it is now, and lets it go at the end."""
        box = button.bounding_box()
        assert box, "it is in sight"
        self.page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
        self.page.mouse.down()
        yield
        self.page.mouse.up()

    def press_unreleased(self, box: Locator) -> None:
        """Presses where no release is told of, as on a scroll bar, and goes on with the mouse."""
        box.dispatch_event("pointerdown", {"buttons": 1})
        self.page.mouse.move(1, 1)

    def click_at_once(self, buttons: Locator, *which: int) -> None:
        """Clicks some of the buttons, as they are on the page now, faster than anything can answer."""
        buttons.evaluate_all("(buttons, which) => which.forEach((k) => buttons[k].click())", list(which))

    def open_conversation(self, number: int) -> None:
        self.conversations.nth(number).get_by_role("button").click()

    def open_kept(self, number: int = 0) -> None:
        """Opens a conversation that the browser kept from an earlier visit."""
        self.kept.nth(number).click()

    def forget(self) -> None:
        """Deletes what the browser keeps, and says yes when asked whether that is meant."""
        self.page.once("dialog", lambda dialog: dialog.accept())
        self.page.get_by_role("button", name="Forget").click()

    def edit(self, number: int, text: str) -> None:
        """Puts an earlier question in other words."""
        self.talk.get_by_role("button", name="Edit").nth(number).click()
        self.talk.get_by_role("textbox").fill(text)
        self.talk.get_by_role("button", name="Submit").click()

    def retry(self) -> None:
        self.talk.get_by_role("button", name="Retry").click()

    def undo(self) -> None:
        self.talk.get_by_role("button", name="Undo").click()

    def copy_answer(self, number: int = 0) -> str:
        """Copies an answer with the button for it; what can be pasted then."""
        self.page.context.grant_permissions(["clipboard-read", "clipboard-write"])
        button = self.talk.locator('[data-act="copy"]').nth(number)
        button.click()
        expect(button).to_have_text("Copied")
        return self.page.evaluate("navigator.clipboard.readText()")

    def save(self) -> Path:
        """Saves the shown answer's trace; the file that the browser got."""
        return self._download("Save")

    def export(self) -> Path:
        """Saves the shown answer as an HTML file."""
        return self._download("Export")

    def _download(self, button: str) -> Path:
        with self.page.expect_download() as download:
            self.page.get_by_role("button", name=button, exact=True).click()
        folder = Path(tempfile.mkdtemp(dir=download.value.path().parent))
        download.value.save_as(folder / download.value.suggested_filename)
        return folder / download.value.suggested_filename

    def open_trace(self, file: Path) -> None:
        """Chooses a trace file to be played."""
        with self.page.expect_file_chooser() as chooser:
            self.page.get_by_role("button", name="Open", exact=True).click()
        chooser.value.set_files(file)

    def play_at(self, speed: str) -> None:
        """Chooses how fast recordings are played, e.g. "8"."""
        self.page.get_by_label("Speed").select_option(speed)

    def what_if(self, *letters: str) -> None:
        """Presses these experts in the router's panel, and those off that were pressed."""
        pressed = self.panel("router").locator('[data-act="whatif"][aria-pressed="true"]')
        while pressed.count():
            pressed.first.click()
        for letter in letters:
            self.panel("router").locator(f'[data-act="whatif"][data-letter="{letter}"]').click()

    def compare(self, *letters: str) -> None:
        """Asks the shown question again, side by side with exactly these experts."""
        self.what_if(*letters)
        self.page.get_by_role("button", name="Compare with the router").click()

    def wait_for_answers(self, count: int = 1) -> None:
        """Until `count` answers of the open conversation are whole."""
        expect(self.quiet_lines).to_have_count(count)
        expect(self.stop).to_be_disabled()

    def enlarge(self, panel: str) -> None:
        """Makes a panel of the right side as large as the window."""
        self.panel(panel).get_by_role("button", name="Enlarge").click()

    def begin_tour(self) -> None:
        self.page.get_by_role("button", name="Tour", exact=True).click()
        self.page.get_by_role("dialog").wait_for()

    def wait_for_text(self, height: float) -> None:
        """Until the conversation has grown by more than `height` px, and is higher than its box."""
        box = self.talk.element_handle()
        self.page.wait_for_function(GROWN, arg=[box, box.evaluate("box => box.scrollHeight") + height])

    def wait_until_kept(self, *counts: int) -> None:
        """Until the browser keeps just conversations of so many questions each."""
        self.page.wait_for_function(KEPT, arg=list(counts))

    # --- what they see ----------------------------------------------------------------------------

    @property
    def examples(self) -> Locator:
        return self.page.locator("#gallery").locator('[data-act="example"]')

    @property
    def invitation(self) -> Locator:
        """What stands where a conversation will be."""
        return self.page.get_by_text(self._invitation)

    @property
    def composer(self) -> Locator:
        return self.page.locator("#composer textarea")

    @property
    def picture_to_send(self) -> Locator:
        """The small copy of a picture that waits in the composer."""
        return self.page.get_by_label("File thumbnail").get_by_role("img")

    @property
    def stop(self) -> Locator:
        return self.page.get_by_role("button", name="Stop", exact=True)

    @property
    def regenerate(self) -> Locator:
        return self.page.get_by_role("button", name="Regenerate")

    @property
    def clear(self) -> Locator:
        return self.page.get_by_role("button", name="Clear", exact=True)

    @property
    def status(self) -> Locator:
        """The line under the composer."""
        return self.page.locator("#status").get_by_role("status")

    @property
    def refusal(self) -> Locator:
        """The sentence that says why something was not done."""
        return self.page.locator("#status").get_by_role("alert")

    @property
    def questions(self) -> Locator:
        return self.page.locator(".mova-question")

    @property
    def answers(self) -> Locator:
        """The texts of answers that have begun."""
        return self.talk.locator('.mova-answer [data-testid="bot"] .message-content')

    @property
    def doing(self) -> Locator:
        """What is being done before the first word."""
        return self.page.locator(".mova-text.doing")

    @property
    def failures(self) -> Locator:
        """Sentences in an answer's place."""
        return self.page.locator(".mova-failure")

    @property
    def origins(self) -> Locator:
        """Who speaks, where it is not MoVA looking at a picture."""
        return self.page.locator(".mova-from")

    @property
    def quiet_lines(self) -> Locator:
        """The line under a whole answer that brings its right side back."""
        return self.page.locator(QUIET_LINE)

    @property
    def talk(self) -> Locator:
        """Where questions and answers stand, scrolled as one."""
        return self.page.get_by_role("log")

    @property
    def text_below(self) -> float:
        """How many px of the conversation are below what is in sight."""
        return self.talk.evaluate("box => box.scrollHeight - box.scrollTop - box.clientHeight")

    @property
    def notice(self) -> Locator:
        return self.page.locator(".mova-notice")

    @property
    def conversations(self) -> Locator:
        return self.page.locator("#conversations").get_by_role("listitem")

    @property
    def kept(self) -> Locator:
        """Conversations that the browser kept from earlier visits."""
        return self.page.locator("#conversations .mova-kept").get_by_role("button")

    @property
    def columns(self) -> Locator:
        """Two answers to one question, side by side."""
        return self.page.locator(".mova-compare article")

    @property
    def picture(self) -> Locator:
        """The picture that is asked about, described with its size."""
        return self.page.get_by_alt_text(re.compile("picture being asked about"))

    @property
    def boxes(self) -> Locator:
        """Boxes of the shown answer on the picture."""
        return self.page.locator(".mova-boxes .over")

    @property
    def toast(self) -> Locator:
        """A message over the page."""
        return self.page.get_by_role("alert").and_(self.page.locator(".toast-body, .toast-body *"))

    @property
    def experts(self) -> Locator:
        """The rows of the router's panel: seven experts and none."""
        return self.panel("router").get_by_role("listitem")

    @property
    def picked(self) -> Locator:
        """The names in the rows that were picked."""
        return self.page.locator(PICKED)

    @property
    def stages(self) -> Locator:
        """What has been timed so far."""
        return self.page.locator(".mova-time tr[data-stage]")

    @property
    def reused_stages(self) -> Locator:
        return self.page.locator(".mova-time tr.reused")

    @property
    def heat_maps(self) -> Locator:
        return self.panel("gate").get_by_role("img")

    def panel(self, name: str) -> Locator:
        """A part of the right side: router, gate or time."""
        return self.page.locator(f'[data-panel="{name}"]')

    def sideways(self) -> int:
        """How wide the page's content is, in pixels."""
        return self.page.evaluate("document.documentElement.scrollWidth")

    def in_view(self, control: Locator) -> bool:
        """Whether all of a control is on the screen as the page stands, and nothing lies over it."""
        return control.evaluate(IN_VIEW)
