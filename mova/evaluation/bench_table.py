"""What a bench measured as Markdown tables, ratios first."""

from typing import Any

from mova.evaluation.comparison import SITUATIONS


def as_table(report: dict[str, Any]) -> str:
    """The whole report for people; seconds, GB."""
    model, machine = report["model"], report["machine"]
    lines = [
        f"{model['name']} ({model['llm']}) in {model['precision']} on {model['device']};"
        f" {machine['processor']}, {machine['cores']} cores, {machine['threads']} threads,"
        f" torch {machine['torch']}",
        "",
    ]
    if compared := report.get("against_the_published_loop"):
        lines += [*_comparison(compared), ""]
    lines += [*_stages(report["answers"]), ""]
    rates = report["rates"]
    lines += [
        f"The machine reads {rates['read_gb_per_second']:.1f} GB/s and multiplies"
        f" {rates['gflop_per_second']:.0f} GFLOP/s.",
        "",
    ]
    if report["visitors"]:
        lines += ["| visitors | first word p50, s | p95, s | questions/s |", "|---|---|---|---|"]
        for row in report["visitors"]:
            rate = row["questions_per_second"]
            lines.append(f"| {row['visitors']} | {row['p50']:.2f} | {row['p95']:.2f} | {rate:.2f} |")
        lines.append("")
    memory = sorted(report["memory_gb"].items(), key=lambda part: -part[1])
    lines += ["| memory | GB |", "|---|---|", *(f"| {part} | {size:.3f} |" for part, size in memory)]
    seconds, processor = report["load_seconds"], report["load_processor_seconds"]
    lines += ["", f"Loaded in {seconds:.1f} s ({processor:.1f} s of processors)"]
    if report["load_anonymous_gb"] is not None:
        lines[-1] += f" with {report['load_anonymous_gb']:.2f} GB of its own at most"
    if report["peak_process_gb"] is not None:
        lines[-1] += f"; the process held {report['peak_process_gb']:.2f} GB at most"
    return "\n".join(lines)


def _comparison(compared: dict[str, Any]) -> list[str]:
    rounds, precision = compared["rounds"], compared["loop_precision"]
    lines = [
        f"Against the published loop in {precision}, medians of {rounds}:",
        "",
        "| | first word | s | loop, s | whole answer | s | loop, s | answers agree |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for name in SITUATIONS:
        row = compared[name]
        lines.append(
            f"| {name} | {row['first_word_ratio']:.2f} x | {row['first_word']:.3f}"
            f" | {row['loop_first_word']:.3f} | {row['total_ratio']:.2f} x | {row['total']:.3f}"
            f" | {row['loop_total']:.3f} | {row['agree']} of {rounds} |"
        )
    rate = compared["decoding"]
    return [
        *lines,
        "",
        f"Decoding: {rate['ratio']:.2f} x `generate`, {rate['tokens_per_second']:.1f} tokens/s against"
        f" {rate['loop_tokens_per_second']:.1f}; a token reads {rate['bytes_per_token'] / 1e9:.3f} GB, which"
        f" allows {rate['most_tokens_per_second']:.0f}",
    ]


def _stages(answers: list[dict[str, Any]]) -> list[str]:
    lines = ["| experts | stage | seconds | peak GB |", "|---|---|---|---|"]
    for answer in answers:
        experts = ", ".join(answer["experts"]) or "none"
        for stage in answer["stages"]:
            name = f"{stage['stage']} {stage['expert'] or ''}".strip() + (", kept" if stage["reused"] else "")
            peak = "" if stage["peak_gb"] is None else f"{stage['peak_gb']:.2f}"
            lines.append(f"| {experts} | {name} | {stage['seconds']:.3f} | {peak} |")
    return lines
