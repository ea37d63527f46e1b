"""Standing advice, the same whatever was measured: no figure leads to it, only what the wearer notes."""

from enum import StrEnum

from ingest.schema import NoteKind

EMERGENCY = (
    "Call an ambulance for sudden weakness or numbness on one side, paralysis, slurred speech, loss of"
    " consciousness, high fever, or a limb without a pulse."
)
SEE_A_DOCTOR = (
    "See a doctor about twitching that goes on for days or weeks, affects several parts of the body, never"
    " pauses, comes while moving as well as at rest, or comes with weakness, loss of muscle, altered feeling,"
    " pain, fever or a new medicine."
)
NO_VERDICT = (
    "Most twitching is harmless, and small twitches alone are no reason for a referral (NICE NG127). This"
    " report says what was measured. It is no diagnosis and does not take the place of an examination."
)


class Symptom(StrEnum):
    """Symptoms that a doctor asks about; a note of one begins with its name."""

    WEAKNESS = "weakness"
    MUSCLE_LOSS = "muscle loss"
    ALTERED_FEELING = "altered feeling"
    CRAMPS = "cramps"
    SPEECH = "speech or swallowing"
    FEVER = "fever"


_FOR_THE_DOCTOR = (Symptom.MUSCLE_LOSS, Symptom.CRAMPS)  # the others may be a sign of an emergency


def symptom_text(symptom: Symptom | None, words: str) -> str:
    """The text of a symptom's note: its name, then the wearer's own words.

    >>> symptom_text(Symptom.WEAKNESS, "left hand"), symptom_text(None, "tired")
    ('weakness: left hand', 'tired')
    """
    return ": ".join(part for part in (symptom or "", words.strip()) if part)


def advice_on(kind: str, text: str) -> tuple[str, ...]:
    """What is to be read at once by whoever notes this; nothing for most notes.

    A symptom in free words gets all of the advice: words are not understood here, and so nothing is left out.

    >>> advice_on("caffeine", "two cups")
    ()
    >>> advice_on("symptom", "cramps at night") == (SEE_A_DOCTOR,)
    True
    >>> advice_on("symptom", "speech or swallowing") == (EMERGENCY, SEE_A_DOCTOR)
    True
    """
    if kind != NoteKind.SYMPTOM:
        return ()
    return (SEE_A_DOCTOR,) if text.startswith(_FOR_THE_DOCTOR) else (EMERGENCY, SEE_A_DOCTOR)
