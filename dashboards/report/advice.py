"""Standing advice, the same whatever was measured: no figure leads to it."""

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
