#!/bin/sh
# Everything from nothing: tokenizer, evaluation set, model, adapters, figures.
set -eu
cd "$(dirname "$0")"
export OMP_NUM_THREADS=1
python tokenizer.py
python make_heldout.py
python -m unittest
python train.py --minutes "${MINUTES:-60}"
python export.py
python lora.py pirate
python lora.py roman
python evaluate.py
