"""Each row is learnt from once, however many rows and processes there are; what fills a micro-batch counts nought."""

from accelerate.data_loader import BatchSamplerShard
from hypothesis import given
from hypothesis import strategies as st
from torch.utils.data import BatchSampler, SequentialSampler

from workbench.stages.training.ranks import ALONE, Ranks

_NOUGHT = -1


def shares(count: int, size: int, micro: int) -> list[list[list[int]]]:
    """Return the rows of every micro-batch of each process, as accelerate deals them out."""
    dealt = []
    for rank in range(size):
        rows = Ranks(rank, size).filled(list(range(count)), micro, lambda _: _NOUGHT)
        batches = BatchSampler(SequentialSampler(rows), micro // size, drop_last=False)
        dealt.append([[rows[at] for at in batch] for batch in BatchSamplerShard(batches, size, rank)])
    return dealt


@given(count=st.integers(1, 70), size=st.integers(2, 6), each=st.integers(1, 4))
def test_each_row_is_read_once_in_the_micro_batch_of_one_process(count: int, size: int, each: int) -> None:
    micro = size * each
    dealt = shares(count, size, micro)
    assert len({len(mine) for mine in dealt}) == 1, "every process takes part in every step"
    whole = [list(range(start, min(count, start + micro))) for start in range(0, count, micro)]
    assert [[row for share in turn for row in share if row != _NOUGHT] for turn in zip(*dealt, strict=True)] == whole
    assert all(set(share) != {_NOUGHT} for share in dealt[0]), "the first, which tells, has something to tell"


def test_one_process_reads_the_rows_as_they_are() -> None:
    assert ALONE.filled([1, 2, 3], 2, lambda _: _NOUGHT) == [1, 2, 3]
