"""Three other wordings of a question, by rules: to see whether the router's choice hangs on the words.

    rephrasings("Which one is highest?")
    # ("Please tell me: which one is highest?", "In this picture, which one is highest?",
    #  "Look at the picture and answer: which one is highest?")

The question itself stays as it is, with its question mark: words are only put before it, and its first letter
becomes small where that is safe. So nothing of its meaning can be lost. English and Chinese; a question in
another script gets none.
"""

import re
import unicodedata

# A first word that is written small inside a sentence; any other may be a name.
_ASKS = frozenset(
    "what which who whom whose where when why how is are was were do does did can could would should has have"
    " had am there".split()
)
_TELLS = frozenset(
    "read tell describe name count list find give show say explain write identify point summarize summarise"
    " compare translate transcribe locate look".split()
)
_POLITE = re.compile(r"(?i)\bplease\b")
_IN_PICTURE = re.compile(r"(?i)\b(in|at|on|of|about) (this|the|that) (picture|image|photo|photograph)\b")
_CHINESE_POLITE = re.compile(r"^请")
_CHINESE_PICTURE = re.compile(r"(图片|照片|图像|图中|图里)")

# Whoever asks the model about itself does not ask about the picture.
_ABOUT_YOU = re.compile(r"(?i)\b(are you|can you|you can|your|yourself)\b")
_CHINESE_ABOUT_YOU = re.compile(r"[你您]")

# For what asks, for what tells one to do something, for what may be neither; in order of preference.
_ENGLISH = {
    "asks": (
        "Please tell me: {}", "In this picture, {}", "Look at the picture and answer: {}",
        "I would like to know: {}",
    ),
    "tells": (
        "Please {}", "For this picture: {}", "Look at the picture and {}", "I would like you to {}",
    ),
    "you": ("Please answer: {}", "I would like to know: {}", "My question: {}", "Answer this: {}"),
    "other": (
        "Please answer: {}", "About this picture: {}", "Look at the picture and answer: {}",
        "My question: {}",
    ),
}  # fmt: skip
_CHINESE = {
    "you": ("请回答：{}", "我想知道：{}", "我的问题：{}", "请回答这个问题：{}"),
    "other": ("请回答：{}", "在这张图片中，{}", "请看图并回答：{}", "我想知道：{}"),
}


def rephrasings(question: str) -> tuple[str, ...]:
    """Three wordings that mean the same, none equal to the question; () where no rule is known."""
    question = question.strip()
    script = _script(question)
    if script == "chinese":
        forms = _CHINESE["you" if _CHINESE_ABOUT_YOU.search(question) else "other"]
        polite, in_picture = _CHINESE_POLITE.search(question), _CHINESE_PICTURE.search(question)
        inside = question
    elif script == "latin":
        kind, inside = _kind(question)
        forms = _ENGLISH[kind]
        polite, in_picture = _POLITE.search(question), _IN_PICTURE.search(question)
    else:
        return ()
    # Of four forms three are taken: without the one whose words the question has already.
    left_out = 0 if polite else 1 if in_picture else 3
    return tuple(form.format(inside) for place, form in enumerate(forms) if place != left_out)


def _kind(question: str) -> tuple[str, str]:
    """("asks", "tells" or "other"; the question as it stands inside a sentence)."""
    first = question.partition(" ")[0]
    word = re.split("['’]", first.lower())[0]
    if re.search(r"[.?!]\s+\S", question):  # several sentences: only what fits before any is put before them
        return "other", question
    if _ABOUT_YOU.search(question):
        return "you", question
    kind = "asks" if word in _ASKS else "tells" if word in _TELLS else "other"
    as_a_word = kind != "other" and first[1:] == first[1:].lower()
    return kind, f"{question[0].lower()}{question[1:]}" if as_a_word else question


def _script(text: str) -> str:
    """The script of a text: "chinese" with any such character in it, "latin", or "" for others and none."""
    letters = [letter for letter in text if letter.isalpha()]
    if any("一" <= letter <= "鿿" for letter in letters):
        kana = any(
            unicodedata.name(letter, "").startswith(("HIRAGANA", "KATAKANA", "HANGUL")) for letter in letters
        )
        return "" if kana else "chinese"
    return "latin" if letters and all(unicodedata.name(x, "").startswith("LATIN") for x in letters) else ""
