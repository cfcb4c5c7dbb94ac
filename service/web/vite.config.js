import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { gzip } from "node:zlib";
import { defineConfig } from "vite";

const compress = promisify(gzip);

// Compressed once here, not for every reader: explorer.py serves x.js.gz where a browser asks for x.js.
const gzipped = {
  name: "gzipped",
  async writeBundle({ dir }, bundle) {
    const assets = Object.keys(bundle).filter((name) => name.startsWith("graphql-assets/"));
    await Promise.all(
      assets.map(async (name) => {
        const file = join(dir, name);
        await writeFile(`${file}.gz`, await compress(await readFile(file), { level: 9 }));
      }),
    );
  },
};

export default defineConfig({
  // Relative, so that the page at /graphql finds /graphql-assets/ beside it, under whatever prefix.
  base: "./",
  build: {
    assetsDir: "graphql-assets",
    chunkSizeWarningLimit: 3000, // kB; Monaco is one piece
    license: true, // what the bundled packages' licences ask to be kept beside them
    modulePreload: { polyfill: false },
    rolldownOptions: {
      // "use client" in libraries is for servers that render React: nothing to tell anybody here.
      onLog: (level, log, pass) => log.code === "MODULE_LEVEL_DIRECTIVE" || pass(level, log),
    },
    target: "es2022",
  },
  plugins: [gzipped],
});
