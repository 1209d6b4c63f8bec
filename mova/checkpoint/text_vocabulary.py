"""The text encoder's WordPiece vocabulary: in the checkpoint, on the hub, or a file the user names."""

from pathlib import Path

from transformers import BertTokenizer

from mova.checkpoint.damage import is_there, refused, require
from mova.checkpoint.hub import fetch_file
from mova.config import MovaConfig
from mova.errors import CheckpointError

FOLDER = "bert_tokenizer"  # in a checkpoint; holds vocab.txt
HUB_ID = "google-bert/bert-large-uncased"
HUB_REVISION = "6da4b6a26a1877e173fca3225479512db81a5e5b"


def load_text_tokenizer(folder: Path, config: MovaConfig, vocab: str | Path | None = None) -> BertTokenizer:
    """The tokenizer of the gate's questions, lower-casing.

    The vocabulary is looked for in the checkpoint's `bert_tokenizer/`, then on the hub at a pinned
    revision, then in the file `vocab`. Raises CheckpointError when there is none or it is another's.
    """
    path = find_vocabulary(folder, vocab)
    require(path)
    try:
        tokens = path.read_text(encoding="utf-8").removesuffix("\n").split("\n")
    except (OSError, UnicodeDecodeError) as error:
        raise refused(path, "is no text with one token a line", f"give the vocab.txt of {HUB_ID}") from error
    sizes = config.text_encoder
    if len(tokens) != sizes.vocab_size or not {"[CLS]", "[SEP]", "[UNK]", "[PAD]"} <= set(tokens):
        raise CheckpointError(
            f"{path} is not this checkpoint's BERT vocabulary: {len(tokens)} lines. Expected"
            f" {sizes.vocab_size} tokens, [CLS] among them: give the vocab.txt of bert-large-uncased."
        )
    if len(set(tokens)) < len(tokens):
        twice = next(token for token in tokens if tokens.count(token) > 1)
        raise refused(path, f"names the token {twice!r:.60} twice")
    ids = {token.rstrip("\r"): index for index, token in enumerate(tokens)}
    return BertTokenizer(vocab=ids, do_lower_case=True, model_max_length=sizes.max_position_embeddings)


def find_vocabulary(folder: Path, vocab: str | Path | None = None) -> Path:
    """Path of the vocabulary file; CheckpointError when it is nowhere."""
    own = folder / FOLDER / "vocab.txt"
    if vocab is not None and not is_there(Path(vocab)):  # also where it would not be needed
        raise CheckpointError(
            f"There is no BERT vocabulary at {vocab}. Give the path of bert-large-uncased's."
        )
    if is_there(own):
        return own
    try:
        return fetch_file(HUB_ID, "vocab.txt", HUB_REVISION)
    except CheckpointError as error:
        if vocab is None:
            raise CheckpointError(
                f"The text encoder's vocabulary is neither in {folder / FOLDER} nor to be had from the hub"
                f" ({HUB_ID}). Give its vocab.txt with --bert-vocab FILE."
            ) from error
    return Path(vocab)


def save_vocabulary(tokenizer: BertTokenizer, checkpoint: Path) -> None:
    """Writes the vocabulary where `load_text_tokenizer` finds it."""
    (checkpoint / FOLDER).mkdir(exist_ok=True)
    tokens = sorted(tokenizer.get_vocab().items(), key=lambda entry: entry[1])
    text = "".join(f"{token}\n" for token, _ in tokens)
    (checkpoint / FOLDER / "vocab.txt").write_text(text, encoding="utf-8")
