"""Complaints: the work calendar, clocks against deadlines, and the limits that the law sets workers."""
