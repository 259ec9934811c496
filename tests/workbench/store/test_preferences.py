from pathlib import Path

from tests.workbench.store.examples import comparison, label, review, store_with_runs
from workbench.records.comparison import PreferenceRule
from workbench.records.preference import preference_of


def test_preferences_follow_the_rule_from_what_is_stored(tmp_path: Path) -> None:
    store = store_with_runs(tmp_path)
    pairs = [comparison(number) for number in range(5)]
    with store.write():
        store.comparisons.add(pairs, run_id="comparisons-1")
        store.labels.add(
            [label(pairs[0], 0.9), label(pairs[1], 0.2), label(pairs[4], 0.4, verdict="degenerate")], run_id="labels-1"
        )
    store.decide([review(pairs[1]), review(pairs[2])])
    rule = PreferenceRule(much_better=0.9)
    found = {each.id: preference for _, each, preference in store.preferences.each(rule)}
    assert set(found) == {"comparison-0", "comparison-1", "comparison-2"}
    assert found["comparison-0"] == preference_of(pairs[0], [label(pairs[0], 0.9)], [], rule)
    assert (found["comparison-1"].probability_a, found["comparison-1"].origin) == (0.9, "review:review-comparison-1-1")
    assert found["comparison-2"].probability_a == 0.9
    store.close()


def test_a_label_of_the_current_version_is_not_averaged_with_older_ones(tmp_path: Path) -> None:
    store = store_with_runs(tmp_path)
    pairs = [comparison(number) for number in range(2)]
    with store.write():
        store.comparisons.add(pairs, run_id="comparisons-1")
        old = [label(pair, 0.1, f"old-{pair.id}", "h0") for pair in pairs]
        store.labels.add([*old, label(pairs[0], 0.9, "new")], run_id="labels-1")
    found = [preference.probability_a for _, _, preference in store.preferences.each(constitution_hash="h1")]
    assert found == [0.9, 0.1]
    store.close()


def test_a_machine_cannot_stand_in_for_a_person(tmp_path: Path) -> None:
    store = store_with_runs(tmp_path)
    pair = comparison(1)
    with store.write():
        store.comparisons.add([pair], run_id="comparisons-1")
    store.decide([review(pair)])
    with store.write():
        store.labels.add([label(pair, 0.0, "late")], run_id="labels-1")
    assert [p.origin for _, _, p in store.preferences.each()] == ["review:review-comparison-1-1"]
    store.close()
