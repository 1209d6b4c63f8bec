"""A very small random MoVA with every part of the real one: what most tests run on.

Widths that could be kept in 4-bit follow the rule of its CPU kernels (inputs a multiple of 64,
outputs of 32). Importing this module imports torch; the fixtures in conftest.py do so on demand.
"""

import json
from pathlib import Path

import torch
from safetensors.torch import save_file
from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers
from transformers import GenerationConfig, PreTrainedTokenizerFast
from transformers.core_model_loading import revert_weight_conversion

from mova.config import MovaConfig
from mova.model import MovaForCausalLM
from mova.vision.experts.pool import EXPERTS

WORDS = (
    "what is the color of this picture how many are there where which value in chart read text title"
    " who when date total number name find left right question image see shape biggest"
)


def build_tokenizer() -> PreTrainedTokenizerFast:
    """A byte-level BPE of 512 tokens with ChatML's special ones and, as SmolLM2's, no automatic BOS."""
    corpus = [*(expert.sentence for expert in EXPERTS), WORDS, WORDS, " A, B, C, D, E, F, G none None"]
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    special = ["<|endoftext|>", "<|im_start|>", "<|im_end|>"]
    trainer = trainers.BpeTrainer(
        vocab_size=512,
        special_tokens=special,
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    tokenizer.train_from_iterator(corpus, trainer)
    return PreTrainedTokenizerFast(
        tokenizer_object=tokenizer,
        bos_token="<|im_start|>",
        eos_token="<|im_end|>",
        unk_token="<|endoftext|>",
        pad_token="<|im_end|>",
        additional_special_tokens=["<|im_start|>", "<|im_end|>"],
    )


def bert_vocabulary() -> list[str]:
    """A WordPiece vocabulary that spells every lower-case word."""
    marks = list("abcdefghijklmnopqrstuvwxyz0123456789") + list("?!.,:;'\"()-/%$#&*+=<>|_")
    pieces = [f"##{mark}" for mark in marks if mark.isalnum()]
    words = [word for word in WORDS.split() if len(word) > 1]
    return ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *marks, *pieces, *words]


def build_config() -> MovaConfig:
    """Every section at a few percent of its real size; base grid 8x8, 16 image tokens, 4 for routing."""
    tokenizer = build_tokenizer()
    vit = {"hidden_size": 64, "num_hidden_layers": 2, "num_attention_heads": 4}
    sam = {**vit, "mlp_ratio": 2.0, "window_size": 3, "global_attn_indexes": [1], "output_channels": 64}
    codetr_grid = {"image_size": 128, "position_side": 8, "rotary_side": 4, "output_side": 5}
    patches = {**vit, "d_ff": 128, "d_kv": 16, "patch_embed_hidden_size": 192, "seq_len": 16}
    return MovaConfig(
        vocab_size=len(tokenizer),
        hidden_size=64,
        intermediate_size=128,
        num_hidden_layers=2,
        num_attention_heads=4,
        num_key_value_heads=2,
        max_position_embeddings=4096,
        bos_token_id=tokenizer.bos_token_id,
        eos_token_id=tokenizer.eos_token_id,
        mm_hidden_size=64,
        image_feat_size=8,
        num_projector_layers=2,
        num_routing_tokens=4,
        expert_channels=[64, 128, 64, 64, 64, 64, 64],
        template="smollm2",
        system_sentence="You are a helpful test model.",
        clip={**vit, "intermediate_size": 128},
        dinov2={**vit, "mlp_ratio": 3, "image_size": 56, "largest_side": 84},
        vary={**sam, "tail_channels": 128},
        codetr={**sam, "window_size": 4, **codetr_grid},
        pix2struct=patches,
        deplot=patches,
        biomedclip={**vit, "mlp_ratio": 2.0, "image_size": 64},
        sam=sam,
        adapter={"head_dim": 16, "mlp_ratio": 2.0},
        text_encoder={**vit, "vocab_size": len(bert_vocabulary()), "intermediate_size": 128},
        views={"high_side": 64, "patch_rows": 5, "patch_size": 8},
    )


