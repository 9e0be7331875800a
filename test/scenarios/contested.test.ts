import { basename } from "node:path"
import { describe, expect, test } from "vitest"
import { parts, runFile } from "./stage.ts"

/**
 * What the gateway should do and does not yet. Each of these files fails today; one that passes belongs to
 * config/scenarios.
 */
describe("a contested scenario still comes out wrong:", () => {
  const files = parts.files(["test/scenarios/contested"])
  test.fails.each(files.map((file) => [basename(file, ".yaml"), file] as const))("%s", async (_, file) => {
    expect((await runFile(file)).problems).toEqual([])
  })
})
