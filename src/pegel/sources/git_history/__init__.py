"""Git: the plain history of a repository, written by ``git log --pretty=format:…`` or exported as a table.

The placeholders are specified in the documentation of git, "pretty-formats". The log that Pegel asks for::

    git log --all --date-order --pretty=format:'%H%x09%P%x09%aI%x09%cI%x09%an <%ae>%x09%D%x09%s'

``%D`` (tags) may be missing; NUL (``%x00``) may stand between the fields; with ``git log -z`` the last field may be the
whole message (``%B``), which GitLab's merge requests are named in.
"""

from __future__ import annotations

from typing import Final

from pegel.sources.formats import Format
from pegel.sources.git_history.commit_table import open_table_of_commits, recognise_table
from pegel.sources.git_history.log_text import open_log, recognise_log

FORMATS: Final = (
    Format(name="git.log", recognise=recognise_log, open=open_log),
    Format(name="git.commits", recognise=recognise_table, open=open_table_of_commits),
)
