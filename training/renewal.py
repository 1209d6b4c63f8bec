"""An encoder trained anew joins a vision side that has been trained with the old one.

Only what belongs to that encoder starts again: its layers, the adapter's values that carry what it writes,
and the projector's rows for words that nothing wrote before. `polish` then goes on from there.
"""

from pathlib import Path

import torch
from torch import Tensor, nn

from mova.vision.experts.pool import BY_LETTER, LETTERS
from training.alignment import VisionSide
from training.encoders import load_vocabulary
from training.layout import TokenLayout
from training.locality import codes, write_row
from training.loop import last_weights

ALIKE = 0.5  # cosine of a code and its own row: 0.8 and more when trained; of another's, below 0.3


def renew_encoder(
    side: VisionSide, letter: str, folder: Path, layout: TokenLayout, embeddings: Tensor
) -> list[int]:
    """Leaves `align.pt`, from which `polish` starts, in `folder`; an earlier `polish.pt` is kept aside.

    `side` is as `build_side` made it, with the new encoder. Returns the token ids that were new.
    """
    weights = last_weights(folder, "polish", "align")
    own = own_names(letter, len(side.mm_projector.blocks))
    kept = {name: value for name, value in weights.items() if not name.startswith(own)}
    side.load_state_dict(kept, strict=False)
    projector, width = side.mm_projector.mlp, side.config.mm_hidden_size
    unknown = without_row(projector, load_vocabulary(folder, layout, letter)[1:], width)
    teach(projector, unknown, embeddings[layout.blank], embeddings, width)
    started = {name: value.detach().clone() for name, value in side.named_parameters()}
    torch.save({"weights": started, "optimizers": [], "step": 0}, folder / "align.pt")
    if (folder / "polish.pt").exists():
        (folder / "polish.pt").replace(folder / "polish-before.pt")
    return unknown


def own_names(letter: str, blocks: int) -> tuple[str, ...]:
    """Prefixes of the parameters that carry what only this encoder writes."""
    values = [f"mm_projector.blocks.{k}.cross_attn.{LETTERS.index(letter)}.v_proj." for k in range(blocks)]
    return (f"vision_tower.{BY_LETTER[letter].module}.", *values)


def without_row(projector: nn.Sequential, tokens: list[int], width: int) -> list[int]:
    """Those of `tokens` for whose code the projector has no hidden row: training turns the rows it started
    with by little, and two codes are nearly orthogonal."""
    rows = nn.functional.normalize(projector[0].weight.detach(), dim=-1)
    likeness = (codes(tokens, width) @ rows.T).amax(-1).tolist()
    return [token for token, like in zip(tokens, likeness, strict=True) if like < ALIKE]


def teach(projector: nn.Sequential, tokens: list[int], blank: Tensor, embeddings: Tensor, width: int) -> None:
    """Gives each token a hidden row of the projector, in place of those that say least."""
    if not tokens:
        return
    spare = projector[2].weight.norm(dim=0).argsort()[: len(tokens)].tolist()
    for row, token, code in zip(spare, tokens, codes(tokens, width), strict=True):
        write_row(projector, row, code, embeddings[token] - blank)
