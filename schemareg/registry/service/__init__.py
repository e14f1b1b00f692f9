"""What a registry does, whatever carries the questions."""
