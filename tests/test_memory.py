"""Answers that are kept: made once, together where several are missing, the oldest forgotten first."""

from registry.memory import Memory


def test_what_is_missing_is_made_together_and_the_oldest_forgotten() -> None:
    memory: Memory[int, int] = Memory(3)
    made: list[list[int]] = []

    def make(keys: list[int]) -> dict[int, int]:
        made.append(keys)
        return {key: key * key for key in keys}

    assert memory.each([1, 2], make) == [1, 4]
    assert memory.each([2, 3, 1], make) == [4, 9, 1]
    assert memory.each([4], make) == [16]  # takes the place of 2 or 3, not of 1, asked for last
    assert memory.each([1, 4], make) == [1, 16]
    assert made == [[1, 2], [3], [4]]
    assert memory.each([1, 2, 3, 4], make) == [1, 4, 9, 16]  # more than it keeps
    assert len(made) == 4 and len(made[-1]) == 1
