import { readFileSync, writeFileSync } from "node:fs"
import { join, resolve } from "node:path"
import { expect, test } from "vitest"
import { checkSettings } from "../../gateway/settings/load-settings.ts"
import { temporaryDirectory } from "../road/peers.ts"
import { installed } from "../settings/installed.ts"

test("a door without a contact may say how long its lock has to prove a command", () => {
  const directory = temporaryDirectory("proof-time")
  const file = join(directory.path, "campus.yaml")
  const written = readFileSync(resolve(import.meta.dirname, "../settings/broken/times-without-position.yaml"), "utf8")
  writeFileSync(file, written.replace(/times: \{.*\}/, "times: { commandProofSeconds: 5 }"))
  const { settings, problems } = checkSettings([file], installed)
  directory.dispose()
  expect(problems).toEqual([])
  expect(settings?.campus.doors[0]?.times).toEqual({ commandProofSeconds: 5 })
})
