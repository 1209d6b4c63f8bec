"""A checkpoint of random weights in the released form, for measuring where the real one is not at hand.

Names, shapes, types and files are the real one's (sharded bfloat16 `.bin` with an index, published names);
only the values, and the words of both vocabularies, mean nothing.
"""

import json
import re
from collections.abc import Iterator
from pathlib import Path

import torch
from transformers.convert_slow_tokenizer import bytes_to_unicode
from transformers.core_model_loading import revert_weight_conversion

from mova.checkpoint import text_vocabulary
from mova.checkpoint.quantize import require_disk
from mova.config import MovaConfig
from mova.language.prompts import ROUTING_TEXT
from mova.model import MovaForCausalLM

SHARD_BYTES = 5 * 10**9  # what is held in memory while one file is written
SPREAD = 0.02  # standard deviation of matrices: activations stay finite in bfloat16
SPECIALS = ("<|begin_of_text|>", "<|end_of_text|>", "<|start_header_id|>", "<|end_header_id|>", "<|eot_id|>")
BERT_SPECIALS = ("[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]")
CLIP = "model.vision_tower.vision_tower_0."


def write_random_checkpoint(folder: Path, config: MovaConfig, shard_bytes: int = SHARD_BYTES) -> Path:
    """Write a checkpoint of `config` (template `mova_llama3`) into the new `folder`, and return that.

    Raises CheckpointError when the folder is not empty, DeviceError when its disk is too small.
    """
    shapes = published_shapes(config)
    dtype = torch.bfloat16
    require_disk(folder, sum(shape.numel() for shape in shapes.values()) * dtype.itemsize)
    folder.mkdir(parents=True, exist_ok=True)
    shards = list(_shards(shapes, shard_bytes // dtype.itemsize))
    device = "cuda" if torch.cuda.is_available() else "cpu"
    generator, index = torch.Generator(device).manual_seed(0), {}
    for number, names in enumerate(shards, start=1):
        file = f"pytorch_model-{number:05d}-of-{len(shards):05d}.bin"
        weights = {name: random_weight(name, shapes[name], generator).to("cpu", dtype) for name in names}
        torch.save(weights, folder / file)
        index.update(dict.fromkeys(names, file))
    (folder / "pytorch_model.bin.index.json").write_text(json.dumps({"weight_map": index}))
    (folder / "config.json").write_text(json.dumps(config.to_dict() | {"model_type": "mova_llama"}))
    (folder / "tokenizer.json").write_text(json.dumps(_tokenizer(config)))
    own = folder / text_vocabulary.FOLDER
    own.mkdir()
    (own / "vocab.txt").write_text("\n".join(_bert_vocabulary(config)) + "\n")
    return folder


def mid_size() -> MovaConfig:
    """A model of the real one's proportions and views with some 300 million weights: widths a quarter,
    depths a half or less."""
    return MovaConfig(
        vocab_size=16384, hidden_size=1024, intermediate_size=3584, num_hidden_layers=12,
        num_attention_heads=8, num_key_value_heads=2, bos_token_id=16000, eos_token_id=16001,
        mm_hidden_size=256, image_feat_size=24, num_projector_layers=3, num_routing_tokens=36,
        expert_channels=[384, 128, 64, 384, 192, 192, 64],
        clip={"hidden_size": 256, "intermediate_size": 1024, "num_hidden_layers": 12,
              "num_attention_heads": 4},
        dinov2={"hidden_size": 384, "num_hidden_layers": 20, "num_attention_heads": 6, "image_size": 252,
                "largest_side": 252},
        vary={"hidden_size": 192, "num_hidden_layers": 6, "num_attention_heads": 3, "output_channels": 64,
              "global_attn_indexes": [2, 5], "tail_channels": 128, "window_size": 7},
        codetr={"hidden_size": 256, "num_hidden_layers": 12, "num_attention_heads": 4, "image_size": 640,
                "position_side": 40, "output_channels": 64, "output_side": 19,
                "global_attn_indexes": [5, 11]},
        pix2struct={"hidden_size": 384, "d_ff": 992, "num_hidden_layers": 9, "num_attention_heads": 6},
        deplot={"hidden_size": 192, "d_ff": 512, "num_hidden_layers": 6, "num_attention_heads": 3},
        biomedclip={"hidden_size": 192, "num_hidden_layers": 6, "num_attention_heads": 3},
        sam={"hidden_size": 320, "num_hidden_layers": 16, "num_attention_heads": 4, "output_channels": 64,
             "global_attn_indexes": [3, 7, 11, 15], "window_size": 7},
        text_encoder={"vocab_size": 8192, "hidden_size": 256, "num_hidden_layers": 12,
                      "num_attention_heads": 4, "intermediate_size": 1024},
        views={"high_side": 512, "patch_rows": 23},
    )  # fmt: skip


def published_shapes(config: MovaConfig) -> dict[str, torch.Size]:
    """Every entry inference needs under its published name."""
    outline = MovaForCausalLM.outline(config)
    entries = revert_weight_conversion(outline, outline.state_dict())
    # The library puts CLIP's level back only for a model it has loaded itself.
    return {name.replace(CLIP, f"{CLIP}vision_model."): entry.shape for name, entry in entries.items()}


def random_weight(name: str, shape: torch.Size, generator: torch.Generator) -> torch.Tensor:
    """Noise for matrices and tables, 1 for the scales of norms, 0 for biases; float32."""
    if len(shape) < 2:
        return torch.zeros(shape) if name.endswith("bias") else torch.ones(shape)
    return SPREAD * torch.randn(shape, generator=generator, device=generator.device)


def _shards(shapes: dict[str, torch.Size], limit: int) -> Iterator[list[str]]:
    """Names in order, as many together as have at most `limit` values."""
    names: list[str] = []
    count = 0
    for name, shape in shapes.items():
        if names and count + shape.numel() > limit:
            yield names
            names, count = [], 0
        names.append(name)
        count += shape.numel()
    yield names


def _tokenizer(config: MovaConfig) -> dict:
    """`tokenizer.json` of a byte-level BPE that knows the routing prompt's words, as far as ids reach, so
    that prompts are as long as with a real one; ids that nothing needs are made-up words."""
    first = config.bos_token_id or 0
    words = [*bytes_to_unicode().values()]
    merges = _merges(first - len(words))
    words += ["".join(pair) for pair in merges]
    words += [f"Ġw{index}" for index in range(len(words), config.vocab_size)]
    specials = dict(zip(range(first, config.vocab_size), SPECIALS, strict=False))
    flags = {"single_word": False, "lstrip": False, "rstrip": False, "normalized": False, "special": True}
    bos = {"SpecialToken": {"id": SPECIALS[0], "type_id": 0}}
    level = {"type": "ByteLevel", "add_prefix_space": False, "trim_offsets": True, "use_regex": True}
    return {
        "version": "1.0",
        "added_tokens": [{"id": index, "content": text, **flags} for index, text in specials.items()],
        "pre_tokenizer": level,
        "post_processor": {  # Llama 3's: BOS before every text
            "type": "TemplateProcessing",
            "single": [bos, {"Sequence": {"id": "A", "type_id": 0}}],
            "pair": [bos, {"Sequence": {"id": "A", "type_id": 0}}, {"Sequence": {"id": "B", "type_id": 1}}],
            "special_tokens": {SPECIALS[0]: {"id": SPECIALS[0], "ids": [first], "tokens": [SPECIALS[0]]}},
        },
        "decoder": level,
        "model": {
            "type": "BPE",
            "vocab": {specials.get(index, word): index for index, word in enumerate(words)},
            "merges": [list(pair) for pair in merges],
        },
    }


def _merges(limit: int) -> list[tuple[str, str]]:
    """At most `limit` merges that put the routing prompt's words together from the left."""
    merges: dict[tuple[str, str], None] = {}
    for word in re.findall(r"Ġ?[A-Za-z]{2,}", ROUTING_TEXT.replace(" ", "Ġ")):
        merges |= {(word[:end], word[end]): None for end in range(1, len(word))}
    return list(merges)[: max(0, limit)]


def _bert_vocabulary(config: MovaConfig) -> list[str]:
    """Single characters, alone and inside a word, and made-up words up to BERT's size."""
    marks = [chr(code) for code in range(33, 127) if not chr(code).isupper()]
    tokens = [*BERT_SPECIALS, *marks, *(f"##{mark}" for mark in marks if mark.isalnum())]
    size = config.text_encoder.vocab_size
    return [*tokens, *(f"word{index}" for index in range(len(tokens), size))][:size]
