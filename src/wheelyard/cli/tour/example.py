"""The package of GitLab's guide: MyPyPiPackage, as a newcomer types it."""

from pathlib import Path
from typing import Final

NAME: Final = "mypypipackage"
VERSION: Final = "0.0.1"
GREETING: Final = "Hello from MyPyPiPackage"

_GREET: Final = """\
def SayHello():
    print("{greeting}")
"""

_SETUP: Final = """\
import setuptools

setuptools.setup(
    name="{name}",
    version="{version}",
    author="A Newcomer",
    packages=setuptools.find_packages(),
    classifiers=[
        "Programming Language :: Python :: 3",
        "Operating System :: OS Independent",
        "Intended Audience :: Developers",
    ],
    python_requires='>=3.6',
)
"""


def write_example(folder: Path, *, version: str = VERSION, greeting: str = GREETING) -> list[Path]:
    """Write the package's three files into `folder`, over those that are there; return them."""
    contents = {
        folder / NAME / "__init__.py": "",
        folder / NAME / "greet.py": _GREET.format(greeting=greeting),
        folder / "setup.py": _SETUP.format(name=NAME, version=version),
    }
    (folder / NAME).mkdir(parents=True, exist_ok=True)
    for path, content in contents.items():
        path.write_text(content, encoding="utf-8")
    return list(contents)


def distribution_names(version: str = VERSION) -> list[str]:
    """Return what building makes: the sdist's and the wheel's file name, sorted as in a listing."""
    return [f"{NAME}-{version}-py3-none-any.whl", f"{NAME}-{version}.tar.gz"]
