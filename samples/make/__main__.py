"""Make all binary samples: python -m samples.make --font FONT"""

from __future__ import annotations

import argparse
from pathlib import Path

from samples.make import pdfs, prices, slides, word

parser = argparse.ArgumentParser(prog="python -m samples.make", description="Make the binary samples.")
parser.add_argument("--font", type=Path, required=True, help="TrueType font with Chinese and Latin letters")
arguments = parser.parse_args()
pdfs.make(arguments.font)
word.make()
prices.make()
slides.make()
