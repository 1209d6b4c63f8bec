"""Packed llama.cpp blocks unpack to what llama.cpp's own Python package makes of them, bit for bit."""

import base64
import hashlib

import pytest
import torch

from mova.checkpoint.gguf_blocks import plain_name, unpack, unpack_q4_1, unpack_q8_0

# Three rows of two blocks each, of scales 1 (the first block shifted by -5), 0.001 and 30: quantised and
# dequantised by the package gguf 0.19 (gguf.quantize, gguf.dequantize), results as SHA-256 of float32 bytes.
Q4_1 = (
    "MK+Gdj9{2$b*6z<WRJIIW|c%{gfytZz3iHNz|NO+yB)~JN~(X|G7M{&@U^?$pk`WD?=)(3p14OMMh&Z&7i(FV2Dqj=MOSy3*l(PS"
    "`$xIaOc@)3m1BEoWdulLGDtr~L`c`udZt(Uy8Uo!hNxPbd)QsJ"
)
Q4_1_RESULT = "951a7f077ad8be264779a29cdafbdba5c75820c6a632f60accbd4f0f9def0446"
Q8_0 = (
    "oh#0Pv!bM^im09Bu%@S>nx(X;ys50lwWF!E%%`Zmou{)UC>jJFfiBgx3?J;!0scQC2{QNA8XET93XmTbwgc579RY~SDnx<f6Wm_9"
    "6~a^h>YHOMEJGFA(a}+=-R%t`wwh4^06ZoO@DKDU*a!L>3x7*Xn(yKpjyg5J&)5PWX7(lss5o0DN67ZpP9pH>8QjnrfAizSyBjP3"
    "5e5gb=myy5*6$oRGU)d(CS!&&<Onf8Jqcd#_%GmoJAeM_3M<|g|6bWW"
)
Q8_0_RESULT = "b276e6dc526375083e2c209ad32a6c35205029feb87b383c79b06ea8445bfccf"


def packed_rows(text: str) -> torch.Tensor:
    return torch.frombuffer(bytearray(base64.b85decode(text)), dtype=torch.uint8).view(3, -1)


def digest(weight: torch.Tensor) -> str:
    return hashlib.sha256(weight.numpy().tobytes()).hexdigest()


def test_q4_1_blocks_unpack_bit_for_bit():
    weight = unpack_q4_1(packed_rows(Q4_1))
    assert weight.shape == (3, 64) and weight.dtype == torch.float32
    assert weight[0, :3].tolist() == pytest.approx([-2.852539, -7.5546875, -4.419922], abs=1e-6)
    assert digest(weight) == Q4_1_RESULT


def test_q8_0_blocks_unpack_bit_for_bit():
    weight = unpack_q8_0(packed_rows(Q8_0))
    assert weight.shape == (3, 64) and weight.dtype == torch.float32
    assert weight[2, -3:].tolist() == pytest.approx([48.285156, -20.033203, 31.333984], abs=1e-6)
    assert digest(weight) == Q8_0_RESULT


def test_rows_of_packed_weights_can_be_reordered():
    packed = packed_rows(Q4_1)
    assert torch.equal(unpack_q4_1(packed[[2, 0, 1]]), unpack_q4_1(packed)[[2, 0, 1]])


def test_only_packed_entries_are_unpacked_and_renamed():
    name, weight = unpack("model.layers.0.mlp.up_proj.weight.q4_1", packed_rows(Q4_1))
    assert name == "model.layers.0.mlp.up_proj.weight" and weight.shape == (3, 64)
    assert plain_name("model.embed_tokens.weight.q8_0") == "model.embed_tokens.weight"
    norm = torch.ones(4)
    assert unpack("model.norm.weight", norm) == ("model.norm.weight", norm)


@pytest.mark.parametrize("packed", [torch.zeros(2, 21, dtype=torch.uint8), torch.zeros(2, 40)])
def test_what_is_no_row_of_blocks_is_refused(packed):
    with pytest.raises(ValueError, match="expected uint8"):
        unpack_q4_1(packed)
