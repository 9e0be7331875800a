import { mkdirSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { describe, expect, test } from "vitest"
import { DeviceId } from "../../../gateway/domain/ids.ts"
import { deviceOf, directory, listen, manyDoors, panel } from "./shipped-panel.ts"

describe("a profile", () => {
  test("of ten lines is a tower of 200 doors", async () => {
    const profiles = join(directory.path, "tower")
    mkdirSync(profiles)
    const text = `description: a tower
protocol: opcua
namespaces: { p: "urn:gatehouse:access-panel" }
readings:
  - { node: "p:Doors/p:{door}/p:Contact", point: "door-{door}.position", kind: position, values: { true: open, false: closed } }
  - { node: "p:Doors/p:{door}/p:LockState", point: "door-{door}.lock", kind: lock, values: { 0: locked, 1: unlocked } }
tests: []
`
    writeFileSync(join(profiles, "tower.yaml"), text)
    expect(text.split("\n").length).toBeLessThanOrEqual(10)
    const tower = deviceOf({ id: DeviceId.make("tower"), profile: "tower", address: "/p:North/p:Tower" })
    const { run, heard, hear, until } = listen([tower], profiles)
    run()
    await until(() => heard.filter(({ _tag }) => _tag === "Reading").length >= 2 * manyDoors)
    const points = new Set(heard.flatMap((one) => (one._tag === "Reading" ? [one.point] : [])))
    expect(points.size).toBe(2 * manyDoors)
    panel.door("T137", { _tag: "Opened" })
    await hear("door-T137.position open change")
    panel.door("T137", { _tag: "Closed" })
  }, 60_000)

  test("that names what the panel has not is told, and the rest is heard", async () => {
    const profiles = join(directory.path, "wrong")
    mkdirSync(profiles)
    writeFileSync(
      join(profiles, "wrong.yaml"),
      `description: wrong
protocol: opcua
namespaces: { p: "urn:gatehouse:access-panel" }
readings:
  - { node: "p:Doors/p:front/p:Contact", point: position, kind: position, values: { true: open, false: closed } }
  - { node: "p:Gates/p:{gate}/p:Contact", point: "gate-{gate}", kind: position, values: { true: open, false: closed } }
  - { node: "p:Doors/p:front/p:LockState", point: lock, kind: lock, values: { true: locked } }
  - { node: "q;s={address}", point: other, kind: input, values: { true: "on" } }
namespaces: &no { p: "urn:gatehouse:access-panel", q: "urn:nobody" }
tests: []
`
        .replace(/^namespaces: \{ p: "urn:gatehouse:access-panel" \}\n/m, "")
        .replace("&no ", "")
    )
    const { run, hear } = listen([deviceOf({ profile: "wrong" })], profiles)
    const link = run()
    await link.online()
    await hear("position closed recovery")
    const told = [await link.gap(), await link.gap(), await link.gap(), await link.gap()].join("\n")
    expect(told).toContain("nothing is at /Gates")
    expect(told).toContain("is a number, not a boolean")
    expect(told).toContain("the server has no namespace urn:nobody")
  })

  test("that nobody has is a matter for a person", async () => {
    const { run } = listen([deviceOf({ profile: "nobody" })])
    const exit = await run().ended()
    expect(JSON.stringify(exit)).toContain("there is no usable OPC UA profile")
  })
})
