"""Laws as facts: the register, citations and how they are checked, statute texts that an operator has loaded."""
