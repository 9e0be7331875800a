import { availableParallelism, tmpdir } from "node:os"
import { join } from "node:path"
import { defineConfig } from "vitest/config"
import { BaseSequencer, type TestSpecification } from "vitest/node"

// Every process and thread of the tests loads the same packages: they are compiled once, where gatehouse has its own.
process.env["NODE_COMPILE_CACHE"] ??= join(tmpdir(), "node-compile-cache")

/** Tests whose process is part of what they show, its memory or its children; and those of node-opcua, which keeps much in its process. */
const apart = [
  "e2e/demo",
  "{road,simulation,watchdog}/**/*",
  "adapters/mqtt/{embedded,fuzz,hostile,hostile-embedded,normalize-fuzz,samples}",
  "adapters/onvif/samples",
  "adapters/opcua/*",
  "simulators/opcua"
].map((tests) => `test/${tests}.test.ts`)

/** What takes minutes by itself goes first, so that no worker is left alone with it at the end. */
class LongFirst extends BaseSequencer {
  override async sort(files: Array<TestSpecification>): Promise<Array<TestSpecification>> {
    const rank = ({ project, moduleId }: TestSpecification): number =>
      project.name === "apart" ? 0 : /\/test\/(e2e|cli|commands|notify|scenarios)\//.test(moduleId) ? 1 : 2
    const sorted = await super.sort(files)
    return sorted.sort((one, other) => rank(one) - rank(other))
  }
}

export default defineConfig({
  test: {
    projects: [
      // They share their modules, loaded and warm: that is more than half of what they would compute otherwise.
      { extends: true, test: { name: "shared", include: ["test/**/*.test.ts"], exclude: apart, isolate: false } },
      { extends: true, test: { name: "apart", include: apart } }
    ],
    sequence: { sequencer: LongFirst },
    // What passing tests print is noise; what a failing one printed is evidence.
    silent: "passed-only",
    // Tests wait more than they compute: three at a time also where there are but two cores.
    maxWorkers: Math.max(3, availableParallelism() - 1),
    // Real brokers, browsers and child processes share two cores in CI; a test waits for events, never for this.
    testTimeout: 120_000,
    hookTimeout: 120_000,
    expect: { poll: { timeout: 60_000 } }
  }
})
