import { describe, expect, test } from "vitest"
import { runText } from "./stage.ts"

const run = async (name: string, rest: string): Promise<ReadonlyArray<string>> =>
  (await runText(`name: ${name}\ncampus: test/scenarios/generic-campus\n${rest}`)).problems

describe("a node that publishes our own words is heard through the generic profile:", () => {
  test("entry, lock and unlock", async () => {
    const problems = await run(
      "entry",
      `steps:
  - { at: 0s, badge: workshop, person: ada }
  - { at: 500ms, unlock: workshop }
  - { at: 1s, open: workshop }
  - { at: 5s, close: workshop }
  - { at: 6s, lock: workshop }
expect:
  - { at: 500ms, event: DoorUnlocked, device: node }
  - { at: 1s, event: DoorEntered, door: workshop }
  - { at: 6s, event: DoorLocked, device: node }
`
    )
    expect(problems).toEqual([])
  })

  test("exit, forced door, tamper, denial", async () => {
    const problems = await run(
      "the rest",
      `steps:
  - { at: 0s, exit: workshop }
  - { at: 1s, open: workshop }
  - { at: 5s, close: workshop }
  - { at: 10s, badge: workshop, granted: false }
  - { at: 20s, open: workshop }
  - { at: 25s, close: workshop }
  - { at: 30s, tamper: workshop, for: 5s }
expect:
  - { at: 10s, event: AccessDenied, device: node }
  - { at: 21.5s, alert: DoorForcedOpen, door: workshop }
  - { at: 30s, alert: DoorTampered, door: workshop }
`
    )
    expect(problems).toEqual([])
  })

  test("panic, and a node that is away and back", async () => {
    const problems = await run(
      "panic",
      `steps:
  - { at: 0s, panic: desk }
  - { at: 10s, offline: node, for: 100s }
expect:
  - { at: 0s, alert: PanicPressed, device: desk }
  - { at: 100s, alert: DeviceOffline, device: node }
  - { at: 50s, stands: Unknown, door: workshop }
  - { at: 115s, stands: Secure, door: workshop }
`
    )
    expect(problems).toEqual([])
  })
})
