"""Makes the generated sample records: invented, openly marked, the same on every run."""
