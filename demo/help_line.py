"""The page's own words to small talk without a picture, so that nobody takes them for the model's.

The embedded checkpoint's language model knows nothing of this page: asked "what can you do?" it invents.
"""

import re

from demo.words import Words

_SMALL_TALK = re.compile(
    r"(?:(?:hi|hello|hey|hiya|greetings|good (?:morning|day|afternoon|evening))(?: there| mova| you)?"
    r"|(?:please )?help(?: me)?(?: please)?"
    r"|(?:hi |hello |hey )?(?:who|what) are you"
    r"|what(?: is|s) (?:your name|this|mova)|who am i talking to|are you (?:a )?(?:robot|person|human|ai|bot)"
    r"|what (?:can|do) you do|what can i (?:ask|do)(?: here| you)?|how (?:can you help|do you help)(?: me)?"
    r"|how does (?:this|it) work|what are you good at)"
)


def help_line(question: str, say: Words) -> str | None:
    """The page's answer when a question without a picture is a greeting or asks what this is; else None."""
    words = re.sub(r"[^a-z ]", "", question.lower().replace("-", " "))
    return say("chat.help") if _SMALL_TALK.fullmatch(" ".join(words.split())) else None
