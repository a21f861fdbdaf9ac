# noqa: INP001  a script, run by its path
"""Fetch what the pages need of others, from the npm registry, and put it into the source tree.

Run by hand, and its results are committed: nothing is built or fetched when the server runs, or
is installed. `python scripts/vendor_static.py` writes

- `src/wheelyard/static/vendor/`: htmx, and the icons of `ICONS` as one file of symbols,
- `tests/browser/vendor/`: axe-core, for the tests,

each beside its licence. Another icon: add its name from tabler.io/icons here, and run it again.
"""

import re
import shutil
import subprocess
import tarfile
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
STATIC = ROOT / "src/wheelyard/static/vendor"
BROWSER = ROOT / "tests/browser/vendor"

HTMX, TABLER_ICONS, AXE = "htmx.org@2.0.11", "@tabler/icons@3.51.0", "axe-core@4.14.1"

ICONS = """
activity adjustments alert-circle alert-triangle apps archive arrow-left arrow-right
arrow-back-up arrows-sort ban bell bolt book building calendar chart-bar chart-line check
chevron-down chevron-left chevron-right chevron-up circle-check circle-x clock clipboard-text
cloud-upload code compass copy database device-desktop device-laptop dots dots-vertical download
external-link eye eye-off file file-text file-zip filter flag folder folders git-compare hash
help-circle history home id info-circle key license link list list-details lock lock-open login
logout mail menu-2 moon package packages pencil plus refresh rocket search server settings shield
shield-check shield-lock sitemap sort-ascending sort-descending star sun tag tags terminal-2
transfer trash upload user user-check user-off user-plus users users-group versions world x
""".split()  # noqa: SIM905  it reads best so


def main() -> None:
    """Fetch and write everything."""
    for folder in (STATIC, BROWSER):
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
    with tempfile.TemporaryDirectory() as work:
        htmx = fetch(HTMX, Path(work) / "htmx")
        shutil.copy(htmx / "dist/htmx.min.js", STATIC / "htmx.min.js")
        shutil.copy(htmx / "LICENSE", STATIC / "htmx.LICENSE")
        icons = fetch(TABLER_ICONS, Path(work) / "icons")
        (STATIC / "icons.svg").write_text(sprite(icons / "icons/outline"))
        shutil.copy(icons / "LICENSE", STATIC / "icons.LICENSE")
        axe = fetch(AXE, Path(work) / "axe")
        shutil.copy(axe / "axe.min.js", BROWSER / "axe.min.js")
        shutil.copy(axe / "LICENSE", BROWSER / "axe.LICENSE")
        shutil.copy(axe / "LICENSE-3RD-PARTY.txt", BROWSER / "axe.LICENSE-3RD-PARTY.txt")


def fetch(package: str, folder: Path) -> Path:
    """Download a package into `folder` and return where its files are."""
    folder.mkdir()
    subprocess.run(  # noqa: S603  the names stand above
        ["npm", "pack", "--silent", "--pack-destination", folder, package],  # noqa: S607  npm
        check=True,
        stdout=subprocess.DEVNULL,
    )
    with tarfile.open(next(folder.glob("*.tgz"))) as archive:
        archive.extractall(folder, filter="data")
    return folder / "package"


def sprite(folder: Path) -> str:
    """Return one SVG with a symbol for each icon; size and stroke are left to the stylesheet."""
    symbols = [symbol(name, (folder / f"{name}.svg").read_text()) for name in sorted(ICONS)]
    return '<svg xmlns="http://www.w3.org/2000/svg">\n' + "".join(symbols) + "</svg>\n"


def symbol(name: str, svg: str) -> str:
    """Make a symbol of an icon's file."""
    inner = re.sub(
        r'<!--.*?-->|<svg\b.*?>|</svg>|<path stroke="none" d="M0 0h24v24H0z"[^>]*/>',
        "",
        svg,
        flags=re.DOTALL,
    )
    inner = re.sub(r"\s*\n\s*", "", inner).replace(" />", "/>")
    return f'<symbol id="{name}" viewBox="0 0 24 24">{inner}</symbol>\n'


if __name__ == "__main__":
    main()
