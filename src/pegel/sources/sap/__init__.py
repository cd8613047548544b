"""SAP: change documents (``CDHDR`` joined with ``CDPOS``) and the history of statuses (``JCDS``), as lists exported.

Any list display (SE16N, SQVI, a query) saved as CSV or workbook will do, with technical, English or German titles.
The tables are described in SAP's data dictionary: CDHDR and CDPOS (change document header and items), JCDS (change
documents for system and user statuses).
"""

from __future__ import annotations

from typing import Final

from pegel.sources.formats import Format
from pegel.sources.sap.columns import recognise_changes, recognise_statuses
from pegel.sources.sap.source import open_changes, open_statuses

FORMATS: Final = (
    Format(name="sap.changes", recognise=recognise_changes, open=open_changes),
    Format(name="sap.statuses", recognise=recognise_statuses, open=open_statuses),
)
