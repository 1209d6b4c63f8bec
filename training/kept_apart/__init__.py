"""Makers that training never sees, and the examination drawn by them: training imports nothing of it."""
