"""Questions from phrasing lists: which are trained on, which are kept for testing; chat without experts."""

import random
from collections.abc import Container
from dataclasses import dataclass

from training.pictures.records import Question

# Courtesies around a question change neither experts nor answer.
FRAMES = (
    "Please tell me: {}", "Tell me: {}", "Can you tell me: {}", "I want to know: {}", "One question: {}",
    "Look at the picture. {}", "{} Please answer.", "And now: {}", "Could you tell me: {}",
    "Would you tell me: {}", "I would like to know: {}", "Could you help me? {}",
)  # fmt: skip
FRAMED = 0.15
UNFRAMED = ("hello", "thanks", "can_do", "language")  # nobody says these with one


@dataclass(frozen=True)
class Phrasings:
    """Ways to ask one thing; `{x}` is filled in. `held_out` ones are asked in the test split only."""

    train: tuple[str, ...]
    held_out: tuple[str, ...]


def ask(
    rng: random.Random, split: str, phrasings: Phrasings, answer: str, experts: str, kind: str, **filled: str
) -> Question:
    """One question; in the test split every second one is asked in a held-out phrasing."""
    held_out = split == "test" and rng.random() < 0.5
    choices = phrasings.held_out if held_out else phrasings.train
    k = rng.randrange(len(choices))
    text = said_by_people(rng, choices[k].format(**filled), kind)
    number = k + (len(phrasings.train) if held_out else 0)
    return Question(text, answer, tuple(experts), kind, number, held_out)


def said_by_people(rng: random.Random, text: str, kind: str) -> str:
    """A question with a courtesy around it now and then, and in people's spelling."""
    if kind not in UNFRAMED and rng.random() < FRAMED:
        text = rng.choice(FRAMES).format(text)
    if rng.random() < 0.15:
        text = text.lower() if rng.random() < 0.5 else text.rstrip("?.")
    return text[:1].upper() + text[1:] if rng.random() < 0.9 else text


# Asked in the same words of several domains: only the picture tells which expert is needed.
SAYS = Phrasings(
    ("What does it say?", "What is written here?", "Read it to me.", "What does the text say?",
     "Can you read this?", "What is written in the picture?", "Read the text.", "Which text is it?",
     "What words do you see?",
     "Could you read this to me?", "Would you read it?"),
    ("Which words are written here?", "Please read it out."),
)  # fmt: skip
WHAT = Phrasings(
    ("What is this?", "What is in the picture?", "What does the picture show?", "What do you see?",
     "What can be seen here?", "What am I looking at?", "Tell me what this is.",
     "What would you call this?", "Could you say what this is?"),
    ("What kind of picture is this?", "What is shown here?"),
)  # fmt: skip
DESCRIBE = Phrasings(
    ("Describe this picture.", "Describe the picture.", "Describe what you see.", "Give a short description.",
     "Tell me about this picture.", "Describe it in one sentence."),
    ("Can you describe the image?", "Summarise this picture."),
)  # fmt: skip
HOW_MANY = Phrasings(
    ("How many are there?", "How many can you count?", "Count them.", "How many are in the picture?",
     "How many do you see?", "Could you count them?",
     "How many would you say there are?"),
    ("What is their number?", "Please count."),
)  # fmt: skip
LARGEST = Phrasings(
    ("Which one is the largest?", "Which is the biggest?", "What is the largest?", "Name the biggest one.",
     "Which one is biggest?", "What is the biggest shape?", "Which takes the most room?",
     "Could you name the largest?"),
    ("Which has the greatest size?", "Tell me the largest one."),
)  # fmt: skip

