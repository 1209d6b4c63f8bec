"""`MovaConfig`: one configuration class for the released 8B model and the small one.

The Llama fields and the authors' own fields are flat, as in the released `config.json`. Sizes that the
released file does not hold (the encoders', the adapter's, BERT's, the views') are sections whose
defaults are the 8B values, so a config without sections means 8B and the small model is only other
values of the same fields.
"""

from dataclasses import asdict, dataclass, fields
from typing import Any

from huggingface_hub.dataclasses import strict
from transformers import LlamaConfig


@dataclass(frozen=True)
class ClipSection:
    """CLIP ViT-L/14, the base encoder. Its input side is `patch_size * image_feat_size`."""

    hidden_size: int = 1024
    intermediate_size: int = 4096
    num_hidden_layers: int = 24
    num_attention_heads: int = 16
    patch_size: int = 14
    hidden_act: str = "quick_gelu"
    layer_norm_eps: float = 1e-5


@dataclass(frozen=True)
class Dinov2Section:
    """DINOv2-giant. `image_size` is the side its stored positions were made for (pixels); an input
    wider than `largest_side` is shrunk to that side first."""

    hidden_size: int = 1536
    num_hidden_layers: int = 40
    num_attention_heads: int = 24
    mlp_ratio: int = 4
    patch_size: int = 14
    image_size: int = 518
    largest_side: int = 518
    use_swiglu_ffn: bool = True
    layer_norm_eps: float = 1e-6


@dataclass(frozen=True)
class SamTypeSection:
    """A SAM-type encoder (Vary and SAM). Its input side is the high view's."""

    hidden_size: int = 1280
    num_hidden_layers: int = 32
    num_attention_heads: int = 16
    mlp_ratio: float = 4.0
    patch_size: int = 16
    window_size: int = 14
    global_attn_indexes: tuple[int, ...] = (7, 15, 23, 31)
    output_channels: int = 256


@dataclass(frozen=True)
class SamSection(SamTypeSection):
    """SAM ViT-H.

    Where `finds` lists words, a string of them for each thing that is said (of a shape: its colour, its
    form, whether it is an outline), a finder of shapes stands in its place."""

    finds: tuple[str, ...] = ()


@dataclass(frozen=True)
class VarySection(SamTypeSection):
    """Vary: SAM ViT-B and a stride-2 convolution from `output_channels` to `tail_channels`.

    Where `reads` names sides in px, a reader of print at these sides stands in its place."""

    hidden_size: int = 768
    num_hidden_layers: int = 12
    num_attention_heads: int = 12
    global_attn_indexes: tuple[int, ...] = (2, 5, 8, 11)
    tail_channels: int = 512
    reads: tuple[int, ...] = ()


@dataclass(frozen=True)
class CodetrSection:
    """Co-DETR's ViT-L. `image_size` is the side the high view is enlarged to, `position_side` the stored
    position grid, `rotary_side` the grid the rotary positions are measured on, `output_side` the
    grid it hands on. Blocks not in `global_attn_indexes` attend in windows of `window_size`.

    Where `finds` lists words, a finder of things stands in its place that can call them so."""

    hidden_size: int = 1024
    num_hidden_layers: int = 24
    num_attention_heads: int = 16
    mlp_ratio: float = 8 / 3
    patch_size: int = 16
    image_size: int = 1280
    position_side: int = 80
    rotary_side: int = 16
    window_size: int = 16
    global_attn_indexes: tuple[int, ...] = (5, 11, 17, 23)
    output_channels: int = 256
    output_side: int = 37
    finds: tuple[str, ...] = ()


@dataclass(frozen=True)
class Pix2StructSection:
    """Pix2Struct-large's encoder; `patch_embed_hidden_size` is the values per patch (3 * patch * patch).

    Where `reads` names sides in px, a reader of print at these sides stands in its place."""

    hidden_size: int = 1536
    patch_embed_hidden_size: int = 768
    d_ff: int = 3968
    d_kv: int = 64
    num_hidden_layers: int = 18
    num_attention_heads: int = 24
    seq_len: int = 4096
    layer_norm_eps: float = 1e-6
    reads: tuple[int, ...] = ()


@dataclass(frozen=True)
class DeplotSection(Pix2StructSection):
    """DePlot: the same encoder at Pix2Struct-base size.

    Where `sight` gives widths, the reader in its place is one of charts, and these are the widths of what
    sees how a chart is laid out."""

    hidden_size: int = 768
    d_ff: int = 2048
    num_hidden_layers: int = 12
    num_attention_heads: int = 12
    sight: tuple[int, ...] = ()


@dataclass(frozen=True)
class BiomedClipSection:
    """BiomedCLIP's ViT-B/16. The base view is shrunk to `image_size`."""

    hidden_size: int = 768
    num_hidden_layers: int = 12
    num_attention_heads: int = 12
    mlp_ratio: float = 4.0
    patch_size: int = 16
    image_size: int = 224
    layer_norm_eps: float = 1e-6


@dataclass(frozen=True)
class ReaderSection:
    """The reader of print that the small model has in the place of the experts that `reads`. `stem` are the
    widths of its convolutions, `vocab_size` the tokens that it may write, blank and new line first."""

    stem: tuple[int, ...] = (24, 48, 96, 192)
    hidden_size: int = 256
    num_hidden_layers: int = 4
    num_attention_heads: int = 4
    vocab_size: int = 2048


@dataclass(frozen=True)
class AdapterSection:
    """MoV-Adapter sizes that follow from nothing else. `projector_hidden_size` None means the LLM's width."""

    head_dim: int = 64
    mlp_ratio: float = 8 / 3
    squeeze_ratio: float = 0.25
    projector_hidden_size: int | None = None
    layer_norm_eps: float = 1e-5


