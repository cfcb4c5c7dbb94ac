"""Ingest while it and everything around it is killed: does the store end as one reader would have left it?"""
