"""Stage 0: each encoder alone learns to write what it sees, one token of the LLM a cell.

A linear head over the closed vocabulary reads the encoder's features on the 12 x 12 grid (the mean of the
normed 24 x 24); a second head over characters reads every patch. Both heads are thrown away; the features go
on to the adapter.
"""

import json
import random
import re
from collections import Counter
from dataclasses import fields
from pathlib import Path

import torch
from PIL import Image
from torch import Tensor, nn
from torch.nn import functional as F
from transformers import PreTrainedModel
from transformers.models.sam.modeling_sam import SamVisionAttention, SamVisionSdpaAttention

from mova.config import MovaConfig
from mova.vision.experts.clip import Clip
from mova.vision.experts.pool import BY_LETTER
from mova.vision.grid import pool_map, resize_map, to_map, to_tokens
from mova.vision.tower import ENCODERS
from mova.vision.views import BUILDERS, Views, view_of
from training.layout import GRID, TokenLayout, characters
from training.loop import Loop, Plan, mixed_precision, trained_weights
from training.pictures.drawing import DOMAINS, Drawing, draw
from training.start import start_encoder

BLANK_WEIGHT = 0.15  # at most; where little is written, all blanks together weigh as much as it
DOUBLE = 0.12  # share of pictures drawn twice as large: shrunk, their letters look smoother
CHARACTER_WEIGHT = 0.4
NEARBY_LAYERS = 3
FINE = 2 * GRID
ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789.,:;!?%$€-+/#&'"
BASE = "base"
VIEWS = tuple(field.name for field in fields(Views))
# Where each expert's own pictures come from, a domain named twice twice as often; it also sees some of the
# others, to stay silent there.
HOME = {
    "A": ("scenes", "mixed"), "B": ("documents", "documents", "mixed", "unfamiliar"),
    "C": ("objects", "objects", "scenes"), "D": ("signs", "mixed"), "E": ("charts", "mixed"),
    "F": ("scans",), "G": ("shapes",), BASE: DOMAINS,
}  # fmt: skip
FOREIGN = 0.08


def collect_vocabulary(layout: TokenLayout, letter: str, per_domain: int = 2000) -> list[int]:
    """Token ids that one expert can write, the most frequent first; blank is index 0."""
    seen: Counter[int] = Counter()
    for domain in dict.fromkeys(HOME[letter]):
        for seed in range(per_domain):
            seen.update(layout.written(draw(domain, seed, "train"), letter))
    seen.pop(layout.blank, None)
    return [layout.blank] + [token for token, _ in seen.most_common()]


def load_vocabulary(folder: Path, layout: TokenLayout, letter: str) -> list[int]:
    """The closed vocabulary of one encoder in this training run, collected once and kept in `folder`."""
    if letter == BASE:
        return [layout.blank, *layout.kinds.values()]
    path = folder / f"vocabulary-{letter}.json"
    if not path.exists():
        folder.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(collect_vocabulary(layout, letter)))
    return json.loads(path.read_text())


def build_view(image: Image.Image, letter: str, config: MovaConfig) -> Views:
    """Only the view that one encoder reads; the others are empty."""
    absent = torch.empty(1, 0)
    views = dict.fromkeys(VIEWS, absent)
    name = "base" if letter == BASE else view_of(letter, config)
    views[name] = BUILDERS[name](image, config)
    return Views(**views)


class Writer(nn.Module):
    """An encoder with its two heads: tokens [B, 144, V] and characters [B, 576, A]."""

    def __init__(self, config: MovaConfig, letter: str, tokens: int):
        super().__init__()
        if letter == BASE:
            self.encoder, width = Clip(config), config.mm_hidden_size
        else:
            expert = BY_LETTER[letter]
            self.encoder = ENCODERS[expert.module](config)
            width = config.expert_channels["ABCDEFG".index(letter)]
        start_encoder(self.encoder)
        attend_plainly(self.encoder)
        self.norm = nn.LayerNorm(width)
        self.token_head = nn.Linear(width, tokens)
        self.character_head = nn.Linear(width, len(ALPHABET) + 1)

    def forward(self, views: Views) -> tuple[Tensor, Tensor]:
        fine = to_tokens(resize_map(to_map(self.encoder(views)), FINE))
        # Normed before pooled, as in the adapter: what the token head reads, its values can carry on.
        coarse = to_tokens(pool_map(to_map(self.norm(fine)), GRID))
        return self.token_head(coarse), self.character_head(fine)


def attend_plainly(encoder: nn.Module) -> None:
    """Attention as matrix products and a softmax: on a CPU a fifth quicker to train than fused kernels.

    BiomedCLIP, whose attention is our own, stays as it is.
    """
    for module in encoder.modules():
        if isinstance(module, PreTrainedModel):
            module.set_attn_implementation("eager")
        elif isinstance(module, SamVisionSdpaAttention):
            module.__class__ = SamVisionAttention  # SAM chooses when it is built; only forward differs


