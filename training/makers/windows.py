"""Screenshots of simple windows drawn by Pillow: dialogs, settings, lists, menus, editors."""

import random

from training.makers import figures
from training.makers.fields import FIELDS, Habits
from training.makers.flow import SIDE, SMALLEST_CAP
from training.makers.fonts import choose_family
from training.makers.papers import entry, task
from training.makers.records import Picture
from training.makers.signs import COMMANDS
from training.makers.surface import Hand, blend, is_dark
from training.makers.window_frames import LOOKS, Shown, Window, buttons, frame, open_window, tick_boxes
from training.makers.window_questions import questions_about
from training.makers.words import Words

SIZES = (
    (480, 320), (560, 360), (640, 480), (720, 480), (800, 600), (600, 400), (500, 400), (900, 600), (420,
     300),
    (400, 640), (360, 640), (700, 420), (1024, 640),
)  # fmt: skip
MESSAGES = (
    "Do you want to save {x}?", "The file {x} was not found.", "{x} has been deleted.", "Delete {x}?",
    "Connection to {x} lost.", "Your order {x} was sent.", "Replace {x}?", "Welcome, {x}!",
    "{x} is not responding.",
    "Update {x} is ready.", "Close {x}?", "{x} is full.", "Wrong password for {x}.", "Print {x}?",
    "You have a message from {x}.", "Meeting with {x} at {t}.", "Restart {x} now?", "{x} was saved.",
    "Error {n}: cannot open {x}.", "Copying {n} files to {x}.", "Remove {x} from the list?",
    "{x} needs an update.",
)  # fmt: skip
TABS = ("General", "Display", "Network", "Privacy", "Sound", "Security", "Advanced", "Account", "Users",
    "Updates",
        "Language", "Storage", "Devices", "About")  # fmt: skip
PAIRS = (("OK", "Cancel"), ("Yes", "No"), ("Save", "Cancel"), ("OK",), ("Close",), ("Yes", "No", "Cancel"),
         ("Retry", "Cancel"), ("Send", "Discard"), ("Apply", "Close"), ("Next", "Back"), ("Allow", "Deny"),
         ("Delete", "Keep"), ("Replace", "Skip"), ("Open", "Cancel"), ("Accept", "Decline"))  # fmt: skip
MENUS = ("File", "Edit", "View", "Insert", "Format", "Tools", "Window", "Help", "Options", "Search", "Image",
         "Project", "Run", "Data", "Go", "Bookmarks", "History")  # fmt: skip
ENDS = (".txt", ".pdf", ".png", ".docx", ".csv", ".py", ".jpg", ".xlsx", ".zip", ".md", ".html")
FORM_KEYS = tuple(key for key in FIELDS if FIELDS[key].sort in
                  ("person", "city", "code", "phone", "mail", "date", "count", "small", "word", "country",
                   "site"))  # fmt: skip


def draw_window(rng: random.Random, split: str) -> Picture:
    """One window, filling the picture or on a desktop."""
    words = Words(rng, split)
    habits = Habits.choose(words)
    family = choose_family(rng, split)
    look = rng.choice(LOOKS)
    kind = rng.choice(list(CONTENTS))
    shown = Shown(kind)
    size = rng.choice(SIZES)
    cap = SMALLEST_CAP * 1.05 * rng.choice((1.0, 1.1, 1.25, 1.5, 1.9)) * max(size) / SIDE
    hand = Hand.of(family, cap, look.ink)
    window = open_window(rng, size, hand, look, title_of(rng, words, kind), shown)
    CONTENTS[kind](rng, habits, window, shown)
    held_out = words.held_out_with(family)
    return Picture(window.surface.image, "windows", "windows", tuple(window.surface.runs),
                   questions_about(rng, split, shown), held_out=frozenset(held_out))  # fmt: skip


