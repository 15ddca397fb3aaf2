"""Model families: how each encodes prompts, calls its network and decodes."""
