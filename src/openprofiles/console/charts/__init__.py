"""Pictures of numbers: what a chart shows is computed here, `templates/parts/charts.html` draws it
as SVG, and `static/charts.css` says how it looks.

A chart is as wide as there is room, and its text has one size on all screens: what lies beside each
other is placed by percent, what lies above each other by pixels.
"""

from openprofiles.console.charts.bars import bars, histogram, stacked
from openprofiles.console.charts.chart import Chart, Series
from openprofiles.console.charts.lines import lines
from openprofiles.console.charts.scale import Scale, compact, percent, rounded

__all__ = [
    "Chart",
    "Scale",
    "Series",
    "bars",
    "compact",
    "histogram",
    "lines",
    "percent",
    "rounded",
    "stacked",
]
