"""A skipped test says nothing: in CI it has failed."""

from pathlib import Path

import pytest

pytest_plugins = ["pytester"]
CONFTEST = Path(__file__).parents[2] / "conftest.py"


@pytest.mark.parametrize(("ci", "outcome"), [("true", {"passed": 1, "failed": 1}), ("", {"passed": 1, "skipped": 1})])
def test_a_skipped_test_fails_in_ci_and_only_there(
    ci: str, outcome: dict[str, int], pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CI", ci)
    pytester.makeini("[pytest]\nasyncio_default_fixture_loop_scope = function\n")
    pytester.makeconftest(CONFTEST.read_text())
    pytester.makepyfile("import pytest\ndef test_a(): pass\ndef test_b(): pytest.skip('no data')\n")
    pytester.runpytest_subprocess().assert_outcomes(**outcome)
