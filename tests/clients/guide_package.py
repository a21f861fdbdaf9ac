"""The package of GitLab's guide, as today's build tools make it and as those of 2024 did.

setuptools writes Metadata-Version 2.4 since 2025, which twine 5 and older refuse to upload: who
has an old twine has an old setuptools too. Its files are made here, byte for byte in our hands,
because no one setuptools serves both.
"""

from dataclasses import dataclass
from pathlib import Path

from clients.environments import client
from clients.sandbox import Sandbox
from distributions import build_sdist, build_wheel
from wheelyard.cli.tour.example import GREETING, NAME, VERSION, write_example

OTHER_GREETING = "Hello again from MyPyPiPackage"
GREET = "from mypypipackage.greet import SayHello; SayHello()"
"""What a newcomer types into Python to see that the installation works."""


@dataclass(frozen=True, slots=True)
class GuidePackage:
    """The distributions of one version, and another wheel of the same version."""

    wheel: Path
    sdist: Path
    other_wheel: Path

    @property
    def files(self) -> list[Path]:
        """What the guide publishes: `dist/*`."""
        return [self.wheel, self.sdist]


def build_guide_package(sandbox: Sandbox) -> GuidePackage:
    """Write the package and build it with the newest build and setuptools."""
    dist, other = sandbox.root / "dist", sandbox.root / "other"
    for folder, greeting in ((dist, GREETING), (other, OTHER_GREETING)):
        write_example(sandbox.root, greeting=greeting)
        python = client("build") / "python3"
        built = sandbox.run(python, "-m", "build", "--no-isolation", "--outdir", folder)
        assert built.is_success, built.output
    wheel, sdist = sorted(dist.iterdir())
    return GuidePackage(wheel, sdist, other / wheel.name)


def make_old_guide_package(sandbox: Sandbox) -> GuidePackage:
    """Make the package's distributions with Metadata-Version 2.1."""
    contents = {}
    for greeting in (GREETING, OTHER_GREETING):
        files = write_example(sandbox.root, greeting=greeting)
        contents[greeting] = {
            str(file.relative_to(sandbox.root)): file.read_bytes() for file in files
        }
    wheels = []
    for greeting, files_by_name in contents.items():
        modules = {name: data for name, data in files_by_name.items() if name != "setup.py"}
        filename, wheel = build_wheel(NAME, VERSION, files=modules, requires_python=">=3.6")
        folder = sandbox.root / greeting.replace(" ", "-")
        folder.mkdir()
        (folder / filename).write_bytes(wheel)
        wheels.append(folder / filename)
    filename, sdist = build_sdist(NAME, VERSION, files=contents[GREETING], requires_python=">=3.6")
    return GuidePackage(wheels[0], sandbox.write(filename, sdist), wheels[1])
