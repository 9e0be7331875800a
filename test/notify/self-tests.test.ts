import { describe, expect, test } from "vitest"
import type { ChannelStanding } from "../../gateway/domain/escalation.ts"
import { selfTestDue } from "../../gateway/notify/self-tests.ts"

const berlin = { timeZone: "Europe/Berlin", testAt: "06:30" }

/** An instant by the wall clock of Berlin, in winter or, `+02:00`, in summer. */
const at = (text: string): number => Date.parse(text)

const tested = (when: string): ChannelStanding => ({ state: "working", since: 0, failures: 0, testedAt: at(when) })
const failed = (state: ChannelStanding["state"], when: string): ChannelStanding => ({
  ...tested("2026-11-26T06:31:00+01:00"),
  state,
  failures: 3,
  lastFailureAt: at(when)
})

describe("the daily self-test of a channel", () => {
  test.each([
    ["is due for one that nothing is known of", undefined, "2026-11-27T03:00:00+01:00", true],
    ["is not due before its time", tested("2026-11-26T06:31:00+01:00"), "2026-11-27T06:29:59+01:00", false],
    ["is due at its time", tested("2026-11-26T06:31:00+01:00"), "2026-11-27T06:30:00+01:00", true],
    [
      "is due hours later where the gateway was away",
      tested("2026-11-25T06:31:00+01:00"),
      "2026-11-27T05:00:00+01:00",
      true
    ],
    ["is not made twice a day", tested("2026-11-27T06:30:10+01:00"), "2026-11-27T23:00:00+01:00", false],
    [
      "is tried again while it fails",
      failed("failing", "2026-11-27T06:30:10+01:00"),
      "2026-11-27T06:31:00+01:00",
      true
    ],
    [
      "is over once it is known to be broken",
      failed("broken", "2026-11-27T06:31:10+01:00"),
      "2026-11-27T07:00:00+01:00",
      false
    ],
    [
      "is due again the day after it broke",
      failed("broken", "2026-11-27T06:31:10+01:00"),
      "2026-11-28T06:30:00+01:00",
      true
    ],
    [
      "keeps to the wall clock on the day that is 25 hours long",
      tested("2026-10-24T06:30:10+02:00"),
      "2026-10-25T06:29:00+01:00",
      false
    ],
    [
      "keeps to the wall clock after the day that is 25 hours long",
      tested("2026-10-24T06:30:10+02:00"),
      "2026-10-25T06:30:00+01:00",
      true
    ],
    [
      "keeps to the wall clock on the day that is 23 hours long",
      tested("2026-03-28T06:30:10+01:00"),
      "2026-03-29T06:30:00+02:00",
      true
    ]
  ] as const)("%s", (_, standing, now, due) => {
    expect(selfTestDue(standing, berlin, at(now))).toBe(due)
  })
})
