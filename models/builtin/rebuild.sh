#!/bin/sh
# Everything from nothing: tokenizer, evaluation set, model, adapters, figures.
set -eu
cd "$(dirname "$0")"
export OMP_NUM_THREADS=1
python tokenizer.py
python make_heldout.py
python -m unittest
# From scratch, then twice with a smaller rate: the large one learns fast and copies inexactly.
minutes="${MINUTES:-60}"
python train.py --minutes "$minutes"
python train.py --resume --minutes "$minutes" --peak 0.12 --cool 0.9 --seed 2
python train.py --resume --minutes "$((minutes / 2))" --peak 0.06 --cool 1.0 --seed 3
python export.py
python lora.py pirate
python lora.py roman
python evaluate.py
