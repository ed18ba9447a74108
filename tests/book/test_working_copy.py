"""A reader's work is never lost, whatever an update brings and whatever lies in the folder."""

import json
from pathlib import Path

import nbformat
import pytest
from nbformat.sign import NotebookNotary

from kafkabook.book.sources import BookError, Sources
from kafkabook.book.working_copy import BACKUPS, Fate, Placed, fate_of, lay

CHAPTER = "chapters/00_start_here.ipynb"
EXERCISE = "exercises/01_events/01_events.ipynb"


def a_notebook(text: str) -> str:
    """Write one as the repository holds it: with outputs."""
    output = nbformat.v4.new_output("stream", text="seen\n")
    cell = nbformat.v4.new_code_cell(text, id="one", outputs=[output], execution_count=1)
    return nbformat.writes(nbformat.v4.new_notebook(cells=[cell]))


@pytest.fixture
def sources(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Sources:
    """One chapter and one exercise; signatures go to a folder of the test, not of its owner."""
    monkeypatch.setenv("JUPYTER_DATA_DIR", str(tmp_path / "jupyter-data"))
    sources = Sources(tmp_path / "checkout", is_checkout=True)
    release(sources, "v1")
    return sources


def release(sources: Sources, text: str) -> None:
    """Publish a version of both notebooks."""
    for name in (CHAPTER, EXERCISE):
        path = sources.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(a_notebook(text), encoding="utf-8")


def source_of(path: Path) -> str:
    """Return what the one cell of a notebook says."""
    return nbformat.read(path, as_version=4).cells[0].source


@pytest.mark.parametrize(
    ("ours", "laid", "here", "fate"),
    [
        ("v1", None, None, Fate.NEW),
        ("v1", "v1", "v1", Fate.UNCHANGED),
        ("v2", "v1", "v1", Fate.REFRESHED),
        ("v1", "v1", "mine", Fate.KEPT),
        ("v2", "v1", "mine", Fate.BESIDE),
        ("v2", "v1", "v2", Fate.UNCHANGED),
        ("v1", "v1", None, Fate.RESTORED),
        ("v1", None, "somebody's", Fate.BESIDE),
    ],
)
def test_three_fingerprints_decide(
    ours: str, laid: str | None, here: str | None, fate: Fate
) -> None:
    """Only what the reader did not touch is ever written over."""
    assert fate == fate_of(ours=ours, laid=laid, here=here)


def test_a_new_copy_holds_no_answers(sources: Sources, tmp_path: Path) -> None:
    """A prediction is one only while the answer is not on the screen."""
    placed = lay(sources, tmp_path / "work")

    assert (Placed(CHAPTER, Fate.NEW), Placed(EXERCISE, Fate.NEW)) == placed
    cell = nbformat.read(tmp_path / "work" / CHAPTER, as_version=4).cells[0]
    assert ([], None, "v1") == (cell.outputs, cell.execution_count, cell.source)


def test_laying_twice_changes_nothing(sources: Sources, tmp_path: Path) -> None:
    """Starting the lab again is not an update."""
    lay(sources, tmp_path / "work")
    assert {Fate.UNCHANGED} == {file.fate for file in lay(sources, tmp_path / "work")}


def test_running_a_chapter_is_not_changing_it(sources: Sources, tmp_path: Path) -> None:
    """Outputs and counts are not the reader's words: the chapter is refreshed, the run kept."""
    lay(sources, tmp_path / "work")
    ran = a_notebook("v1")
    (tmp_path / "work" / CHAPTER).write_text(ran, encoding="utf-8")
    release(sources, "v2")

    chapter = lay(sources, tmp_path / "work")[0]

    assert Fate.REFRESHED == chapter.fate
    assert "v2" == source_of(tmp_path / "work" / CHAPTER)
    assert chapter.other.startswith(BACKUPS)
    assert ran == (tmp_path / "work" / chapter.other).read_text(encoding="utf-8")


def test_an_edited_file_is_kept_and_the_new_version_laid_beside_it(
    sources: Sources, tmp_path: Path
) -> None:
    """The reader is told once; later starts keep their version without asking again."""
    lay(sources, tmp_path / "work")
    (tmp_path / "work" / EXERCISE).write_text(a_notebook("mine"), encoding="utf-8")
    release(sources, "v2")
    beside = EXERCISE.replace(".ipynb", ".new.ipynb")

    assert Placed(EXERCISE, Fate.BESIDE, beside) == lay(sources, tmp_path / "work")[1]
    assert "mine" == source_of(tmp_path / "work" / EXERCISE)
    assert "v2" == source_of(tmp_path / "work" / beside)
    assert Placed(EXERCISE, Fate.KEPT) == lay(sources, tmp_path / "work")[1]


def test_an_edited_new_version_is_backed_up_before_a_newer_one(
    sources: Sources, tmp_path: Path
) -> None:
    """What a reader typed into the `.new` file is their work as well."""
    work = tmp_path / "work"
    lay(sources, work)
    (work / EXERCISE).write_text(a_notebook("mine"), encoding="utf-8")
    for version in ("v2", "v3"):
        release(sources, version)
        lay(sources, work)
        (work / EXERCISE.replace(".ipynb", ".new.ipynb")).write_text(a_notebook(f"my {version}"))
    release(sources, "v4")
    lay(sources, work)

    kept = {source_of(path) for path in (work / BACKUPS).rglob("01_events.new.*")}
    assert {"my v2", "my v3"} == kept


def test_a_damaged_manifest_goes_aside_and_every_file_counts_as_the_readers(
    sources: Sources, tmp_path: Path
) -> None:
    """Not knowing what was laid is no reason to write over it."""
    work = tmp_path / "work"
    lay(sources, work)
    (work / ".kafkabook.json").write_text("{", encoding="utf-8")
    (work / CHAPTER).write_text(a_notebook("mine"), encoding="utf-8")

    assert [Fate.BESIDE, Fate.UNCHANGED] == [file.fate for file in lay(sources, work)]
    assert "{" == (work / ".kafkabook.json.damaged").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", ["../escaped.ipynb", "/etc/escaped.ipynb", "a/../../b.ipynb"])
def test_a_manifest_that_points_outside_is_damaged(
    sources: Sources, tmp_path: Path, name: str
) -> None:
    """A name from a file is data, and data does not choose paths."""
    work = tmp_path / "work"
    lay(sources, work)
    manifest = json.loads((work / ".kafkabook.json").read_text(encoding="utf-8"))
    manifest["files"][name] = "0" * 64
    (work / ".kafkabook.json").write_text(json.dumps(manifest), encoding="utf-8")

    lay(sources, work)
    assert (work / ".kafkabook.json.damaged").exists()


def test_a_link_that_leads_outside_is_not_followed(sources: Sources, tmp_path: Path) -> None:
    """Writing through it would change a file that is none of ours."""
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (tmp_path / "work").mkdir()
    (tmp_path / "work" / "chapters").symlink_to(elsewhere)

    with pytest.raises(BookError, match="would lie outside"):
        lay(sources, tmp_path / "work")
    assert [] == list(elsewhere.iterdir())


def test_the_checkout_itself_is_no_working_copy(sources: Sources) -> None:
    """Its notebooks hold the committed outputs."""
    with pytest.raises(BookError, match="holds the book's own sources"):
        lay(sources, sources.root)


def test_a_file_is_no_working_copy(sources: Sources, tmp_path: Path) -> None:
    """Said in one sentence instead of a traceback."""
    (tmp_path / "work").write_text("")
    with pytest.raises(BookError, match="is a file"):
        lay(sources, tmp_path / "work")


def test_only_what_we_laid_is_trusted(sources: Sources, tmp_path: Path) -> None:
    """A notebook that the reader changed stays a matter of the reader's own trust."""
    work = tmp_path / "work"
    lay(sources, work)
    (work / EXERCISE).write_text(a_notebook("mine"), encoding="utf-8")
    lay(sources, work)

    notary = NotebookNotary()
    trusted = [notary.check_signature(nbformat.read(work / n, 4)) for n in (CHAPTER, EXERCISE)]
    assert [True, False] == trusted
