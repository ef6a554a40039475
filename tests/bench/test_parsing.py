"""Steps and scenes from text."""

import pytest

from detector.bench.parsing import is_scene, keys_of, parsed_scene, parsed_step
from detector.bench.steps import STEPS, Cover, Flip, Hold, Text
from detector.core.errors import TrueshaftError


def test_steps_are_read() -> None:
    assert parsed_step("hold:start=10,seconds=8") == Hold(start_s=10, seconds=8)
    assert parsed_step("hold:start_s=10") == Hold(start_s=10)
    assert parsed_step("flip") == Flip()
    assert parsed_step("cover:start=1,look=hand,share=0.5") == Cover(1, share=0.5, look="hand")
    assert parsed_step("text:text=A\\, B = C") == Text(text="A, B = C")


@pytest.mark.parametrize(
    "text",
    [
        *("", "hod:start=1", "hold", "hold:start", "hold:start=x", "hold:start=-1", "hold:=1"),
        *("hold:start=1,start=2", "hold:start=1,start_s=2", "hold:start=1,colour=red"),
        *("cover:start=1,look=glove", "scale:size=wide", "hold:start=nan", "hold:start=inf"),
    ],
)
def test_what_is_not_understood_is_told(text: str) -> None:
    with pytest.raises(TrueshaftError) as caught:
        parsed_step(text)
    assert caught.value.todo
    assert text in str(caught.value.where)


def test_scenes_are_read() -> None:
    clip = parsed_scene("scene:hoist,seconds=2,size=64x48,fps=5")
    assert (len(clip), clip.size) == (10, (64, 48))
    assert is_scene("scene:hoist")
    assert not is_scene("scene.mp4")
    with pytest.raises(TrueshaftError):
        parsed_scene("scene:moon")
    with pytest.raises(TrueshaftError):
        parsed_scene("scene:hoist,seconds=0")


def test_every_step_tells_its_keys() -> None:
    assert keys_of(Hold) == ("start", "seconds", "insert")
    assert all(STEPS[kind].kind == kind for kind in STEPS)
