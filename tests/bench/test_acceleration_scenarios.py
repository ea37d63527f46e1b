"""The accelerometer and fusion scenarios of the bench in small: what the bars ask for holds here, too."""

import json

import pytest

from bench import accelerometer, fusion
from detector.event import Kind


def test_nearly_every_twitch_of_ten_milli_g_is_found() -> None:
    outcome = accelerometer.Outcome()
    outcome.add(accelerometer.at_rest(11, 5, twitch_mg=(10, 10)))
    assert outcome.score.recall >= 0.98
    assert outcome.score.precision >= 0.98


def test_movements_are_called_what_they_are_and_hardly_ever_twitches() -> None:
    scene = accelerometer.in_motion(12, 12)
    kinds = [event.kind for event in accelerometer.detect(scene).events]
    planted = [one.what for one in scene.happenings]
    assert kinds.count(Kind.TWITCH) <= 1
    for what in ("knock", "myoclonus", "tremor"):
        assert kinds.count(accelerometer.KINDS[what]) == planted.count(what)


@pytest.mark.parametrize("chapter", [fusion.same_muscle, fusion.interference])
def test_fusion_has_fewer_false_events_and_misses_none_for_it(chapter: fusion.Chapter) -> None:
    *_, alone, fused = chapter(2).data.values()
    assert fused["false_per_minute"] < alone["false_per_minute"]
    assert (
        fused["recall"] >= alone["recall"] - 0.06
    )  # an acceleration alone is no twitch where EMG was silent


def test_what_goes_to_the_report_can_be_written_as_json() -> None:
    json.dumps(accelerometer.delay(1).data)
    json.dumps(fusion.delay(1).data)
