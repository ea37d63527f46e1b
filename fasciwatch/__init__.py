"""The command: wires the rooms together."""
