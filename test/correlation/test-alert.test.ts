import { describe, expect, test } from "vitest"
import { fold, initial, nextDue } from "../../gateway/correlation/fold.ts"
import type { Situation } from "../../gateway/correlation/situation.ts"
import { testAlertEveryMs, testAlertWithinMs } from "../../gateway/correlation/test-alert.ts"
import type { Fact } from "../../gateway/domain/fact.ts"

const noon = Date.UTC(2026, 10, 27, 12)

/** Plays facts, each at its second after noon; what becomes of alerts, and the situation at the end. */
const play = (facts: ReadonlyArray<readonly [number, (at: number) => Fact]>) => {
  let situation: Situation = initial
  const told: Array<string> = []
  for (const [nth, [second, fact]] of facts.entries()) {
    const at = noon + second * 1000
    const folded = fold(situation, nth + 1, fact(at))
    situation = folded.situation
    for (const decision of folded.decisions)
      if (decision._tag === "Alert")
        told.push(`${second} s: ${decision.change.transition} ${decision.change.alert.condition}`)
  }
  return { told, situation }
}

const raised = (at: number): Fact => ({ _tag: "TestAlertRaised", at })
const sent =
  (of: number) =>
  (at: number): Fact => ({ _tag: "TestAlertSent", at, raised: of })
const returned =
  (of: number) =>
  (at: number): Fact => ({ _tag: "TestAlertReturned", at, raised: of })
const time = (at: number): Fact => ({ _tag: "TimePassed", at })

describe("the test alert", () => {
  test("that comes back in time is no alert to anybody", () => {
    const { told, situation } = play([
      [0, raised],
      [0, sent(1)],
      [1, returned(1)],
      [300, raised],
      [300, sent(4)],
      [301, returned(4)]
    ])
    expect(told).toEqual([])
    expect(nextDue(situation)).toBe(noon + 300_000 + 2 * testAlertEveryMs)
  })

  test.each([
    ["is not sent", [[0, raised]] as const],
    [
      "is sent and does not come back",
      [
        [0, raised],
        [1, sent(1)]
      ] as const
    ]
  ])("that %s is an alert after a minute", (_, facts) => {
    const { told } = play([...facts, [testAlertWithinMs / 1000 - 1, time], [testAlertWithinMs / 1000, time]])
    expect(told).toEqual(["60 s: raised TestAlertLost"])
  })

  test("that is raised no more is an alert too", () => {
    const { told } = play([
      [0, raised],
      [0, sent(1)],
      [0, returned(1)],
      [599, time],
      [600, time]
    ])
    expect(told).toEqual(["600 s: raised TestAlertLost"])
  })

  test("that comes through again ends the condition, and a person closes the alert", () => {
    const { told } = play([
      [0, raised],
      [60, time],
      [300, raised],
      [301, sent(3)],
      [302, returned(3)]
    ])
    expect(told).toEqual(["60 s: raised TestAlertLost", "302 s: returned-to-normal TestAlertLost"])
  })

  test("is not missed for the time in which the gateway was away", () => {
    const { told } = play([
      [0, raised],
      [0, sent(1)],
      [0, returned(1)],
      [7200, (at) => ({ _tag: "GatewayStarted", at, blindFrom: noon + 60_000 })],
      [7230, raised],
      [7230, sent(5)],
      [7231, returned(5)],
      [7400, time]
    ])
    expect(told).toEqual([])
  })
})
