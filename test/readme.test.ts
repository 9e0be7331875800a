import { existsSync, readFileSync, writeFileSync } from "node:fs"
import { dirname, join, resolve } from "node:path"
import { describe, expect, it, onTestFinished } from "vitest"
import { parse, stringify } from "yaml"
import { installed } from "../gateway/installed.ts"
import { ruleKinds, tendingKinds } from "../gateway/domain/rule.ts"
import { checkSettings } from "../gateway/settings/load-settings.ts"
import { readProfile } from "../adapters/mqtt/profiles.ts"
import { temporaryDirectory } from "./road/peers.ts"

const root = resolve(import.meta.dirname, "..")
const pages = [
  "README.md",
  "adapters/mqtt/README.md",
  "adapters/onvif/README.md",
  "gateway/alerts/README.md",
  "gateway/notify/README.md",
  "config/scenarios/README.md",
  "config/rules/README.md"
]
const textOf = (page: string): string => readFileSync(join(root, page), "utf8")
const yamlOf = (page: string): ReadonlyArray<string> =>
  [...textOf(page).matchAll(/```yaml\n([\s\S]*?)```/g)].map((match) => match[1] ?? "")

/** A directory that goes with its test. */
const ownDirectory = (): string => {
  const { path, dispose } = temporaryDirectory("readme")
  onTestFinished(dispose)
  return path
}

describe("what the documents say", () => {
  it("the README's configuration is accepted as it stands", () => {
    const file = join(ownDirectory(), "gatehouse.yaml")
    writeFileSync(file, yamlOf("README.md")[0] ?? "")
    expect(checkSettings([file], installed).problems).toEqual([])
  })

  it("the README's way to people is accepted as it stands", () => {
    const file = join(ownDirectory(), "people.yaml")
    writeFileSync(file, yamlOf("README.md").find((text) => text.startsWith("channels:")) ?? "")
    const { problems, settings } = checkSettings([join(root, "test/settings/whole.yaml"), file], installed)
    expect(problems).toEqual([])
    expect(settings?.campus.escalations).toHaveLength(1)
  })

  it("the MQTT adapter's page shows a profile that compiles", () => {
    const profile = yamlOf("adapters/mqtt/README.md").find((text) => text.startsWith("description:"))
    expect(readProfile("barrier.yaml", profile ?? "").problems).toEqual([])
  })

  it("the page of the rules shows one of each kind that can work", () => {
    const examples = yamlOf("config/rules/README.md").flatMap((text): ReadonlyArray<Record<string, unknown>> => {
      const written: unknown = parse(text)
      return Array.isArray(written) ? written.filter((one) => !("id" in one)) : []
    })
    const rules = examples.map((rule, nth) => ({
      id: `example-${nth}`,
      title: "An example",
      ...rule,
      ...("inhibit" in rule || "storm" in rule ? {} : { key: "door" }),
      ...([...tendingKinds].some((kind) => kind in rule) ? {} : { alert: { condition: `Example${nth}`, priority: 3 } })
    }))
    const file = join(ownDirectory(), "rules.yaml")
    writeFileSync(file, stringify({ rules }))
    expect(checkSettings([join(root, "test/settings/whole.yaml"), file], installed).problems).toEqual([])
    expect(new Set(examples.flatMap((rule) => Object.keys(rule)))).toEqual(new Set(Object.keys(ruleKinds)))
  })

  it.each(pages)("%s links to nothing that is not there", (page) => {
    const links = [...textOf(page).matchAll(/\]\(([^)#:]+)\)/g)].map((match) => match[1] ?? "")
    expect(links.filter((link) => !existsSync(join(root, dirname(page), link)))).toEqual([])
  })
})
