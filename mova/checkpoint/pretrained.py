"""`from_pretrained` and `save_pretrained` as users of transformers know them, with what this model needs.

    model = MovaForCausalLM.from_pretrained("assets/mova-tiny")
    model.save_pretrained("elsewhere")

Published and packed names find their places, every key is accounted for, a person's own bitsandbytes
settings cannot quantise what the precision table keeps whole, and the LoRAs beside the weights come along.
"""

import copy
import itertools
import os
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Self

import torch
from torch import Tensor
from transformers import BitsAndBytesConfig, GenerationConfig, PreTrainedModel
from transformers.initialization import no_init_weights

from mova.checkpoint.configuration import build_config
from mova.checkpoint.damage import is_there, read_object, refused, some
from mova.checkpoint.devices import is_lost, is_out_of_memory
from mova.checkpoint.files import CheckpointFiles, find_checkpoint, open_weights, require_numbers
from mova.checkpoint.key_map import require_all_keys
from mova.checkpoint.library_logs import captured_load_reports, quiet_bitsandbytes
from mova.checkpoint.lora_files import load_loras, loras_of, save_lora
from mova.checkpoint.precision import keep_whole
from mova.config import MovaConfig
from mova.errors import CheckpointError, DeviceError, MovaError

GENERATION = "generation_config.json"
OnRead = Callable[[float], None]
# Of what the Auto classes hand on, what says how a repository is fetched; the rest of it is of no use here.
FETCHING = ("token", "cache_dir", "local_files_only", "force_download")
UNUSED = ("subfolder", "adapter_kwargs", "code_revision", "proxies", "use_safetensors", "weights_only")


class Pretrained(PreTrainedModel):
    """Reading and writing of a model that is a folder of weights, LoRAs and tokenizers."""

    @classmethod
    def from_pretrained(cls, pretrained_model_name_or_path=None, *model_args, config=None, **options):
        """The model of a folder or hub id (`owner/name@revision`), in evaluation mode.

        `dtype` defaults to what the configuration says, and to float32 where it says nothing.
        `quantization_config` may be a `BitsAndBytesConfig` of any kind. LoRAs are loaded and switched off:
        the engine switches them. Raises CheckpointError for a checkpoint that is absent or not whole.
        """
        reports = options.pop("output_loading_info", False)
        if pretrained_model_name_or_path is None:  # somebody's own `state_dict`
            options["output_loading_info"] = reports
            return super().from_pretrained(None, *model_args, config=config, **options)
        fetching = {name: options.pop(name) for name in FETCHING if name in options}
        options = {n: value for n, value in options.items() if n not in UNUSED and not n.startswith("_")}
        files = find_checkpoint(pretrained_model_name_or_path, options.pop("revision", None), **fetching)
        config = copy.deepcopy(config) if config is not None else build_config(files)
        settings = options.get("quantization_config")
        if isinstance(settings, BitsAndBytesConfig):
            options["quantization_config"] = keep_whole(settings, cls.outline(config))
        options["dtype"] = _dtype(options.get("dtype"), config, settings)
        model, keys = cls.from_files(files, config, **options)
        load_loras(model, files.folder)
        return (model, keys) if reports else model

    @classmethod
    def from_files(
        cls,
        files: CheckpointFiles,
        config: MovaConfig,
        on_read: OnRead = lambda share: None,
        **options,
    ) -> tuple[Self, dict[str, Any]]:
        """The weights of `files` in a new model without LoRAs, and transformers' account of the keys.

        `on_read` gets the share of the weights that is read, from 0 to 1, possibly from other threads;
        `options` are transformers'. Raises CheckpointError for keys too many, too few or of another shape,
        OutOfMemoryError and DeviceError where the device fails.
        """
        quiet_bitsandbytes()
        counter = itertools.count(1)
        weights = open_weights(files.weights, lambda: on_read(next(counter) / len(weights)))
        if not files.config.get("quantization_config"):
            require_numbers(weights, files.name)
        try:
            with captured_load_reports() as reports:
                loaded: Any = super().from_pretrained(
                    None,
                    config=config,
                    state_dict=weights,
                    ignore_mismatched_sizes=True,  # not ignored: read from `keys` below, all of them at once
                    output_loading_info=True,
                    **options,
                )
        except (torch.OutOfMemoryError, MovaError):
            raise
        except Exception as error:  # whatever the library meets on the way
            error.add_note("\n".join(reports))
            _raise_for_device(error, files.name)
            raise CheckpointError(
                f"The weights of {files.name} cannot be put into the model its config.json describes. Fetch"
                " the checkpoint again; MOVA_LOG=debug tells more."
            ) from error
        model, keys = loaded
        require_all_keys(files.name, keys)
        _require_finite(model, files.name)
        if is_there(files.folder / GENERATION):
            model.generation_config = _generation_config(files.folder / GENERATION)
        model.config.name_or_path = model.name_or_path = str(files.folder)
        return model, keys

    @classmethod
    def outline(cls, config: MovaConfig) -> Self:
        """The model without memory for its weights (meta device): what tables and sizes are read off.

        Raises CheckpointError for a configuration of which no model can be made.
        """
        try:
            with torch.device("meta"), no_init_weights(), warnings.catch_warnings(action="ignore"):
                return cls(config)
        except Exception as error:  # whatever a part of the model has against its sizes
            raise CheckpointError(
                "No model can be made of the values in config.json: a name in it is unknown, or two sizes do"
                " not go together. Correct the file, or fetch it again."
            ) from error

    def save_pretrained(self, save_directory: str | os.PathLike, *args: Any, **options: Any) -> None:
        """Weights (standard file names, an index where there are several), configuration and LoRAs.

        The names are our own, whole or quantised as the model is, and load again bit for bit. Tokenizers
        are the processor's to save.
        """
        loras = sorted(loras_of(self))
        # Not in the published format: going back would join again what was split and packed since.
        options["save_original_format"] = False
        with _as_if_without_loras(self):
            super().save_pretrained(save_directory, *args, **options)
        for name in loras:
            save_lora(self, Path(save_directory), name)


