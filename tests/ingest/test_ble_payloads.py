"""What goes over the air is cut after whole frames, and never larger than a notification."""

from hypothesis import given
from hypothesis import strategies as st

from ingest.protocol import FRAME_LIMIT
from ingest.transport.ble import payloads

frames = st.binary(min_size=0, max_size=FRAME_LIMIT - 1).map(lambda body: body.replace(b"\0", b"\1") + b"\0")


@given(st.lists(frames, max_size=20))
def test_every_payload_holds_whole_frames_and_fits(sent):
    cut = list(payloads(b"".join(sent)))
    assert b"".join(cut) == b"".join(sent)
    assert all(payload.endswith(b"\0") and len(payload) <= FRAME_LIMIT for payload in cut)


@given(st.lists(frames, min_size=2, max_size=20))
def test_no_two_payloads_would_have_fit_in_one_with_the_next_frame(sent):
    cut = list(payloads(b"".join(sent)))
    firsts = [payload.split(b"\0", 1)[0] + b"\0" for payload in cut]
    assert all(
        len(payload) + len(first) > FRAME_LIMIT for payload, first in zip(cut, firsts[1:], strict=False)
    )
