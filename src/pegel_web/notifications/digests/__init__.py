"""Digests by e-mail: what began to call for a look in what a person may see, to those who want to be told."""
