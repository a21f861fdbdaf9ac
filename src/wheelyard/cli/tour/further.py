"""The steps after the first installation: duplicates, scopes, deploy tokens, the size limit."""

import os
import shutil
import zipfile
from pathlib import Path

from wheelyard.cli.tour.example import NAME, VERSION, distribution_names, write_example
from wheelyard.cli.tour.guide import write_pypirc
from wheelyard.cli.tour.visitor import Visitor, check, sha256_of

_OTHER_GREETING = "Hello again from MyPyPiPackage"
_DEPLOYED_VERSION = "0.0.2"
_UPLOAD = "python3 -m twine upload --repository gitlab"
_FORBIDDEN = 403
_TOLERATED_GROWTH_BYTES = 1_000_000


def publish_again(visitor: Visitor) -> str:
    """Upload other bytes under the same version; both stay, the newest is installed."""
    old_bytes = visitor.first_wheel.read_bytes()
    wheel = _rebuild(visitor, version=VERSION, greeting=_OTHER_GREETING)
    check(wheel.read_bytes() != old_bytes, "the second wheel is the same as the first.")
    visitor.shell.client("tools", f"{_UPLOAD} dist/*.whl")
    listed = visitor.listed_files()[wheel.name]["hashes"]["sha256"]
    check(listed == sha256_of(wheel), "the index does not list the newest file.")
    _install(visitor, visitor.index_url(visitor.token))
    check(visitor.greet() == _OTHER_GREETING, "pip did not install the newest file.")
    kept = visitor.get(visitor.first_wheel_path)
    check(kept.body == old_bytes, "the first file is gone from its address.")
    return "pip installs the newest file, and the first one is still at its own address"


def use_scopes(visitor: Visitor) -> str:
    """Install with `read_api`; be refused with `read_user`."""
    reader = _token(visitor, "read_api")
    _install(visitor, visitor.index_url(reader))
    other = _token(visitor, "read_user")
    line = f"pip install --force-reinstall --index-url {visitor.index_url(other)} --no-deps {NAME}"
    visitor.shell.client("app", line, is_refused=True)
    answer = visitor.get(f"{visitor.registry_path}/simple/{NAME}/", other)
    visitor.shell.transcript.output(answer.json()["detail"])
    check(answer.status == _FORBIDDEN, f"the answer was {answer.status}, not 403.")
    return "a token with read_api installs, one with read_user is refused"


def use_deploy_token(visitor: Visitor) -> str:
    """Publish and install as a deploy token."""
    created = visitor.shell.wheelyard(
        "deploy-token create newcomer/my-pypi-package --name ci "
        "--scope read_package_registry --scope write_package_registry"
    )
    username, token = created["username"], created["token"]
    _rebuild(visitor, version=_DEPLOYED_VERSION, greeting=_OTHER_GREETING)
    write_pypirc(visitor, username, token)
    visitor.shell.client("tools", f"{_UPLOAD} dist/*")
    check(distribution_names(_DEPLOYED_VERSION)[0] in visitor.listed_files(), "it is not listed.")
    said = _install(visitor, visitor.index_url(token, username))
    check(f"{NAME}-{_DEPLOYED_VERSION}" in said, "pip did not install the new version.")
    return f"{username} published version {_DEPLOYED_VERSION} and installed it"


def publish_too_large(visitor: Visitor) -> str:
    """Try to upload more than the instance takes; nothing of it stays."""
    write_pypirc(visitor)
    limit_bytes = visitor.shell.wheelyard("settings list")["max_file_size_bytes"]
    shutil.rmtree(visitor.shell.folder / "dist")
    wheel = _write_large_wheel(visitor.shell.folder / "dist", limit_bytes + 1)
    before = _stored_bytes(visitor)
    said = visitor.shell.client("tools", f"{_UPLOAD} --verbose dist/*", is_refused=True)
    told = f"files of up to {limit_bytes} bytes" in " ".join(said.split())  # twine wraps lines
    check(told, "the error does not say what is wrong.")
    check(wheel.name not in visitor.listed_files(), "the file is listed.")
    grown = _stored_bytes(visitor) - before
    check(grown < _TOLERATED_GROWTH_BYTES, f"{grown} bytes of it were left behind.")
    size = wheel.stat().st_size
    return f"a file of {size} bytes was refused with a clear sentence, and left nothing behind"


def _rebuild(visitor: Visitor, *, version: str, greeting: str) -> Path:
    """Write and build the package anew, in an empty `dist`; return the wheel."""
    first = visitor.shell.folder.with_name(visitor.first_wheel.name)
    if not first.exists():
        visitor.first_wheel = visitor.first_wheel.rename(first)
    for built in ("dist", "build"):
        shutil.rmtree(visitor.shell.folder / built, ignore_errors=True)
    write_example(visitor.shell.folder, version=version, greeting=greeting)
    visitor.shell.client("tools", "python3 -m build --no-isolation --wheel")
    return visitor.shell.folder / "dist" / distribution_names(version)[0]


def _install(visitor: Visitor, index_url: str) -> str:
    line = f"pip install --force-reinstall --index-url {index_url} --no-deps {NAME}"
    return visitor.shell.client("app", line)


def _token(visitor: Visitor, scope: str) -> str:
    line = f"token create newcomer --name only-{scope} --scope {scope}"
    token: str = visitor.shell.wheelyard(line)["token"]
    return token


def _write_large_wheel(folder: Path, content_bytes: int) -> Path:
    """Write a wheel that nothing is wrong with but its size."""
    folder.mkdir()
    version = "0.0.3"
    dist_info = f"{NAME}-{version}.dist-info"
    path = folder / distribution_names(version)[0]
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(f"{NAME}/data.bin", os.urandom(content_bytes))
        archive.writestr(
            f"{dist_info}/METADATA", f"Metadata-Version: 2.1\nName: {NAME}\nVersion: {version}\n"
        )
        archive.writestr(
            f"{dist_info}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
        )
        archive.writestr(f"{dist_info}/RECORD", "")
    return path


def _stored_bytes(visitor: Visitor) -> int:
    """Return how much the server keeps, uploads in progress included."""
    return sum(path.stat().st_size for path in visitor.shell.data.rglob("*") if path.is_file())