def build_model(config: MovaConfig, seed: int = 0) -> MovaForCausalLM:
    """A float32 model in evaluation mode whose every weight is random, none of them zero."""
    model = MovaForCausalLM(config).eval()
    generator = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for name, weight in model.named_parameters():
            noise = torch.randn(weight.shape, generator=generator)
            if weight.dim() < 2:
                weight.copy_(0.1 * noise + (1.0 if name.endswith("weight") or "lambda" in name else 0.0))
            else:
                weight.copy_(noise / weight[0].numel() ** 0.5)
    return model


def save_checkpoint(model: MovaForCausalLM, folder: Path) -> Path:
    """A checkpoint folder in our own names: safetensors, configuration, tokenizer, BERT vocabulary."""
    state = {name: tensor.contiguous() for name, tensor in model.state_dict().items()}
    save_file(state, folder / "model.safetensors", metadata={"format": "pt"})
    _save_texts(model.config, folder)
    return folder


def save_released(model: MovaForCausalLM, folder: Path, shards: int = 3) -> Path:
    """The same weights as the authors release theirs: their names, sharded `.bin`, what we drop included."""
    state = released_state(model)
    names = sorted(state)
    index = {}
    for shard in range(shards):
        file = f"pytorch_model-{shard + 1:05d}-of-{shards:05d}.bin"
        part = names[shard::shards]
        torch.save({name: state[name].clone() for name in part}, folder / file)
        index.update(dict.fromkeys(part, file))
    size = sum(tensor.nbytes for tensor in state.values())
    (folder / "pytorch_model.bin.index.json").write_text(
        json.dumps({"metadata": {"total_size": size}, "weight_map": index})
    )
    _save_texts(model.config, folder)
    config = json.loads((folder / "config.json").read_text())
    config.update(model_type="mova_llama", architectures=["MovaLlamaForCausalLM"])
    config.update(mm_vision_tower="/the/authors/own/path", mm_projector_text_encoder="/the/authors/own/bert")
    (folder / "config.json").write_text(json.dumps(config))
    return folder


def released_state(model: MovaForCausalLM) -> dict[str, torch.Tensor]:
    """The model's weights under their published names, and stand-ins for the entries we drop."""
    tower, adapter = "model.vision_tower.vision_tower_", "model.mm_projector.blocks."
    reverted = revert_weight_conversion(model, model.state_dict())
    # The library puts CLIP's level back only for a model it has loaded itself.
    state = {name.replace(f"{tower}0.", f"{tower}0.vision_model."): value for name, value in reverted.items()}
    attentions = [f"{tower}3.rope_win", f"{tower}3.rope_glb"]
    attentions += [f"{tower}3.blocks.{k}.attn.rope" for k in range(model.config.codetr.num_hidden_layers)]
    for k in range(model.config.num_projector_layers):
        attentions += [f"{adapter}{k}.self_attn.rope"]
        attentions += [f"{adapter}{k}.cross_attn.{e}.rope" for e in range(len(EXPERTS))]
    for attention in attentions:
        state[f"{attention}.freqs_cos"] = state[f"{attention}.freqs_sin"] = torch.full((4, 16), 9.0)
    state[f"{tower}6.head.proj.weight"] = torch.full((32, 64), 9.0)
    return state


def _save_texts(config: MovaConfig, folder: Path) -> None:
    config.save_pretrained(folder)
    GenerationConfig(bos_token_id=config.bos_token_id, eos_token_id=config.eos_token_id).save_pretrained(
        folder
    )
    build_tokenizer().save_pretrained(folder)
    (folder / "bert_tokenizer").mkdir(exist_ok=True)
    (folder / "bert_tokenizer" / "vocab.txt").write_text("\n".join(bert_vocabulary()) + "\n")
