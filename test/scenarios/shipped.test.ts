import { basename } from "node:path"
import { describe, expect, test } from "vitest"
import { parts, runFile } from "./stage.ts"

const files = parts.files(["config/scenarios"])

describe("a shipped scenario comes out as it says:", () => {
  test.each(files.map((file) => [basename(file, ".yaml"), file] as const))("%s", async (_, file) => {
    const { problems } = await runFile(file)
    expect(problems, problems.join("\n")).toEqual([])
  })
})

test("the same file gives the same result, to the byte", async () => {
  const once = await Promise.all(files.map(runFile))
  const again = await Promise.all(files.map(runFile))
  expect(JSON.stringify(again)).toBe(JSON.stringify(once))
})

test("the shipped names are told apart", async () => {
  const outcomes = await Promise.all(files.map(runFile))
  expect(new Set(outcomes.map(({ name }) => name)).size).toBe(files.length)
})
