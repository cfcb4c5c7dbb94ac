"""What a browser is served: GraphiQL, built from npm packages into dist/, nothing from a CDN."""
