"""The language of this process: Chinese first, English by ``--lang en`` or ``GRIDWARDEN_LANG=en``."""

import os
import sys
from collections.abc import Mapping, Sequence
from typing import Final

from geo.messages import Language


def chosen_language(argv: Sequence[str], environ: Mapping[str, str]) -> Language:
    """Return the language that the command line asks for, else the environment's, else Chinese."""
    asked = environ.get("GRIDWARDEN_LANG", "zh")
    for place, argument in enumerate(argv):
        if argument.startswith("--lang="):
            asked = argument.removeprefix("--lang=")
        elif argument == "--lang" and place + 1 < len(argv):
            asked = argv[place + 1]
    return "en" if asked.lower().startswith("en") else "zh"


LANGUAGE: Final[Language] = chosen_language(sys.argv, os.environ)


def word(zh: str, en: str) -> str:
    """Return the text of this process's language."""
    return zh if LANGUAGE == "zh" else en
