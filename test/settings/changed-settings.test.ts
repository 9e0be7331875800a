import { describe, expect, it } from "vitest"
import { installed } from "../../gateway/installed.ts"
import { checkChange } from "../../gateway/settings/changed-settings.ts"
import { loadSettings } from "../../gateway/settings/load-settings.ts"
import { readText } from "../../gateway/settings/sources.ts"

const base = loadSettings(["config/demo"], installed)
const changed = (text: string) => checkChange(() => base, readText({ file: "change", text }), installed)

describe("a changed configuration", () => {
  it("that names some doors leaves every other thing as it is in force", () => {
    const { settings, problems } = changed("doors:\n  - { id: gym-entrance, times: { heldOpenSeconds: 90 } }\n")
    expect(problems.filter(({ severity }) => severity === "error")).toEqual([])
    const expected = base.campus.doors.map((door) =>
      door.id === "gym-entrance" ? { ...door, times: { heldOpenSeconds: 90 } } : door
    )
    expect(settings?.campus).toEqual({ ...base.campus, doors: expected })
    expect(settings?.links).toEqual(base.links)
    expect(settings?.addresses).toEqual(base.addresses)
    expect(settings?.addresses.get("rosa-alvarez")).toEqual({ texts: "+13125550101" })
  })

  it("may add what is new", () => {
    const { settings } = changed("doors:\n  - { id: shed, name: Shed, area: administration-ground }\n")
    expect(settings?.campus.doors.map(({ id }) => id)).toEqual([...base.campus.doors.map(({ id }) => id), "shed"])
  })

  it("may name a pack of rules, also one that is in force, and change one of its rules", () => {
    const withPack = changed("packs: [access]\n").settings
    const rules = withPack?.campus.rules ?? []
    expect(rules.length).toBeGreaterThan(3)
    const again = (text: string) =>
      checkChange(() => withPack ?? base, readText({ file: "change", text }), installed).settings?.campus.rules
    expect(again("packs: [access]\n")).toEqual(rules)
    const burst = rules.findIndex(({ id }) => id === "access.denied-burst")
    const other = { id: "access.denied-burst", title: "Denied again and again" }
    expect(again(JSON.stringify({ rules: [other] }))).toEqual(rules.with(burst, { ...rules[burst]!, ...other }))
  })

  it("that is wrong is refused with its own line, as check would", () => {
    const { settings, problems } = changed(
      "doors:\n  - id: gym-entrance\n    times: { heldOpenSeconds: 4 }\n  - { id: main-entrance, area: nowhere }\n"
    )
    expect(settings).toBeUndefined()
    expect(problems.map(({ place: { file, line } }) => `${file}:${line}`)).toEqual(
      expect.arrayContaining(["change:3", "change:4"])
    )
  })

  it("leaves as they are the limits of a flood that are in force", () => {
    const flood = { beginWith: 20, endBelow: 5, minutes: 10 }
    const flooding = { ...base, campus: { ...base.campus, flood } }
    const { settings } = checkChange(() => flooding, readText({ file: "change", text: "{}" }), installed)
    expect(settings?.campus).toEqual(flooding.campus)
  })

  it("that has a section nobody knows is refused at that section", () => {
    const { problems } = changed("doors: []\nrulez: []\n")
    expect(problems.map(({ place: { file, line } }) => `${file}:${line}`)).toContain("change:2")
  })

  it("that names a site is taken whole", () => {
    const { problems } = changed("site: { id: other, name: Other, timeZone: UTC }\n")
    expect(problems.some(({ message }) => /links/.test(message))).toBe(true)
  })
})
