"""The columns, cohorts and statistics: numpy in, numbers out. Knows no GraphQL, no MongoDB, no HTTP."""
