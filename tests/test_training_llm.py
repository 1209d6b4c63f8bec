"""The embedded LLM's writer: row order, file sizes and a tokenizer like the original's, on made-up fields."""

import numpy as np
import pytest
import torch
from safetensors import safe_open

from training import llm
from training.shards import write_shards


def test_rotary_rows_return_to_transformers_order():
    heads, size = 3, 8
    rows = np.arange(heads * size * 5).reshape(heads * size, 5)
    # llama.cpp's order: the two halves of every head interleaved
    interleaved = rows.reshape(heads, 2, size // 2, 5).swapaxes(1, 2).reshape(rows.shape)
    assert (llm._rows_in_halves(interleaved, heads) == rows).all()


def test_weights_are_spread_over_files_below_the_limit(tmp_path):
    weights = {f"w{number}": torch.full((10,), number, dtype=torch.float32) for number in range(5)}
    files = write_shards(weights, tmp_path, "llm", 100)
    assert [file.name for file in files] == [f"llm-0000{k}-of-00003.safetensors" for k in (1, 2, 3)]
    found = {}
    for file in files:
        with safe_open(file, framework="pt") as opened:
            found |= {name: opened.get_tensor(name) for name in opened.keys()}  # noqa: SIM118 (no dict)
    assert all(torch.equal(found[name], weight) for name, weight in weights.items())


@pytest.fixture(scope="module")
def tokenizer():
    from tokenizers.pre_tokenizers import ByteLevel

    tokens = ["<|endoftext|>", "<|im_start|>", "<|im_end|>", *sorted(ByteLevel.alphabet()), "hi", "12"]
    fields = {
        "tokenizer.ggml.tokens": tokens,
        "tokenizer.ggml.token_type": [3, 3, 3] + [1] * (len(tokens) - 3),
        "tokenizer.ggml.merges": ["h i", "1 2"],
        "llama.context_length": 64,
    }
    return llm.build_tokenizer(fields)


def test_digits_are_split_singly_although_a_merge_would_join_them(tokenizer):
    assert tokenizer.tokenize("hi 12") == ["hi", "Ġ", "1", "2"]


@pytest.mark.parametrize("text", ["hi 12\n", "  naïve 漢字 😀\t", "<|im_start|>user\nhi<|im_end|>\n"])
def test_text_survives_the_tokenizer(tokenizer, text):
    assert tokenizer.decode(tokenizer(text)["input_ids"]) == text


def test_special_tokens_are_single_ids_and_no_bos_is_added(tokenizer):
    assert tokenizer("<|im_start|>hi<|im_end|>")["input_ids"][::2] == [1, 2]
    assert (tokenizer.bos_token_id, tokenizer.eos_token_id) == (1, 2)


def test_dialogue_template_is_chatml_with_a_newline_after_every_turn(tokenizer):
    turns = [{"role": "system", "content": "s"}, {"role": "user", "content": "hi"}]
    text = tokenizer.apply_chat_template(turns, tokenize=False, add_generation_prompt=True)
    assert text == "<|im_start|>system\ns<|im_end|>\n<|im_start|>user\nhi<|im_end|>\n<|im_start|>assistant\n"
