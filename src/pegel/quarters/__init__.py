"""Between quarters: work that came unplanned, was changed on the way, or was cancelled."""

from pegel.quarters.quarter import Quarter, quarter_named, quarter_of, quarters_between
from pegel.quarters.review import QuarterReview, quarter_review, quarter_reviews

__all__ = [
    "Quarter",
    "QuarterReview",
    "quarter_named",
    "quarter_of",
    "quarter_review",
    "quarter_reviews",
    "quarters_between",
]
