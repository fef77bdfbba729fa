"""The same three-message conversation as each of them would write it."""
