"""How far loading is, in words: what is done at the moment, and how much of it."""

from demo.words import Words
from mova.progress import Step

GB, MB = 10**9, 10**6


def stage_words(step: Step, say: Words) -> str:
    """What is done at the moment; the same as long as the stage lasts."""
    return say(f"loading.{step.stage}", name=step.name)


def amount_words(step: Step, say: Words) -> str:
    """How much of it is done: bytes of bytes while downloading, else per cent; empty where nobody knows."""
    share = f"{int(100 * step.share)} %"
    if step.stage == "fetch":
        unit, name = (GB, "GB") if step.whole >= GB else (MB, "MB")
        done, whole = (f"{amount / unit:.1f}" for amount in (step.done, step.whole))
        return say("loading.amount", done=done, whole=f"{whole} {name}", share=share)
    return share if step.stage in ("read", "write") else ""


def loading_words(step: Step, say: Words) -> str:
    """Both in one line."""
    stage, amount = stage_words(step, say), amount_words(step, say)
    return say("loading.line", stage=stage, amount=amount) if amount else stage
