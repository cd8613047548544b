"""Reading the organisation: one call per question, the actor first."""
