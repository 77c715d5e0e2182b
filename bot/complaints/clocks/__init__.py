"""Working days, the rules of deadlines, and the clocks of cases against them."""
