"""What an answer needs beside the weights, computed from the configuration and the type of the arithmetic.

The stages run one after the other, so the widest of them counts once; what is kept of pictures and the
answer's keys and values come on top. Weights in 4 bits are widened one layer at a time.
"""

from collections.abc import Iterator

import torch

from mova.attention import MOST_SCORES
from mova.config import MovaConfig
from mova.vision.experts.pool import EXPERTS
from mova.vision.lines import SIDE

CONTEXT = 2048  # places of a long conversation
KEPT_BYTES = 512 * 2**20  # of pictures looked at before


def working_bytes(config: MovaConfig, dtype: torch.dtype) -> int:
    """Bytes at the peak of an answer, without the weights."""
    size = dtype.itemsize
    stages = [tokens * values * size + scores for tokens, values, scores in _stages(config)]
    widened = config.hidden_size * config.intermediate_size * size
    logits = 3 * config.vocab_size * 4
    sequence = 2 * key_value_bytes(config, CONTEXT, dtype)  # its cache, and the room of recorded steps
    return max(stages) + sequence + widened + logits + KEPT_BYTES


def key_value_bytes(config: MovaConfig, places: int, dtype: torch.dtype) -> int:
    """Bytes of keys and values of so many places."""
    heads = config.num_key_value_heads or config.num_attention_heads
    width = heads * (config.head_dim or config.hidden_size // config.num_attention_heads)
    return 2 * config.num_hidden_layers * width * places * dtype.itemsize


def _stages(config: MovaConfig) -> Iterator[tuple[int, int, int]]:
    """(tokens, values held per token, bytes of scores) of every stage: the stream, what attention reads and
    writes, the widest layer twice, and the scores or biases that one call may make, in float32."""
    side, views = config.image_feat_size, config.views
    sizes = (
        (side**2, config.clip, config.clip.intermediate_size),
        ((config.dinov2.largest_side // config.dinov2.patch_size) ** 2, config.dinov2, None),
        ((views.high_side // config.vary.patch_size) ** 2, config.vary, None),
        ((config.codetr.image_size // config.codetr.patch_size) ** 2, config.codetr, None),
        (views.patch_rows**2, config.pix2struct, config.pix2struct.d_ff),
        (views.patch_rows**2, config.deplot, config.deplot.d_ff),
        ((views.high_side // config.sam.patch_size) ** 2, config.sam, None),
    )
    if any(config.reads(expert.module) for expert in EXPERTS):  # the maps after its first convolution
        yield (SIDE // 2) ** 2, 4 * config.reader.stem[0], 0
    for tokens, section, hidden in sizes:
        hidden = hidden or round(section.hidden_size * section.mlp_ratio)
        scores = _score_bytes(section.num_attention_heads, tokens)
        yield tokens, 8 * section.hidden_size + 2 * hidden, scores
    scores = _score_bytes(config.num_attention_heads, CONTEXT)
    yield CONTEXT, 8 * config.hidden_size + 3 * config.intermediate_size, scores


def _score_bytes(heads: int, tokens: int) -> int:
    """What the plain kernel holds: float32 scores before and after the softmax."""
    return 2 * 4 * min(MOST_SCORES, heads * tokens**2)
