import { join } from "node:path"
import react from "@vitejs/plugin-react"
import { defineConfig, type Plugin } from "vite"

const worker = "service-worker"

/** Lists what the console consists of, for the service worker to keep; itself is not among it. */
const shellList: Plugin = {
  name: "shell-list",
  generateBundle(_options, bundle) {
    const files = Object.keys(bundle).filter((name) => /^assets\/.*\.(?:js|css)$/.test(name))
    const source = JSON.stringify(["/", "/gatehouse.svg", "/manifest.webmanifest", ...files.map((name) => `/${name}`)])
    this.emitFile({ type: "asset", fileName: "shell.json", source })
  }
}

/**
 * Builds the console into `dist`, which the gateway serves. Nothing is inlined, so that CSP `'self'` is enough. The service
 * worker has a name that does not change: its address is its identity.
 */
export default defineConfig({
  root: import.meta.dirname,
  plugins: [react(), shellList],
  build: {
    outDir: "dist",
    emptyOutDir: true,
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    rollupOptions: {
      input: { main: join(import.meta.dirname, "index.html"), [worker]: join(import.meta.dirname, `src/${worker}.ts`) },
      output: { entryFileNames: ({ name }) => (name === worker ? `${worker}.js` : "assets/[name]-[hash].js") }
    }
  }
})
