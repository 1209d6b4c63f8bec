"""The decoder that answers is transformers' Llama: the same logits, the same tokens, under every LoRA and in
every precision, however a prompt is cut."""

import copy

import pytest
import torch
from transformers import LlamaConfig, LlamaForCausalLM

from mova import attention
from mova.attention import GROUP_PLACES, attend_in_groups
from mova.checkpoint.gguf_blocks import NIBBLES, UNPACKERS
from mova.checkpoint.loading import embedded_checkpoint, load
from mova.language import decoder as decoder_module
from mova.language import projection
from mova.language.blocks import block_product
from mova.language.decoder import build_decoders
from mova.language.lora import lora_on
from mova.language.projection import (
    MOST_ROWS,
    Packed,
    PackedSwiGlu,
    Projection,
    SwiGlu,
    build_product,
    may_pack,
    may_pack_each,
)
from tests.tiny_checkpoints import copy_checkpoint

IDS = [7 * n % 300 for n in range(40)]
# Norm of the difference over the norm of the library's logits; in bf16 the library itself moves by as much.
LIMITS = {"fp32": 1e-5, "bf16": 5e-2, "nf4": 5e-2}


@pytest.fixture(scope="module")
def folder(tiny_checkpoint, tiny_model, tmp_path_factory):
    """The tiny checkpoint with a LoRA for each pass."""
    target = tmp_path_factory.mktemp("lean") / "both"
    return copy_checkpoint(tiny_checkpoint, target, tiny_model, ("routing", "answer"))


def library(model, ids):
    """The logits [V] after each of the ids, by transformers."""
    with torch.inference_mode():
        return model(input_ids=torch.tensor([ids])).logits[0].float()


def lean(decoder, model, ids, cut):
    """The same from a prompt of `cut` ids on."""
    cache = decoder.cache(len(ids))
    found = [decoder.prefill(model.embed(ids[:cut]), cache)]
    found += [decoder.step(token, cache) for token in ids[cut:]]
    return torch.stack(found)


def difference(found, expected):
    return float((found - expected).norm() / expected.norm())


@pytest.mark.parametrize("lora", [None, "routing", "answer"])
@pytest.mark.parametrize("precision", LIMITS)
def test_logits_are_the_librarys(folder, precision, lora):
    loaded = load(folder, precision=precision, device="cpu")
    decoder = build_decoders(loaded.model, loaded.loras)[lora]
    with lora_on(loaded, lora):
        expected = library(loaded.model, IDS)
    for cut in (1, 25, 40):
        assert difference(lean(decoder, loaded.model, IDS, cut), expected[cut - 1 :]) < LIMITS[precision]


def test_greedy_tokens_in_float32_are_those_of_generate(folder):
    loaded = load(folder, precision="fp32", device="cpu")
    decoder, ids = build_decoders(loaded.model, loaded.loras)["answer"], list(IDS)
    with lora_on(loaded, "answer"):
        expected = loaded.model.generate(
            torch.tensor([IDS]), max_new_tokens=64, do_sample=False, eos_token_id=-1
        )
    cache = decoder.cache(len(IDS) + 64)
    logits = decoder.prefill(loaded.model.embed(IDS), cache)
    for _ in range(64):
        ids.append(int(logits.argmax()))
        logits = decoder.step(ids[-1], cache)
    assert ids == expected[0].tolist()


def test_a_prompt_may_come_in_pieces(tiny_model):
    decoder = build_decoders(tiny_model)[None]
    cache = decoder.cache(40)
    for start, end in ((0, 3), (3, 4), (4, 40)):
        logits = decoder.prefill(tiny_model.embed(IDS[start:end]), cache)
    assert torch.allclose(logits, library(tiny_model, IDS)[-1], atol=1e-5)


def test_prompts_of_any_length_make_products_of_few_numbers_of_rows(tiny_checkpoint, monkeypatch):
    """The processor's library keeps code for each number of rows it meets."""
    monkeypatch.setattr(projection, "STEPS", ((20, 8), (32, 16)))
    monkeypatch.setattr(decoder_module, "MOST_ROWS", 32)
    model = load(tiny_checkpoint, precision="bf16", device="cpu").model
    decoder, met = build_decoders(model)[None], set()
    whole = Projection.__call__
    monkeypatch.setattr(Projection, "__call__", lambda own, rows: met.add(len(rows)) or whole(own, rows))
    every = [decoder.every(model.embed(IDS[:count]), decoder.cache(count)) for count in range(1, 41)]
    assert met == {8, 16, 24, 32}
    assert [len(one) for one in every] == list(range(1, 41))
    for shorter, longer in zip(every, every[1:], strict=False):
        assert difference(longer[:-1], shorter) < LIMITS["bf16"]


