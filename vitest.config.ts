import { availableParallelism, tmpdir } from "node:os"
import { join } from "node:path"
import { defineConfig } from "vitest/config"

// Every process and thread of the tests loads the same packages: they are compiled once, where gatehouse has its own.
process.env["NODE_COMPILE_CACHE"] ??= join(tmpdir(), "node-compile-cache")

/** Tests that set nothing of their process, and leave nothing behind in it. */
const pure = [
  "{alerts,correlation,domain,scenarios}/**/*",
  "adapters/profile/*",
  "adapters/onvif/{digest,normalize,notification,onvif-time,profiles,repeated-state,soap,topic,xml}",
  "adapters/mqtt/{discover-recognise,normalize,profiles}"
].map((tests) => `test/${tests}.test.ts`)

export default defineConfig({
  test: {
    projects: [
      // They share their modules, loaded and warm: that is more than half of what they would compute otherwise.
      { extends: true, test: { name: "pure", include: pure, isolate: false } },
      { extends: true, test: { name: "whole", include: ["test/**/*.test.ts"], exclude: pure } }
    ],
    // Real brokers, browsers and child processes share two cores in CI; a test waits for events, never for this.
    // What passing tests print is noise; what a failing one printed is evidence.
    silent: "passed-only",
    // Tests wait more than they compute: three at a time also where there are but two cores.
    maxWorkers: Math.max(3, availableParallelism() - 1),
    testTimeout: 120_000,
    hookTimeout: 120_000
  }
})
