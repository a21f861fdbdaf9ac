"""The table of pages that lead to projects and packages, for `wheelyard.http.web.routes`."""

from wheelyard.http.web import urls
from wheelyard.http.web.explore import show_explore
from wheelyard.http.web.pages import Handler
from wheelyard.http.web.search import show_search

EXPLORE_PAGES: list[tuple[str, str, Handler]] = [
    ("GET", urls.EXPLORE, show_explore),
    ("GET", urls.SEARCH, show_search),
]
