"""The whole model against the recorded outputs of the published code: both passes, and a padded batch."""

from functools import cache

import pytest
import torch
from torch import Tensor
from torch.nn.utils.rnn import pad_sequence

from mova.config import MovaConfig
from mova.language.decoder import build_decoders
from mova.language.prompts import IMAGE_TOKEN, gate_text
from mova.model import MovaForCausalLM
from mova.vision.experts.pool import LETTERS
from mova.vision.views import Views
from tests.golden import assert_close, golden, section, text_tokenizer, tower_config, views
from tests.observing import observe

pytestmark = pytest.mark.parity

RECORDED = golden("lm")
STAGES = ("route", "answer")
STEPS = {stage: len(RECORDED[f"output.{stage}.greedy_top_scores"]) for stage in STAGES}
FORBIDDEN = 2  # the end token's id, kept from ending the recorded replies
IGNORED = -100
stages = pytest.mark.parametrize("stage", STAGES)


@cache
def config() -> MovaConfig:
    sizes = RECORDED.config
    flat = {**sizes["llama"], **sizes["adapter"], "text_encoder": section("text_encoder", sizes["bert"])}
    for name in ("mm_hidden_size", "image_feat_size", "expert_channels"):  # the tower's sizes say the same
        flat.pop(name, None)
    return tower_config(sizes["tower"], **flat)


@cache
def model() -> MovaForCausalLM:
    """The recipe's weights, loaded under their published names."""
    whole, report = MovaForCausalLM.from_pretrained(
        None, config=config(), state_dict=RECORDED.weights(), output_loading_info=True
    )
    assert not any(report.values()), report
    return whole.eval()


def given_views(row: int) -> Views:
    """The recorded picture; a batch's second row has another one, and the high view mirrored."""
    images = RECORDED["input.batch2.images_second" if row else "input.images"]
    high = RECORDED["input.high_images"]
    return views(
        base=images[:, :3],
        dino=images[:, 3:],
        high=high.flip(-1) if row else high,
        patches=RECORDED["input.flattened_patches"],
    )


def image_tokens(given: Views, questions: list[str], routing: Tensor) -> Tensor:
    """Image tokens [1, n, H] for one picture, its questions and a routing row [1, 7]."""
    read = text_tokenizer(config())(gate_text(questions), truncation=True, return_tensors="pt")
    text = model().encode_text(read.input_ids, read.attention_mask)
    letters = [letter for letter, on in zip(LETTERS, routing[0], strict=True) if on]
    experts = {letter: model().encode_expert(letter, given) for letter in letters}
    return model().fuse(model().encode_base(given), experts, text, routing).tokens


@cache
@torch.no_grad()
def run(stage: str) -> dict[str, Tensor]:
    """A pass of the model, its results under their recorded names."""
    routing = RECORDED[f"input.{stage}.routing_weights"]
    tokens = image_tokens(given_views(0), [RECORDED.config["prompt"]], routing)
    shown = model().pool_for_routing(tokens) if stage == "route" else tokens
    embeds = model().embed(RECORDED[f"input.{stage}.input_ids"], shown[0])
    with observe(model()) as seen:
        output = model()(inputs_embeds=embeds)
    return {
        "image_features": tokens,
        "inputs_embeds": embeds,
        "hidden_after_layer0": seen["model.layers.0"][1],
        "hidden_final_normed": seen["model.norm"][1],
        "prefill_logits_last": output.logits[:, -1],
        "prefill_logits_all_norm": output.logits.norm(dim=-1),
        **greedy(embeds, STEPS[stage]),
    }


def greedy(embeds: Tensor, steps: int) -> dict[str, Tensor]:
    """Greedy decoding with a key-value cache; the recorded ids begin with one that was never fed."""
    ids, scores, cached, inputs = [], [], None, {"inputs_embeds": embeds}
    for _ in range(steps):
        output = model()(**inputs, past_key_values=cached, use_cache=True, logits_to_keep=1)
        logits, cached = output.logits[0, -1], output.past_key_values
        logits[FORBIDDEN] = -torch.inf
        scores.append(logits.max())
        ids.append(logits.argmax())
        inputs = {"input_ids": ids[-1].view(1, 1)}
    return {"greedy_ids": torch.stack(ids)[None], "greedy_top_scores": torch.stack(scores)}


@stages
@pytest.mark.parametrize(
    "output",
    [
        "image_features",
        "inputs_embeds",
        "hidden_after_layer0",
        "hidden_final_normed",
        "prefill_logits_last",
        "prefill_logits_all_norm",
        "greedy_top_scores",
    ],
)
def test_pass(stage, output):
    assert_close(run(stage)[output], RECORDED[f"output.{stage}.{output}"])


