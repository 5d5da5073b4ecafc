import { promisify } from "node:util";
import { brotliCompress, constants, gzip } from "node:zlib";
import react from "@vitejs/plugin-react";
import { defineConfig, type Plugin } from "vite";

const brotli = promisify(brotliCompress);
const zip = promisify(gzip);

/** Writes `.br` and `.gz` beside each file that grows smaller by it, so that the server compresses nothing. */
function compressed(): Plugin {
  return {
    name: "compressed",
    apply: "build",
    generateBundle: {
      // After Vite itself, which still writes into scripts here what is loaded with those that they import later.
      order: "post",
      async handler(_, bundle) {
        const written = Object.values(bundle).filter((file) => /\.(js|css|svg|ttf)$/.test(file.fileName));
        await Promise.all(
          written.map(async (file) => {
            const source = Buffer.from(file.type === "chunk" ? file.code : file.source);
            const fileName = file.fileName;
            const quality = { params: { [constants.BROTLI_PARAM_QUALITY]: 9 } };
            this.emitFile({ type: "asset", fileName: `${fileName}.br`, source: await brotli(source, quality) });
            this.emitFile({ type: "asset", fileName: `${fileName}.gz`, source: await zip(source) });
          }),
        );
      },
    },
  };
}

export default defineConfig({
  plugins: [react(), compressed()],
  build: {
    target: "es2023",
    // Those that know light-dark(): what it would be rewritten to does not follow who chooses light or dark in the page.
    cssTarget: ["chrome123", "edge123", "firefox120", "safari17.5"],
    // Everything is a file: the policy of the pages allows no script and no style that stands in them.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    chunkSizeWarningLimit: 5000,
    rollupOptions: {
      input: { console: "index.html", explorer: "explorer.html" },
      // On a busy machine it would complain of how long things take.
      checks: { pluginTimings: false },
      onwarn(warning, warn) {
        // "use no memo" is for a compiler that GraphiQL has been through already.
        if (warning.code !== "MODULE_LEVEL_DIRECTIVE") warn(warning);
      },
    },
  },
  worker: { format: "es" },
  // What `npm run dev` serves is the console; GraphiQL's editor has to be built.
  optimizeDeps: { entries: ["index.html"] },
  server: { proxy: { "/graphql": { target: "http://127.0.0.1:8000", ws: true } } },
});
