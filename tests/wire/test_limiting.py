"""Token buckets: so much at once, so much a second, of a bounded number of names."""

from openprofiles.wire.limiting import TokenBuckets


class _Clock:
    now = 0.0

    def __call__(self):
        return self.now


def test_a_bucket_is_full_at_first_and_refilled_steadily():
    clock = _Clock()
    buckets = TokenBuckets(burst=2, per_second=0.5, clock=clock)

    assert [buckets.take("a") for _ in range(3)] == [True, True, False]
    clock.now = 1.9
    assert not buckets.take("a")
    clock.now = 2.1
    assert [buckets.take("a") for _ in range(2)] == [True, False]
    clock.now = 1000
    assert [buckets.take("a") for _ in range(3)] == [True, True, False]


def test_each_name_has_its_own():
    buckets = TokenBuckets(burst=1, per_second=0)

    assert [buckets.take(name) for name in ("a", "b", "a")] == [True, True, False]


def test_looking_takes_nothing():
    buckets = TokenBuckets(burst=1, per_second=0)

    assert not buckets.is_empty("a")
    buckets.take("a")
    assert buckets.is_empty("a")
    assert not buckets.is_empty("b")


def test_of_too_many_names_the_one_used_longest_ago_is_forgotten():
    buckets = TokenBuckets(burst=1, per_second=0, most_names=2)

    for name in ("a", "b", "a", "c"):
        buckets.take(name)

    assert (buckets.is_empty("a"), buckets.is_empty("b"), buckets.is_empty("c")) == (
        True,
        False,
        True,
    )
