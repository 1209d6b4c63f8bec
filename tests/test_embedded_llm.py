"""The embedded checkpoint's language model is written once; training changes only the other files."""

import hashlib

import pytest

from mova.checkpoint.loading import embedded_checkpoint

LLM_FILES = {
    "llm-00001-of-00003.safetensors": "1877c358a26802767e31b18ac66f7f4f79a39decc7237e9e020dd707a3f441bb",
    "llm-00002-of-00003.safetensors": "ab6727e1ceed843c9669dc1c395712b1b06ceaee92bcb590b5bb70a52fb8f594",
    "llm-00003-of-00003.safetensors": "ce1bdf81357d4652a8166ed61bb7b5c7079d3f0fb3cc0fb1628983e0507d786d",
}


@pytest.mark.parametrize("name", LLM_FILES)
def test_llm_files_are_the_ones_written_first(name):
    content = (embedded_checkpoint() / name).read_bytes()
    assert hashlib.sha256(content).hexdigest() == LLM_FILES[name]
    assert len(content) < 50_000_000


def test_there_are_no_other_llm_files_and_they_stay_below_100_mb():
    files = list(embedded_checkpoint().glob("llm-*"))
    assert {file.name for file in files} == set(LLM_FILES)
    assert sum(file.stat().st_size for file in files) <= 100_000_000
