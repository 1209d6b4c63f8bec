"""MoVA: a mixture of vision experts that an LLM routes and a gate weighs (arXiv 2404.13046)."""