def _raise_for_device(error: Exception, name: str) -> None:
    """Raises OutOfMemoryError or DeviceError where it was the device that failed and not the checkpoint: what
    happens while a weight is quantised the library keeps as text in its report, and raises another error."""
    for told in (error, *map(RuntimeError, error.__notes__)):
        if is_out_of_memory(told) or "OutOfMemoryError" in str(told):
            raise torch.OutOfMemoryError("while the weights were loaded") from error
        if is_lost(told):
            raise DeviceError(
                f"The device failed while the weights of {name} were put on it. Expected one that PyTorch has"
                " kernels for: check that the driver and PyTorch's build for CUDA go with this card, or use"
                " the device cpu; MOVA_LOG=debug tells more."
            ) from error


def _generation_config(path: Path) -> GenerationConfig:
    """The checkpoint's own rules of generation, of which the ids that end a text are used."""
    given = read_object(path)
    for name in ("bos_token_id", "eos_token_id", "pad_token_id"):
        ids = given.get(name)
        if any(type(one) is not int for one in (ids if isinstance(ids, list) else [ids]) if one is not None):
            raise refused(path, f"has {ids!r:.60} for `{name}`, where a whole number is expected")
    try:
        return GenerationConfig(**given)
    except Exception as error:  # the library checks values with exception types of its own
        raise refused(path, "holds values that are not known") from error


def _require_finite(model: PreTrainedModel, name: str) -> None:
    """CheckpointError where a vector of weights (norms, biases) holds what is no number.

    Where training or copying went wrong, that is everywhere; the matrices would take too long to look at.
    """
    vectors = [(key, w) for key, w in model.named_parameters() if w.ndim == 1 and w.is_floating_point()]
    finite = torch.stack([torch.isfinite(weight).all() for _, weight in vectors]).tolist() if vectors else []
    if broken := [key for (key, _), whole in zip(vectors, finite, strict=True) if not whole]:
        raise CheckpointError(
            f"{len(broken)} weights of {name} hold values that are no numbers: {some(broken)}. Fetch the"
            " checkpoint again."
        )


def _dtype(asked: Any, config: MovaConfig, settings: Any) -> Any:
    if asked not in (None, "auto"):
        return asked
    if settings is not None or getattr(config, "quantization_config", None) is not None:
        return torch.bfloat16
    return config.dtype or torch.float32


def _weights_without_loras(model: PreTrainedModel) -> dict[str, Tensor]:
    """The state dict as it was before any LoRA was put around a layer."""
    weights = model.state_dict()
    return {name.replace(".base_layer.", "."): w for name, w in weights.items() if ".lora_" not in name}


@contextmanager
def _as_if_without_loras(model: Pretrained) -> Iterator[None]:
    """Saving would else write nothing but the LoRA that is on, and the path of the folder it came from."""
    had, path = getattr(model, "_hf_peft_config_loaded", False), model.config.name_or_path
    weights = _weights_without_loras(model)
    model._hf_peft_config_loaded, model.config.name_or_path = False, ""
    vars(model)["state_dict"] = lambda: weights  # a quantised model is asked for it, whatever is handed in
    try:
        yield
    finally:
        del vars(model)["state_dict"]
        model._hf_peft_config_loaded, model.config.name_or_path = had, path
