"""Words of places: how people write addresses, how they sound, and which of many places is meant."""