def title_of(rng: random.Random, words: Words, kind: str) -> str:
    """A window's title."""
    usual = {"dialog": ("Warning", "Error", "Question", "Information", "Confirm", "Message", "Notice"),
             "settings": ("Settings", "Preferences", "Options", "Properties"),
             "list": ("Files", "Documents", "Downloads", "Inbox", "Contacts", "Tasks", "Music", "Projects"),
             "editor": ("Notes", "Editor", "Untitled", "New Document"),
             "form": ("Sign In", "New Contact", "Profile", "Login", "Edit Entry", "Register"),
             "menu": ("Paint", "Editor", "Viewer", "Draw", "Player")}[kind]  # fmt: skip
    shape = rng.random()
    if shape < 0.5:
        return rng.choice(usual)
    if shape < 0.75:
        return f"{file_name(rng, words)} - {words.last()}"
    return words.title(rng.choice((1, 2)))


def file_name(rng: random.Random, words: Words) -> str:
    """A file's name."""
    stem = rng.choice(
        (words.word(), f"{words.word()}_{rng.randrange(1, 100)}", f"{words.word()}-{words.word()}")
    )
    return stem + rng.choice(ENDS)


def dialog(rng: random.Random, habits: Habits, window: Window, shown: Shown) -> None:
    """A message and one to three buttons."""
    words = habits.words
    what = rng.choice(
        (file_name(rng, words), words.person(), words.word().capitalize(), words.city(), figures.code(rng))
    )
    text = rng.choice(MESSAGES).format(x=what, t=figures.clock(rng), n=rng.randrange(2, 900))
    indent = 0.0
    if rng.random() < 0.5:
        side = window.pitch * 1.4
        colour = rng.choice(((200, 50, 50), (240, 180, 40), (40, 110, 200)))
        window.surface.draw.ellipse((window.x0, window.y, window.x0 + side, window.y + side), fill=colour)
        indent = side * 1.4
    lines, line = [], ""
    for word in text.split():
        if window.fits(f"{line} {word}".strip(), window.x1 - window.x0 - indent):
            line = f"{line} {word}".strip()
        else:
            lines, line = [*lines, line], word
    for part in (*lines, line):
        if part:
            window.text(part, window.x0 + indent, "paragraph")
            window.y += window.pitch
    shown.message = text
    window.y += window.pitch * rng.uniform(0.3, 1.0)
    buttons(rng, window, shown, rng.choice(PAIRS))


def form(rng: random.Random, habits: Habits, window: Window, shown: Shown) -> None:
    """Fields with frames around their values, and buttons."""
    above = rng.random() < 0.4
    entries = [entry(habits, key) for key in rng.sample(FORM_KEYS, rng.randrange(2, 6))]
    widest = max(window.surface.measure(line.label, window.hand.regular) for line in entries)
    for line in entries:
        start = window.x0 if above else window.x0 + widest + window.hand.regular.size
        room = window.x1 - start - window.hand.regular.size
        if window.y + (3.2 + above) * window.pitch > window.y1 or not window.fits(line.value, room):
            continue
        number = window.surface.new_line()
        window.text(line.label, window.x0, "field name", line=number)
        if above:
            window.y += window.pitch
            number = window.surface.new_line()
        frame(window, start, window.x1)
        window.text(line.value, start + window.hand.regular.cap * 0.6, "field value", line=number)
        window.y += window.pitch * 1.25
        shown.entries.append(line)
    if rng.random() < 0.35:
        tick_boxes(rng, window, shown, 1)
    buttons(rng, window, shown, rng.choice((*PAIRS, *((name,) for name in COMMANDS[:12]))))


def settings(rng: random.Random, habits: Habits, window: Window, shown: Shown) -> None:
    """Tabs, options, perhaps a field, buttons."""
    names = rng.sample(TABS, rng.randrange(2, 5))
    active, x, number = rng.randrange(len(names)), window.x0, window.surface.new_line()
    for k, name in enumerate(names):
        width = window.surface.measure(name, window.hand.regular) + window.hand.regular.cap * 1.6
        if x + width > window.x1:
            break
        if k == active:
            window.surface.rectangle((x, window.y, x + width, window.y + window.pitch),
                                     fill=blend(window.look.ground, window.look.accent, 0.3))  # fmt: skip
            shown.tab = name
        window.text(name, x + width / 2, "tab", anchor="m", line=number)
        x += width
    window.y += window.pitch * 1.3
    tick_boxes(rng, window, shown, rng.randrange(1, 5))
    buttons(rng, window, shown, rng.choice(PAIRS))


