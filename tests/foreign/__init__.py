"""Other people's bots, unmodified, on every channel; the oracle is Telegram without us."""
