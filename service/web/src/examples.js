// The default tabs: one file a query, in the order of their names.
const files = import.meta.glob("../examples/*.graphql", { eager: true, query: "?raw", import: "default" });

export const examples = Object.keys(files)
  .sort()
  .map((path) => ({ query: files[path] }));
