import { describe, expect, test } from "vitest"
import { runText } from "./stage.ts"

const forced = `name: The roof hatch is forced at 2 s
steps:
  - { at: 2s, open: roof-hatch }
  - { at: 10s, close: roof-hatch }
expect:
`

const problemsOf = async (expectations: string): Promise<ReadonlyArray<string>> => {
  const { passed, problems } = await runText(`${forced}${expectations}`)
  expect(passed).toBe(problems.length === 0)
  return problems
}

describe("a scenario fails, and says what came instead, when", () => {
  test("an alert comes that nobody expected", async () => {
    const { problems } = await runText(forced.replace("expect:\n", "expect: []\n"))
    expect(problems).toEqual([
      "scenario.yaml:5:1 nobody expected DoorForcedOpen of roof-hatch, raised at 3.5 s (priority 1)" +
        "\n  because at 2 s: The door opened" +
        "\n  because at 2 s: No access was granted in the 8 s before" +
        "\n  because at 2 s: No exit was requested in the 5 s before"
    ])
  })

  test("an officer's word is of an alert that is not open then", async () => {
    const early = forced.replace("steps:\n", "steps:\n  - { at: 1s, acknowledge: DoorForcedOpen, door: roof-hatch }\n")
    const { problems } = await runText(early.replace("expect:\n", "expect: []\n"))
    expect(problems).toEqual(["scenario.yaml:3:28 no alert DoorForcedOpen is open at this time"])
  })

  test("an alert is expected too early", async () => {
    const [first, ...others] = await problemsOf("  - { at: 2s, within: 1s, alert: DoorForcedOpen, door: roof-hatch }\n")
    expect(first?.split("\n")).toEqual([
      "scenario.yaml:6:5 expected DoorForcedOpen of roof-hatch to be raised between 2 s and 3 s; it did not come",
      "  came: DoorForcedOpen of roof-hatch, raised at 3.5 s (priority 1)",
      expect.stringMatching(
        /^ {2}came: DoorForcedOpen of roof-hatch, returned-to-normal at 10(\.\d+)? s \(priority 1\)$/
      )
    ])
    expect(others).toHaveLength(1)
  })

  test("a silence begins after the last step, and is broken then", async () => {
    const silence = "silence:\n  - { event: DoorHeldPreAlarm, from: 21.5s }\n"
    const open = forced.replace("  - { at: 10s, close: roof-hatch }\n", "").replace("steps:", "settle: 1s\nsteps:")
    const { problems } = await runText(`${open}  - { alert: DoorForcedOpen }\n${silence}`)
    expect(problems).toEqual([expect.stringContaining("DoorHeldPreAlarm")])
  })

  test("an alert is expected of another door", async () => {
    const [first] = await problemsOf("  - { alert: DoorForcedOpen, door: pool-door }\n")
    expect(first).toBe(
      "scenario.yaml:6:5 expected DoorForcedOpen of pool-door to be raised at any time; it did not come" +
        "\n  came: DoorForcedOpen of roof-hatch, raised at 3.5 s (priority 1)"
    )
  })

  test("an alert has another priority", async () => {
    const [first] = await problemsOf("  - { alert: DoorForcedOpen, door: roof-hatch, priority: 2 }\n")
    expect(first).toContain("to be raised at any time with priority 2; it did not come\n  came: DoorForcedOpen")
  })

  test("an alert is expected twice and comes once", async () => {
    const problems = await problemsOf("  - { alert: DoorForcedOpen }\n  - { alert: DoorForcedOpen }\n")
    expect(problems).toHaveLength(1)
    expect(problems[0]).toContain("scenario.yaml:7:5 expected DoorForcedOpen to be raised")
  })

  test("a step of an alert's life is missing", async () => {
    const [first] = await problemsOf(
      "  - { alert: DoorForcedOpen }\n  - { alert: DoorForcedOpen, becomes: resolved-by-late-evidence }\n"
    )
    expect(first).toContain("scenario.yaml:7:5 expected DoorForcedOpen to be resolved-by-late-evidence at any time")
  })

  test("an event is missing, or comes at another time", async () => {
    const problems = await problemsOf(
      "  - { alert: DoorForcedOpen }\n  - { event: DoorEntered, door: roof-hatch }\n  - { at: 5s, event: DoorOpened }\n"
    )
    expect(problems).toEqual([
      "scenario.yaml:7:5 expected event DoorEntered of roof-hatch at any time; it did not come",
      "scenario.yaml:8:5 expected event DoorOpened between 5 s and 6 s; it did not come\n  came: DoorOpened at 2 s"
    ])
  })

  test("a door stands elsewhere", async () => {
    const [first] = await problemsOf("  - { alert: DoorForcedOpen }\n  - { at: 5s, stands: Held, door: roof-hatch }\n")
    expect(first).toMatch(
      /^scenario\.yaml:7:5 expected roof-hatch to stand Held at 5 s; it stood Forced\n(.*\n)*  came: .* to Forced at 3\.5 s/
    )
  })

  test("it is not silent where it should be", async () => {
    const problems = await problemsOf(
      "  - { alert: DoorForcedOpen }\nsilence:\n  - { alert: any, from: 3s, until: 4s }\n  - { event: DoorClosed, from: 10s }\n"
    )
    expect(problems).toEqual([
      "scenario.yaml:8:5 expected silence between 3 s and 4 s; DoorForcedOpen of roof-hatch, raised at 3.5 s (priority 1) came",
      "scenario.yaml:9:5 expected silence from 10 s on; DoorClosed came at 10 s"
    ])
  })
})

test("a scenario passes when the alert that is expected comes in its time and nothing else does", async () => {
  expect(
    await problemsOf("  - { at: 3.5s, within: 0s, alert: DoorForcedOpen, door: roof-hatch, priority: 1 }\n")
  ).toEqual([])
})

test("a scenario is watched for a minute after its last step", async () => {
  const { problems } = await runText(
    "name: Left open\nsteps:\n  - { at: 0s, open: roof-hatch }\nexpect:\n  - { alert: DoorForcedOpen }\n"
  )
  expect(problems).toHaveLength(1)
  expect(problems[0]).toContain("nobody expected DoorOpenTooLong of roof-hatch, raised at 30 s")
})
