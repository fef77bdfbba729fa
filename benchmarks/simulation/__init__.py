"""What 514 offices need: a queueing model fed with what was measured on one box."""
