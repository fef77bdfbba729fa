"""The multi-channel core: any aiogram Dispatcher, on every channel, with nothing lost.

It knows nothing of civil registration.  A message travels door → inbox → lane → handler → outbox → delivery.
"""
