"""Reading what strangers send: in a process that can do nothing else, before anybody here looks at it.

`reader` stands on our side and hands bytes over; `child` is the other side, and all that it imports runs
there: `opening` and `pdf` make pages of bytes, `quality` says whether a person can read them, `looks` what
they look like.  It knows nothing of civil registration, and our side imports no library that decodes.
"""
