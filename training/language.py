"""The LLM's two LoRAs: one that speaks the router's letters, one that answers from the tokens it is shown.

Both first learn on perfect tokens (the LLM's own embeddings laid out as the encoders should write them),
then on the tokens the trained vision side really gives.
"""

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import torch
from bitsandbytes.functional import dequantize_4bit, quantize_4bit
from peft import LoraConfig, get_peft_model
from safetensors.torch import load_file
from torch import Tensor, nn
from torch.nn import functional as F
from transformers import LlamaConfig, LlamaForCausalLM

from mova.checkpoint.gguf_blocks import unpack
from mova.language.prompts import (
    IMAGE_TOKEN,
    TEMPLATES,
    answer_prompt,
    encode,
    routing_prefix,
    routing_prompt,
)
from training.layout import GRID, TokenLayout, pool_tokens
from training.loop import Loop, Plan, last_weights, mixed_precision, trained_weights
from training.packing import Packed, collate, pack
from training.pictures.asking import chat
from training.pictures.drawing import DOMAINS, Drawing, Question, draw, pick_experts
from training.sizes import LANGUAGE_MODEL, SYSTEM_SENTENCE

ALIKE = dict.fromkeys(DOMAINS, 1)
QUESTIONS_PER_PICTURE = 6
CHAINED = 0.15
CHAT = 0.5
WRONG_TOKEN = 0.03
ROUNDED = 0.35
# As few projections as the answers allow: an unmerged LoRA on all seven costs a third of the speed.
TARGETS = {
    "routing": (4, r"model\.layers\.\d+\.self_attn\.(q|v)_proj"),
    "answer": (6, r"model\.layers\.\d+\.(self_attn\.(q|v|o)_proj|mlp\.down_proj)"),
}

# Tokens [n, H] of a picture when the experts `letters` look at it for a question.
TokenSource = Callable[[Drawing, tuple[str, ...], str], Tensor]


def read_llm(folder: Path) -> dict[str, Tensor]:
    """The LLM's weights, float32, out of the packed files that `python -m training.llm` writes."""
    packed = {}
    for path in sorted(folder.glob("llm-*.safetensors")):
        packed |= load_file(path)
    return dict(unpack(name, tensor) for name, tensor in packed.items())


def build_speaker(folder: Path, task: str, device: str = "cpu") -> nn.Module:
    """The frozen LLM in bfloat16 with a fresh float32 LoRA for `task` (routing or answer)."""
    llm = LlamaForCausalLM(LlamaConfig(**LANGUAGE_MODEL, attn_implementation="eager")).bfloat16()
    missing, unexpected = llm.load_state_dict(read_llm(folder), strict=False)
    assert missing == ["lm_head.weight"] and not unexpected, (missing, unexpected)
    llm.tie_weights()
    rank, modules = TARGETS[task]
    lora = LoraConfig(r=rank, lora_alpha=2 * rank, target_modules=modules, task_type="CAUSAL_LM")
    speaker = get_peft_model(llm, lora).to(device)
    for parameter in speaker.parameters():
        if parameter.requires_grad:
            parameter.data = parameter.data.float()
    return speaker


class LayerWeights:
    """The LLM's linear layers as published and as NF4 holds them.

    A small LLM is changed a lot by four bits: a LoRA that has met both speaks alike in either.
    """

    def __init__(self, llm: nn.Module):
        layers = (layer for layer in llm.model.layers.modules() if isinstance(layer, nn.Linear))
        weights = [layer.weight for layer in layers if not layer.weight.requires_grad]  # not the LoRA's own
        self.held = [(weight, weight.data, round_to_nf4(weight.data)) for weight in weights]

    def hold(self, rounded: bool) -> None:
        """Puts one of the two in place."""
        for weight, whole, coarse in self.held:
            weight.data = coarse if rounded else whole


def round_to_nf4(weight: Tensor) -> Tensor:
    """What is left of a weight that `--precision nf4` loads."""
    return dequantize_4bit(*quantize_4bit(weight, quant_type="nf4", compress_statistics=True))


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


