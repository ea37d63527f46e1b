"""The command: wires the rooms together."""

import os

# before numpy is loaded: our matrices are small, and its threads cost five times the CPU that they save
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
