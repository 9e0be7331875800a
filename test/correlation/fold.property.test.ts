import fc from "fast-check"
import { HashMap, Option } from "effect"
import { describe, expect, it } from "vitest"
import { nearest } from "../../gateway/correlation/agenda.ts"
import { indexCampus } from "../../gateway/correlation/campus-index.ts"
import type { Decision } from "../../gateway/correlation/decision.ts"
import type { DoorMemory } from "../../gateway/correlation/door-memory.ts"
import { nextDoorDue } from "../../gateway/correlation/door-timers.ts"
import { innerOf } from "../../gateway/correlation/draft.ts"
import { fold, initial } from "../../gateway/correlation/fold.ts"
import { freeze, type Frozen, thaw } from "../../gateway/correlation/snapshot.ts"
import type { Situation } from "../../gateway/correlation/situation.ts"
import { course, type Folding, play } from "./course.ts"

/** The same courses in every run: a failure here is a fault in the code and never in the weather. */
const always = { seed: 20_260_302, numRuns: 300 } as const

const text = (situation: Situation): string => JSON.stringify(freeze(situation))

const changesOf = (decisions: ReadonlyArray<Decision>) =>
  decisions.flatMap((decision) => (decision._tag === "Alert" ? [decision.change] : []))

const last = (foldings: ReadonlyArray<Folding>): Situation => foldings.at(-1)?.after ?? initial

/** What was told of alerts, without the log positions, which differ where time was told more often. */
const told = (foldings: ReadonlyArray<Folding>): ReadonlyArray<string> =>
  foldings.flatMap(({ decisions }) =>
    changesOf(decisions).map(({ transition, alert, why }) => {
      const { condition, key, occurredAt, priority, count, active, acknowledged } = alert
      const reasons = why.map((reason) => `${reason.at} ${reason.text}`)
      return JSON.stringify({ transition, condition, key, occurredAt, priority, count, active, acknowledged, reasons })
    })
  )

describe("the fold, over any course of events", () => {
  it("says the same of the same log, and changes nothing that it was given", () => {
    fc.assert(
      fc.property(course, (steps) => {
        const foldings = play(steps, "prompt")
        const frozenBefore = foldings.map(({ before }) => text(before))
        let situation = initial
        for (const { seq, fact, decisions } of foldings) {
          const again = fold(situation, seq, fact)
          situation = again.situation
          expect(JSON.stringify(again.decisions)).toBe(JSON.stringify(decisions))
        }
        expect(text(situation)).toBe(text(last(foldings)))
        expect(foldings.map(({ before }) => text(before))).toEqual(frozenBefore)
      }),
      { ...always, numRuns: 100 }
    )
  })

  it("goes on from a snapshot as if it had never been interrupted", () => {
    fc.assert(
      fc.property(course, fc.nat(), (steps, cut) => {
        const foldings = play(steps, "prompt")
        const at = cut % foldings.length
        let situation = thaw(JSON.parse(text(foldings[at]?.before ?? initial)) as Frozen)
        for (const { seq, fact, decisions } of foldings.slice(at)) {
          const again = fold(situation, seq, fact)
          situation = again.situation
          expect(JSON.stringify(again.decisions)).toBe(JSON.stringify(decisions))
        }
        expect(text(situation)).toBe(text(last(foldings)))
      }),
      always
    )
  })

  it("tells the same alerts whether deadlines fire at their instant or with the next fact", () => {
    fc.assert(
      fc.property(course, (steps) => {
        const prompt = play(steps, "prompt")
        const lazy = play(steps, "lazy")
        expect(told(lazy)).toEqual(told(prompt))
        const standings = (foldings: ReadonlyArray<Folding>) =>
          freeze(last(foldings)).doors.map(([id, { standing, since }]) => [id, standing, since])
        expect(standings(lazy)).toEqual(standings(prompt))
      }),
      always
    )
  })

  it("loses no alert: what was raised is there until a person closes it", () => {
    fc.assert(
      fc.property(course, (steps) => {
        const open = new Set<string>()
        for (const { fact, after, decisions } of play(steps, "prompt")) {
          for (const { transition, alert } of changesOf(decisions)) {
            if (transition === "raised") open.add(alert.id)
            if (transition === "closed") open.delete(alert.id)
            if (transition === "closed") expect(fact._tag).toBe("AlertClosed")
          }
          expect(new Set(HashMap.keys(after.alerts))).toEqual(open)
        }
      }),
      always
    )
  })

  it("gives every event and alert an id of its own", () => {
    fc.assert(
      fc.property(course, (steps) => {
        const decisions = play(steps, "prompt").flatMap((folding) => folding.decisions)
        const events = decisions.flatMap((decision) => (decision._tag === "Event" ? [decision.event.id] : []))
        const raised = changesOf(decisions).flatMap(({ transition, alert }) =>
          transition === "raised" ? [alert.id] : []
        )
        expect(new Set(events).size).toBe(events.length)
        expect(new Set(raised).size).toBe(raised.length)
      }),
      { ...always, numRuns: 100 }
    )
  })

  it("raises nothing for what is history, repeated, or a test", () => {
    fc.assert(
      fc.property(course, (steps) => {
        for (const { fact, before, decisions } of play(steps, "prompt")) {
          if (fact._tag !== "Observed" || !("origin" in fact.observation) || fact.at < innerOf(before).notBefore)
            continue
          const { observation } = fact
          const live = observation.origin === "change" && !("test" in observation && observation.test === true)
          if (live || observation._tag === "Availability") continue
          expect(changesOf(decisions).map(({ transition }) => transition)).not.toContain("raised")
        }
      }),
      always
    )
  })
})