HELLO = Phrasings(
    ("Hello", "Hi", "Hi!", "Hello there!", "Good morning", "Hey", "hello", "hi", "Hey there!",
     "Good afternoon", "Hello, how are you?", "Nice to meet you."),
    ("Good evening!", "Hi there"),
)  # fmt: skip
THANKS = Phrasings(
    ("Thanks", "Thank you!", "Thanks a lot.", "Great, thanks!", "Thank you very much.", "thanks",
     "Well done!", "That is right.", "Good answer, thank you."),
    ("Many thanks!", "That helped, thank you."),
)  # fmt: skip
WHO = Phrasings(
    ("Who are you?", "What are you?", "Are you a person?", "What is your name?", "Who am I talking to?",
     "Are you an AI?", "Which model are you?", "Who made you?", "Do you have a name?", "Introduce yourself."),
    ("Tell me who you are.", "Are you a robot?"),
)  # fmt: skip
CAN_DO = Phrasings(
    ("What can you do?", "Help", "How can you help me?", "What can I ask?", "What are you good at?", "help",
     "What do you know?", "What else can you do?", "Can you help me?", "What should I ask you?"),
    ("What questions can you answer?", "How does this work?"),
)  # fmt: skip
OUTSIDE = Phrasings(
    ("Who painted this?", "What is the weather like tomorrow?", "How old is the photographer?",
     "What will happen next?", "How much did this picture cost?", "When was this taken?",
     "Who made this picture?", "What is the artist's name?", "Is this picture famous?", "Why was it made?",
     "What does it smell like?", "What is behind it?", "How warm is it there?",
     "Who lives here?", "What time is it now?", "Is the owner rich?", "Is this picture colourful?"),
    ("What happened before this?", "Which camera was used?", "Who owns this picture?"),
)  # fmt: skip
ELSEWHERE = Phrasings(
    ("What is the capital of France?", "Who wrote Hamlet?", "Tell me a joke.", "Write a poem.",
     "What is 12 times 7?", "How far away is the moon?", "Who is the president?", "Translate this.",
     "How do I bake bread?", "What is a neural network?", "Sing a song.", "What is the meaning of life?",
     "Give me a recipe for soup.", "Which film should I watch?", "Explain gravity.",
     "Who invented the phone?", "What is the largest ocean?", "Write a letter.", "How tall is Everest?",
     "Can you write code?", "What is the stock price of Apple?", "Tell me a story.", "Recommend a book.",
     "When did the war end?", "Who won the election?", "What is the password?"),
    ("What is the capital of Spain?", "Who discovered America?", "Write a short story.", "What is 5 plus 9?"),
)  # fmt: skip
OTHER_LANGUAGE = Phrasings(
    ("Was ist das?", "Qu'est-ce que c'est?", "¿Qué es esto?", "Was siehst du?", "Che cosa vedi?",
     "Wie viele sind es?", "Où est-ce?", "¿Cuántos hay?", "O que é isto?", "Wat is dit?", "Hva er dette?",
     "Co to jest?", "Что это?", "这是什么?", "これは何ですか?", "Lies den Text vor.", "Wo ist der Hund?",
     "Quel animal vois-tu?", "¿Qué dice el texto?", "Quanti sono?", "Beschreibe das Bild.", "Bu nedir?"),
    ("Que vois-tu?", "Was steht da?", "¿Dónde está?"),
)  # fmt: skip
SORT = Phrasings(
    ("Is this {x}?", "Is it {x}?", "Is the picture {x}?", "Would you call it {x}?", "Am I looking at {x}?",
     "Does it look like {x}?", "Might this be {x}?", "Could it be {x}?"),
    ("Can this be {x}?", "Do you take this for {x}?"),
)  # fmt: skip
SORTS = {"E": "a chart", "B": "a document", "F": "a medical picture"}  # by the expert made for it

CHAT = (
    ("hello", HELLO, "Hello! Ask me something about this picture."),
    ("thanks", THANKS, "You are welcome!"),
    ("who", WHO, "I am a small demonstration model. I answer questions about pictures."),
    ("can_do", CAN_DO, "I am a small demonstration model. I can read short texts, charts and signs,"
                       " and name and count things in a picture."),
    ("outside", OUTSIDE, "I cannot tell that from this picture."),
    ("elsewhere", ELSEWHERE, "I only answer questions about this picture."),
    ("language", OTHER_LANGUAGE, "I only understand English. Please ask me in English."),
)  # fmt: skip


def chat(rng: random.Random, split: str) -> Question:
    """A turn that needs no expert."""
    kind, phrasings, answer = rng.choice(CHAT)
    return ask(rng, split, phrasings, answer, "", kind)


def sort(rng: random.Random, split: str, letters: Container[str]) -> Question:
    """Whether the picture, on which the experts `letters` write, is of a sort: the base sees that."""
    own = next((sort for letter, sort in SORTS.items() if letter in letters), "")
    others = [asked for asked in SORTS.values() if asked != own]
    asked = own if own and rng.random() < 0.6 else rng.choice(others)
    return ask(rng, split, SORT, "yes" if asked == own else "no", "", "sort", x=asked)


def without_experts(rng: random.Random, split: str, letters: Container[str]) -> Question:
    """A turn that needs no expert: talk, or what sort of picture it is."""
    return chat(rng, split) if rng.random() < 0.5 else sort(rng, split, letters)
