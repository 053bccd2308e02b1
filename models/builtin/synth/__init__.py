"""Synthetic text for the built-in model. Nothing here reads a file or the network."""
