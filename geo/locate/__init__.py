"""Which area holds a point: the border rule, and later the index in memory."""
