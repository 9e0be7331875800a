import { describe, expect, it } from "vitest"
import { steadyClock } from "../gateway/clock.ts"

const machine = () => {
  const at = { wall: 1_000_000, monotonic: 50 }
  const pass = (ms: number): void => {
    at.wall += ms
    at.monotonic += ms
  }
  return { at, pass, now: steadyClock({ wall: () => at.wall, monotonic: () => at.monotonic }) }
}

describe("the gateway's clock", () => {
  it("shows the wall's time while nobody sets it", () => {
    const { pass, now } = machine()
    pass(123_456)
    expect(now()).toBe(1_123_456)
  })

  it("never goes back, and takes a duration for what it is, when the wall clock is set back", () => {
    const { at, pass, now } = machine()
    const before = now()
    at.wall -= 3_600_000
    pass(30_000)
    expect(now() - before).toBeGreaterThanOrEqual(29_700)
    expect(now() - before).toBeLessThanOrEqual(30_000)
  })

  it("nears a wall clock that is somewhat ahead, and does not jump to it", () => {
    const { at, pass, now } = machine()
    const before = now()
    at.wall += 20_000
    pass(30_000)
    expect(now() - before).toBeLessThanOrEqual(30_300)
    for (let second = 0; second < 3600; second++) {
      pass(1000)
      now()
    }
    expect(Math.abs(now() - at.wall)).toBeLessThanOrEqual(1)
  })

  it("makes no hour pass for a door when somebody sets the wall clock an hour ahead", () => {
    const { at, pass, now } = machine()
    const before = now()
    at.wall += 3_600_000
    pass(1000)
    expect(now() - before).toBeLessThanOrEqual(1010)
  })

  it("goes on from the newest time in the log when the machine believes itself before it", () => {
    const now = steadyClock({ wall: () => 5000, monotonic: () => 0 }, 1_000_000)
    expect(now()).toBe(1_000_000)
  })
})
