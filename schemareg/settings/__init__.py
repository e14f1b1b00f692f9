"""Settings: rows that name type, default, flag and environment variable, and one reader of them."""
