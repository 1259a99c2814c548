"""What the README says of the program is what the program says of itself."""

import re
from pathlib import Path

import pytest
from click.testing import CliRunner

from fcn_gui.cli.command_list import COMMANDS
from fcn_gui.cli.commands import program
from fcn_gui.widgets.actions import ACTION_BY_ID, keys_markdown, keys_of

CHECKOUT = Path(__file__).resolve().parents[2]
README = (CHECKOUT / "README.md").read_text("utf-8")


def test_the_keys_are_those_of_the_action_table():
    between = re.search(r"<!-- keys -->\n(.*?)\n<!-- /keys -->", README, re.DOTALL)
    assert between is not None
    assert between[1] == keys_markdown()


def test_every_command_is_listed_and_has_help():
    for name in set(COMMANDS) - {"open"}:
        assert f"`fcn-gui {name}" in README
        told = CliRunner().invoke(program, [name, "--help"])
        assert told.exit_code == 0
        assert told.output.strip()


PLACES = ("*.md", ".github/*.md", "docs/**/*.md", "models/*.md", "resources/*/*.md")
PAGES = sorted(page for place in PLACES for page in CHECKOUT.glob(place))


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(CHECKOUT).as_posix())
def test_every_file_and_heading_that_is_linked_is_there(page: Path):
    for target in re.findall(r"\]\(((?:[^()]|\([^()]*\))+)\)", page.read_text("utf-8")):
        if not target.startswith("http"):
            name, _, heading = target.partition("#")
            linked = page.parent / name if name else page
            assert linked.exists(), target
            assert not heading or heading in anchors(linked), target


def anchors(page: Path) -> set[str]:
    """What GitHub makes of the headings."""
    heads = re.findall(r"^#+ (.*)$", page.read_text("utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", head.lower()).replace(" ", "-") for head in heads}


def test_all_pictures_are_shown_and_described():
    shown = {
        text: (page.parent / target).resolve().relative_to(CHECKOUT).as_posix()
        for page in (CHECKOUT / "README.md", *CHECKOUT.glob("docs/*.md"))
        for text, target in re.findall(r"!\[([^]]*)\]\(([^)]+)\)", page.read_text("utf-8"))
    }
    files = {path.relative_to(CHECKOUT).as_posix() for path in CHECKOUT.glob("resources/inside/*.jpg")}
    files |= {path.relative_to(CHECKOUT).as_posix() for path in CHECKOUT.glob("docs/pictures/*")}
    assert set(shown.values()) == files and all(shown)
    assert len(shown) == len(files), "two pictures with the same description"


def test_fcn_inside_names_the_key_that_opens_it():
    section = README.split("## FCN inside\n")[1].split("\n## ")[0]
    assert f"`{keys_of(ACTION_BY_ID['help.inside'], {})[0]}`" in section


def test_figures_of_fcn_inside_have_the_commands_that_make_them():
    page = (CHECKOUT / "docs/fcn-inside.md").read_text("utf-8")
    for chapter in page.split("\n## ")[1:]:
        assert re.search(r"`(pytest|fcn-gui|python) [^`]+`", chapter), chapter.splitlines()[0]
    for path in re.findall(r"`(?:pytest|python) ([\w/]+\.py)", page):
        assert (CHECKOUT / path).exists(), path
