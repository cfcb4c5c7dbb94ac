// Runs the server audits of npm's graphql-http against a URL and prints one object of JSON for each.
// It is run in the folder that has graphql-http in its node_modules.
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

const found = createRequire(join(process.cwd(), 'x.js')).resolve('graphql-http');
const { serverAudits } = await import(pathToFileURL(found.replace(/\.js$/, '.mjs')));

const fetchFn = (url, init) => fetch(url, { ...init, signal: AbortSignal.timeout(10_000) });
for (const audit of serverAudits({ url: process.argv[2], fetchFn })) {
  const { id, name, status, reason } = await audit.fn();
  console.log(JSON.stringify({ id, name, status, reason }));
}
