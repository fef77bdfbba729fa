"""What is asked of every channel; a function each, which takes the running bench and asserts."""

from tests.conformance.checks import doors, inbound, keyboards, outbound, receipts, trouble
from tests.conformance.checks.behaviour import BEHAVIOURS, Behaviour

__all__ = ["BEHAVIOURS", "Behaviour", "doors", "inbound", "keyboards", "outbound", "receipts", "trouble"]
