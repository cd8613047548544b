"""Data quality as a metric: which items have doubtful data, and by how much they move each figure."""

from pegel.quality.facts import ImportFacts, LakeFacts, import_facts, lake_facts
from pegel.quality.report import QualityReport, quality_report

__all__ = ["ImportFacts", "LakeFacts", "QualityReport", "import_facts", "lake_facts", "quality_report"]
