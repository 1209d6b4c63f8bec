"""Chat and routing prompts, byte for byte as the checkpoints were trained on them.

A prompt is a list of parts: fixed text (which may hold special tokens), what a person said (data: a
special token typed by a person is plain text) and the place of the image. Source: the templates of
the released inference code (conversation.py, mm_utils.py); `smollm2` is the embedded checkpoint's own.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import groupby

from mova.vision.experts.pool import EXPERTS

IMAGE_TOKEN = -200

ROUTING_TEXT = (
    "You are a helpful assistant router. Based on the visual content, questions, and model pool the user"
    " provides, you need to consider the expertise of these models to select the most 3 suitable models to"
    " help you answer the questions. Answer with the model's letter from the given choices directly. If no"
    " models are selected, just answer 'none'.\nModel pool:"
    + "".join(f"\n{expert.letter}. {expert.sentence}" for expert in EXPERTS)
    + "\n\nQuestion:\n"
)


@dataclass(frozen=True)
class Template:
    """How one family of language models writes a conversation.

    The text is `opening + system + system_end`, then per turn `user + question + user_end` and
    `assistant + answer_lead + answer + answer_end`. `stops` are the tokens that end an answer.
    `writes_bos` says that a BOS id at the front stands apart from the text after it.
    """

    name: str
    opening: str
    system: str
    system_end: str
    user: str
    user_end: str
    assistant: str
    answer_lead: str
    answer_end: str
    stops: tuple[str, ...]
    writes_bos: bool = True

    def with_system(self, sentence: str | None) -> "Template":
        """The same template with the checkpoint's own system sentence, if it has one."""
        return self if sentence is None else replace(self, system=sentence)


TEMPLATES = {
    template.name: template
    for template in (
        Template(
            name="mova_llama3",
            opening="<|begin_of_text|><|start_header_id|>system<|end_header_id|>\n\n",
            system=(
                "You are a helpful language and vision assistant. You are able to understand the visual"
                " content that the user provides, and assist the user with a variety of tasks using natural"
                " language."
            ),
            system_end="<|eot_id|>",
            user="<|start_header_id|>user<|end_header_id|>\n\n",
            user_end="<|eot_id|>",
            assistant="<|start_header_id|>assistant<|end_header_id|>\n\n",
            answer_lead="",
            answer_end="<|eot_id|>",
            stops=("<|eot_id|>", "<|end_of_text|>"),
        ),
        Template(
            name="vicuna_v1",
            opening="",
            system=(
                "A chat between a curious user and an artificial intelligence assistant. The assistant gives"
                " helpful, detailed, and polite answers to the user's questions."
            ),
            system_end=" ",
            user="USER: ",
            user_end=" ",
            assistant="ASSISTANT:",
            answer_lead=" ",
            answer_end="</s>",
            stops=("</s>",),
        ),
        Template(
            name="chatml_direct",
            opening="<|im_start|>system\n",
            system="Answer the questions.",
            system_end="<|im_end|>",
            user="<|im_start|>user\n",
            user_end="<|im_end|>",
            assistant="<|im_start|>assistant\n",
            answer_lead="",
            answer_end="<|im_end|>",
            stops=("<|im_end|>",),
        ),
        Template(
            name="smollm2",
            opening="<|im_start|>system\n",
            system="You are a helpful AI assistant.",
            system_end="<|im_end|>\n",
            user="<|im_start|>user\n",
            user_end="<|im_end|>\n",
            assistant="<|im_start|>assistant\n",
            answer_lead="",
            answer_end="<|im_end|>\n",
            stops=("<|im_end|>",),
            # The tokenizer's BOS is <|im_start|> itself, an ordinary part of the text.
            writes_bos=False,
        ),
    )
}


@dataclass(frozen=True)
class Turn:
    """A question asked before and the answer it got."""

    question: str
    answer: str


@dataclass(frozen=True)
class Part:
    """A stretch of a prompt: `kind` is "fixed", "said" (a person's or the model's words) or "image"."""

    kind: str
    text: str = ""


IMAGE = Part("image")


@dataclass(frozen=True)
class Prompt:
    """The parts of a prompt in order; `writes_bos` as in the template."""

    parts: tuple[Part, ...]
    writes_bos: bool = True

    @property
    def text(self) -> str:
        """The whole prompt as one string, `<image>` standing for the image."""
        return "".join("<image>" if part.kind == "image" else part.text for part in self.parts)


def answer_prompt(template: Template, turns: Sequence[Turn], question: str, with_image: bool) -> Prompt:
    """The answering prompt: earlier turns, then the question; the image stands in the first turn."""
    parts = [Part("fixed", template.opening + template.system + template.system_end)]
    for index, (asked, answer) in enumerate([*((t.question, t.answer) for t in turns), (question, None)]):
        parts.append(Part("fixed", template.user))
        if with_image and index == 0:
            parts += [IMAGE, Part("fixed", "\n")]
        parts += [Part("said", asked), Part("fixed", template.user_end + template.assistant)]
        if answer is not None:
            parts.append(Part("fixed", template.answer_lead))
            parts += [Part("said", answer), Part("fixed", template.answer_end)]
    return Prompt(tuple(parts), template.writes_bos)