@stages
def test_greedy_ids(stage):
    recorded = RECORDED[f"output.{stage}.greedy_ids"][:, -STEPS[stage] :]
    assert torch.equal(run(stage)["greedy_ids"], recorded)


@cache
@torch.inference_mode()
def run_lean(stage: str) -> dict[str, Tensor]:
    """A pass's prompt and recorded reply through the decoder that answers, one token at a time."""
    embeds, ids = RECORDED[f"output.{stage}.inputs_embeds"], []
    decoder = build_decoders(model())[None]
    cache = decoder.cache(embeds.shape[1] + STEPS[stage])
    scores, logits = [], decoder.prefill(embeds, cache)
    first = logits.clone()
    for _ in range(STEPS[stage]):
        logits[FORBIDDEN] = -torch.inf
        scores.append(logits.max())
        ids.append(int(logits.argmax()))
        logits = decoder.step(ids[-1], cache)
    return {
        "prefill_logits_last": first[None],
        "greedy_top_scores": torch.stack(scores),
        "greedy_ids": torch.tensor([ids]),
    }


@stages
def test_the_lean_decoder(stage):
    found = run_lean(stage)
    for output in ("prefill_logits_last", "greedy_top_scores"):
        assert_close(found[output], RECORDED[f"output.{stage}.{output}"])
    assert torch.equal(found["greedy_ids"], RECORDED[f"output.{stage}.greedy_ids"][:, -STEPS[stage] :])


@cache
@torch.no_grad()
def run_batch() -> dict[str, Tensor]:
    """Two conversations of different length, padded on the right, and the loss on their labels."""
    info, embeds, labels = RECORDED.info["batch2"], [], []
    for row, questions in enumerate(info["prompts"]):
        attended = RECORDED["input.batch2.attention_mask"][row].bool()
        ids = RECORDED["input.batch2.input_ids"][row][attended]
        wanted = RECORDED["input.batch2.labels"][row][attended]
        routing = RECORDED["input.batch2.routing_weights"][row : row + 1]
        tokens = image_tokens(given_views(row), questions, routing)
        if info["has_routing"][row]:
            tokens = model().pool_for_routing(tokens)
        embeds.append(model().embed(ids, tokens[0])[0])
        place = ids.tolist().index(IMAGE_TOKEN)
        unlabelled = torch.full((tokens.shape[1],), IGNORED)
        labels.append(torch.cat([wanted[:place], unlabelled, wanted[place + 1 :]]))
    mask = pad_sequence([torch.ones(len(row), dtype=torch.long) for row in labels], batch_first=True)
    batch = {
        "inputs_embeds": pad_sequence(embeds, batch_first=True),
        "attention_mask": mask,
        "labels": pad_sequence(labels, batch_first=True, padding_value=IGNORED),
    }
    return {**batch, "loss": model()(**batch).loss}


@pytest.mark.parametrize("output", ["attention_mask", "labels"])
def test_padded_batch_is_laid_out_as_recorded(output):
    assert torch.equal(run_batch()[output], RECORDED[f"output.batch2.{output}"])


def test_padded_batch_embeddings():
    expected = RECORDED["output.batch2.inputs_embeds_first3dims"]
    assert_close(run_batch()["inputs_embeds"][..., : expected.shape[-1]], expected)


def test_padded_batch_loss():
    assert_close(run_batch()["loss"], RECORDED["output.batch2.loss"])


@torch.no_grad()
def test_batched_adapter_gives_the_rows_of_the_batch():
    """The published batch runs every expert for every row; ours fuses both rows at once, routed or not."""
    given = [given_views(row) for row in range(2)]
    routing = RECORDED["input.batch2.routing_weights"]
    letters = [letter for letter, on in zip(LETTERS, routing.any(dim=0), strict=True) if on]
    base = torch.cat([model().encode_base(one) for one in given])
    experts = {letter: torch.cat([model().encode_expert(letter, one) for one in given]) for letter in letters}
    texts = [gate_text(questions) for questions in RECORDED.info["batch2"]["prompts"]]
    read = text_tokenizer(config())(texts, padding=True, truncation=True, return_tensors="pt")
    text = model().encode_text(read.input_ids, read.attention_mask)
    tokens = model().fuse(base, experts, text, routing).tokens
    for row, questions in enumerate(RECORDED.info["batch2"]["prompts"]):
        alone = image_tokens(given[row], questions, routing[row : row + 1])
        assert_close(tokens[row : row + 1], alone)
