"""The public posts follow from what was sent, in whatever pieces it becomes known."""

from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from bot.publishing.deliveries import Kind
from bot.publishing.public_view import SentLine, Stamp
from bot.publishing.rendering import Rendering
from bot.site.public_posts import Collection, Snapshot
from tests.newsroom import NINE

RENDERINGS = {
    f"r{post}{version}": Rendering(
        channel="site",
        parts={"slug": f"post-{post}", "title": f"{post} {version}", "tags": f"all\n{post}", "citations": "[]"},
        cover=f"{post}{version}" * 16,
    )
    for post in "abc"
    for version in "12"
}


@st.composite
def sent(draw: st.DrawFn) -> list[SentLine]:
    chosen = draw(st.lists(st.tuples(st.sampled_from("abc"), st.sampled_from("12"), st.sampled_from(Kind)), max_size=9))
    return [
        SentLine(
            delivery=f"d{number}",
            post=post,
            kind=kind,
            rendering=f"r{post}{version}",
            at=NINE + timedelta(minutes=number),
        )
        for number, (post, version, kind) in enumerate(chosen)
    ]


def collected(*pieces: list[SentLine]) -> Snapshot:
    collection = Collection()
    for lines in pieces:
        collection.tell(collection.unknown(lines), RENDERINGS)
        collection.add(lines)
    return collection.snapshot(Stamp(collection.number))


@given(lines=sent(), data=st.data())
def test_it_is_the_same_whatever_becomes_known_first_and_however_often(
    lines: list[SentLine], data: st.DataObject
) -> None:
    mixed = data.draw(st.permutations(lines))
    cut = data.draw(st.integers(0, len(lines)))
    at_once = collected(lines)
    assert collected(mixed[:cut], mixed[cut:], lines[:cut]) == at_once
    assert set(at_once.newest) <= set(at_once.cards.values())
    assert {card.slug for card in at_once.newest} == {slug for slug, card in at_once.cards.items() if not card.is_gone}
    assert at_once.pictures == {card.cover for card in at_once.newest}
    assert {card for cards in at_once.tags.values() for card in cards} == set(at_once.newest)


def test_a_rendering_that_is_missing_or_no_page_hides_only_its_post() -> None:
    lines = [
        SentLine(delivery="d1", post="a", kind=Kind.PUBLISH, rendering="ra1", at=NINE),
        SentLine(delivery="d2", post="x", kind=Kind.PUBLISH, rendering="lost", at=NINE),
    ]
    assert list(collected(lines).cards) == ["post-a"]