def test_the_products_of_attention_come_in_few_sizes(monkeypatch, tiny_checkpoint):
    """Of queries and of places alike, whatever stands before."""
    sizes = set()
    whole = decoder_module.attend_in_groups

    def seen(query, keys, values, mask, end):
        sizes.add((len(query), keys.shape[1]))
        assert keys.isfinite().all() and values.isfinite().all()
        return whole(query, keys, values, mask, end)

    monkeypatch.setattr(decoder_module, "attend_in_groups", seen)
    model = load(tiny_checkpoint, precision="bf16", device="cpu").model
    decoder, ids = build_decoders(model)[None], [7 * n % 300 for n in range(300)]
    if not decoder.narrow:
        pytest.skip("this processor has no bfloat16 product")
    whole_prompt = decoder.prefill(model.embed(ids), decoder.cache(300))
    for before in (0, 5, 20, 47, 100):
        cache = decoder.cache(300)
        cache.states.fill_(float("nan"))  # as new memory may hold
        if before:
            decoder.fill(model.embed(ids[:before]), cache)
        found = decoder.prefill(model.embed(ids[before:]), cache)
        assert difference(found, whole_prompt) < LIMITS["bf16"]
    assert sizes <= {(320, 320), (256, 320), (256, 256), (64, 64), (128, 128)}
    assert all(rows % GROUP_PLACES == 0 and places % GROUP_PLACES == 0 for rows, places in sizes)


@pytest.mark.parametrize("kv_heads", [1, 2, 4])
def test_heads_may_share_keys_and_layers_may_have_biases(kv_heads):
    config = LlamaConfig(
        vocab_size=300, hidden_size=64, intermediate_size=96, num_hidden_layers=2, num_attention_heads=4,
        num_key_value_heads=kv_heads, head_dim=24, attention_bias=True, mlp_bias=True,
        rope_parameters={"rope_type": "linear", "factor": 2.0, "rope_theta": 1000.0},
    )  # fmt: skip
    torch.manual_seed(0)
    model = LlamaForCausalLM(config).eval()
    for name, weight in model.named_parameters():
        if name.endswith("bias"):
            torch.nn.init.normal_(weight.data)
    cache = build_decoders(model)[None].cache(40)
    decoder = build_decoders(model)[None]
    decoder.prefill(model.get_input_embeddings()(torch.tensor([IDS[:-1]])), cache)
    assert torch.allclose(decoder.step(IDS[-1], cache), library(model, IDS)[-1], atol=1e-5)


def test_fused_weights_are_the_modules_own(tiny_config):
    from tests.tiny_model import build_model

    model = build_model(tiny_config)
    before = {name: weight.clone() for name, weight in model.named_parameters()}
    first, again = build_decoders(model)[None], build_decoders(model)[None]
    assert all(torch.equal(weight, before[name]) for name, weight in model.named_parameters())
    attention, product = model.model.layers[0].self_attn, first.layers[0].qkv.product
    assert product.weight.data_ptr() == attention.q_proj.weight.data_ptr()
    assert product.weight.data_ptr() == again.layers[0].qkv.product.weight.data_ptr()
    assert torch.equal(
        product.weight, torch.cat([attention.q_proj.weight, attention.k_proj.weight, attention.v_proj.weight])
    )
    twin = copy.deepcopy(model)
    assert torch.equal(library(twin, IDS), library(model, IDS))


@pytest.mark.skipif(not torch.backends.mkldnn.is_available(), reason="PyTorch is built without oneDNN")
def test_a_packed_product_is_the_plain_one():
    torch.manual_seed(0)
    layers = [torch.nn.Linear(64, 48, dtype=torch.bfloat16) for _ in range(2)]
    plain, packed = build_product(layers), build_product(layers, pack=True)
    if not may_pack(layers[0].weight):
        pytest.skip("this processor has no bfloat16 product")
    assert isinstance(packed, Packed)
    for count in (1, 30):
        states = torch.randn(count, 64)
        with torch.inference_mode():
            assert difference(packed(states).float(), plain(states).float()) < 1e-2
    assert not isinstance(build_product([layer.float() for layer in layers], pack=True), Packed)


def test_a_fused_model_is_saved_and_loads_again(tiny_config, tmp_path):
    from tests.tiny_model import build_model

    model = build_model(tiny_config)
    build_decoders(model)
    model.save_pretrained(tmp_path)
    again = type(model).from_pretrained(tmp_path)
    assert all(torch.equal(again.state_dict()[name], weight) for name, weight in model.state_dict().items())


