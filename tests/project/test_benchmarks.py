"""What is measured is there: nothing runs the benchmarks but who wants their figures."""

import pytest
from benchmarks import bench_hot_functions


@pytest.mark.parametrize("name", bench_hot_functions.CASES)
def test_hot_functions_have_results(name: str) -> None:
    assert bench_hot_functions.CASES[name]()
