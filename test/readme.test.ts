import { existsSync, mkdtempSync, readFileSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { dirname, join, resolve } from "node:path"
import { describe, expect, it } from "vitest"
import { installed } from "../gateway/installed.ts"
import { checkSettings } from "../gateway/settings/load-settings.ts"
import { readProfile } from "../adapters/mqtt/profiles.ts"

const root = resolve(import.meta.dirname, "..")
const pages = ["README.md", "adapters/mqtt/README.md", "adapters/onvif/README.md", "config/scenarios/README.md"]
const textOf = (page: string): string => readFileSync(join(root, page), "utf8")
const yamlOf = (page: string): ReadonlyArray<string> =>
  [...textOf(page).matchAll(/```yaml\n([\s\S]*?)```/g)].map((match) => match[1] ?? "")

describe("what the documents say", () => {
  it("the README's configuration is accepted as it stands", () => {
    const file = join(mkdtempSync(join(tmpdir(), "gatehouse-readme-")), "gatehouse.yaml")
    writeFileSync(file, yamlOf("README.md")[0] ?? "")
    expect(checkSettings([file], installed).problems).toEqual([])
  })

  it("the MQTT adapter's page shows a profile that compiles", () => {
    const profile = yamlOf("adapters/mqtt/README.md").find((text) => text.startsWith("description:"))
    expect(readProfile("barrier.yaml", profile ?? "").problems).toEqual([])
  })

  it.each(pages)("%s links to nothing that is not there", (page) => {
    const links = [...textOf(page).matchAll(/\]\(([^)#:]+)\)/g)].map((match) => match[1] ?? "")
    expect(links.filter((link) => !existsSync(join(root, dirname(page), link)))).toEqual([])
  })
})
