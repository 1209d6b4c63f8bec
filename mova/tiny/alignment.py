"""Stage 1: adapter and projector carry what the encoders write to the LLM's own embeddings, without the LLM.

Pass 2's tokens should be the embeddings of what the routed experts write; with nothing routed, the
embedding of the kind of picture on every cell, which is what the router reads.
"""

import random
from pathlib import Path

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from mova.adapter import Fused, MovAdapter
from mova.config import MovaConfig
from mova.experts.pool import BY_LETTER, EXPERTS, LETTERS
from mova.prompts import gate_text
from mova.tiny.encoders import BASE, VIEWS, Writer, batch_views_of, build_view, cell_weights, load_vocabulary
from mova.tiny.layout import TokenLayout, pool_tokens
from mova.tiny.locality import codes, start_local, start_projector, write_codes
from mova.tiny.loop import Loop, Plan, mixed_precision, trained_weights
from mova.tiny.pictures.drawing import DOMAINS, Drawing, draw
from mova.tiny.text import load_text_tokenizer
from mova.views import Views
from mova.vision import VisionTower

UNROUTED, EXTRA_EXPERT = 0.2, 0.08
CLOSENESS = 1.0
LEAST_BLANK = 0.02
COSINE_SCALE = 20.0
BASE_SIZE = 0.5  # an expert adds about as much to the stream


class VisionSide(nn.Module):
    """Vision tower and adapter: everything of the model before the LLM."""

    def __init__(self, config: MovaConfig, text_tokenizer):
        super().__init__()
        self.config, self.text_tokenizer = config, text_tokenizer
        self.vision_tower = VisionTower(config)
        self.mm_projector = MovAdapter(config)

    def look(self, drawings: list[Drawing], letters: tuple[str, ...], questions: list[str]) -> Fused:
        """Image tokens of pictures that are all seen by the same experts; encoders are not trained here."""
        device = self.mm_projector.pos_embed.device
        views = batch_views_of([views_for(d, letters, self.config) for d in drawings]).to(
            device, torch.float32
        )
        with torch.no_grad():
            base = self.vision_tower.encode_base(views)
            experts = self.vision_tower.features(views, letters)
        encoded = self.text_tokenizer([gate_text([q]) for q in questions], return_tensors="pt", padding=True)
        text = self.mm_projector.encode_text(encoded.input_ids.to(device), encoded.attention_mask.to(device))
        routing = torch.tensor([[float(letter in letters) for letter in LETTERS]], device=device)
        return self.mm_projector(base, experts, text, routing.expand(len(drawings), -1))


def views_for(drawing: Drawing, letters: tuple[str, ...], config: MovaConfig) -> Views:
    """The base view and those that the experts `letters` read; the others are empty."""
    views = {BASE: build_view(drawing.image, BASE, config).base}
    for letter in letters:
        name = BY_LETTER[letter].view
        if name not in views:
            views[name] = getattr(build_view(drawing.image, letter, config), name)
    return Views(*(views.get(name, torch.empty(1, 0)) for name in VIEWS))


def load_encoders(side: VisionSide, folder: Path, layout: TokenLayout, width: int) -> None:
    """Puts the encoders of stage 0 in place, and starts each expert's values from its token head."""
    for letter in (BASE, *LETTERS):
        path = folder / f"encoder-{letter}.pt"
        if not path.exists():
            print(f"no {path.name}: expert {letter} stays untrained", flush=True)
            continue
        vocabulary = load_vocabulary(folder, layout, letter)
        writer = Writer(side.config, letter, len(vocabulary))
        writer.load_state_dict(trained_weights(path), strict=False)
        module = "clip" if letter == BASE else BY_LETTER[letter].module
        setattr(side.vision_tower, module, writer.encoder)
        if letter != BASE:
            index = LETTERS.index(letter)
            table = codes(vocabulary, width)
            for block in side.mm_projector.blocks:
                write_codes(block.cross_attn[index], writer.token_head, writer.norm, table)
    calm_base(side)
    side.vision_tower.requires_grad_(False)


@torch.no_grad()
def calm_base(side: VisionSide, pictures: int = 8) -> None:
    """Scales the base encoder's features to BASE_SIZE (root mean square over drawn pictures).

    Its residual stream is only ever read through norms, so scaling what is added to it changes nothing else.
    """
    drawings = [draw(DOMAINS[k % len(DOMAINS)], k, "train") for k in range(pictures)]
    clip = side.vision_tower.clip
    features = clip(batch_views_of([views_for(d, (), side.config) for d in drawings]))
    scale = BASE_SIZE / features.square().mean().sqrt().item()
    added = [clip.model.pre_layrnorm]
    for layer in clip.model.encoder.layers:
        added += [layer.self_attn.out_proj, layer.mlp.fc2]
    for module in added:
        module.weight.mul_(scale)
        module.bias.mul_(scale)