def routing_prompt(template: Template, question: str) -> Prompt:
    """The routing prompt: one fresh turn with the pool's description before the question."""
    parts = (
        Part("fixed", template.opening + template.system + template.system_end + template.user),
        IMAGE,
        Part("fixed", "\n" + ROUTING_TEXT),
        Part("said", question),
        Part("fixed", template.user_end + template.assistant),
    )
    return Prompt(parts, template.writes_bos)


def routing_prefix(template: Template) -> Prompt:
    """Everything of the routing prompt that stands before the question."""
    return Prompt(routing_prompt(template, "").parts[:3], template.writes_bos)


def gate_text(questions: Sequence[str]) -> str:
    """What BERT reads for the gate: every question of the conversation, numbered and lower-cased."""
    return "".join(f"question {index}: {text}\n\n" for index, text in enumerate(questions)).lower()


def encode(prompt: Prompt, tokenizer) -> list[int]:
    """Token ids of a prompt, `IMAGE_TOKEN` where the image goes.

    Text is cut at the image and each piece tokenised by itself with the tokenizer's special tokens;
    if the first piece starts with BOS, that one is kept in front and one id is dropped from the start of
    every piece (as released, also where that id is no BOS). A template that writes BOS itself
    therefore starts with two of them.
    """
    pieces = [_encode_piece(parts, tokenizer) for parts in _pieces(prompt.parts)]
    bos = tokenizer.bos_token_id
    drop = prompt.writes_bos and bos is not None and pieces[0][:1] == [bos]
    ids = [bos] if drop else []
    for index, piece in enumerate(pieces):
        ids += [IMAGE_TOKEN] if index else []
        ids += piece[1:] if drop else piece
    return ids


def opening_ids(template: Template, tokenizer) -> tuple[int, ...]:
    """Token ids of what every prompt begins with, up to the place of the first turn's picture."""
    return tuple(encode(Prompt(routing_prompt(template, "").parts[:1], template.writes_bos), tokenizer))


def stop_ids(template: Template, tokenizer) -> frozenset[int]:
    """Ids of the template's end tokens that the tokenizer knows."""
    known = {token.content: index for index, token in tokenizer.added_tokens_decoder.items()}
    return frozenset(known[text] for text in template.stops if text in known)


def _pieces(parts: Sequence[Part]) -> list[list[Part]]:
    pieces: list[list[Part]] = [[]]
    for part in parts:
        if part.kind == "image":
            pieces.append([])
        else:
            pieces[-1].append(part)
    return pieces


def _encode_piece(parts: Sequence[Part], tokenizer) -> list[int]:
    """Ids of one piece. Only when somebody typed a special token is the piece taken apart, so that
    ordinary words get exactly the ids of the whole piece, merged across every seam."""
    markers = [token.content for token in tokenizer.added_tokens_decoder.values()]
    if not any(marker in part.text for part in parts if part.kind == "said" for marker in markers):
        return tokenizer("".join(part.text for part in parts)).input_ids
    ids = list(tokenizer("").input_ids)
    for special, text in _stretches(parts, markers):
        ids += _ids_of_special(text, tokenizer) if special else _plain_ids(text, tokenizer)
    return ids


def _stretches(parts: Sequence[Part], markers: Sequence[str]) -> Iterator[tuple[bool, str]]:
    """(is a special token of ours, text) in order; everything between two special tokens is one text."""
    ours = re.compile("(" + "|".join(re.escape(m) for m in sorted(markers, key=len, reverse=True)) + ")")
    flat = []
    for part in parts:
        cut = ours.split(part.text) if part.kind == "fixed" else [part.text]
        flat += [(part.kind == "fixed" and text in markers, text) for text in cut if text]
    for special, group in groupby(flat, key=lambda item: item[0]):
        texts = [text for _, text in group]
        yield from ((True, text) for text in texts) if special else [(False, "".join(texts))]


def _ids_of_special(text: str, tokenizer) -> list[int]:
    return [index for index, token in tokenizer.added_tokens_decoder.items() if token.content == text][:1]


def _plain_ids(text: str, tokenizer) -> list[int]:
    """Ids of `text` with no added token in them. `split_special_tokens` leaves added tokens that are not
    marked special whole, so those are broken after their first character."""
    stubborn = [token.content for token in tokenizer.added_tokens_decoder.values() if not token.special]
    for marker in stubborn:
        text = text.replace(marker, marker[0] + "\0" + marker[1:])
    ids: list[int] = []
    for stretch in text.split("\0") if stubborn else [text]:
        ids += tokenizer(stretch, add_special_tokens=False, split_special_tokens=True).input_ids
    return ids
