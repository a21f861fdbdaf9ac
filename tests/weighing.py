"""How much of a page travels: itself, and what a browser fetches with it the first time."""

from visiting import Page, Visitor


def weight(visitor: Visitor, page: Page, address: str) -> int:
    """Return the bytes on the wire of a page and of all that it names; all of it is ours."""
    links = [str(link["href"]) for link in page.soup.find_all("link")]
    sources = [str(thing["src"]) for thing in page.soup.find_all(src=True)]
    sprites = [str(use["href"]).partition("#")[0] for use in page.soup.find_all("use")]
    assets = {*links, *sources, *sprites}
    assert all(asset.startswith("/static/") for asset in assets), assets
    return sum(_travelled(visitor, each) for each in (address, *assets))


def _travelled(visitor: Visitor, address: str) -> int:
    with visitor.session.get(
        visitor.address + address, headers={"Accept-Encoding": "gzip"}, stream=True, timeout=30
    ) as answer:
        return len(answer.raw.read(decode_content=False))
