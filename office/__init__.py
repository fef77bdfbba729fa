"""What the office does, on any channel or none."""