class Sheet:
    """One picture with its targets: views, token indices [144], character indices [576]."""

    def __init__(self, drawing: Drawing, letter: str, layout: TokenLayout, index: dict[int, int], config):
        self.views = build_view(drawing.image, letter, config)
        ids = layout.kind(drawing) if letter == BASE else layout.written(drawing, letter)
        self.tokens = torch.tensor([index.get(i, 0) for i in ids])
        letters = drawing.labels if letter == BASE else letter
        self.characters = torch.tensor(characters(drawing, letters, ALPHABET))


def batch_views_of(views: list[Views]) -> Views:
    """Several pictures' views as one batch."""
    return Views(*(torch.cat([getattr(v, name) for v in views]) for name in VIEWS))


def pick(letter: str, rng: random.Random, split: str = "train") -> Drawing:
    """A picture for one encoder's training."""
    domain = rng.choice(DOMAINS if rng.random() < FOREIGN else HOME[letter])
    return draw(domain, rng.randrange(1 << 40), split, scale=2 if rng.random() < DOUBLE else 1)


def writing_loss(writer: Writer, sheets: list[Sheet], device: str) -> tuple[Tensor, dict]:
    """Token loss (blank cells weigh less) and character loss, with the share of written cells read right."""
    tokens = torch.stack([sheet.tokens for sheet in sheets]).to(device)
    letters = torch.stack([sheet.characters for sheet in sheets]).to(device)
    with mixed_precision(device):
        token_logits, character_logits = writer(
            batch_views_of([s.views for s in sheets]).to(device, torch.float32)
        )
    written = tokens != 0
    weights = cell_weights(written)
    losses = F.cross_entropy(token_logits.float().flatten(0, 1), tokens.flatten(), reduction="none")
    loss = (losses * weights.flatten()).sum() / weights.sum()
    numbers = {
        "right": _right(token_logits, tokens, written),
        "blank": _right(token_logits, tokens, ~written),
    }
    if (letters > 0).any():
        weights = torch.where(letters > 0, 1.0, BLANK_WEIGHT).flatten()
        losses = F.cross_entropy(character_logits.float().flatten(0, 1), letters.flatten(), reduction="none")
        loss = loss + CHARACTER_WEIGHT * (losses * weights).sum() / weights.sum()
    return loss, numbers


def cell_weights(written: Tensor, least: float = 0.01, most: float = BLANK_WEIGHT) -> Tensor:
    """Loss weights of cells: 1 where something is written, all blanks together as much, within limits."""
    share = written.sum().item() / max(1, (~written).sum().item())
    return torch.where(written, 1.0, min(most, max(least, share)))


def _right(logits: Tensor, wanted: Tensor, where: Tensor) -> float:
    found = (logits.argmax(-1) == wanted)[where]
    return found.float().mean().item() if len(found) else 1.0


def pace(name: str) -> float:
    """Share of the learning rate: queries and keys move slowly, else attention forgets to look nearby; only
    those of the upper layers are free to compare far places (which bar is the highest?)."""
    layer = re.search(r"layers?\.(\d+)\.", name)
    free = layer is not None and int(layer[1]) >= NEARBY_LAYERS
    slow = any(part in name for part in (".query.", ".key.", "q_proj", "k_proj"))
    return 0.1 if slow and not free else 1.0


def is_matrix(name: str, parameter: Tensor) -> bool:
    """Whether Muon trains it: the matrices inside the layers, no tables and no heads."""
    return parameter.ndim == 2 and not any(part in name for part in ("head", "embed", "pos"))


def inherit(writer: Writer, path: Path) -> None:
    """Starts with another run's weights wherever name and shape agree."""
    weights = trained_weights(path)
    own = writer.state_dict()
    same_words = own["token_head.bias"].shape == weights["token_head.bias"].shape
    same = {
        k: v
        for k, v in weights.items()
        if k in own and own[k].shape == v.shape and (same_words or "token_head" not in k)
    }
    writer.load_state_dict(same, strict=False)


def train_encoder(
    letter: str, folder: Path, config: MovaConfig, layout: TokenLayout, plan: Plan, device="cpu", parent=None
):
    """Trains one encoder (a letter, or `base`) and leaves `encoder-<letter>.pt` in `folder`.

    `parent` names an encoder of the same kind, already trained, whose layers it starts with.
    """
    vocabulary = load_vocabulary(folder, layout, letter)
    index = {token: k for k, token in enumerate(vocabulary)}
    torch.manual_seed(0)
    writer = Writer(config, letter, len(vocabulary)).to(device)
    if parent:
        inherit(writer, folder / f"encoder-{parent}.pt")
    loop = Loop(folder, f"encoder-{letter}", writer, plan, pace, is_matrix)

    def loss_of(step: int):
        rng = random.Random(f"{letter} {step}")
        sheets = [Sheet(pick(letter, rng), letter, layout, index, config) for _ in range(plan.batch)]
        return writing_loss(writer, sheets, device)

    loop.run(loss_of)
