import fc from "fast-check"
import { expect, test } from "vitest"
import {
  type DoorInput,
  type DoorState,
  doorAtRest,
  nextDeadline,
  stepDoor,
  usualTimings
} from "../../simulators/campus/door-machine.ts"

const inputs: fc.Arbitrary<DoorInput> = fc.oneof(
  fc.record({ _tag: fc.constant("Access" as const), extended: fc.boolean() }),
  fc.constantFrom(
    ...(
      ["Lock", "Unlock", "Block", "DoubleLock", "LockDown", "LockDownRelease", "LockOpen", "LockOpenRelease"] as const
    ).map((_tag) => ({ _tag })),
    ...(["Opened", "Closed", "Tick"] as const).map((_tag) => ({ _tag }))
  )
)

const courses = fc.array(fc.tuple(inputs, fc.integer({ min: 0, max: 40_000 })), { maxLength: 40 })

/** Every state of a course, with what led to it; a refused input changes nothing. */
const walk = (course: ReadonlyArray<readonly [DoorInput, number]>) => {
  let state = doorAtRest
  let now = 0
  return course.map(([input, pauseMs]) => {
    now += pauseMs
    const before = state
    const stepped = stepDoor(before, input, now, usualTimings)
    if ("state" in stepped) state = stepped.state
    return { before, input, after: state, now, refused: "refused" in stepped }
  })
}

const holds = (sure: (step: ReturnType<typeof walk>[number]) => boolean): void =>
  fc.assert(fc.property(courses, (course) => walk(course).every(sure)))

const passable = ({ mode }: DoorState): boolean => ["Unlocked", "Accessed", "LockedOpen"].includes(mode)

test("the bolt is out exactly while the mode means the door to be passable", () => {
  expect(() => holds(({ after }) => (after.lock === "Unlocked") === passable(after))).not.toThrow()
})

test("a closed door has no alarm, and neither has one that is unlocked on purpose", () => {
  expect(() =>
    holds(
      ({ after }) =>
        after.alarm === "Normal" || (after.physical === "Open" && !["Unlocked", "LockedOpen"].includes(after.mode))
    )
  ).not.toThrow()
})

test("a door is forced only by being opened while it is locked", () => {
  expect(() =>
    holds(
      ({ before, input, after }) =>
        after.alarm !== "DoorForcedOpen" ||
        before.alarm === "DoorForcedOpen" ||
        (input._tag === "Opened" && after.lock === "Locked")
    )
  ).not.toThrow()
})

test("lockdown and lock open are left by their own release, and nothing else", () => {
  const release = { LockedDown: "LockDownRelease", LockedOpen: "LockOpenRelease" } as const
  expect(() =>
    holds(({ before, input, after }) => {
      const { mode } = before
      return (mode !== "LockedDown" && mode !== "LockedOpen") || input._tag === release[mode] || after.mode === mode
    })
  ).not.toThrow()
})

test("an access is over when its deadline is, unless the door stands open", () => {
  expect(() =>
    holds(({ after, input, now, refused }) => {
      if (after.mode !== "Accessed" || input._tag === "Access" || refused) return true
      const due = nextDeadline(after)
      return after.physical === "Open" || (due !== undefined && due > now)
    })
  ).not.toThrow()
})
