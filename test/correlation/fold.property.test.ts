import fc from "fast-check"
import { HashMap, Option } from "effect"
import { describe, expect, it } from "vitest"
import { nearest, withDeadline } from "../../gateway/correlation/agenda.ts"
import { isArmed } from "../../gateway/correlation/arming.ts"
import { timesOf } from "../../gateway/correlation/campus-index.ts"
import type { Decision } from "../../gateway/correlation/decision.ts"
import { type DoorMemory, memoryOf } from "../../gateway/correlation/door-memory.ts"
import { nextDoorDue } from "../../gateway/correlation/door-timers.ts"
import { innerOf } from "../../gateway/correlation/draft.ts"
import { fold, initial } from "../../gateway/correlation/fold.ts"
import { freeze, type Frozen, thaw } from "../../gateway/correlation/snapshot.ts"
import type { Situation } from "../../gateway/correlation/situation.ts"
import { course } from "./course.ts"
import { type Folding, play } from "./play-course.ts"

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
      const { condition, key, occurredAt, priority, count, active, acknowledged, shelved } = alert
      const reasons = why.map((reason) => `${reason.at} ${reason.text}`)
      const state = { priority, count, active, acknowledged, shelved: shelved?.meanwhile }
      return JSON.stringify({ transition, condition, key, occurredAt, ...state, reasons })
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
            if (transition === "closed" && fact._tag === "AlertClosed") open.delete(alert.id)
          }
          expect(new Set(HashMap.keys(after.alerts))).toEqual(open)
        }
      }),
      always
    )
  })

  it("leaves nothing critical shelved, ends every shelving in time, and makes no sound for what is shelved", () => {
    fc.assert(
      fc.property(course, (steps) => {
        for (const { before, after, decisions } of play(steps, "prompt")) {
          const { wanted } = innerOf(after).agenda
          for (const { id, priority, shelved } of HashMap.values(after.alerts)) {
            expect(wanted.get(`shelf:${id}`)).toBe(shelved?.until)
            expect(shelved !== undefined && priority === 1).toBe(false)
          }
          for (const { transition, alert } of changesOf(decisions)) {
            const was = Option.getOrUndefined(HashMap.get(before.alerts, alert.id))
            if (was?.shelved === undefined || alert.shelved === undefined) continue
            expect(transition).not.toBe("reactivated")
          }
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

/** What of a door's memory contradicts the rest of it, in words. */
const contradictions = (memory: DoorMemory): ReadonlyArray<string> => {
  const { position, opening, closing, unexplained, grants, exits, unseenFrom } = memory
  const isSeen = position === "Open" || position === "Closed"
  const ended = exits.filter(({ until }) => until !== undefined)
  const on = exits.filter(({ until }) => until === undefined).map(({ point }) => point)
  const found: ReadonlyArray<readonly [string, boolean]> = [
    ["open without an opening", position === "Open" && opening === undefined],
    ["an opening of a door that has closed", position === "Closed" && opening !== undefined && closing === undefined],
    ["a closing of a door that is not closed", closing !== undefined && position !== "Closed"],
    ["out of sight and seen", unseenFrom !== undefined && isSeen],
    ["rightful and unexplained", opening?.cover !== undefined && unexplained.some(({ seq }) => seq === opening.seq)],
    ["timed and allowed to stand open", opening?.stage === "pre" && opening.timedFrom === undefined],
    ["a point on twice", new Set(on).size !== on.length],
    ["lists that grow", Math.max(grants.length, unexplained.length, ended.length) > 8]
  ]
  return found.filter(([, wrong]) => wrong).map(([what]) => what)
}

/** The deadlines as they follow from the doors and graces, and as the agenda has them. */
const agendaOf = (situation: Situation) => {
  const { agenda, index } = innerOf(situation)
  const follow = [...index.doors].flatMap(([id, door]) => {
    const machine = memoryOf(situation.doors.get(id)!)
    const due = nextDoorDue(machine, timesOf(door, machine))?.at
    return due === undefined ? [] : [[`door:${id}`, due] as const]
  })
  const wanted = agenda.wanted.entries()
  return { follow, doors: wanted.filter(([key]) => key.startsWith("door:")), wanted, agenda }
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

  it("holds doors that do not contradict themselves", () => {
    fc.assert(
      fc.property(course, (steps) => {
        for (const { after } of play(steps, "prompt")) {
          const machines = after.doors.entries().map(([, state]) => memoryOf(state))
          expect(machines.flatMap(contradictions)).toEqual([])
        }
      }),
      { ...always, numRuns: 150 }
    )
  })

  it("has every deadline of a door on the agenda, the nearest on top, and little else", () => {
    fc.assert(
      fc.property(course, (steps) => {
        for (const { after } of play(steps, "prompt")) {
          const { follow, doors, wanted, agenda } = agendaOf(after)
          expect(Object.fromEntries(doors)).toEqual(Object.fromEntries(follow))
          const ats = wanted.map(([, at]) => at)
          expect(nearest(agenda)?.at).toBe(ats.length === 0 ? undefined : Math.min(...ats))
          expect(agenda.entries).toBeLessThanOrEqual(2 * wanted.length + 65)
        }
      }),
      { ...always, numRuns: 150 }
    )
  })

  it("has every area stand as its schedule and its officers have it, unless a start has still to settle", () => {
    fc.assert(
      fc.property(course, (steps) => {
        for (const { after } of play(steps, "prompt")) {
          const due = nearest(innerOf(after).agenda)?.at
          if (due !== undefined && due <= after.at) continue
          for (const [area, { state }] of HashMap.entries(after.arming))
            expect(state).toBe(isArmed(after, area, after.at) ? "armed" : "disarmed")
        }
      }),
      { ...always, numRuns: 150 }
    )
  })

  it("has nothing due any more once time has passed and nothing holds", () => {
    fc.assert(
      fc.property(course, (steps) => {
        const end = last(play(steps, "prompt"))
        // What is shelved until it is normal again may be so for longer than any course, and schedules turn for ever.
        // What rules remember is looked through every ten minutes, for as long as there is something; a flood is over ten
        // minutes after its alerts, and a course ends that long after its last step.
        const shelved = HashMap.filter(end.alerts, (alert) => alert.shelved?.oneShot === true)
        const turns = ["hall", "lobby", "store"].map((area) => `arming:${area}`).concat("turn:east")
        const agenda = [...HashMap.keys(shelved)]
          .map((id) => `shelf:${id}`)
          .concat(turns, "rules:sweep", "circumstance:t.scheduled-stays", "flood:site")
          .reduce((left, key) => withDeadline(left, key, undefined), innerOf(end).agenda)
        expect(nearest(agenda)).toBeUndefined()
      }),
      { ...always, numRuns: 100 }
    )
  })
})
