"""SMS: a gateway that refuses what gateways refuse, a phone behind it, and their tests."""
