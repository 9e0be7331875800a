import { describe, expect, it } from "vitest"
import { makeRepeatedState } from "../../../adapters/onvif/events/repeated-state.ts"
import { message } from "./heard.ts"

const position = (operation: "Initialized" | "Changed" | "Deleted", State: string) =>
  message("Door/State/DoorPhysicalState", { operation, source: { DoorToken: "D1" }, data: { State } })

const granted = (more: Parameters<typeof message>[1] = {}) =>
  message("AccessControl/AccessGranted/Credential", {
    operation: "Initialized",
    utcTime: "2026-01-15T12:00:00Z",
    source: { AccessPointToken: "A1" },
    data: { CredentialToken: "C1" },
    ...more
  })

const start = () => {
  const state = makeRepeatedState()
  return {
    ...state,
    /** As what it is taken: the operation, or that it is told already. */
    says: (...judged: Parameters<typeof state.judge>): string => {
      const made = state.judge(...judged)
      return made._tag === "Repeated" ? "repeated" : (made.notification.operation ?? "happening")
    }
  }
}

describe("a property that is told as initial", () => {
  it("is a recovery the first time, and nothing when it is told again as it is", () => {
    const { says } = start()
    expect(says(position("Initialized", "Closed"), true)).toBe("Initialized")
    expect(says(position("Initialized", "Closed"), false)).toBe("repeated")
  })

  it("is a change where another value was known and nothing was missed since", () => {
    const { says } = start()
    says(position("Changed", "Closed"), false)
    expect(says(position("Initialized", "Open"), false)).toBe("Changed")
    expect(says(position("Initialized", "Open"), false)).toBe("repeated")
  })

  it("is a recovery after something was missed, and after it was deleted", () => {
    const { says, forget } = start()
    says(position("Changed", "Closed"), false)
    forget()
    expect(says(position("Initialized", "Open"), false)).toBe("Initialized")
    says(position("Deleted", "Open"), false)
    expect(says(position("Initialized", "Closed"), false)).toBe("Initialized")
  })

  it("that changes to what it was is told, and is no news", () => {
    const { judge } = start()
    expect(judge(position("Changed", "Open"), false)).toMatchObject({ _tag: "Told", isNews: true })
    expect(judge(position("Changed", "Open"), false)).toMatchObject({ _tag: "Told", isNews: false })
    expect(judge(position("Changed", "Closed"), false)).toMatchObject({ _tag: "Told", isNews: true })
  })
})

describe("a happening that is told as if it were a property", () => {
  it("has just happened, unless it is from before the subscription", () => {
    const { says } = start()
    expect(says(granted(), true)).toBe("Initialized")
    expect(says(granted({ utcTime: "2026-01-15T12:00:05Z" }), false)).toBe("happening")
    expect(says(granted({ utcTime: "2026-01-15T12:00:07Z" }), false)).toBe("happening")
  })

  it("is told once where it comes again with the time it had, and each time where it has none", () => {
    const { says } = start()
    expect(says(granted(), false)).toBe("happening")
    expect(says(granted(), false)).toBe("repeated")
    const { utcTime: _, ...timeless } = granted()
    expect(says({ ...timeless, utcTime: undefined }, false)).toBe("happening")
    expect(says({ ...timeless, utcTime: undefined }, false)).toBe("happening")
  })
})
