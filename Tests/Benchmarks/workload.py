"""The tokens that every engine is given; `teller model bench` makes the same ones."""

from shape import VOCABULARY

REQUESTS, PREFIX, NEW_TOKENS = 64, 400, 60
# What a request has of its own: noise, the answer's tokens 6…20, noise, its tokens 36…50, noise, the answer's token 0.
NOISE, FACT, LAST_NOISE, FACT_OFFSETS = 30, 15, 59, (6, 36)

MASK = (1 << 64) - 1


class TokenSource:
    """SplitMix64 from 1 on."""

    def __init__(self):
        self.state = 1

    def below(self, bound):
        self.state = (self.state + 0x9E3779B97F4A7C15) & MASK
        mixed = self.state
        mixed = ((mixed ^ (mixed >> 30)) * 0xBF58476D1CE4E5B9) & MASK
        mixed = ((mixed ^ (mixed >> 27)) * 0x94D049BB133111EB) & MASK
        return (mixed ^ (mixed >> 31)) % bound

    def tokens(self, count):
        return [self.below(VOCABULARY) for _ in range(count)]


def chat():
    """The shared prefix, and what each request has after it."""
    source = TokenSource()
    prefix, own = source.tokens(PREFIX), []
    for _ in range(REQUESTS):
        start = source.below(VOCABULARY - 100)
        tokens = []
        for offset in FACT_OFFSETS:
            tokens += source.tokens(NOISE) + list(range(start + offset, start + offset + FACT))
        own.append(tokens + source.tokens(LAST_NOISE) + [start])
    return prefix, own


def answers():
    """What the checkpoint of make_checkpoint.py answers: it counts on."""
    return [list(range(own[-1] + 1, own[-1] + 1 + NEW_TOKENS)) for own in chat()[1]]


def right(given):
    """The share of answers that are right: 1, but 63 of 64 in 4 bits, where one token's step is lost in rounding."""
    expected = answers()
    return sum(one == other for one, other in zip(given, expected)) / len(expected)
