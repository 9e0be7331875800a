import react from "@vitejs/plugin-react"
import { defineConfig } from "vite"

/** Builds the console into `dist`, which the gateway serves. Nothing is inlined, so that CSP `'self'` is enough. */
export default defineConfig({
  root: import.meta.dirname,
  plugins: [react()],
  build: { outDir: "dist", emptyOutDir: true, assetsInlineLimit: 0, modulePreload: { polyfill: false } }
})