class Lessons:
    """Turns drawings into packed prompts for one task, with the prompts of `mova.language.prompts`."""

    def __init__(self, tokenizer, task: str):
        self.tokenizer, self.task = tokenizer, task
        self.template = TEMPLATES["smollm2"].with_system(SYSTEM_SENTENCE)
        self.end = tokenizer.convert_tokens_to_ids("<|im_end|>")
        self.tokens = GRID * GRID if task == "answer" else GRID * GRID // 4

    def prompt(self, question: str) -> tuple[list[int], list[int]]:
        """(what all questions share, the rest) of the published prompt, the picture's tokens marked."""
        if self.task == "routing":
            shared, whole = routing_prefix(self.template), routing_prompt(self.template, question)
            cut = len(encode(shared, self.tokenizer))
        else:
            whole = answer_prompt(self.template, (), question, with_image=True)
            cut = encode(whole, self.tokenizer).index(IMAGE_TOKEN) + 1
        ids = encode(whole, self.tokenizer)
        place = ids.index(IMAGE_TOKEN)
        shared_ids = ids[:place] + [IMAGE_TOKEN] * self.tokens + ids[place + 1 : cut]
        return shared_ids, ids[cut:]

    def reply(self, question: Question) -> list[int]:
        """Letters as the router speaks them; an answer starts with a blank, so copying is the same token."""
        letters = ",".join(question.experts) or "none"
        text = letters if self.task == "routing" else " " + question.answer
        return self.tokenizer(text, add_special_tokens=False).input_ids + [self.end]

    def lesson(self, drawing: Drawing, rng: random.Random) -> tuple[Packed, tuple[str, ...], str]:
        """A packed sequence, with the experts and the question its picture tokens are made for."""
        questions, letters = self.chosen(drawing, rng)
        chained = self.task == "answer" and rng.random() < CHAINED
        return self.packed(questions, chained), letters, questions[0].text

    def chosen(self, drawing: Drawing, rng: random.Random) -> tuple[list[Question], tuple[str, ...]]:
        """Those of a picture's questions that one look at it serves, and the experts that look."""
        questions = list(drawing.questions)
        rng.shuffle(questions)
        letters = pick_experts(rng, drawing)
        if self.task == "answer":
            questions = [q for q in questions if q.experts == letters]
        return self.in_turn(drawing, questions)[:QUESTIONS_PER_PICTURE], letters

    def in_turn(self, drawing: Drawing, questions: list[Question]) -> list[Question]:
        """A picture's questions, those first that are asked where not all of them fit: here by chance."""
        return questions

    def packed(self, questions: Sequence[Question], chained: bool = False) -> Packed:
        """The questions in one sequence, beside each other or (`chained`) as turns of one conversation."""
        prefix, _ = self.prompt(questions[0].text)
        branches = [(self._prompt_after(q.text, first=not k or not chained), self.reply(q))
                    for k, q in enumerate(questions)]  # fmt: skip
        return pack(prefix, branches, chained)

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
            inputs_embeds=embeds,
            attention_mask=mask.to(embeds.dtype),
            position_ids=positions,
            use_cache=False,
        ).last_hidden_state
        asked = targets != -100
        logits = llm.lm_head(hidden[asked])
    wanted = targets[asked]
    loss = F.cross_entropy(logits.float(), wanted)
    return loss, {"right": (logits.argmax(-1) == wanted).float().mean().item()}


def pick_drawing(rng: random.Random, shares: dict[str, int]) -> Drawing:
    """A training picture of a domain, each as often as its share; half of them also get a question that is
    only talk."""
    domain = rng.choices(list(shares), list(shares.values()))[0]
    return with_talk(draw(domain, rng.randrange(1 << 40), "train"), rng)


def with_talk(drawing: Drawing, rng: random.Random) -> Drawing:
    """The picture, half of the time with a question that is only talk."""
    if rng.random() < CHAT:
        drawing = replace(drawing, questions=(*drawing.questions, chat(rng, "train")))
    return drawing


def train_speaker(
    task: str,
    folder: Path,
    llm: Path,
    layout: TokenLayout,
    plan: Plan,
    source: TokenSource | None = None,
    device: str = "cpu",
) -> None:
    """Trains one LoRA and leaves `<task>.pt` in `folder`; with a `source` of real tokens, `<task>-real.pt`,
    which starts from the first."""
    speaker = build_speaker(llm, task, device)
    if source is None:
        embeddings = speaker.get_base_model().model.embed_tokens.weight.detach()
        source = PerfectTokens(layout, embeddings, task, random.Random(0))
        name = task
    else:
        speaker.load_state_dict(trained_weights(folder / f"{task}.pt"), strict=False)
        name = f"{task}-real"
    lessons, layers = Lessons(layout.tokenizer, task), LayerWeights(speaker.get_base_model())
    loop = Loop(folder, name, speaker, plan)

    def loss_of(step: int):
        rng = random.Random(f"{name} {step}")
        layers.hold(rounded=rng.random() < ROUNDED)
        packs, pictures = [], []
        for _ in range(plan.batch):
            drawing = pick_drawing(rng, ALIKE)
            packed, letters, question = lessons.lesson(drawing, rng)
            packs.append(packed)
            pictures.append(source(drawing, letters, question).to(device))
        return speaking_loss(speaker, packs, pictures)

    loop.run(loss_of)


def save_lora(task: str, folder: Path, llm: Path, target: Path) -> None:
    """Writes the trained LoRA as `<task>_lora/` in peft's format, in bfloat16."""
    speaker = build_speaker(llm, task)
    speaker.load_state_dict(last_weights(folder, f"{task}-real", task), strict=False)
    for parameter in speaker.parameters():
        parameter.data = parameter.data.bfloat16()
    # The folder the LLM was trained from means nothing elsewhere.
    speaker.peft_config["default"].base_model_name_or_path = ""
    speaker.save_pretrained(target / f"{task}_lora")
    (target / f"{task}_lora" / "README.md").unlink(missing_ok=True)
