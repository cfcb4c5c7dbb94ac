"""Free text in, agreed words out, with how sure we are: one module a subject, each with its CSV in schema/terms."""
