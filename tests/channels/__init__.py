"""Each channel against bodies from elsewhere and against its strict fake."""
