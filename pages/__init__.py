"""Pages on our own address that a chat sends people to, and that end in the chat again."""
