import { readdirSync, readFileSync } from "node:fs"
import { basename, join } from "node:path"
import { describe, expect, test } from "vitest"
import { parts } from "./stage.ts"

const directory = join(import.meta.dirname, "broken")
const files = readdirSync(directory).map((name) => join("test/scenarios/broken", name))

describe("a scenario file that breaks one rule is refused, at the right place:", () => {
  test.each(files.map((file) => [basename(file, ".yaml").replaceAll("-", " "), file] as const))("%s", (_, file) => {
    const [place = "", ...words] = (readFileSync(file, "utf8").split("\n")[0] ?? "").replace("# expect ", "").split(" ")
    expect(() => parts.run(file)).toThrow(`${file}:${place}  error  ${words.join(" ")}`)
  })
})

test("the line is shown with a caret under the fault, and the faults are counted", () => {
  const file = "test/scenarios/broken/unknown-door.yaml"
  expect(() => parts.run(file)).toThrow(
    [
      `${file}:4:21  error  there is no door "rof-hatch" — did you mean "roof-hatch"?`,
      "  3 | steps:",
      "  4 |   - { at: 0s, open: rof-hatch }",
      `    | ${" ".repeat(20)}^^^^^^^^^`,
      "1 error in 1 file"
    ].join("\n")
  )
})

test("a file and a directory that are not there are named", () => {
  expect(() => parts.run("nowhere.yaml")).toThrow(/^nowhere\.yaml: ENOENT/)
  expect(() => parts.files(["nowhere"])).toThrow("nowhere: there is no such file or directory")
  expect(() => parts.files(["simulators/campus"])).toThrow("there is no scenario file (.yaml) in simulators/campus")
})
