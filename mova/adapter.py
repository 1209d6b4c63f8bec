"""MoV-Adapter: pulls what the question needs out of the chosen experts (paper section 3.3, figure 4).

Every block weighs the routed experts by question and image (the gate), adds their cross-attention
to the base features, and mixes the result; a RegNet stage on either side of a pooling quarters the
tokens; two linear layers bring them to the language model's width. Child names are those of the
released checkpoint (`model.mm_projector.*`), also where it calls a LayerNorm `bn`.
"""

from dataclasses import asdict, dataclass

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from transformers import BertConfig, BertModel

from mova.config import AdapterSection, MovaConfig
from mova.vision.experts.pool import LETTERS
from mova.vision.grid import to_map, to_tokens
from mova.vision.rotary import rotary_tables
from mova.vision.vit import SwiGLU, attend

MASKED = -1e6  # what the published gate adds to the logit of an expert that is not routed


@dataclass(frozen=True)
class Fused:
    """What the adapter made of one batch: image tokens, and what the gate decided on the way.

    `tokens` [B, L/4, H] are for the language model. `masked` [B, layers, 7] are the gating weights
    used (softmax over the routed experts, top k, renormalised; zero where nothing is routed),
    `unmasked` [B, layers, 7] the softmax over all seven. `contributions` [B, layers, 7, L] is the L2
    norm over channels of gate x expert output per base token. The last three are float32.
    """

    tokens: Tensor
    masked: Tensor
    unmasked: Tensor
    contributions: Tensor


class TextEncoder(nn.Module):
    """BERT on the lower-cased questions; its last state at [CLS] steers the gate."""

    def __init__(self, config: BertConfig):
        super().__init__()
        self.bert = BertModel(config, add_pooling_layer=False)

    def forward(self, input_ids: Tensor, attention_mask: Tensor) -> Tensor:
        """Token ids and mask [B, n] -> [B, text width]."""
        return self.bert(input_ids=input_ids, attention_mask=attention_mask).last_hidden_state[:, 0]


class RotaryAttention(nn.Module):
    """Attention with rotary positions on queries and keys, and a LayerNorm before the output projection.

    Queries come from the stream; keys and values from the stream itself or from an expert on the same grid.
    """

    def __init__(self, width: int, source_width: int, sizes: AdapterSection):
        super().__init__()
        self.heads = width // sizes.head_dim
        self.q_proj = nn.Linear(width, width, bias=False)
        self.k_proj = nn.Linear(source_width, width, bias=False)
        self.v_proj = nn.Linear(source_width, width, bias=False)
        self.inner_attn_ln = nn.LayerNorm(width, sizes.layer_norm_eps)
        self.proj = nn.Linear(width, width)

    def forward(self, stream: Tensor, source: Tensor, rotary: tuple[Tensor, Tensor]) -> Tensor:
        """[B, L, width] and [B, L, source width] -> [B, L, width]."""
        query, key, value = self.q_proj(stream), self.k_proj(source), self.v_proj(source)
        return self.proj(self.inner_attn_ln(attend(query, key, value, self.heads, rotary)))


@dataclass(frozen=True)
class Gating:
    """One block's share of `Fused`: `masked`, `unmasked` [B, 7] and `contributions` [B, 7, L]."""

    masked: Tensor
    unmasked: Tensor
    contributions: Tensor


class AdapterBlock(nn.Module):
    """Gate, cross-attention to every routed expert, self-attention, SwiGLU."""

    def __init__(self, config: MovaConfig):
        super().__init__()
        width, sources, sizes = config.mm_hidden_size, config.expert_channels, config.adapter
        eps = sizes.layer_norm_eps
        self.top_k = config.topk_experts
        self.gate = nn.Sequential(
            nn.Linear(width + config.text_encoder.hidden_size, width),
            nn.GELU(),
            nn.Linear(width, len(sources)),
        )
        self.norm1 = nn.ModuleList(nn.LayerNorm(width, eps) for _ in sources)
        self.norm2 = nn.ModuleList(nn.LayerNorm(source, eps) for source in sources)
        self.cross_attn = nn.ModuleList(RotaryAttention(width, source, sizes) for source in sources)
        self.norm3 = nn.LayerNorm(width, eps)
        self.self_attn = RotaryAttention(width, width, sizes)
        self.norm4 = nn.LayerNorm(width, eps)
        self.mlp = SwiGLU(width, int(width * sizes.mlp_ratio), eps)

    def forward(
        self,
        stream: Tensor,
        experts: dict[str, Tensor],
        text: Tensor,
        routed: Tensor,
        rotary: tuple[Tensor, Tensor],
    ) -> tuple[Tensor, Gating]:
        """[B, L, C] -> the same, and the gating; `experts` holds those that at least one row routes."""
        logits = self.gate(torch.cat([text, stream.mean(dim=1)], dim=-1))
        masked, unmasked = gate_weights(logits, routed, self.top_k)
        # 1. the routed experts, each weighed by its gate; all of them look at the same stream
        fused = torch.zeros_like(stream)
        contributions = stream.new_zeros((*masked.shape, stream.shape[1]), dtype=torch.float32)
        for letter, features in experts.items():
            index = LETTERS.index(letter)
            output = self.cross_attn[index](self.norm1[index](stream), self.norm2[index](features), rotary)
            weighed = masked[:, index, None, None].to(stream.dtype) * output
            contributions[:, index] = weighed.detach().float().norm(dim=-1)
            fused = fused + weighed
        stream = stream + fused
        # 2. tokens exchange what they got; self-attention sees the normed stream only
        normed = self.norm3(stream)
        stream = stream + self.self_attn(normed, normed, rotary)
        stream = stream + self.mlp(self.norm4(stream))
        return stream, Gating(masked, unmasked, contributions)


