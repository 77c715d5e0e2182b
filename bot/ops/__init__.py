"""Operating it: health, metrics, logging, backup, doctor."""
