"""How long figures take over very many reports, and whether they hold up anything else."""
