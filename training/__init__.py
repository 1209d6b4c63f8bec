"""The making of the embedded checkpoint: pictures, dense labels, staged training. Nothing imports it."""
