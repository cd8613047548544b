"""What pages show. Every component is a frozen dataclass; ``{% show it %}`` draws it.

Values (numbers, dates, amounts, shares) are given raw and written in the language of the page.
"""

from pegel_web.ui.component import Component
from pegel_web.ui.components.chart import Chart, ChartAddress
from pegel_web.ui.components.export import exported
from pegel_web.ui.components.figures import Figure, FigureRow
from pegel_web.ui.components.forms import FormCard
from pegel_web.ui.components.headings import Action, Breadcrumbs, Contents, PageHeader, Tab, Tabs
from pegel_web.ui.components.notices import Badge, EmptyState, Notice, Tone
from pegel_web.ui.components.progress import Progress
from pegel_web.ui.components.table import Column, Table, table_of
from pegel_web.ui.components.terms import Definition, Facts
from pegel_web.ui.values import Kind, Missing

__all__ = [
    "Action",
    "Badge",
    "Breadcrumbs",
    "Chart",
    "ChartAddress",
    "Column",
    "Component",
    "Contents",
    "Definition",
    "EmptyState",
    "Facts",
    "Figure",
    "FigureRow",
    "FormCard",
    "Kind",
    "Missing",
    "Notice",
    "PageHeader",
    "Progress",
    "Tab",
    "Table",
    "Tabs",
    "Tone",
    "exported",
    "table_of",
]
