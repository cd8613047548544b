"""Settings, environment, addresses and entry points: composition only, no thinking."""
