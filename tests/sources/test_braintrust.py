"""The project-log export is recognised by its own fields."""

from logreport.sources.braintrust import BRAINTRUST


def test_the_export_is_recognised() -> None:
    assert BRAINTRUST.recognises([{"created": "2024-12-18 16:40:40", "metrics": {}}])


def test_another_log_is_not() -> None:
    assert not BRAINTRUST.recognises([{"timestamp": 27482, "input_length": 6955}])
