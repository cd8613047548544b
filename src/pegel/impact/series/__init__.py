"""One series without anybody to compare with."""
