"""The small BERT's own WordPiece vocabulary, made from the words questions are asked in."""

from pathlib import Path

from tokenizers import BertWordPieceTokenizer
from transformers import BertTokenizerFast

from mova.language.prompts import gate_text
from training.pictures.drawing import DOMAINS, draw

VOCABULARY = 896


def write_vocabulary(folder: Path, per_domain: int = 1500) -> Path:
    """Trains the vocabulary on the training questions; writes `bert_tokenizer/vocab.txt` in `folder`."""
    target = folder / "bert_tokenizer"
    if not (target / "vocab.txt").exists():
        target.mkdir(parents=True, exist_ok=True)
        questions = [
            gate_text([question.text])
            for domain in DOMAINS
            for seed in range(per_domain)
            for question in draw(domain, seed, "train").questions
        ]
        trainer = BertWordPieceTokenizer(lowercase=True)
        trainer.train_from_iterator(questions, vocab_size=VOCABULARY, min_frequency=2, show_progress=False)
        trainer.save_model(str(target))
        tokens = (target / "vocab.txt").read_text().splitlines()
        tokens += [f"[unused{k}]" for k in range(VOCABULARY - len(tokens))]
        (target / "vocab.txt").write_text("\n".join(tokens) + "\n")
    return target / "vocab.txt"


def load_text_tokenizer(folder: Path) -> BertTokenizerFast:
    """The tokenizer of the gate's text."""
    return BertTokenizerFast(vocab=str(write_vocabulary(folder)), do_lower_case=True)
