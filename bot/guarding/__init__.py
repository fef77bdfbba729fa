"""What may leave the house: no stranger's link, no question for a secret or for money, no program.

It knows neither office nor channel.  `bot.guarding.guard.Guard` is the one place that everything passes.
"""
