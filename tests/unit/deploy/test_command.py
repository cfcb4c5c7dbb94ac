"""The command: complete help, and a sentence and an exit code for what goes wrong."""

from collections.abc import Iterator
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from deploy.command import main


def _commands(command: click.Command, path: str = "paygauge") -> Iterator[tuple[str, click.Command]]:
    yield path, command
    for name, child in getattr(command, "commands", {}).items():
        yield from _commands(child, f"{path} {name}")


ALL = dict(_commands(main))


def test_the_command_has_the_sub_commands_that_the_documents_name() -> None:
    names = {path.removeprefix("paygauge ") for path in ALL}
    assert names >= {"up", "serve", "ingest", "send", "demo", "contracts"}
    assert names >= {f"dead-letters {name}" for name in ("list", "show", "stats", "replay")}


@pytest.mark.parametrize("path", ALL)
def test_every_command_and_every_option_says_what_it_is_for(path: str) -> None:
    assert ALL[path].help
    silent = [
        option.name
        for option in ALL[path].params
        if isinstance(option, click.Option) and not (option.help or "").strip()
    ]
    assert not silent


@pytest.mark.parametrize("path", sorted(set(ALL) - {"paygauge"}))
def test_the_summary_of_every_command_fits_into_the_list_of_commands(path: str) -> None:
    assert not ALL[path].get_short_help_str().endswith("...")


@pytest.mark.parametrize(
    ("variable", "value"), [("PAYGAUGE_PORT", "eighty"), ("PAYGAUGE_PORT", "70000"), ("PAYGAUGE_BRAKE_SHARE", "2")]
)
def test_a_wrong_setting_is_named_in_one_sentence(variable: str, value: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(variable, value)
    command = "ingest" if "BRAKE" in variable else "up"
    result = CliRunner().invoke(main, [command, *(["--no-demo"] if command == "up" else [])])
    assert result.exit_code == 2
    assert variable in result.output
    assert result.output.count("\n") == 1


@pytest.mark.parametrize("arguments", [["demo"], ["dead-letters", "list"], ["dead-letters", "stats"]])
def test_without_a_stack_a_command_says_how_to_get_one(
    arguments: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for variable in ("PAYGAUGE_KAFKA", "PAYGAUGE_MONGO"):
        monkeypatch.delenv(variable, raising=False)
    result = CliRunner().invoke(main, [*arguments, "--home", str(tmp_path)])
    assert result.exit_code == 2
    assert "`paygauge up`" in result.output


def test_a_note_that_a_crash_left_behind_is_no_running_stack(tmp_path: Path) -> None:
    from deploy.home import RunningStack, open_home, running_stack

    with open_home(tmp_path) as home:
        home.announce(RunningStack(pid=2**22 + 1, url="", kafka="", mongo=""))  # above Linux's largest process id
        assert running_stack(tmp_path) is None
