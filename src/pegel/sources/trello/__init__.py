"""Trello: the JSON export of a board, and answers of its REST API."""

from typing import Final

from pegel.sources.formats import Format
from pegel.sources.trello.board import open_board, recognise

FORMAT: Final = Format(name="trello.board", recognise=recognise, open=open_board)
