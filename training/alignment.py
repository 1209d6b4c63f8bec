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
from mova.language.prompts import gate_text
from mova.vision.experts.pool import BY_LETTER, EXPERTS, LETTERS
from mova.vision.tower import VisionTower
from mova.vision.views import Views, view_of
from training.encoders import (
    BASE,
    VIEWS,
    Writer,
    batch_views_of,
    build_view,
    cell_weights,
    is_matrix,
    load_vocabulary,
    pace,
)
from training.layout import TokenLayout, pool_tokens
from training.locality import codes, start_local, start_projector, write_codes
from training.loop import Loop, Plan, last_weights, mixed_precision, trained_weights
from training.pictures.drawing import DOMAINS, Drawing, draw, pick_experts
from training.text import load_text_tokenizer

UNROUTED, EXTRA_EXPERT = 0.12, 0.2
# How often a domain is drawn: the more words its experts read, the more often.
SHARES = {
    "scenes": 3, "documents": 6, "objects": 6, "signs": 8, "charts": 4, "scans": 2, "shapes": 3, "mixed": 12,
    "unfamiliar": 1,
}  # fmt: skip
CLOSENESS = 1.0
# The LLM is confused by words that stand where nothing is: blanks weigh more than while reading is learnt.
LEAST_BLANK, MOST_BLANK = 0.1, 0.5
COSINE_SCALE = 12.0  # low enough that a token must be clear, not only the nearest
TOWER, BASE_ENCODER = "vision_tower.", "vision_tower.clip."
TOWER_PACE, BASE_PACE = 0.3, 0.03
BASE_SIZE = 0.5  # an expert adds about as much to the stream


class VisionSide(nn.Module):
    """Vision tower and adapter: everything of the model before the LLM."""

    def __init__(self, config: MovaConfig, text_tokenizer):
        super().__init__()
        self.config, self.text_tokenizer = config, text_tokenizer
        self.vision_tower = VisionTower(config)
        self.mm_projector = MovAdapter(config)

    def rebuilt(self, config: MovaConfig) -> "VisionSide":
        """One of another configuration; weights of the same name and shape are these, all others at their
        start values."""
        side = VisionSide(config, self.text_tokenizer)
        own = side.state_dict()
        same = {n: w for n, w in self.state_dict().items() if n in own and own[n].shape == w.shape}
        side.load_state_dict(same, strict=False)
        return side

    def look(self, drawings: list[Drawing], letters: tuple[str, ...], questions: list[str]) -> Fused:
        """Image tokens of pictures that are all seen by the same experts."""
        views = batch_views_of([views_for(d, letters, self.config) for d in drawings])
        views = views.to(self.mm_projector.pos_embed.device, torch.float32)
        base, experts = self.vision_tower.encode_base(views), self.vision_tower.features(views, letters)
        return self.fuse(base, experts, self.read(questions), letters)

    def read(self, questions: list[str]) -> Tensor:
        """What the gate's text encoder makes of each question alone, [B, text width]."""
        device = self.mm_projector.pos_embed.device
        encoded = self.text_tokenizer([gate_text([q]) for q in questions], return_tensors="pt", padding=True)
        return self.mm_projector.encode_text(encoded.input_ids.to(device), encoded.attention_mask.to(device))

    def fuse(self, base: Tensor, experts: dict[str, Tensor], text: Tensor, letters: tuple[str, ...]) -> Fused:
        """Base features [B, L, C], those of the experts `letters` and the questions' as image tokens."""
        routing = torch.tensor([[float(letter in letters) for letter in LETTERS]], device=base.device)
        return self.mm_projector(base, experts, text, routing.expand(len(base), -1))


def views_for(drawing: Drawing, letters: tuple[str, ...], config: MovaConfig) -> Views:
    """The base view and those that the experts `letters` read; the others are empty."""
    views = {BASE: build_view(drawing.image, BASE, config).base}
    for letter in letters:
        name = view_of(letter, config)
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
    domain = rng.choices(DOMAINS, [SHARES[domain] for domain in DOMAINS])[0]
    drawings = [draw(domain, rng.randrange(1 << 40), "train") for _ in range(size)]
    letters = set(pick_experts(rng, drawings[0]))
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
    weights = cell_weights(written, LEAST_BLANK, MOST_BLANK)
    losses = F.cross_entropy((COSINE_SCALE * near).flatten(0, 1), wanted.flatten(), reduction="none")
    losses = losses.view_as(distance) + CLOSENESS * distance
    right = near.argmax(-1) == wanted
    numbers = {"right": right[written].float().mean().item() if written.any() else 1.0}
    if (~written).any():
        numbers["blank"] = right[~written].float().mean().item()
    return (losses * weights).sum() / weights.sum(), numbers


def tower_pace(name: str) -> float:
    """Share of the learning rate when all is trained together: what can read already moves slowly, most of
    all the base encoder, whose weights `calm_base` made small."""
    if not name.startswith(TOWER):
        return 1.0
    return pace(name) * (BASE_PACE if name.startswith(BASE_ENCODER) else TOWER_PACE)


def is_expert_matrix(name: str, parameter: Tensor) -> bool:
    """Whether Muon trains it: what it trained in stage 0, but for the base encoder, now scaled."""
    return name.startswith(TOWER) and not name.startswith(BASE_ENCODER) and is_matrix(name, parameter)


def train_alignment(
    side: VisionSide, folder: Path, layout: TokenLayout, embeddings: Tensor, plan: Plan
) -> None:
    """Trains adapter, projector and the small BERT over frozen encoders; leaves `align.pt` in `folder`."""
    _train(side, Loop(folder, "align", side, plan), layout, embeddings)


def polish(side: VisionSide, folder: Path, layout: TokenLayout, embeddings: Tensor, plan: Plan) -> None:
    """Trains the whole vision side from what `align` left, encoders too; leaves `polish.pt` in `folder`."""
    side.requires_grad_(True)
    side.load_state_dict(trained_weights(folder / "align.pt"), strict=False)
    _train(side, Loop(folder, "polish", side, plan, tower_pace, is_expert_matrix), layout, embeddings)


def load_side(side: VisionSide, folder: Path) -> VisionSide:
    """Puts the weights that stage 1 ended with in place."""
    side.load_state_dict(last_weights(folder, "polish", "align"), strict=False)
    return side.eval().requires_grad_(False)


def _train(side: VisionSide, loop: Loop, layout: TokenLayout, embeddings: Tensor) -> None:
    folder, plan, device = loop.path.parent, loop.plan, side.mm_projector.pos_embed.device.type
    vocabulary = whole_vocabulary(folder, layout)
    index = {token: k for k, token in enumerate(vocabulary)}
    table = embeddings[vocabulary].to(device)

    def loss_of(step: int):
        drawings, letters, questions = pick_group(random.Random(f"{loop.path.stem} {step}"), plan.batch)
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
