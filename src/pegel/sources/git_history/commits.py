"""One commit, and what its message and its references say: the request that it merged, the tags that it carries."""

from __future__ import annotations

import re
from dataclasses import dataclass
from hashlib import blake2b
from typing import Final, Literal, NamedTuple

HASH: Final = re.compile(r"[0-9a-f]{7,64}")
#: A name for tags and requests that nobody would type by hand is none.
_LONGEST_TAG: Final = 200
_REQUESTS: Final = (
    ("#", re.compile(r"Merge pull request #([0-9]{1,15}) from ")),  # GitHub, Bitbucket Server
    ("#", re.compile(r"Merged in .{1,500} \(pull request #([0-9]{1,15})\)")),  # Bitbucket Cloud
    ("#", re.compile(r"Merged PR ([0-9]{1,15}):")),  # Azure DevOps
)
#: GitLab names the request below the subject.
_GITLAB: Final = re.compile(r"^See merge request (?:[\w./-]{1,300})?!([0-9]{1,15})\s*$", re.MULTILINE)
#: Written at the end of the subject when a request is squashed into one commit (GitHub, Gitea; GitLab by template).
_NUMBERED: Final = re.compile(r"\(([#!])([0-9]{1,15})\)$")
_TAG: Final = re.compile(r"tag: (?:refs/tags/)?([^,)]+)")


class Request(NamedTuple):
    """A pull or merge request ("#12", "!34") that a commit names.

    ``naming``: merged: the message says that it was merged; numbered: a number stands behind the subject, which may be
    a request squashed into this commit or a mere reference; listed: only the export's own column says it.
    """

    name: str
    naming: Literal["merged", "numbered", "listed"]


@dataclass(slots=True)
class Commit:
    """A commit as the log says it.

    Parameters
    ----------
    row: number of its row in the source. ``parents``: hashes, the merged-into branch first.
    request: pull or merge request that it names. ``subject``: digest of its subject, which equal ones share.
    tags: release tags that stand at it. ``released_us``: when it was released, where the source says that itself.
    """

    row: int
    hash: str
    parents: tuple[str, ...]
    authored_us: int
    committed_us: int
    actor: str | None = None
    request: Request | None = None
    subject: bytes = b""
    tags: tuple[str, ...] = ()
    released_us: int | None = None
    title: str | None = None
    attributes: str | None = None

    @property
    def is_merge(self) -> bool:
        """Tell whether it joins branches."""
        return len(self.parents) > 1


def hash_of(text: str) -> str | None:
    """Read the hash of a commit, also an abbreviated one.

    >>> hash_of(" 8666A17 "), hash_of("none")
    ('8666a17', None)
    """
    found = text.strip().lower()
    return found if HASH.fullmatch(found) else None


def parents_of(text: str) -> tuple[str, ...] | None:
    """Read the hashes of the parents; None: they cannot be read.

    >>> parents_of("8666a17 54747a5"), parents_of(""), parents_of("who knows")
    (('8666a17', '54747a5'), (), None)
    """
    found = [hash_of(part) for part in re.split(r"[\s,;]+", text.strip()) if part]
    known = [one for one in found if one is not None]
    return tuple(dict.fromkeys(known)) if len(known) == len(found) else None


def request_of(message: str) -> Request | None:
    r"""Pull or merge request that a message names.

    >>> request_of("Merge pull request #12 from me/branch"), request_of("Fix #5")
    (Request(name='#12', naming='merged'), None)
    >>> request_of("Merge branch 'x' into 'main'\n\nSee merge request group/it!56")
    Request(name='!56', naming='merged')
    >>> request_of("Fix the door (#34)")
    Request(name='#34', naming='numbered')
    """
    subject, _, body = message.partition("\n")
    subject = subject.strip()
    for sign, pattern in _REQUESTS:
        found = pattern.match(subject)
        if found:
            return Request(sign + found.group(1), "merged")
    named = _GITLAB.search(body) if body else None
    if named:
        return Request(f"!{named.group(1)}", "merged")
    numbered = _NUMBERED.search(subject)
    return Request(numbered.group(1) + numbered.group(2), "numbered") if numbered else None


def digest_of(message: str) -> bytes:
    """Digest of the subject of a message, 8 bytes."""
    subject = message.partition("\n")[0].strip()
    return blake2b(subject.encode("utf-8", "surrogatepass"), digest_size=8).digest()


def tags_of(decorations: str) -> tuple[str, ...]:
    """Tags among the references of a commit (``%D``).

    >>> tags_of("HEAD -> main, tag: v1.2, origin/main, tag: latest")
    ('v1.2', 'latest')
    """
    return tuple(tag.strip()[:_LONGEST_TAG] for tag in _TAG.findall(decorations))
