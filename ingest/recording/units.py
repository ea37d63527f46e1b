"""Units that recordings come in, and what turns them into those of the detectors."""

from dataclasses import dataclass

from ingest.recording.content import Modality, Unit

STANDARD_GRAVITY_M_S2 = 9.80665  # one g in m/s2, by definition (CGPM 1901)


@dataclass(frozen=True, slots=True)
class Conversion:
    """`value * factor` is in `unit`; `modality` is what has such a unit (None: either)."""

    unit: Unit
    factor: float
    modality: Modality | None


CONVERSIONS = {
    "uV": Conversion("uV", 1.0, "emg"),
    "mV": Conversion("uV", 1e3, "emg"),
    "V": Conversion("uV", 1e6, "emg"),
    "mg": Conversion("mg", 1.0, "accelerometer"),
    "g": Conversion("mg", 1e3, "accelerometer"),
    "m/s2": Conversion("mg", 1e3 / STANDARD_GRAVITY_M_S2, "accelerometer"),
    "adc": Conversion("adc", 1.0, None),
}

_SPELLINGS = {  # as files word it, in lower case: micro has two code points, and EDF knows only ASCII
    "uv": "uV",
    "\N{MICRO SIGN}v": "uV",
    "\N{GREEK SMALL LETTER MU}v": "uV",
    "mv": "mV",
    "v": "V",
    "mg": "mg",
    "g": "g",
    "m/s2": "m/s2",
    "m/s^2": "m/s2",
    "m/s\N{SUPERSCRIPT TWO}": "m/s2",
    "adc": "adc",
    "counts": "adc",
    "unstated": "adc",
    "uv-unscaled": "adc",
}


def conversion_of(word: str) -> Conversion | None:
    """Return what is to be done to values in the unit `word`; None if it is unknown.

    >>> conversion_of("mV").factor
    1000.0
    >>> conversion_of("furlong") is None
    True
    """
    unit = _SPELLINGS.get(word.strip().lower())
    return CONVERSIONS[unit] if unit else None
