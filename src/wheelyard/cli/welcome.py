"""What `wheelyard serve` prints: the address, the password, and the lines to use it with."""

from pathlib import Path

from wheelyard import __version__

PASSWORD_FILE = "initial_root_password"  # noqa: S105  the name of a file


def welcome(address: str, data: Path, root_password: str | None) -> str:
    """Return the text; `root_password` only at the first start.

    The password's file is on the node that was the first of all, and may be removed.
    """
    file = data / PASSWORD_FILE
    sign_in = f"The password of root is in {file}\n" if file.exists() else ""
    if root_password is not None:
        sign_in += f"and is shown here this once: {root_password}\n"
    host = address.partition("://")[2]
    scheme = address.partition("://")[0]
    project = f"{address}/api/v4/projects/1/packages/pypi"
    return f"""\
Wheelyard {__version__} is serving at {address}
{sign_in}
To begin, make a project (its id is printed; 1 for the first) and a token:
  wheelyard project create root/my-project --data '{data}'
  wheelyard token create root --name laptop --scope api --data '{data}'

~/.pypirc, for `twine upload --repository gitlab dist/*`:
  [distutils]
  index-servers = gitlab

  [gitlab]
  repository = {project}
  username = __token__
  password = <token>

Install:
  pip install --no-deps <package> --index-url \
{scheme}://__token__:<token>@{host}/api/v4/projects/1/packages/pypi/simple
"""
