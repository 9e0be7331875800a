import { describe, expect, test } from "vitest"
import { makeSessions, sessionMs } from "../../gateway/api/sessions.ts"
import { makeTries, triesAllowed, triesWindowMs } from "../../gateway/api/tries.ts"
import { makeEntryStream } from "../../gateway/api/stream.ts"
import { memoryGateway, noon } from "./memory-gateway.ts"

/** A clock that stands still until it is told. */
const standingClock = () => {
  let at = noon
  return {
    now: () => at,
    pass: (ms: number) => {
      at += ms
    }
  }
}

describe("a session", () => {
  test("lasts twelve hours and no longer", () => {
    const clock = standingClock()
    const sessions = makeSessions(clock.now)
    const secret = sessions.begin("Ada", { token: "first-token" })
    clock.pass(sessionMs - 1)
    expect(sessions.one(secret)?.name).toBe("Ada")
    clock.pass(1)
    expect(sessions.one(secret)).toBeUndefined()
  })

  test("beyond the thousandth ends the oldest", () => {
    const sessions = makeSessions(standingClock().now)
    const oldest = sessions.begin("Ada", { token: "first-token" })
    const second = sessions.begin("Grace", { token: "first-token" })
    for (let n = 0; n < 999; n++) sessions.begin(`officer ${n}`, { token: "first-token" })
    expect(sessions.one(oldest)).toBeUndefined()
    expect(sessions.one(second)?.name).toBe("Grace")
  })
})

describe("failing tries", () => {
  test("block their address for the rest of a quarter of an hour, and no other address", () => {
    const clock = standingClock()
    const tries = makeTries(clock.now)
    for (let n = 1; n < triesAllowed; n++) tries.failed("10.0.0.1")
    expect(tries.blockedFor("10.0.0.1")).toBeUndefined()
    clock.pass(60_000)
    tries.failed("10.0.0.1")
    expect(tries.blockedFor("10.0.0.1")).toBe(14 * 60)
    expect(tries.blockedFor("10.0.0.2")).toBeUndefined()
    clock.pass(triesWindowMs - 60_000)
    expect(tries.blockedFor("10.0.0.1")).toBeUndefined()
  })
})

test("a closed stream no longer listens to the log", () => {
  const { faces, listeners } = memoryGateway()
  const stream = makeEntryStream(faces.log, faces.intake, () => noon)
  expect(listeners.size).toBe(1)
  stream.close()
  expect(listeners.size).toBe(0)
})
