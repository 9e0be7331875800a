import { afterAll, beforeAll, expect, test } from "vitest"
import { startReloading } from "./reloading-gateway.ts"

const east = "  - { id: east-contact, link: mqtt, profile: zigbee2mqtt, address: east-contact }\n"
const west = "  - { id: west-contact, link: mqtt, profile: zigbee2mqtt, address: west-contact }\n"
const doorHeldAfter = (heldSeconds: number, position = "east-contact/contact"): string => `doors:
  - id: east
    name: East exit
    area: hall
    position: ${position}
    times: { heldOpenSeconds: ${heldSeconds}, heldPreAlarmSeconds: ${heldSeconds - 5} }
`

let gateway: Awaited<ReturnType<typeof startReloading>>
beforeAll(async () => {
  gateway = await startReloading(`devices:\n${east}${doorHeldAfter(300)}`)
})
afterAll(() => gateway.stop())

test("a running gateway takes up what is written into its files, whole or not at all, and a door held open stays timed", async () => {
  let dropped = 0
  gateway.client.on("close", () => dropped++)
  await gateway.say("east-contact", { contact: true })
  await gateway.say("east-contact", { contact: false })
  const forced = await gateway.alert(({ condition }) => condition === "DoorForcedOpen")

  // Another limit while it stands open: its timer goes on from the opening, and its device keeps the connection.
  gateway.write("doors.yaml", `devices:\n${east}${doorHeldAfter(10)}`)
  const shorter = await gateway.fact("ConfigApplied")
  expect(shorter).toMatchObject({ by: "configuration file", changes: ["door east changed (times)"] })
  expect(dropped).toBe(0)

  // Wrong: the last good one stays, and everybody is told where it is wrong.
  let mark = gateway.mark()
  gateway.write("doors.yaml", `devices:\n${east}${doorHeldAfter(10, "esat-contact/contact")}`)
  const refused = await gateway.fact("ConfigRefused", mark)
  expect(refused.problems).toHaveLength(1)
  expect(refused.problems[0]).toMatchObject({ line: 7, message: expect.stringContaining('no device "esat-contact"') })
  expect((await gateway.call("/config")).body).toMatchObject({
    version: shorter.version,
    refused: { by: "configuration file", problems: [{ line: 7 }] }
  })
  const asked = await gateway.call("/config/reload", { method: "POST" })
  expect(asked).toMatchObject({ status: 422, body: { type: "urn:gatehouse:problem:configuration-wrong" } })
  expect(gateway.facts("ConfigRefused")).toHaveLength(1)

  // A file that was not copied takes nothing of what it held along.
  mark = gateway.mark()
  gateway.remove("doors.yaml")
  const gone = await gateway.fact("ConfigRefused", mark)
  expect(gone.problems.map(({ message }) => message)).toEqual([
    expect.stringContaining('there is no section "devices" any more, and what it held (1) is in force'),
    expect.stringContaining('write "doors: []" if nothing of it is meant to stay')
  ])

  // A file that somebody has begun to write, and an address that is listened on already.
  mark = gateway.mark()
  gateway.write("doors.yaml", "")
  const empty = await gateway.fact("ConfigRefused", mark)
  expect(empty.problems[0]?.message).toContain("the file is empty")
  mark = gateway.mark()
  gateway.write("campus.yaml", gateway.campus(gateway.apiPort + 1))
  gateway.write("doors.yaml", `devices:\n${east}${west}${doorHeldAfter(10)}`)
  const moved = await gateway.fact("ConfigRefused", mark)
  expect(moved.problems[0]).toMatchObject({
    line: 4,
    message: `api.port cannot change while the gateway runs (it is ${gateway.apiPort}): restart it, or undo this`
  })

  // Mended, and asked for by name: a new device is heard at once over its link, which was started anew.
  mark = gateway.mark()
  gateway.write("campus.yaml", gateway.campus(gateway.apiPort))
  gateway.hangUp()
  const mended = await gateway.fact("ConfigApplied", mark)
  expect(mended).toMatchObject({ by: "SIGHUP", changes: ["device west-contact added"] })
  expect((await gateway.call("/config")).body).toEqual({ version: mended.version, refused: null })
  await gateway.say("west-contact", { contact: true })
  const heard = await gateway.call("/devices")
  expect(heard.body["items"]).toContainEqual(expect.objectContaining({ id: "west-contact", availability: "online" }))

  // The door has stood open all the while: it is held ten seconds after it was opened, by the limit in force.
  const held = await gateway.alert(({ condition }) => condition === "DoorOpenTooLong")
  expect([shorter.version, mended.version]).toContain(held.configVersion)
  expect(held.occurredAt - forced.occurredAt).toBe(10_000)
}, 40_000)
