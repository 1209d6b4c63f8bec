"""Every encoder alone against the recorded outputs of the published code."""

from functools import cache

import pytest
import torch

from mova.config import MovaConfig
from mova.vision.experts.biomedclip import BiomedClip
from mova.vision.experts.clip import Clip
from mova.vision.experts.codetr import CoDetr
from mova.vision.experts.dinov2 import Dinov2
from mova.vision.experts.pix2struct import Pix2Struct
from mova.vision.experts.sam import Sam
from mova.vision.experts.vary import Vary
from mova.vision.grid import resize_map, resize_positions
from mova.vision.rotary import rotary_tables, rotate_half
from tests.golden import (
    assert_close,
    assert_close_lowvar,
    by_recipe,
    golden,
    load_encoder,
    section,
    views,
)

pytestmark = pytest.mark.parity

POSITIONS = "vision_model.embeddings.position_embedding.weight"
ENCODERS = {
    "clip_base": (Clip, "clip", 0),
    "dinov2": (Dinov2, "dinov2", 1),
    "vit_vary": (Vary, "vary", 2),
    "vit_codetr": (CoDetr, "codetr", 3),
    "vit_codetr_small": (CoDetr, "codetr", 3),
    "pix2struct": (Pix2Struct, "pix2struct", 4),
    "biomedclip": (BiomedClip, "biomedclip", 6),
    "vit_sam": (Sam, "sam", 7),
}


@pytest.fixture(autouse=True)
def no_grad():
    with torch.no_grad():
        yield


