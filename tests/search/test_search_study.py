"""A study: its budget is met exactly, trial 0 is the guideline once, and a changed search is another study."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Sequence
from pathlib import Path

import pytest
import synthetic_search as synthetic

from bythebook.errors import UserError
from bythebook.overrides import Overrides
from bythebook.runs.view import DataView
from bythebook.search.guideline import read_guideline
from bythebook.search.importance import FEWEST, importance
from bythebook.search.outcome import study_name
from bythebook.search.planning import Planner
from bythebook.search.storage import opened, sqlite_address
from bythebook.search.trials import FinishedTrial, Then, TrialResult, TrialTask

GUIDELINE = Path(__file__).parents[2] / "pipeline" / "searches" / "default_dnn.yaml"


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> list[FinishedTrial]:
    """The trials of an uninterrupted search."""
    return synthetic.run(tmp_path_factory.mktemp("whole"))


def test_trial_0_is_the_guideline_and_the_budget_is_met_exactly(whole: list[FinishedTrial]) -> None:
    trials = whole
    assert [trial.number for trial in trials] == list(range(18))
    assert [trial.enqueued for trial in trials] == [True] + [False] * 17
    assert trials[0].point == synthetic.FIRST
    assert {trial.result.state for trial in trials} == {"complete", "pruned", "failed"}
    assert all((trial.result.values is None) == (trial.result.state != "complete") for trial in trials)


def test_a_finished_study_is_not_trained_again(tmp_path: Path) -> None:
    trials = synthetic.run(tmp_path)

    def nobody(tasks: Sequence[TrialTask], finished: Sequence[FinishedTrial], then: Then) -> None:
        raise AssertionError(f"{len(tasks)} trials are trained again")

    assert synthetic.run(tmp_path, evaluate=nobody) == trials


@pytest.mark.parametrize("budget", [5, 10, 14])
def test_a_larger_budget_goes_on_as_if_it_had_been_so_from_the_start(
    tmp_path: Path, whole: list[FinishedTrial], budget: int
) -> None:
    small = synthetic.SETTINGS.model_copy(update={"trials": budget})
    assert synthetic.run(tmp_path, small) == whole[:budget]
    assert synthetic.run(tmp_path) == whole
    assert synthetic.run(tmp_path, small) == whole[:budget]


def test_other_seeds_give_other_trials(tmp_path: Path, whole: list[FinishedTrial]) -> None:
    other = synthetic.SETTINGS.model_copy(update={"seed": 8})
    assert synthetic.run(tmp_path, other, name="other")[1:] != whole[1:]


def test_two_studies_share_a_database(tmp_path: Path) -> None:
    assert synthetic.run(tmp_path, name="one") == synthetic.run(tmp_path, name="two")
    with sqlite3.connect(tmp_path / "studies.db") as database:
        assert database.execute("select count(*) from trials").fetchone() == (36,)


def test_a_trial_sees_the_results_of_all_but_those_in_flight(tmp_path: Path, whole: list[FinishedTrial]) -> None:
    """Also when some of those were told before, as after a kill: trials 2 to 4 are told when trial 5 is proposed."""
    seen: dict[int, int] = {}

    def watched(tasks: Sequence[TrialTask], finished: Sequence[FinishedTrial], then: Then) -> None:
        def follow(number: int, result: TrialResult) -> Sequence[TrialTask]:
            return note(then(number, result))

        synthetic.in_process(note(tasks), finished, follow)

    def note(tasks: Sequence[TrialTask]) -> Sequence[TrialTask]:
        seen.update({task.number: len(task.seen) for task in tasks})
        return tasks

    for budget in (5, 18):
        synthetic.run(tmp_path, synthetic.SETTINGS.model_copy(update={"trials": budget}), watched)
    told = [trial.number for trial in whole if trial.result.state != "failed"]
    assert {2, 3, 4} & set(told)
    in_flight = synthetic.SETTINGS.in_flight
    assert seen == {number: sum(other <= number - in_flight for other in told) for number in range(18)}


@pytest.mark.parametrize("order", ["last first", "in turns"])
def test_the_order_in_which_trials_end_changes_no_trial(tmp_path: Path, whole: list[FinishedTrial], order: str) -> None:
    most = 0

    def other(tasks: Sequence[TrialTask], finished: Sequence[FinishedTrial], then: Then) -> None:
        nonlocal most
        waiting = list(tasks)
        while waiting:
            most = max(most, len(waiting))
            task = waiting.pop(-1 if order == "last first" else len(waiting) // 2)
            waiting += then(task.number, synthetic.train(task, lambda event: None))

    assert synthetic.run(tmp_path, evaluate=other) == whole
    assert most == synthetic.SETTINGS.in_flight


def test_importance_is_a_share_of_each_path(tmp_path: Path) -> None:
    settings = synthetic.SETTINGS.model_copy(update={"trials": 40, "pruner": None})
    trials = synthetic.run(tmp_path, settings)
    few = [trial for trial in trials if trial.result.state == "complete"][: FEWEST - 1]
    assert importance(synthetic.SPACE, few) == {}
    shares = importance(synthetic.SPACE, trials)
    assert shares == importance(synthetic.SPACE, trials)
    assert set(shares) == set(synthetic.SPACE)
    assert sum(shares.values()) == pytest.approx(1, abs=1e-5)
    assert next(iter(shares)) == "optimizer.learning_rate"


def test_whatever_decides_the_trials_names_the_study(tmp_path: Path) -> None:
    guideline, settings = read_guideline(GUIDELINE), synthetic.SETTINGS
    view = DataView(tmp_path, "digits", "0" * 64)
    name = study_name(Planner(guideline, view), settings)
    assert name.startswith("default_dnn-") and len(name) == len("default_dnn-") + 12
    assert study_name(Planner(read_guideline(GUIDELINE), view), settings.model_copy(update={"trials": 99})) == name
    text = GUIDELINE.read_text()
    changed = tmp_path / "default_dnn.yaml"
    others = [study_name(Planner(read_guideline(GUIDELINE, Overrides({"epochs": 3})), view), settings)]
    for old, new in [("high: 300", "high: 350"), ("gelu, swish", "swish, gelu"), ("patience: 5", "patience: 6")]:
        assert old in text
        changed.write_text(text.replace(old, new))
        others.append(study_name(Planner(read_guideline(changed), view), settings))
    others.append(study_name(Planner(guideline, DataView(tmp_path, "digits", "1" * 64)), settings))
    for change in ({"seed": 1}, {"in_flight": 5}, {"startup_trials": 5}, {"pruner": None}):
        others.append(study_name(Planner(guideline, view), settings.model_copy(update=change)))
    assert len({name, *others}) == len(others) + 1 == 10


@pytest.mark.parametrize("content", [b"not a database at all, but text" * 40, None])
def test_studies_that_cannot_be_opened_are_a_clear_error(tmp_path: Path, content: bytes | None) -> None:
    folder = tmp_path / "studies"
    if content is None:
        (folder / "studies.db").mkdir(parents=True)
    else:
        folder.mkdir()
        (folder / "studies.db").write_bytes(content)
    with (
        pytest.raises(UserError, match=r"the studies at .*studies.db cannot be opened"),
        opened(sqlite_address(folder)),
    ):
        raise AssertionError("opened")


def test_a_password_is_never_shown() -> None:
    address = "postgresql://someone:secret@127.0.0.1:1/studies"
    with pytest.raises(UserError) as error, opened(address):
        raise AssertionError("opened")
    assert "secret" not in str(error.value)


@pytest.mark.parametrize("password", ["p@zzw0rd", "p@zz/w0rd", "p@zz?w0rd", "p/@zzw0rd@"])
def test_a_password_with_an_unencoded_at_sign_is_refused_and_no_part_of_it_shown(
    password: str, caplog: pytest.LogCaptureFixture
) -> None:
    with (
        caplog.at_level("DEBUG"),
        pytest.raises(UserError, match="write %40") as error,
        opened(f"postgresql://someone:{password}@127.0.0.1:1/studies"),
    ):
        raise AssertionError("opened")
    assert not re.search("zz|w0rd|127", str(error.value) + caplog.text)


@pytest.mark.parametrize("who", ["someone:p%40ss", "someone@company:secret", "someone"])
def test_an_encoded_at_sign_and_one_of_the_user_are_understood(who: str) -> None:
    shown = "the studies at 127.0.0.1:1/studies cannot be opened"
    with pytest.raises(UserError, match=shown), opened(f"postgresql://{who}@127.0.0.1:1/studies"):
        raise AssertionError("opened")
