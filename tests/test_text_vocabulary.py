"""The text encoder's vocabulary: in the checkpoint, on the hub, named by the user, or a refusal."""

import pytest

from mova.checkpoint.loading import load
from mova.errors import CheckpointError
from tests.tiny_checkpoints import copy_checkpoint


@pytest.fixture
def checkpoint(tiny_checkpoint, tmp_path):
    """A copy of the tiny checkpoint that the test may break."""
    return copy_checkpoint(tiny_checkpoint, tmp_path / "checkpoint")


def no_hub(*args, **options):
    raise OSError("no connection")


def test_the_vocabulary_in_the_checkpoint_is_lower_casing_and_needs_no_hub(checkpoint, monkeypatch):
    monkeypatch.setattr("huggingface_hub.hf_hub_download", no_hub)
    tokenizer = load(checkpoint, device="cpu").text_tokenizer
    assert tokenizer.convert_ids_to_tokens(tokenizer("What is\nTHE Color?")["input_ids"]) == [
        *("[CLS]", "what", "is", "the", "color", "?", "[SEP]")
    ]


def test_the_vocabulary_is_looked_for_on_the_hub_at_a_pinned_revision(checkpoint, tmp_path, monkeypatch):
    vocab = (checkpoint / "bert_tokenizer" / "vocab.txt").rename(tmp_path / "vocab.txt")
    asked = []

    def hf_hub_download(repository, file, revision, tqdm_class):
        asked.append((repository, file, len(revision)))
        return str(vocab)

    monkeypatch.setattr("huggingface_hub.hf_hub_download", hf_hub_download)
    load(checkpoint, device="cpu")
    assert asked == [("google-bert/bert-large-uncased", "vocab.txt", 40)]


def test_the_vocabulary_named_by_the_user_is_taken_last(checkpoint, tmp_path, monkeypatch):
    vocab = (checkpoint / "bert_tokenizer" / "vocab.txt").rename(tmp_path / "vocab.txt")
    monkeypatch.setattr("huggingface_hub.hf_hub_download", no_hub)
    assert load(checkpoint, device="cpu", bert_vocab=vocab).text_tokenizer.cls_token_id == 2
    with pytest.raises(CheckpointError, match="--bert-vocab FILE"):
        load(checkpoint, device="cpu")
    with pytest.raises(CheckpointError, match="no BERT vocabulary at"):
        load(checkpoint, device="cpu", bert_vocab=tmp_path / "other.txt")


def test_a_vocabulary_of_another_model_is_refused(checkpoint):
    (checkpoint / "bert_tokenizer" / "vocab.txt").write_text("[PAD]\n[UNK]\n[CLS]\n[SEP]\n")
    with pytest.raises(CheckpointError, match="4 lines. Expected"):
        load(checkpoint, device="cpu")
