"""What a worker does: register, follow by receipt, prove."""
