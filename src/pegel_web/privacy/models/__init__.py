"""The records of privacy, by subject."""

from pegel_web.privacy.models.access import Access
from pegel_web.privacy.models.record import RecordContacts
from pegel_web.privacy.models.retention import RetentionPeriod
from pegel_web.privacy.models.rules import RuleChange

__all__ = ["Access", "RecordContacts", "RetentionPeriod", "RuleChange"]
