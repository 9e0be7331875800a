import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { isPending } from "../../gateway/correlation/door-commands.ts"
import { fold, initial } from "../../gateway/correlation/fold.ts"
import { freeze, type Frozen, thaw } from "../../gateway/correlation/snapshot.ts"
import { DoorCommand } from "../../gateway/domain/command.ts"
import { DoorMode } from "../../gateway/domain/door.ts"
import { entryCount } from "../../gateway/log/entries.ts"
import { campusOf } from "../correlation/door-stage.ts"
import { CommandedDoor, eastWithout } from "./commanded-door.ts"

/** The same courses in every run: a failure here is a fault in the code and never in the weather. */
const always = { seed: 20_260_302, numRuns: 300 } as const

type Act = (door: CommandedDoor) => unknown

const acts = (...list: ReadonlyArray<Act>): fc.Arbitrary<Act> => fc.constantFrom(...list)

const act: fc.Arbitrary<Act> = fc.oneof(
  {
    weight: 4,
    arbitrary: acts(
      ...DoorCommand.literals.map(
        (word): Act =>
          (door) =>
            door.commands(word)
      )
    )
  },
  {
    weight: 4,
    arbitrary: acts(
      ...(["accepted", "accepted", "refused", "unknown"] as const).map(
        (said): Act =>
          (door) =>
            door.answers(said)
      )
    )
  },
  {
    weight: 4,
    arbitrary: acts(
      ...DoorMode.literals.map(
        (mode): Act =>
          (door) =>
            door.mode(mode)
      )
    )
  },
  {
    weight: 2,
    arbitrary: acts(
      ...(["locked", "unlocked", "unknown"] as const).map(
        (lock): Act =>
          (door) =>
            door.lock(lock)
      )
    )
  },
  {
    weight: 2,
    arbitrary: acts(
      (door) => door.opens(),
      (door) => door.closes()
    )
  },
  {
    weight: 1,
    arbitrary: acts(
      (door) => door.available("panel", "offline"),
      (door) => door.link({ _tag: "Offline", reason: "reset" }),
      (door) => door.link({ _tag: "Online" }),
      (door) => door.configured(campusOf(), "v2"),
      (door) => door.configured(eastWithout("mode"), "v3"),
      (door) => door.closesAlert("CommandNotProved")
    )
  }
)

const course = fc.array(fc.tuple(fc.integer({ min: 0, max: 9000 }), act), { minLength: 1, maxLength: 40, size: "max" })

/** Plays a course, one step after the other, then lets everything come due. */
const played = (steps: ReadonlyArray<readonly [number, Act]>): CommandedDoor => {
  const door = CommandedDoor.closed()
  let second = 0
  for (const [afterMs, does] of steps) {
    second += afterMs / 1000
    does(door.at(second))
  }
  return door.at(second + 600)
}

describe("commands, over any course of events", () => {
  it("say the same of the same log, from its beginning and from a snapshot anywhere in it", () => {
    fc.assert(
      fc.property(course, fc.nat(), (steps, cut) => {
        const door = played(steps)
        const at = cut % door.facts.length
        let [situation, seq] = [initial, 0]
        for (const [nth, fact] of door.facts.entries()) {
          if (nth === at) situation = thaw(JSON.parse(JSON.stringify(freeze(situation))) as Frozen)
          const folded = fold(situation, ++seq, fact)
          situation = folded.situation
          seq += entryCount(fact, folded.decisions) - 1
        }
        expect(JSON.stringify(freeze(situation))).toBe(JSON.stringify(freeze(door.situation)))
      }),
      always
    )
  })

  it("all come to an end, each told once, and those not proved have an alert", () => {
    fc.assert(
      fc.property(course, (steps) => {
        const door = played(steps)
        expect(door.followed.filter(isPending)).toEqual([])
        const told = door.events.flatMap((event) =>
          event._tag === "DoorCommandProved" || event._tag === "DoorCommandNotProved" ? [event] : []
        )
        expect(new Set(told.map(({ commandId }) => commandId)).size).toBe(told.length)
        for (const { id, state } of door.followed) {
          const ends = told.filter(({ commandId }) => commandId === id).map(({ _tag }) => _tag)
          const expected = { proved: ["DoorCommandProved"], "not-proved": ["DoorCommandNotProved"] }
          expect(ends).toEqual(expected[state as keyof typeof expected] ?? [])
        }
        const missed = told.filter(({ _tag }) => _tag === "DoorCommandNotProved").length
        const raised = door.changes.filter(
          ({ alert, transition }) =>
            alert.condition === "CommandNotProved" && (transition === "raised" || transition === "reactivated")
        )
        expect(raised).toHaveLength(missed)
      }),
      always
    )
  })
})
