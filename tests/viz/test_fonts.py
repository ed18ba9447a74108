"""The type family: small files, their licence, and no part of the script."""

import re
from base64 import b64decode

from kafkabook.viz.fonts import faces_css, licence
from kafkabook.viz.front_end import source
from kafkabook.viz.theme import FAMILY, SANS, STILL_SANS

MOST_FACE_BYTES = 16 * 1024
FACE = re.compile(
    r"@font-face\{font-family:(\w+);font-style:normal;font-weight:(\d+);font-display:swap;"
    r'src:url\(data:font/woff2;base64,([^)]+)\) format\("woff2"\)\}'
)


def test_the_style_holds_two_small_faces() -> None:
    """Regular and bold, as data: a page asks for nothing."""
    faces = {weight: b64decode(data) for _, weight, data in FACE.findall(faces_css())}
    assert ["400", "700"] == list(faces)
    assert {FAMILY} == {family for family, _, _ in FACE.findall(faces_css())}
    assert 2 == faces_css().count("url(")
    for data in faces.values():
        assert b"wOF2" == data[:4]
        assert len(data) <= MOST_FACE_BYTES


def test_the_licence_goes_where_the_letters_go() -> None:
    """It asks for both: the copyright, and its own text."""
    owner, _, terms = licence().partition("\n")
    assert owner.startswith("Copyright 2020 The Arimo Project Authors")
    assert "SIL OPEN FONT LICENSE Version 1.1" in terms
    assert faces_css().startswith(f"/* {owner}")


def test_the_script_names_the_family_and_does_not_hold_it() -> None:
    """A page with ten figures has the letters once, and a page without a figure has them too."""
    assert f"--kb-sans:{SANS};" in source()
    assert "woff2" not in source()


def test_a_still_names_only_what_a_machine_may_have() -> None:
    """The same families in the same order, but for the one that a file cannot bring."""
    assert f"{FAMILY}, {STILL_SANS}" == SANS
