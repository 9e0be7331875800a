import { defineConfig } from "vitest/config"

export default defineConfig({
  test: {
    include: ["test/**/*.test.ts"],
    // Real brokers, browsers and child processes share two cores in CI; a test waits for events, never for this.
    // What passing tests print is noise; what a failing one printed is evidence.
    silent: "passed-only",
    testTimeout: 30_000,
    hookTimeout: 60_000
  }
})
