"""The geometry of charts: what is shown is true to the numbers, and stays within the picture."""

from datetime import date, timedelta

import pytest
from bs4 import BeautifulSoup
from hypothesis import given
from hypothesis import strategies as st
from jinja2 import Environment, FileSystemLoader

from wheelyard.http.web.charts import HEIGHT, by_day, ceiling, ranking
from wheelyard.http.web.templates import FOLDER, number, size

FIRST = date(2026, 2, 27)
COUNTS = st.dictionaries(
    st.integers(-3, 40).map(lambda days: FIRST + timedelta(days=days)), st.integers(0, 10**9)
)


@given(COUNTS, st.integers(1, 35))
def test_columns_lie_side_by_side_within_the_picture(counts: dict[date, int], days: int) -> None:
    last = FIRST + timedelta(days=days - 1)
    chart = by_day(counts, FIRST, last)
    assert {column.day: column.value for column in chart.columns} == {
        day: value for day, value in counts.items() if FIRST <= day <= last and value
    }
    assert chart.days == days
    assert chart.total == sum(column.value for column in chart.columns)
    end = 0.0
    for column in chart.columns:
        assert column.x >= end
        end = column.x + column.width
        assert column.y + column.height == pytest.approx(HEIGHT)
        assert 3 <= column.height <= HEIGHT
    assert end <= 100


def test_heights_are_in_proportion() -> None:
    days = [FIRST, FIRST + timedelta(days=1), FIRST + timedelta(days=2)]
    chart = by_day(dict(zip(days, (10, 5, 1), strict=True)), days[0], days[-1])
    assert (chart.top, [column.height for column in chart.columns]) == (10, [140, 70, 14])
    assert chart.peak == chart.columns[0]
    assert [column.day for column in chart.columns] == days, "across the end of February"


@pytest.mark.parametrize(
    ("days", "marks"),
    [(1, [0]), (2, [0, 1]), (3, [0, 1, 2]), (7, [0, 2, 4, 6]), (31, [0, 10, 20, 30])],
)
def test_the_days_that_are_named(days: int, marks: list[int]) -> None:
    chart = by_day({}, FIRST, FIRST + timedelta(days=days - 1))
    assert [(mark - FIRST).days for mark in chart.marks] == marks


def test_nothing_counted_and_no_days() -> None:
    empty = by_day({FIRST: 0}, FIRST, FIRST)
    assert (empty.columns, empty.peak, empty.total, empty.top) == ((), None, 0, 2)
    with pytest.raises(ValueError, match="a chart from"):
        by_day({}, FIRST, FIRST - timedelta(days=1))


@pytest.mark.parametrize(
    ("most", "top"),
    [(0, 2), (1, 2), (3, 4), (5, 6), (7, 8), (11, 12), (13, 16), (17, 20), (110, 120), (999, 1000)],
)
def test_the_top_line(most: int, top: int) -> None:
    assert ceiling(most) == top


@given(st.integers(0, 10**18))
def test_the_top_line_is_even_and_not_far_above(most: int) -> None:
    top = ceiling(most)
    assert top >= most
    assert top % 2 == 0
    assert top <= max(2, 2 * most)


def test_a_ranking() -> None:
    bars = ranking([("1.0", 30, "/one"), ("2.0", 60, None), ("3.0", 0, None)])
    assert [(bar.label, bar.share) for bar in bars] == [("1.0", 50), ("2.0", 100), ("3.0", 0)]
    assert [bar.share for bar in ranking([("a", 0, None)])] == [0]
    assert ranking([]) == ()


def drawn(macro: str, **values: object) -> BeautifulSoup:
    environment = Environment(loader=FileSystemLoader(FOLDER), autoescape=True)
    environment.filters |= {"number": number, "size": size}
    source = '{% from "macros/charts.html" import day_chart, ranking %}{{ ' + macro + " }}"
    return BeautifulSoup(environment.from_string(source).render(values), "html.parser")


def test_a_chart_says_in_words_what_it_shows() -> None:
    chart = by_day({FIRST: 1, FIRST + timedelta(days=2): 1200}, FIRST, FIRST + timedelta(days=9))
    soup = drawn('day_chart(chart, "downloads", "download")', chart=chart)
    picture = soup.find("svg", role="img")
    assert picture is not None
    assert str(picture["aria-label"]).startswith(
        "1,201 downloads in 10 days, most on 2026-03-01: 1,200."
    )
    titles = [title.get_text() for title in soup.find_all("title")]
    assert titles == ["2026-02-27: 1 download", "2026-03-01: 1,200 downloads"]
    cells = [cell.get_text() for cell in soup.find_all("td")]
    assert cells == ["2026-03-01", "1,200", "2026-02-27", "1"], "the newest day first"
    assert "style" not in str(soup)


def test_a_ranking_is_a_list_that_can_be_read() -> None:
    bars = ranking([("<a>", 2_000_000, "/a?b=1&c=2"), ("b", 1000, None)])
    soup = drawn('ranking(bars, "bytes")', bars=bars)
    lines = [" ".join(line.get_text(" ").split()) for line in soup.find_all("li")]
    assert lines == ["<a> 2.0 MB", "b 1.0 kB"]
    link = soup.find("a")
    assert link is not None
    assert link["href"] == "/a?b=1&c=2"
    assert [bar["width"] for bar in soup.find_all("rect", class_="bar")] == ["100.0%", "0.05%"]
