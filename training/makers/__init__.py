"""Pictures as people's own tools make them: the reading material of the embedded checkpoint."""
