"""What Pegel tells people and programs by itself: signed webhooks and digests by e-mail. It knows no domain."""