const checkDoor = (memory: DoorMemory): void => {
  const { position, opening, closing, unexplained, grants, exits, unseenFrom } = memory
  if (position === "Open") expect(opening).toBeDefined()
  if (position === "Closed") expect(opening === undefined || closing !== undefined).toBe(true)
  if (closing !== undefined) expect(position).toBe("Closed")
  expect(unseenFrom !== undefined && position !== "Unknown" && position !== "Fault").toBe(false)
  if (opening?.cover !== undefined) expect(unexplained.some(({ seq }) => seq === opening.seq)).toBe(false)
  if (opening?.stage !== "open" && opening !== undefined) expect(memory.standing).not.toBe("Open")
  expect(grants.length).toBeLessThanOrEqual(8)
  expect(unexplained.length).toBeLessThanOrEqual(8)
  expect(exits.filter(({ until }) => until !== undefined).length).toBeLessThanOrEqual(8)
  const on = exits.filter(({ until }) => until === undefined).map(({ point }) => point)
  expect(new Set(on).size).toBe(on.length)
}

const checkAgenda = (situation: Situation): void => {
  const { agenda } = innerOf(situation)
  const index = situation.campus === undefined ? undefined : indexCampus(situation.campus)
  for (const [id, { machine }] of HashMap.entries(situation.doors)) {
    const door = index?.doors.get(id)
    if (door === undefined) continue
    const due = nextDoorDue(machine as DoorMemory, door.times)?.at
    expect(Option.getOrUndefined(HashMap.get(agenda.wanted, `door:${id}`))).toBe(due)
  }
  const wanted = HashMap.toValues(agenda.wanted)
  expect(nearest(agenda)?.at).toBe(wanted.length === 0 ? undefined : Math.min(...wanted))
  expect(agenda.entries).toBeLessThanOrEqual(2 * wanted.length + 65)
}

describe("the situation, after any fact", () => {
  it("holds at most one open alert of a condition and key", () => {
    fc.assert(
      fc.property(course, (steps) => {
        for (const { after } of play(steps, "prompt")) {
          const slots = HashMap.toValues(after.alerts).map(({ condition, key }) => `${condition} ${key}`)
          expect(new Set(slots).size).toBe(slots.length)
        }
      }),
      { ...always, numRuns: 100 }
    )
  })

  it("holds doors that agree with themselves, and every deadline of theirs is on the agenda", () => {
    fc.assert(
      fc.property(course, (steps) => {
        for (const { after } of play(steps, "prompt")) {
          for (const { machine } of HashMap.values(after.doors)) checkDoor(machine as DoorMemory)
          checkAgenda(after)
        }
      }),
      { ...always, numRuns: 150 }
    )
  })

  it("has nothing due any more once time has passed and nothing holds", () => {
    fc.assert(
      fc.property(course, (steps) => {
        const { agenda } = innerOf(last(play(steps, "prompt")))
        expect(nearest(agenda)).toBeUndefined()
      }),
      { ...always, numRuns: 100 }
    )
  })
})
