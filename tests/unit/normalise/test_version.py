"""The version of the normaliser: it rises with every change that reads a message differently."""

from tests.bench.normalisation.outcome import RECORD_COMMAND, current_outcome, differences, recorded_outcome


def test_the_version_rises_with_what_is_read_differently() -> None:
    recorded = recorded_outcome()
    current = current_outcome(recorded)
    changed = ", ".join(differences(recorded, current))
    assert current.version > recorded.version or not changed, (
        f"The normaliser reads messages differently than version {recorded.version} did ({changed}): raise "
        f"NORMALISER_VERSION in ingest/normalise/__init__.py, so that a replay applies it; then `{RECORD_COMMAND}`"
    )
    assert current.version == recorded.version, f"NORMALISER_VERSION was changed: `{RECORD_COMMAND}`, and commit it."


def test_a_change_of_an_answer_or_a_vocabulary_is_seen() -> None:
    recorded = recorded_outcome()
    (name, (rows, _)), *_ = recorded.answers.items()
    assert differences(recorded, recorded) == []
    assert differences(recorded, recorded._replace(vocabulary="other")) == ["vocabulary"]
    answers = {**recorded.answers, name: (rows, "other")}
    assert differences(recorded, recorded._replace(answers=answers)) == [name]