def whole_vocabulary(folder: Path, layout: TokenLayout) -> list[int]:
    """Every token any encoder writes; blank first."""
    tokens = {layout.newline: None, **dict.fromkeys(layout.kinds.values())}
    for expert in EXPERTS:
        tokens |= dict.fromkeys(load_vocabulary(folder, layout, expert.letter))
    tokens.pop(layout.blank, None)
    return [layout.blank, *tokens]


def build_side(folder: Path, config: MovaConfig, layout: TokenLayout, embeddings: Tensor) -> VisionSide:
    """The vision side with its start values: trained encoders, local attention, projector as a lookup."""
    torch.manual_seed(0)
    side = VisionSide(config, load_text_tokenizer(folder))
    start_local(side.mm_projector)
    load_encoders(side, folder, layout, config.mm_hidden_size)
    vocabulary = whole_vocabulary(folder, layout)
    start_projector(side.mm_projector.mlp, codes(vocabulary, config.mm_hidden_size), embeddings[vocabulary])
    return side


def pick_group(rng: random.Random, size: int) -> tuple[list[Drawing], tuple[str, ...], list[str]]:
    """Pictures of one domain, the experts that look at all of them, and a question for each."""
    domain = rng.choice(DOMAINS)
    drawings = [draw(domain, rng.randrange(1 << 40), "train") for _ in range(size)]
    letters = set(rng.choice(drawings[0].questions).experts)
    if rng.random() < UNROUTED:
        letters = set()
    elif rng.random() < EXTRA_EXPERT:
        letters = set(sorted(letters)[:2]) | {rng.choice(LETTERS)}
    questions = [rng.choice(drawing.questions).text for drawing in drawings]
    return drawings, tuple(sorted(letters)), questions


def alignment_loss(tokens: Tensor, wanted: Tensor, embeddings: Tensor) -> tuple[Tensor, dict]:
    """tokens [B, n, H] against the embeddings [V, H] at `wanted` [B, n]: which one, and how close."""
    centre = embeddings.mean(0)
    near = F.normalize(tokens.float() - centre, dim=-1) @ F.normalize(embeddings - centre, dim=-1).T
    distance = (tokens.float() - embeddings[wanted]).square().sum(-1)
    distance = distance / (embeddings - centre).square().sum(-1).mean()
    written = wanted != 0
    weights = cell_weights(written, least=LEAST_BLANK)
    losses = F.cross_entropy((COSINE_SCALE * near).flatten(0, 1), wanted.flatten(), reduction="none")
    losses = losses.view_as(distance) + CLOSENESS * distance
    right = near.argmax(-1) == wanted
    numbers = {"right": right[written].float().mean().item() if written.any() else 1.0}
    if (~written).any():
        numbers["blank"] = right[~written].float().mean().item()
    return (losses * weights).sum() / weights.sum(), numbers


def train_alignment(
    folder: Path, config: MovaConfig, layout: TokenLayout, embeddings: Tensor, plan: Plan, device
):
    """Trains adapter, projector and the small BERT; leaves `align.pt` in `folder`."""
    side = build_side(folder, config, layout, embeddings).to(device)
    vocabulary = whole_vocabulary(folder, layout)
    index = {token: k for k, token in enumerate(vocabulary)}
    table = embeddings[vocabulary].to(device)
    loop = Loop(folder, "align", side, plan)

    def loss_of(step: int):
        drawings, letters, questions = pick_group(random.Random(f"align {step}"), plan.batch)
        ids = [layout.written(d, letters) if letters else layout.kind(d) for d in drawings]
        wanted = torch.tensor([[index.get(i, 0) for i in row] for row in ids], device=device)
        with mixed_precision(device):
            fused = side.look(drawings, letters, questions)
        loss, numbers = alignment_loss(fused.tokens, wanted, table)
        if len(letters) < 3:
            numbers[f"right_{''.join(letters) or 'none'}"] = numbers["right"]
        return loss, numbers

    loop.run(loss_of)


class RealTokens:
    """Token source of stage 2: the tokens that the trained vision side gives for one picture."""

    def __init__(self, side: VisionSide, task: str):
        self.side, self.task = side, task

    @torch.no_grad()
    def __call__(self, drawing: Drawing, letters: tuple[str, ...], question: str) -> Tensor:
        letters = () if self.task == "routing" else tuple(sorted(letters))
        tokens = self.side.look([drawing], letters, [question]).tokens[0]
        return pool_tokens(tokens) if self.task == "routing" else tokens