@cache
def encoder(fixture: str, recipe: str = "recipe"):
    """The encoder of a fixture with the weights of one of its recipes."""
    kind, module, tower = ENCODERS[fixture]
    recorded = golden(fixture)
    sizes = recorded.config
    flat = {"views": {"high_side": sizes["img_size"]}} if module in ("vary", "sam") else {}
    weights = recorded.weights(recipe)
    if module == "clip":
        flat = {"image_feat_size": sizes["resized_to"] // sizes["patch_size"]}
        weights[POSITIONS] = resized_clip_positions(weights[POSITIONS], flat["image_feat_size"])
    config = MovaConfig(**{module: section(module, sizes)}, **flat)
    return load_encoder(kind, module, tower, config, weights)


def resized_clip_positions(table, side):
    """The class position, then the grid's at the wanted side: what the published constructor does once."""
    return torch.cat([table[:1], resize_positions(table[1:], side)])


@pytest.mark.parametrize("fixture", [*ENCODERS, "tower", "tower_518"])
def test_the_recipe_rebuilds_the_recorded_weights(fixture):
    recorded = golden(fixture)
    weights = recorded.weights()
    for name, spot in recorded.info["recipe_check"].items():
        assert weights[name].flatten()[:3].tolist() == spot["first3"]
        assert weights[name].double().sum().item() == pytest.approx(spot["sum64"], rel=1e-9, abs=1e-8)
    for name in weights.keys() & recorded.tensors.keys() - {POSITIONS}:
        assert torch.equal(weights[name], recorded[name])


def test_the_recipe_gives_the_known_answers():
    assert by_recipe("input.x", [2], 1, 1.0, 0.0).tolist() == [0.3054168224334717, -0.8251670598983765]
    assert by_recipe("blocks.0.gate.0.weight", [1], 1, 1.0, 0.0).item() == 0.8987032175064087


@pytest.mark.parametrize("fixture", [f for f in ENCODERS if "layer_norm_eps" in golden(f).config])
def test_the_published_epsilon_is_our_default(fixture):
    ours = getattr(MovaConfig(), ENCODERS[fixture][1])
    assert ours.layer_norm_eps == golden(fixture).config["layer_norm_eps"]


def test_clip_positions_resized_once():
    recorded = golden("clip_base")
    side = recorded.config["resized_to"] // recorded.config["patch_size"]
    before = recorded[f"weights_before_resize.{POSITIONS}"]
    assert_close(resized_clip_positions(before, side), recorded["output.resized_position_embedding"])


@pytest.mark.parametrize("index", range(golden("clip_base").config["num_hidden_layers"] + 1))
def test_clip_hidden_state(index):
    recorded = golden("clip_base")
    states = encoder("clip_base").model(recorded["input.x"], output_hidden_states=True).hidden_states
    assert_close(states[index], recorded[f"output.hidden_states.{index}"])


def test_clip_selected_features():
    recorded = golden("clip_base")
    given = views(base=recorded["input.x"])
    assert_close(encoder("clip_base")(given), recorded["output.selected"])


def test_clip_lowvar():
    recorded = golden("clip_base")
    given = views(base=recorded["input.x"])
    assert_close_lowvar(encoder("clip_base", "recipe_lowvar")(given), recorded["output.lowvar_selected"])


@pytest.mark.parametrize("size", golden("dinov2").config["sizes"])
def test_dinov2_embeddings(size):
    recorded = golden("dinov2")
    embedded = encoder("dinov2").model.embeddings(recorded[f"input.x{size}"])
    assert_close(embedded, recorded[f"output.hidden_states_0_{size}"])


@pytest.mark.parametrize("size", golden("dinov2").config["sizes"])
def test_dinov2_selected_features(size):
    recorded = golden("dinov2")
    given = views(dino=recorded[f"input.x{size}"])
    assert_close(encoder("dinov2")(given), recorded[f"output.selected_{size}"])


@pytest.mark.parametrize("size", golden("dinov2").config["sizes"])
def test_dinov2_last_hidden_state(size):
    recorded = golden("dinov2")
    states = encoder("dinov2").model(recorded[f"input.x{size}"]).last_hidden_state
    assert_close(states, recorded[f"output.last_hidden_state_{size}"])


@pytest.mark.parametrize("output", golden("dinov2").names("output.lowvar_selected_"))
def test_dinov2_lowvar(output):
    recorded = golden("dinov2")
    given = views(dino=recorded[f"input.x{output.rpartition('_')[2]}"])
    assert_close_lowvar(encoder("dinov2", "recipe_lowvar")(given), recorded[output])


@pytest.mark.parametrize("fixture", ["vit_vary", "vit_sam"])
def test_sam_type_tokens(fixture):
    recorded = golden(fixture)
    assert_close(encoder(fixture)(views(high=recorded["input.x"])), recorded["output.tokens"])


@pytest.mark.parametrize("fixture", ["vit_vary", "vit_sam"])
def test_sam_type_lowvar(fixture):
    recorded = golden(fixture)
    tokens = encoder(fixture, "recipe_lowvar")(views(high=recorded["input.x"]))
    assert_close_lowvar(tokens, recorded["output.lowvar_tokens"])


@pytest.mark.parametrize(
    ("fixture", "output"),
    [
        (fixture, name)
        for fixture in ("vit_vary", "vit_sam")
        for name in golden(fixture).names("output.after_block")
    ],
)
def test_sam_type_block(fixture, output):
    recorded = golden(fixture)
    model = encoder(fixture)
    layer = model.model.layers[int(output.removeprefix("output.after_block"))]
    assert_close(outputs_of(layer, model, recorded["input.x"]), recorded[output])


def outputs_of(part, model, high):
    """What `part` returns while `model` encodes the high view."""
    seen = []
    hook = part.register_forward_hook(lambda module, given, output: seen.append(output))
    model(views(high=high))
    hook.remove()
    return seen[0]


@pytest.mark.parametrize("fixture", ["vit_codetr", "vit_codetr_small"])
def test_codetr_tokens(fixture):
    recorded = golden(fixture)
    assert_close(encoder(fixture)(views(high=recorded["input.x"])), recorded["output.tokens"])


@pytest.mark.parametrize(
    ("fixture", "output"),
    [
        (fixture, name)
        for fixture in ("vit_codetr", "vit_codetr_small")
        for name in golden(fixture).names("output.after_block")
    ],
)
def test_codetr_block(fixture, output):
    recorded = golden(fixture)
    model = encoder(fixture)
    index = int(output.removeprefix("output.after_block").removesuffix("_picked"))
    grid = outputs_of(model.blocks[index], model, recorded["input.x"])
    if output.endswith("_picked"):
        grid = grid.flatten(1, 2)[:, recorded["output.pick_index"]]
    assert_close(grid, recorded[output])


@pytest.mark.parametrize(
    "fixture", [f for f in ("vit_codetr", "vit_codetr_small") if "output.lowvar_tokens" in golden(f).tensors]
)
def test_codetr_lowvar(fixture):
    recorded = golden(fixture)
    tokens = encoder(fixture, "recipe_lowvar")(views(high=recorded["input.x"]))
    assert_close_lowvar(tokens, recorded["output.lowvar_tokens"])


@pytest.mark.parametrize("kind", ["win", "glb"])
def test_codetr_rotary_tables(kind):
    recorded = golden("vit_codetr")
    model = encoder("vit_codetr")
    block = model.blocks[0]
    whole = model.image_size // model.patch_embed.proj.stride[0]
    side = recorded.config["window_size"] if kind == "win" else whole
    tables = rotary_tables(side, block.head_dim, block.position_side)
    for name, table in zip(("cos", "sin"), tables, strict=True):
        buffer = f"buffer.rope_{kind}.freqs_{name}"
        if buffer not in recorded.tensors:
            buffer, table = f"{buffer}_picked", table[recorded["output.pick_index"]]
        assert_close(table, recorded[buffer])


@pytest.mark.parametrize("kind", ["", "_padded"])
def test_pix2struct_last_hidden_state(kind):
    recorded = golden("pix2struct")
    given = views(patches=recorded[f"input.flattened_patches{kind}"])
    assert_close(encoder("pix2struct")(given), recorded[f"output.last_hidden_state{kind}"])


def test_pix2struct_lowvar():
    recorded = golden("pix2struct")
    states = encoder("pix2struct", "recipe_lowvar")(views(patches=recorded["input.flattened_patches"]))
    assert_close_lowvar(states, recorded["output.lowvar_last_hidden_state"])


def test_biomedclip_shrinks_without_antialias():
    recorded = golden("biomedclip")
    resized = resize_map(recorded["input.x"], recorded.config["img_size"])
    assert_close(resized[..., :9, :9], recorded["output.resized_corner"])
    assert_close(resized[..., -3:, -3:], recorded["output.resized_last"])


def test_biomedclip_takes_the_centre_pixel_of_three():
    recorded = golden("biomedclip")
    corner = recorded["output.y_resized_corner"]
    assert_close(resize_map(recorded["input.y_corner"], corner.shape[-1]), corner)


def test_biomedclip_tokens():
    recorded = golden("biomedclip")
    assert_close(encoder("biomedclip")(views(base=recorded["input.x"])), recorded["output.tokens"])


def test_biomedclip_class_token():
    recorded = golden("biomedclip")
    tokens = encoder("biomedclip").encode(resize_map(recorded["input.x"], recorded.config["img_size"]))
    assert_close(tokens[:, 0], recorded["output.cls_token"])


def test_biomedclip_lowvar():
    recorded = golden("biomedclip")
    tokens = encoder("biomedclip", "recipe_lowvar")(views(base=recorded["input.x"]))
    assert_close_lowvar(tokens, recorded["output.lowvar_tokens"])


@pytest.mark.parametrize("table", golden("rope_fullsize").info["full_shapes"])
def test_rotary_tables_at_full_size(table):
    recorded = golden("rope_fullsize")
    tokens, head_dim = recorded.info["full_shapes"][table]
    trained = MovaConfig().codetr.rotary_side if table.startswith("codetr") else None
    cos, sin = rotary_tables(round(tokens**0.5), head_dim, trained)
    rows = recorded[f"output.{table}.rows"]
    assert_close(cos[rows], recorded[f"output.{table}.cos"])
    assert_close(sin[rows], recorded[f"output.{table}.sin"])


def test_rotate_half_turns_neighbouring_pairs():
    recorded = golden("rope_fullsize")
    assert torch.equal(rotate_half(recorded["input.rotate"]), recorded["output.rotate_half"])
