"""Whether many who follow cohorts hear of every report in time."""
