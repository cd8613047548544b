"""What ``pegel doctor`` looks at, by subject; each check answers with findings."""
