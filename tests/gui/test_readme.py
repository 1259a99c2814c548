"""What the README says of the program is what the program says of itself."""

import re
from pathlib import Path

from click.testing import CliRunner

from fcn_gui.cli.command_list import COMMANDS
from fcn_gui.cli.commands import program
from fcn_gui.widgets.actions import keys_markdown

CHECKOUT = Path(__file__).parents[2]
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


def test_every_file_that_is_linked_is_there():
    for target in re.findall(r"\]\(([^)#]+)\)", README):
        assert target.startswith("http") or (CHECKOUT / target).exists(), target
