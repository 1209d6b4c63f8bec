"""The released checkpoint's entries under our parameters' names, and the 101 entries that have no parameter.

transformers applies the map while it loads (`from_pretrained`) and in reverse while it saves. The
renames here run first, in order, each at most once per key; after them CLIP's and DINOv2's own
conversions run inside their modules. Adapter and language model keep their published names. No name
of ours matches a pattern, so a checkpoint we wrote loads through the same map.
"""

import logging
from collections.abc import Iterable

from transformers.conversion_mapping import register_checkpoint_conversion_mapping
from transformers.core_model_loading import WeightConverter, WeightRenaming

from mova.checkpoint.damage import some
from mova.errors import CheckpointError

log = logging.getLogger(__name__)
_OURS = "model.vision_tower."


def _tower(number: int, ours: str, level: str = "") -> tuple[str, str]:
    """Everything of the authors' tower `number` (below `level`) to a module of ours."""
    return rf"^model\.vision_tower\.vision_tower_{number}\.{level}", f"{_OURS}{ours}."


def _inside(theirs: str, ours: str) -> tuple[str, str]:
    """A name inside a tower; one group of digits may stand in it."""
    return rf"^model\.vision_tower\.{theirs}", f"{_OURS}{ours}"


def _sam(module: str) -> list[tuple[str, str]]:
    """The authors' SAM code against transformers' `SamVisionEncoder`."""
    model = f"{module}.model."
    return [
        _inside(rf"{module}\.model\.blocks\.", f"{model}layers."),
        _inside(rf"{module}\.model\.layers\.(\d+)\.norm1\.", rf"{model}layers.\1.layer_norm1."),
        _inside(rf"{module}\.model\.layers\.(\d+)\.norm2\.", rf"{model}layers.\1.layer_norm2."),
        _inside(rf"{module}\.model\.patch_embed\.proj\.", f"{model}patch_embed.projection."),
        _inside(rf"{module}\.model\.neck\.0\.", f"{model}neck.conv1."),
        _inside(rf"{module}\.model\.neck\.1\.", f"{model}neck.layer_norm1."),
        _inside(rf"{module}\.model\.neck\.2\.", f"{model}neck.conv2."),
        _inside(rf"{module}\.model\.neck\.3\.", f"{model}neck.layer_norm2."),
    ]


# (regular expression of their name, ours). Towers first, then names inside them: backwards, in the
# opposite order, the same list gives the published names.
VISION_RENAMES = (
    _tower(0, "clip.model"),
    _tower(1, "dinov2.model"),
    _tower(2, "vary.model"),
    _tower(3, "codetr"),
    _tower(4, "pix2struct.model"),
    _tower(5, "deplot.model"),
    _tower(6, "biomedclip", level=r"trunk\."),
    _tower(7, "sam.model"),
    *_sam("vary"),
    *_sam("sam"),
    _inside(r"vary\.model\.net_2\.", "vary.tail."),
    _inside(r"codetr\.blocks\.(\d+)\.attn\.q_bias", r"codetr.blocks.\1.attn.q_proj.bias"),
    _inside(r"codetr\.blocks\.(\d+)\.attn\.v_bias", r"codetr.blocks.\1.attn.v_proj.bias"),
)

# Regular expressions of what the released file holds and we do not: the 100 rotary tables of adapter
# and Co-DETR (rounded to bfloat16 there; ours are computed in float32), and the projection of
# BiomedCLIP's pooled vector, which nothing reads. 101 entries at 8B.
DROPPED = (
    r"\.rope(_win|_glb)?\.freqs_(cos|sin)$",
    r"\.vision_tower_6\.head\.proj\.weight$",
)


def register() -> None:
    """Hands the map to transformers under the class name.

    Not under a model type: files say `mova` or `mova_llama`, and a map that is not found is silently
    not applied.
    """
    renames: list[WeightConverter | WeightRenaming] = [
        WeightRenaming(published, ours) for published, ours in VISION_RENAMES
    ]
    register_checkpoint_conversion_mapping("MovaForCausalLM", renames, overwrite=True)


def require_all_keys(name: str, keys: dict[str, Iterable]) -> None:
    """CheckpointError naming what is missing, not expected, or of another shape; nothing is let pass.

    It names the first of each kind; all of them are in the log.
    """
    mismatched = [
        f"{key} (is {list(found)}, expected {list(own)})" for key, found, own in keys["mismatched_keys"]
    ]
    problems = [
        ("missing", sorted(keys["missing_keys"])),
        ("not expected", sorted(keys["unexpected_keys"])),
        ("of another shape", sorted(mismatched)),
        ("not readable", ["see MOVA_LOG=debug"] * bool(keys.get("error_msgs", ()))),
    ]
    if lists := [f"{len(found)} {kind}: {some(found)}" for kind, found in problems if found]:
        log.debug("%s: %s %s", name, problems, keys.get("error_msgs", ()))
        raise CheckpointError(
            f"The weights of {name} do not fit its config.json. {'; '.join(lists)}."
            " Fetch the checkpoint again, or correct the sizes in config.json."
        )