class ConvNorm(nn.Module):
    """A convolution without bias and a LayerNorm over channels (`bn` in the checkpoint), SiLU if asked."""

    def __init__(self, width: int, kernel: int, eps: float, groups: int = 1, activate: bool = True):
        super().__init__()
        self.conv = nn.Conv2d(width, width, kernel, padding=kernel // 2, groups=groups, bias=False)
        self.bn = nn.LayerNorm(width, eps)
        self.activate = activate

    def forward(self, grid: Tensor) -> Tensor:
        grid = self.bn(self.conv(grid).movedim(1, -1)).movedim(-1, 1)
        return F.silu(grid) if self.activate else grid


class SqueezeExcite(nn.Module):
    """Scales channels by what the whole grid's mean asks for."""

    def __init__(self, width: int, hidden: int):
        super().__init__()
        self.fc1 = nn.Conv2d(width, hidden, 1)
        self.fc2 = nn.Conv2d(hidden, width, 1)

    def forward(self, grid: Tensor) -> Tensor:
        mean = grid.mean(dim=(2, 3), keepdim=True)
        return grid * self.fc2(F.silu(self.fc1(mean))).sigmoid()


class RegBlock(nn.Module):
    """RegNet bottleneck (1x1, depthwise 3x3, squeeze-and-excitation, 1x1), identity shortcut, linear out."""

    def __init__(self, width: int, sizes: AdapterSection):
        super().__init__()
        eps = sizes.layer_norm_eps
        self.conv1 = ConvNorm(width, 1, eps)
        self.conv2 = ConvNorm(width, 3, eps, groups=width)
        self.se = SqueezeExcite(width, round(width * sizes.squeeze_ratio))
        self.conv3 = ConvNorm(width, 1, eps, activate=False)

    def forward(self, grid: Tensor) -> Tensor:
        return grid + self.conv3(self.se(self.conv2(self.conv1(grid))))


class RegStage(nn.Module):
    """A RegNet stage of one block. Grids are [B, C, side, side]."""

    def __init__(self, width: int, sizes: AdapterSection):
        super().__init__()
        self.b1 = RegBlock(width, sizes)

    def forward(self, grid: Tensor) -> Tensor:
        return self.b1(grid)


class MovAdapter(nn.Module):
    """MoV-Adapter of one `MovaConfig`: base features, expert features and a question -> image tokens."""

    def __init__(self, config: MovaConfig):
        super().__init__()
        width, side, sizes = config.mm_hidden_size, config.image_feat_size, config.adapter
        self.side = side
        self.head_dim = sizes.head_dim
        self.pos_embed = nn.Parameter(torch.zeros(1, side * side, width))
        self.text_encoder = TextEncoder(BertConfig(**asdict(config.text_encoder)))
        self.blocks = nn.ModuleList(AdapterBlock(config) for _ in range(config.num_projector_layers))
        self.downsample = nn.Sequential(
            RegStage(width, sizes), nn.AdaptiveAvgPool2d(side // 2), RegStage(width, sizes)
        )
        hidden = sizes.projector_hidden_size or config.hidden_size
        self.mlp = nn.Sequential(nn.Linear(width, hidden), nn.GELU(), nn.Linear(hidden, config.hidden_size))

    def encode_text(self, input_ids: Tensor, attention_mask: Tensor) -> Tensor:
        """BERT token ids and mask [B, n] of the gate's text -> [B, text width]."""
        return self.text_encoder(input_ids, attention_mask)

    def forward(self, base: Tensor, experts: dict[str, Tensor], text: Tensor, routing: Tensor) -> Fused:
        """Fuses one batch; a row may route other experts than its neighbour.

        base [B, L, C] and experts {letter: [B, L, C_e]} lie on the same grid, text is [B, text width],
        routing [B, 7] holds 1 for a routed expert. An expert without features counts as not routed, and
        one that no row routes is not run.
        """
        routed = self._routed(routing, experts)
        anywhere = zip(LETTERS, routed.any(dim=0).tolist(), strict=True)
        used = {letter: experts[letter] for letter, on in anywhere if on}
        rotary = rotary_tables(self.side, self.head_dim, device=base.device)
        stream = base + self.pos_embed
        gatings = []
        for block in self.blocks:
            stream, gating = block(stream, used, text, routed, rotary)
            gatings.append(gating)
        grid = self.downsample(to_map((stream + base) / 2))
        return Fused(
            tokens=self.mlp(to_tokens(grid)),
            masked=torch.stack([gating.masked for gating in gatings], dim=1),
            unmasked=torch.stack([gating.unmasked for gating in gatings], dim=1),
            contributions=torch.stack([gating.contributions for gating in gatings], dim=1),
        )

    @staticmethod
    def _routed(routing: Tensor, experts: dict[str, Tensor]) -> Tensor:
        present = torch.tensor([letter in experts for letter in LETTERS], device=routing.device)
        return (routing > 0) & present


def gate_weights(logits: Tensor, routed: Tensor, top_k: int) -> tuple[Tensor, Tensor]:
    """Raw gate logits [B, 7] and who is routed (bool [B, 7]) -> masked and unmasked weights, float32 [B, 7].

    Masked: softmax over the routed experts, the best `top_k` kept and renormalised to sum 1; a row with
    nothing routed gets zeros, where the published code leaves an artefact of its -1e6 that has no effect.
    """
    logits = logits.float()
    weights = logits.masked_fill(~routed, MASKED).softmax(dim=-1)
    kept = torch.zeros_like(routed).scatter(-1, weights.topk(top_k, dim=-1).indices, True)
    weights = weights * kept
    weights = weights / weights.sum(dim=-1, keepdim=True)
    return weights * routed, logits.softmax(dim=-1)
