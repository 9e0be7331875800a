import { availableParallelism } from "node:os"
import { defineConfig } from "vitest/config"

export default defineConfig({
  test: {
    include: ["test/**/*.test.ts"],
    // Real brokers, browsers and child processes share two cores in CI; a test waits for events, never for this.
    // What passing tests print is noise; what a failing one printed is evidence.
    silent: "passed-only",
    // Tests wait more than they compute: three at a time also where there are but two cores.
    maxWorkers: Math.max(3, availableParallelism() - 1),
    testTimeout: 120_000,
    hookTimeout: 120_000
  }
})
