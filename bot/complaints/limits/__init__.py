"""The limitation guard: the last days that the law leaves a worker, from what was said."""
