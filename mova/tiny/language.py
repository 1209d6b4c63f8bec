"""The LLM's two LoRAs: one that speaks the router's letters, one that answers from the tokens it is shown.

Both first learn on perfect tokens (the LLM's own embeddings laid out as the encoders should write them),
then on the tokens the trained vision side really gives.
"""

import random
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import torch
from peft import LoraConfig, get_peft_model
from torch import Tensor, nn
from torch.nn import functional as F
from transformers import AutoModelForCausalLM

from mova.prompts import IMAGE_TOKEN, TEMPLATES, answer_prompt, encode, routing_prompt
from mova.tiny.layout import GRID, TokenLayout
from mova.tiny.loop import mixed_precision
from mova.tiny.packing import Packed, collate, pack
from mova.tiny.pictures.drawing import DOMAINS, Drawing, Question, draw
from mova.tiny.sizes import SYSTEM_SENTENCE

QUESTIONS_PER_PICTURE = 6
CHAINED = 0.15
WRONG_TOKEN = 0.03
# As few projections as the answers allow: an unmerged LoRA on all seven costs a third of the speed.
TARGETS = {
    "routing": (4, r"model\.layers\.\d+\.self_attn\.(q|v)_proj"),
    "answer": (8, r"model\.layers\.\d+\.(self_attn\.(q|v|o)_proj|mlp\.down_proj)"),
}

# Tokens [n, H] of a picture when the experts `letters` look at it for a question.
TokenSource = Callable[[Drawing, tuple[str, ...], str], Tensor]


def build_speaker(folder: Path, task: str, device: str = "cpu") -> nn.Module:
    """The frozen LLM in bfloat16 with a fresh float32 LoRA for `task` (routing or answer)."""
    llm = AutoModelForCausalLM.from_pretrained(folder, dtype=torch.bfloat16, attn_implementation="eager")
    rank, modules = TARGETS[task]
    lora = LoraConfig(r=rank, lora_alpha=2 * rank, target_modules=modules, task_type="CAUSAL_LM")
    speaker = get_peft_model(llm, lora).to(device)
    for parameter in speaker.parameters():
        if parameter.requires_grad:
            parameter.data = parameter.data.float()
    return speaker


@dataclass(frozen=True)
class PerfectTokens:
    """Token source that needs no encoder: what the experts should write, with a few wrong tokens."""

    layout: TokenLayout
    embeddings: Tensor
    task: str
    rng: random.Random

    def __call__(self, drawing: Drawing, letters: tuple[str, ...], question: str) -> Tensor:
        if self.task == "routing" or not letters:
            ids = self.layout.kind(drawing)
        else:
            ids = self.layout.written(drawing, letters)
        share = self.rng.choice((0.0, WRONG_TOKEN, 2 * WRONG_TOKEN))
        ids = [self.rng.choice(ids) if self.rng.random() < share else i for i in ids]
        tokens = self.embeddings[torch.tensor(ids)]
        return pool_tokens(tokens) if self.task == "routing" else tokens


def pool_tokens(tokens: Tensor) -> Tensor:
    """[144, H] -> [36, H], the routing pass's pooling."""
    grid = tokens.view(GRID, GRID, -1).permute(2, 0, 1)
    return F.adaptive_avg_pool2d(grid, GRID // 2).flatten(1).T


class Lessons:
    """Turns drawings into packed prompts for one task, with the prompts of `mova.prompts`."""

    def __init__(self, tokenizer, task: str):
        self.tokenizer, self.task = tokenizer, task
        self.template = TEMPLATES["smollm2"].with_system(SYSTEM_SENTENCE)
        self.end = tokenizer.convert_tokens_to_ids("<|im_end|>")
        self.tokens = GRID * GRID if task == "answer" else GRID * GRID // 4

    def prompt(self, question: str) -> tuple[list[int], list[int]]:
        """(prefix up to and with the picture's tokens, the rest) of the published prompt."""
        if self.task == "routing":
            prompt = routing_prompt(self.template, question)
        else:
            prompt = answer_prompt(self.template, (), question, with_image=True)
        ids = encode(prompt, self.tokenizer)
        cut = ids.index(IMAGE_TOKEN)
        return ids[:cut] + [IMAGE_TOKEN] * self.tokens, ids[cut + 1 :]

    def reply(self, question: Question) -> list[int]:
        """Letters as the router speaks them; an answer starts with a blank, so copying is the same token."""
        if self.task == "routing":
            text = ",".join(question.experts) or "none"
        else:
            text = " " + question.answer
        return self.tokenizer(text, add_special_tokens=False).input_ids + [self.end]

    def lesson(self, drawing: Drawing, rng: random.Random) -> tuple[Packed, tuple[str, ...], str]:
        """A packed sequence, with the experts and the question its picture tokens are made for."""
        questions = list(drawing.questions)
        rng.shuffle(questions)
        letters = questions[0].experts
        if self.task == "answer":
            questions = [q for q in questions if q.experts == letters]
        questions = questions[:QUESTIONS_PER_PICTURE]
        prefix, _ = self.prompt(questions[0].text)
        chained = self.task == "answer" and rng.random() < CHAINED
        branches = [(self._prompt_after(q.text, first=not k or not chained), self.reply(q))
                    for k, q in enumerate(questions)]  # fmt: skip
        return pack(prefix, branches, chained), letters, questions[0].text

    def _prompt_after(self, question: str, first: bool) -> list[int]:
        if first:
            return self.prompt(question)[1]
        return self.tokenizer(
            f"\n<|im_start|>user\n{question}<|im_end|>\n<|im_start|>assistant\n", add_special_tokens=False
        ).input_ids


def speaking_loss(speaker: nn.Module, packs: list[Packed], pictures: list[Tensor]) -> tuple[Tensor, dict]:
    """Cross-entropy on the replies' tokens; `pictures` are the [n, H] tokens of each pack's picture."""
    llm = speaker.get_base_model()
    device = pictures[0].device
    ids, positions, mask, targets = (t.to(device) for t in collate(packs))
    place = ids == IMAGE_TOKEN
    embeds = llm.model.embed_tokens(ids.masked_fill(place, 0))
    embeds = embeds.masked_scatter(place[..., None], torch.cat(pictures).to(embeds.dtype))
    with mixed_precision(device.type):
        hidden = llm.model(
            inputs_embeds=embeds, attention_mask=mask.to(embeds.dtype), position_ids=positions, use_cache=False
        ).last_hidden_state
        asked = targets != -100
        logits = llm.lm_head(hidden[asked])
    wanted = targets[asked]
    loss = F.cross_entropy(logits.float(), wanted)
    return loss, {"right": (logits.argmax(-1) == wanted).float().mean().item()}


def pick_drawing(rng: random.Random, domains=DOMAINS) -> Drawing:
    """A training picture of a random domain."""
    return draw(rng.choice(domains), rng.randrange(1 << 40), "train")