@dataclass(frozen=True)
class TextEncoderSection:
    """BERT-large-uncased, read by the gate."""

    vocab_size: int = 30522
    hidden_size: int = 1024
    num_hidden_layers: int = 24
    num_attention_heads: int = 16
    intermediate_size: int = 4096
    max_position_embeddings: int = 512
    type_vocab_size: int = 2
    layer_norm_eps: float = 1e-12


@dataclass(frozen=True)
class ViewsSection:
    """Pixel sizes of the three views. `base_side` None means CLIP's patch times `image_feat_size`;
    `dino_side` None means `base_side`; the patches view has `patch_rows` x `patch_rows` patches."""

    base_side: int | None = None
    dino_side: int | None = None
    high_side: int = 1024
    patch_rows: int = 45
    patch_size: int = 16


SECTIONS = {
    "clip": ClipSection,
    "dinov2": Dinov2Section,
    "vary": VarySection,
    "codetr": CodetrSection,
    "pix2struct": Pix2StructSection,
    "deplot": DeplotSection,
    "biomedclip": BiomedClipSection,
    "sam": SamSection,
    "reader": ReaderSection,
    "adapter": AdapterSection,
    "text_encoder": TextEncoderSection,
    "views": ViewsSection,
}


def _section(kind: type, given: Any) -> Any:
    """A section from what a config file holds: absent, a dict of the values that differ, or a section."""
    if isinstance(given, kind):
        return given
    values = {key: tuple(v) if isinstance(v, list) else v for key, v in (given or {}).items()}
    unknown = values.keys() - {field.name for field in fields(kind)}
    if unknown:
        raise ValueError(f"{kind.__name__} has no field {', '.join(sorted(unknown))}")
    return kind(**values)


@strict
class MovaConfig(LlamaConfig):
    """Configuration of `MovaForCausalLM`; defaults are those of the released MoVA-Llama3-8B.

    A file that says `mova_llama` (the released code's name) is read too. Paths in the authors' fields
    (`mm_vision_tower`, `mm_projector_text_encoder`) are kept and never followed.
    """

    model_type = "mova"
    default_theta = 500_000.0

    vocab_size: int = 128256
    hidden_size: int = 4096
    intermediate_size: int = 14336
    num_hidden_layers: int = 32
    num_attention_heads: int = 32
    num_key_value_heads: int | None = 8
    max_position_embeddings: int = 8192
    rms_norm_eps: float = 1e-5
    bos_token_id: int | None = 128000
    eos_token_id: int | list[int] | None = 128001

    mm_vision_tower: Any = None
    mm_vision_select_layer: int = -2
    mm_vision_select_feature: str = "patch"
    mm_projector_type: str = "mov_adapter"
    mm_projector_text_encoder: Any = None
    mm_hidden_size: int = 1024
    image_feat_size: int = 48
    image_aspect_ratio: str = "pad"
    topk_experts: int = 3
    num_projector_layers: int = 3
    num_routing_tokens: int = 144
    expert_channels: list[int] | tuple[int, ...] = (1536, 512, 256, 1536, 768, 768, 256)
    tokenizer_model_max_length: int | None = None

    template: str = "mova_llama3"
    system_sentence: str | None = None

    clip: Any = None  # a ClipSection
    dinov2: Any = None  # a Dinov2Section
    vary: Any = None  # a VarySection
    codetr: Any = None  # a CodetrSection
    pix2struct: Any = None  # a Pix2StructSection
    deplot: Any = None  # a DeplotSection
    biomedclip: Any = None  # a BiomedClipSection
    sam: Any = None  # a SamSection
    reader: Any = None  # a ReaderSection
    adapter: Any = None  # a AdapterSection
    text_encoder: Any = None  # a TextEncoderSection
    views: Any = None  # a ViewsSection

    def __post_init__(self, **kwargs):
        # A file's own model_type would shadow the class's on the instance and hide the key map.
        kwargs.pop("model_type", None)
        for name, kind in SECTIONS.items():
            setattr(self, name, _section(kind, getattr(self, name)))
        super().__post_init__(**kwargs)

    def to_dict(self) -> dict[str, Any]:
        """The whole config as plain JSON values, every section written out."""
        plain = super().to_dict()
        for name in SECTIONS:
            values = asdict(plain[name]).items()
            plain[name] = {key: list(v) if isinstance(v, tuple) else v for key, v in values}
        return plain

    def reads(self, module: str) -> tuple[int, ...]:
        """The sides in px at which the expert of this module name reads print; none where it does not."""
        return getattr(getattr(self, module), "reads", ())

    def sees(self, module: str) -> tuple[int, ...]:
        """The widths of what the reader of this module name sees charts with; none where it does not."""
        return getattr(getattr(self, module), "sight", ())

    def finds(self, module: str) -> tuple[str, ...]:
        """The words, a string of them for each thing said, that the finder of this module name knows; none
        where the expert is no finder."""
        return getattr(getattr(self, module), "finds", ())

    @property
    def base_side(self) -> int:
        """Pixels per side of the base view (672)."""
        return self.views.base_side or self.clip.patch_size * self.image_feat_size

    @property
    def dino_side(self) -> int:
        """Pixels per side of DINOv2's version of the base view (672; shrunk inside the encoder)."""
        return self.views.dino_side or self.base_side

    @property
    def base_tokens(self) -> int:
        """Tokens of the base grid, L (2304)."""
        return self.image_feat_size**2

    @property
    def image_tokens(self) -> int:
        """Tokens the LLM sees in the answering pass (576); the routing pass sees `num_routing_tokens`."""
        return (self.image_feat_size // 2) ** 2
