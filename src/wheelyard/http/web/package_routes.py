"""The pages about a project's packages, and the forms on them."""

from wheelyard.http.web.package import show_package
from wheelyard.http.web.package_changes import (
    post_delete,
    post_delete_file,
    post_status,
    post_unyank,
    post_unyank_file,
    post_yank,
    post_yank_file,
)
from wheelyard.http.web.package_comparison import show_comparison
from wheelyard.http.web.package_files import download_file, show_file
from wheelyard.http.web.packages import show_group_packages, show_packages
from wheelyard.http.web.pages import Handler
from wheelyard.http.web.uploads import post_files

_LIST = "/{place:path}/-/packages"
_PACKAGE = _LIST + "/{release_id}"
_FILE = _PACKAGE + "/files/{file_id}"

PACKAGE_PAGES: list[tuple[str, str, Handler]] = [
    ("GET", "/groups/{place:path}/-/packages", show_group_packages),
    ("GET", _LIST, show_packages),
    ("POST", f"{_LIST}/upload", post_files),
    ("GET", f"{_LIST}/compare", show_comparison),
    ("GET", _PACKAGE, show_package),
    ("POST", f"{_PACKAGE}/yank", post_yank),
    ("POST", f"{_PACKAGE}/unyank", post_unyank),
    ("POST", f"{_PACKAGE}/delete", post_delete),
    ("POST", f"{_PACKAGE}/status", post_status),
    ("GET", _FILE, show_file),
    ("GET", f"{_FILE}/download", download_file),
    ("POST", f"{_FILE}/yank", post_yank_file),
    ("POST", f"{_FILE}/unyank", post_unyank_file),
    ("POST", f"{_FILE}/delete", post_delete_file),
]