def rows(rng: random.Random, habits: Habits, window: Window, shown: Shown) -> None:
    """A list with one row selected, with dates or sizes at the right or without."""
    words = habits.words
    second = rng.choice((None, figures.some_date, figures.clock,
                         lambda r: f"{r.randrange(1, 999)} {r.choice(('KB', 'MB'))}"))  # fmt: skip
    make = rng.choice(
        (lambda: file_name(rng, words), words.person, lambda: task(words), lambda: words.title(2))
    )
    count = rng.randrange(2, 9)
    selected = rng.randrange(count) if rng.random() < 0.6 else -1
    for k in range(count):
        name, more = make(), second(rng) if second else ""
        used = window.surface.measure(more, window.hand.regular) + window.hand.regular.size * 2
        if window.y + window.pitch > window.y1 or not window.fits(name, window.x1 - window.x0 - used):
            continue
        hand = window.hand
        if k == selected:
            box = (window.x0 - 4, window.y, window.x1 + 4, window.y + window.pitch)
            window.surface.rectangle(box, fill=window.look.accent)
            hand = hand.coloured((255, 255, 255) if is_dark(window.look.accent) else (0, 0, 0))
            shown.selected = name
        number = window.surface.new_line()
        window.text(name, window.x0, "item", hand, line=number)
        if more:
            window.text(more, window.x1, "field value", hand, anchor="r", line=number)
        shown.rows.append((name, more))
        window.y += window.pitch


def menu_bar(rng: random.Random, window: Window, shown: Shown) -> None:
    """The names of the menus."""
    x, number = window.x0, window.surface.new_line()
    names = [name for name in MENUS if rng.random() < 0.35][:6] or ["File", "Edit"]
    for name in names:
        width = window.surface.measure(name, window.hand.regular)
        if x + width > window.x1:
            break
        window.text(name, x, "menu", line=number)
        shown.menus.append(name)
        x += width + window.hand.regular.size * 1.2
    window.y += window.pitch
    window.surface.rule(window.x0, window.x1, window.y, blend(window.look.ground, window.look.ink, 0.25))
    window.y += window.pitch * 0.2


def editor(rng: random.Random, habits: Habits, window: Window, shown: Shown) -> None:
    """A menu bar above some lines of text."""
    menu_bar(rng, window, shown)
    for _ in range(rng.randrange(1, 6)):
        text = habits.words.sentence(rng.randrange(2, 8))
        if window.y + window.pitch <= window.y1 and window.fits(text):
            window.text(text, window.x0, "paragraph")
            shown.message = shown.message or text
            window.y += window.pitch


def menu(rng: random.Random, habits: Habits, window: Window, shown: Shown) -> None:
    """A menu that is open below its name, one command with a bar behind it."""
    menu_bar(rng, window, shown)
    commands = rng.sample(COMMANDS, rng.randrange(3, 8))
    wide = (
        max(window.surface.measure(name, window.hand.regular) for name in commands)
        + window.hand.regular.size * 2
    )
    left = window.x0
    high = min(len(commands), int((window.y1 - window.y) / window.pitch)) * window.pitch
    look = window.look
    window.surface.rectangle((left, window.y, left + wide, window.y + high), fill=blend(look.ground,
        look.ink, 0.05),
                             outline=blend(look.ground, look.ink, 0.4))  # fmt: skip
    for name in commands:
        if window.y + window.pitch > window.y1:
            break
        window.text(name, left + window.hand.regular.size * 0.7, "item")
        shown.rows.append((name, ""))
        window.y += window.pitch


CONTENTS = {
    "dialog": dialog,
    "form": form,
    "settings": settings,
    "list": rows,
    "editor": editor,
    "menu": menu,
}