@pytest.mark.parametrize("suffix", NIBBLES)
def test_products_with_stored_blocks_are_those_with_the_weight_they_stand_for(suffix):
    generator = torch.Generator().manual_seed(0)
    size = {".q4_1": 20, ".q8_0": 34}[suffix]
    packed = torch.randint(0, 256, (48, 4 * size), dtype=torch.uint8, generator=generator)
    halves = packed.view(48, 4, size)[..., : 4 if suffix == ".q4_1" else 2]
    halves.copy_(
        (0.01 * torch.randn(halves.shape[0], 4, halves.shape[2] // 2, generator=generator))
        .half()
        .view(torch.uint8)
    )
    read, weight = NIBBLES[suffix](packed), UNPACKERS[suffix](packed)
    again = read.scale.repeat_interleave(32, 1) * (read.values.float() - 8) + read.centre.repeat_interleave(
        32, 1
    )
    whole = again if suffix == ".q4_1" else again[:, :128] + again[:, 128:]
    assert torch.allclose(whole, weight, atol=1e-6)
    states = torch.randn(3, 128, generator=generator)
    product = block_product(["w"], {f"w{suffix}": packed})
    assert product is not None
    assert difference(product(states).float(), states @ weight.T) < 1e-2


@pytest.mark.slow
def test_decoding_from_stored_blocks_is_as_close_to_float32_as_the_library_in_bf16():
    exact = load(embedded_checkpoint(), precision="fp32", device="cpu")
    loaded = load(embedded_checkpoint(), precision="bf16", device="cpu")
    assert loaded.blocks
    ids = exact.tokenizer(
        "The quick brown fox jumps over the lazy dog, and then it goes home. " * 4
    ).input_ids
    with lora_on(exact, "answer"), lora_on(loaded, "answer"):
        expected, half = (library(one.model, ids)[-20:] for one in (exact, loaded))
    decoder = build_decoders(loaded.model, loaded.loras, loaded.blocks)["answer"]
    found = lean(decoder, loaded.model, ids, len(ids) - 19)
    assert difference(found, expected) < min(5e-2, 1.2 * difference(half, expected))


@pytest.mark.skipif(not torch.backends.mkldnn.is_available(), reason="PyTorch is built without oneDNN")
def test_a_packed_swiglu_is_the_plain_one():
    torch.manual_seed(0)
    gate, up = (torch.nn.Linear(64, 48, dtype=torch.bfloat16) for _ in range(2))
    if not may_pack_each([gate, up]):
        pytest.skip("this processor has no bfloat16 product")
    states = torch.randn(30, 64)
    exact = torch.nn.functional.silu(gate.float()(states)) * up.float()(states)
    plain = SwiGlu(Projection(build_product([gate.bfloat16(), up.bfloat16()]), torch.float32))
    packed = PackedSwiGlu.of(gate, up)
    with torch.inference_mode():
        assert difference(packed(states).float(), exact) < 1e-2
        assert difference(packed(states).float(), plain(states)) < 1e-2
    assert len(packed.products) == 2 and len(plain.products) == 1
    assert not may_pack_each([gate.float(), up.float()])


def test_in_sixteen_bits_a_prompt_attends_as_in_thirty_two(monkeypatch):
    monkeypatch.setattr(attention, "GROUP_PLACES", 8)
    torch.manual_seed(0)
    query, keys, values = torch.randn(40, 6, 8), torch.randn(2, 56, 8), torch.randn(2, 56, 8)
    hidden = ~torch.ones(40, 56, dtype=torch.bool).tril(11)  # of 51 places
    mask = torch.zeros(40, 56).masked_fill(hidden, float("-inf"))
    expected = torch.nn.functional.scaled_dot_product_attention(
        query.transpose(0, 1)[None], keys[None], values[None], attn_mask=~hidden, enable_gqa=True
    )[0].transpose(0, 1).flatten(1)  # fmt: skip
    for rows in (8, 16, 24, 256):  # at a time
        monkeypatch.setattr(attention, "GROUP_ROWS", rows)
        found = attend_in_groups(query * 8**-0.5, keys, values, mask, 51)
        assert torch.allclose(found, expected, atol=1e-5)
        narrow = attend_in_groups(*(p.bfloat16() for p in (query * 8**-0.5, keys, values)), mask, 51)
        assert difference(narrow.float(), expected) < 1e-2


@pytest.mark.parametrize("precision", ["bf16", "nf4"])
def test_a_prompt_longer_than_what_is_run_at_a_time_is_run(tiny_checkpoint, precision):
    model = load(tiny_checkpoint, precision=precision, device="cpu").model
    decoder, ids = build_decoders(model)[None], [7 * n % 300 for n in range(MOST_ROWS + 40)]
    found = decoder.prefill(model.embed(ids), decoder.cache(len(ids)))
    assert difference(found, library(model, ids)[-1]) < LIMITS[precision]
