"""The small model's sizes: other values of the same fields as the 8B model's.

Widths keep to multiples of 64 (SwiGLU: int(192 * 8 / 3) = 512) so that every linear layer fits the
4-bit rule of CPUs; the twelve-by-twelve grid that the LLM sees is half the base grid.
"""

from mova.config import MovaConfig

WIDTH = 192
# Text chat has no LoRA: with a sentence about pictures the LLM no longer knows the capital of France.
SYSTEM_SENTENCE = "You are a helpful AI assistant named MoVA."

_TRANSFORMER = {"hidden_size": WIDTH, "num_attention_heads": 3}
_SAM = {**_TRANSFORMER, "mlp_ratio": 3.0, "window_size": 6}

SECTIONS = {
    "clip": {**_TRANSFORMER, "intermediate_size": 512, "num_hidden_layers": 3},
    "dinov2": {
        **_TRANSFORMER,
        "num_hidden_layers": 4,
        "mlp_ratio": 4,
        "image_size": 336,
        "largest_side": 336,
    },
    "vary": {
        **_SAM,
        "num_hidden_layers": 5,
        "global_attn_indexes": [1, 3],
        "output_channels": 128,
        "tail_channels": 256,
    },
    "codetr": {
        **_TRANSFORMER,
        "num_hidden_layers": 3,
        "image_size": 384,
        "position_side": 24,
        "rotary_side": 8,
        "window_size": 8,
        "global_attn_indexes": [1, 2],
        "output_channels": 192,
        "output_side": 24,
    },
    "pix2struct": {
        **_TRANSFORMER,
        "d_ff": 384,
        "num_hidden_layers": 4,
        "seq_len": 32,
    },
    "deplot": {
        **_TRANSFORMER,
        "d_ff": 384,
        "num_hidden_layers": 5,
        "seq_len": 32,
    },
    "biomedclip": {**_TRANSFORMER, "num_hidden_layers": 2, "mlp_ratio": 3.0, "image_size": 192},
    "sam": {**_SAM, "num_hidden_layers": 2, "global_attn_indexes": [1], "output_channels": 192},
    "adapter": {"projector_hidden_size": 768},
    "text_encoder": {
        "vocab_size": 896,
        "hidden_size": WIDTH,
        "num_hidden_layers": 2,
        "num_attention_heads": 3,
        "intermediate_size": 256,
    },
    "views": {"high_side": 384, "patch_rows": 24, "patch_size": 16},
}

# SmolLM2-135M-Instruct, from its published config.
LANGUAGE_MODEL = {
    "vocab_size": 49152,
    "hidden_size": 576,
    "intermediate_size": 1536,
    "num_hidden_layers": 30,
    "num_attention_heads": 9,
    "num_key_value_heads": 3,
    "max_position_embeddings": 8192,
    "rope_parameters": {"rope_type": "default", "rope_theta": 100000.0},
    "rms_norm_eps": 1e-5,
    "tie_word_embeddings": True,
    "bos_token_id": 1,
    "eos_token_id": 2,
    "pad_token_id": 2,
}


def tiny_config() -> MovaConfig:
    """The configuration of the embedded checkpoint: 144 image tokens (36 when routing), 192 channels."""
    return MovaConfig(
        **LANGUAGE_MODEL,
        **SECTIONS,
        template="smollm2",
        system_sentence=SYSTEM_SENTENCE,
        tokenizer_model_max_length=2048,
        # The last layer is read, not the last but one: no layer is carried that nothing reads.
        mm_vision_select_layer=-1,
        mm_hidden_size=WIDTH,
        image_feat_size=24,
        num_projector_layers=2,
        num_routing_tokens=36,
        expert_channels=[WIDTH, 256, WIDTH, WIDTH, WIDTH, WIDTH, WIDTH],
    )
