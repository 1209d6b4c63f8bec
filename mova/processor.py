"""`MovaProcessor`: a picture and a question -> what `MovaForCausalLM`'s methods take.

    processor = MovaProcessor.from_pretrained("assets/mova-tiny")
    inputs = processor(images=picture, text="How many are there?")

One answer takes two prompts, so one call gives both: `routing_ids` for pass 1 and `input_ids` for pass 2,
`IMAGE_TOKEN` where the picture's tokens go; the views, and BERT's ids for the gate.
"""

from collections.abc import Sequence
from dataclasses import fields
from pathlib import Path
from typing import Any

import torch
from PIL import Image
from transformers import BatchFeature, BertTokenizer, PreTrainedTokenizerFast, ProcessorMixin

from mova.checkpoint.configuration import build_config
from mova.checkpoint.files import find_checkpoint
from mova.checkpoint.loading import load_tokenizer
from mova.checkpoint.text_vocabulary import load_text_tokenizer, save_vocabulary
from mova.config import MovaConfig
from mova.images import read_image
from mova.language.context import fit_gate_text
from mova.language.prompts import TEMPLATES, Turn, answer_prompt, encode, routing_prompt
from mova.request import check_question
from mova.vision.views import Views, build_views


class MovaProcessor(ProcessorMixin):
    """The two tokenizers of a checkpoint, and the sizes of its views.

    `tokenizer` is the language model's, `text_tokenizer` BERT's. Decoding is the tokenizer's.
    """

    tokenizer: PreTrainedTokenizerFast
    text_tokenizer: BertTokenizer

    def __init__(
        self,
        tokenizer: PreTrainedTokenizerFast,
        text_tokenizer: BertTokenizer,
        config: MovaConfig,
        chat_template: str | None = None,
    ):
        super().__init__(tokenizer, text_tokenizer, chat_template=chat_template or tokenizer.chat_template)
        self.config = config
        self.template = TEMPLATES[config.template].with_system(config.system_sentence)

    @classmethod
    def get_attributes(cls) -> list[str]:
        """What is a tokenizer or an image processor of the library's."""
        return ["tokenizer", "text_tokenizer"]

    @classmethod
    def from_pretrained(cls, pretrained_model_name_or_path, *args: Any, **options: Any) -> "MovaProcessor":
        """The processor of a checkpoint folder or hub id. Raises CheckpointError."""
        files = find_checkpoint(pretrained_model_name_or_path, options.get("revision"))
        config = build_config(files)
        tokenizer = load_tokenizer(files.folder, config)
        return cls(tokenizer, load_text_tokenizer(files.folder, config), config)

    def save_pretrained(self, save_directory: str | Path, *args: Any, **options: Any) -> None:
        """Both tokenizers where `from_pretrained` looks for them; beside weights, which are the model's to
        save."""
        folder = Path(save_directory)
        folder.mkdir(parents=True, exist_ok=True)
        self.tokenizer.save_pretrained(folder)
        save_vocabulary(self.text_tokenizer, folder)

    def __call__(
        self,
        images: Image.Image | str | Path | None = None,
        text: str = "",
        history: Sequence[Turn] = (),
        **options,
    ) -> BatchFeature:
        """One question about one picture, Pillow's or a file, or about none.

        Gives `input_ids` [1, T]; with a picture also `routing_ids` [1, R], `text_input_ids` and
        `text_attention_mask` [1, n], and the views (mova/vision/views.py).
        Raises QuestionRefused for an empty question, ImageRefused for a picture that cannot be read.
        """
        question = check_question(text)
        prompt = answer_prompt(self.template, history, question, with_image=images is not None)
        given = {"input_ids": self._ids(prompt)}
        if images is not None:
            given["routing_ids"] = self._ids(routing_prompt(self.template, question))
            given |= self._gate_text([*(turn.question for turn in history), question])
            given |= vars(build_views(read_image(images).pixels, self.config))
        return BatchFeature(given)

    def views(self, inputs: BatchFeature) -> Views:
        """The views out of what a call gave."""
        return Views(*(inputs[part.name] for part in fields(Views)))

    def _ids(self, prompt) -> torch.Tensor:
        return torch.tensor([encode(prompt, self.tokenizer)])

    def _gate_text(self, questions: list[str]) -> dict[str, torch.Tensor]:
        limit = self.config.text_encoder.max_position_embeddings
        text, _ = fit_gate_text(self.text_tokenizer, limit, questions)
        encoded = self.text_tokenizer(text, truncation=True, max_length=limit, return_tensors="pt")
        return {"text_input_ids": encoded.input_ids, "text_attention_mask": encoded.attention_mask}
