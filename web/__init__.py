"""What the registry shows to the web: it knows HTTP, never SPARQL, and asks `registry` for everything else."""
