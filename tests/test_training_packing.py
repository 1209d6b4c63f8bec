"""Several questions in one sequence: each branch is exactly the prompt it will be at inference."""

import pytest
import torch
from torch.nn import functional as F
from transformers import LlamaConfig, LlamaForCausalLM

from training.packing import IGNORE, collate, pack

PREFIX = [5, 9, 2, 40]
BRANCHES = [([7, 8, 3], [11, 12, 1]), ([7, 30], [13, 1]), ([21, 22, 23, 3], [14, 15, 16, 1])]


@pytest.fixture(scope="module")
def llm():
    torch.manual_seed(0)
    config = LlamaConfig(
        vocab_size=64,
        hidden_size=32,
        intermediate_size=64,
        num_hidden_layers=2,
        num_attention_heads=4,
        num_key_value_heads=2,
        attn_implementation="eager",
    )
    return LlamaForCausalLM(config).eval()


@torch.no_grad()
def packed_logits(llm, packs):
    ids, positions, mask, _ = collate(packs)
    return llm(input_ids=ids, position_ids=positions, attention_mask=mask, use_cache=False).logits


@torch.no_grad()
def alone(llm, ids):
    return llm(input_ids=torch.tensor([ids]), use_cache=False).logits[0]


def test_a_branchs_logits_are_those_of_its_own_prompt(llm):
    logits = packed_logits(llm, [pack(PREFIX, BRANCHES)])[0]
    start = len(PREFIX)
    for prompt, reply in BRANCHES:
        own = alone(llm, PREFIX + prompt + reply)
        end = start + len(prompt) + len(reply)
        torch.testing.assert_close(logits[start:end], own[len(PREFIX) :], rtol=1e-5, atol=1e-5)
        start = end


def test_the_prefix_does_not_depend_on_the_branches(llm):
    logits = packed_logits(llm, [pack(PREFIX, BRANCHES)])[0]
    torch.testing.assert_close(logits[: len(PREFIX)], alone(llm, PREFIX), rtol=1e-5, atol=1e-5)


def test_chained_branches_are_one_ordinary_causal_conversation(llm):
    packed = pack(PREFIX, BRANCHES, chained=True)
    conversation = PREFIX + [token for prompt, reply in BRANCHES for token in prompt + reply]
    assert packed.ids.tolist() == conversation
    torch.testing.assert_close(packed_logits(llm, [packed])[0], alone(llm, conversation))


def test_unchained_branches_do_not_answer_as_one_conversation(llm):
    packed = pack(PREFIX, BRANCHES)
    assert not torch.allclose(packed_logits(llm, [packed])[0], alone(llm, packed.ids.tolist()), atol=1e-3)


@pytest.mark.parametrize("chained", [False, True])
def test_loss_falls_on_the_replies_alone_each_token_predicted_from_the_one_before(chained):
    packed = pack(PREFIX, BRANCHES, chained)
    asked = (packed.targets != IGNORE).nonzero().flatten()
    assert packed.targets[asked].tolist() == [token for _, reply in BRANCHES for token in reply]
    assert torch.equal(packed.targets[asked], packed.ids[asked + 1])


def test_the_first_reply_token_is_predicted_by_the_prompts_last():
    packed = pack(PREFIX, BRANCHES[:1])
    assert packed.targets.tolist() == [IGNORE] * 6 + [11, 12, 1] + [IGNORE]


def test_padding_changes_neither_logits_nor_loss(llm):
    packs = [pack(PREFIX, BRANCHES), pack(PREFIX[:2], BRANCHES[:1], chained=True)]
    together = packed_logits(llm, packs)
    targets = collate(packs)[3]
    for row, packed in enumerate(packs):
        length = len(packed.ids)
        single = packed_logits(llm, [packed])[0]
        torch.testing.assert_close(together[row, :length], single, rtol=1e-5, atol=1e-5)
        loss = F.cross_entropy(together[row], targets[row], ignore_index=IGNORE)
        torch.testing.assert_close(loss, F.cross_entropy(single, packed.targets, ignore_index=IGNORE))


def test_a_batch_with_padding_has_no_row_that_sees_nothing(llm):
    packs = [pack(PREFIX, BRANCHES), pack([5], BRANCHES[:1])]
    assert torch.isfinite(packed_logits(llm, packs)).all()
