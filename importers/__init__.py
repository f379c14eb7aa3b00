"""Files of planners in and out: boundary files, ledgers, and the invented sample city."""
