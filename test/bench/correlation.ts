/**
 * What the correlator costs by itself, without log or network: the fold over the doors of a large campus in use with every
 * shipped rule on, beside a machine that does the same for this campus, written by hand and changed in place (PlainCampus); the
 * fold without rules beside bare doors (PlainDoors: five counters, and nothing told); a hundred thousand open timers; memory.
 *
 *     node test/bench/correlation.ts [--doors 10000] [--passages 60000] [--rounds 3] [--rules on|off]
 *
 * All are given the same messages. With rules both must tell every event and every step of an alert equally often, without
 * them the bare doors' counters must agree; else the bench fails. No rule watches more than 20,000 doors: past that the fold
 * says so, and the machine has no word for it. `--rules` measures one of the two pairs alone. One JSON line
 * a measurement, then the table with each figure beside its floor. Seconds are of processor time. Absolute figures belong
 * to the machine; ratios are the finding.
 */
import { isDeepStrictEqual, parseArgs } from "node:util"
import { setFlagsFromString } from "node:v8"
import { runInNewContext } from "node:vm"
import { emptyAgenda, withDeadline } from "../../gateway/correlation/agenda.ts"
import type { Situation } from "../../gateway/correlation/situation.ts"
import { fold, initial, nextDue } from "../../gateway/correlation/fold.ts"
import { Spot } from "../../gateway/correlation/table.ts"
import type { Campus } from "../../gateway/domain/campus.ts"
import type { Fact } from "../../gateway/domain/fact.ts"
import { link, peopledCampus } from "./parts/peopled-campus.ts"
import { closedDoors, dayBegins, peopledDay } from "./parts/peopled-day.ts"
import { PlainCampus } from "./parts/plain-campus.ts"
import { PlainDoors } from "./parts/plain-doors.ts"
import { type Row, tell, tellTable } from "./parts/report.ts"
import { shippedRules } from "./parts/shipped-rules.ts"
import { medianOf } from "./parts/spread.ts"

const { values } = parseArgs({
  options: {
    doors: { type: "string", default: "10000" },
    passages: { type: "string", default: "60000" },
    rounds: { type: "string", default: "3" },
    rules: { type: "string", default: "on and off" }
  }
})
const [doors, passages] = [Number(values.doors), Number(values.passages)]

/** Each door is passed about once in ten minutes, as in a building that is in use. */
const lastsMs = Math.round((passages / doors) * 600_000)

setFlagsFromString("--expose-gc")
const collect = runInNewContext("gc") as () => void

const heapMb = (): number => {
  collect()
  return process.memoryUsage().heapUsed / 1e6
}

const bare = peopledCampus(doors)
const ruled: Campus = { ...bare, rules: shippedRules() }
const first = closedDoors(doors)
const facts = peopledDay(doors, passages, lastsMs)

/** How often each thing was told. */
type Counts = Record<string, number>

const count = (counts: Counts, name: string): void => {
  counts[name] = (counts[name] ?? 0) + 1
}

/** The correlator as intake runs it: deadlines are facts of time, at their instant. */
class Folding {
  situation: Situation = initial
  facts = 0
  readonly counts: Counts = {}
  #seq = 0

  enter(fact: Fact): void {
    const { situation, decisions } = fold(this.situation, ++this.#seq, fact)
    this.situation = situation
    this.#seq += decisions.length
    this.facts++
    for (const decision of decisions) {
      if (decision._tag === "Event") count(this.counts, decision.event._tag)
      else if (decision._tag === "Alert")
        count(this.counts, `${decision.change.alert.condition} ${decision.change.transition}`)
    }
  }

  pass(until: number): void {
    for (let due = nextDue(this.situation); due !== undefined && due <= until; due = nextDue(this.situation)) {
      this.enter({ _tag: "TimePassed", at: due })
    }
  }
}

const begun = (campus: Campus): Folding => {
  const folding = new Folding()
  folding.enter({ _tag: "GatewayStarted", at: dayBegins })
  folding.enter({ _tag: "ConfigApplied", at: dayBegins, version: "v1", campus, by: "bench" })
  folding.enter({ _tag: "LinkChanged", at: dayBegins, link, state: { _tag: "Online" } })
  for (const fact of first) folding.enter(fact)
  return folding
}

const end = (facts.at(-1)?.at ?? dayBegins) + 120_000

/** Seconds of this thread's own processor time: what else the machine does falls on neither side. */
const timed = (work: () => void): number => {
  collect()
  const began = process.threadCpuUsage()
  work()
  const { user, system } = process.threadCpuUsage(began)
  return (user + system) / 1e6
}

interface Round {
  readonly rate: number
  readonly counts: Counts
}

const foldRound = (campus: Campus): Round => {
  const folding = begun(campus)
  const seconds = timed(() => {
    for (const fact of facts) {
      folding.pass(fact.at)
      folding.enter(fact)
    }
    folding.pass(end)
  })
  return { rate: facts.length / seconds, counts: folding.counts }
}

/** The whole campus by hand. */
const plainRound = (): Round => {
  const counts: Counts = {}
  const machine = new PlainCampus(bare, {
    event: ({ _tag }) => count(counts, _tag),
    alert: ({ transition, alert }) => count(counts, `${alert.condition} ${transition}`)
  })
  for (const fact of first) machine.hear(fact)
  const seconds = timed(() => {
    for (const fact of facts) machine.hear(fact)
    machine.pass(end)
  })
  return { rate: facts.length / seconds, counts }
}

const bareRound = (): Round => {
  const machine = new PlainDoors(bare)
  for (const fact of first) machine.hear(fact)
  const seconds = timed(() => {
    for (const fact of facts) machine.hear(fact)
    machine.pass(end)
  })
  return { rate: facts.length / seconds, counts: machine.counts }
}

/** What the bare doors count, of what the fold tells. */
const bareCounts = (told: Counts): Counts => {
  const many = (...names: ReadonlyArray<string>): number => names.reduce((sum, name) => sum + (told[name] ?? 0), 0)
  return {
    forced: many("DoorForcedOpen raised", "DoorForcedOpen reactivated"),
    held: many("DoorOpenTooLong raised", "DoorOpenTooLong reactivated"),
    preAlarm: many("DoorHeldPreAlarm"),
    entered: many("DoorEntered"),
    notTaken: many("AccessNotTaken")
  }
}

const inOrder = (counts: Counts): ReadonlyArray<readonly [string, number]> =>
  Object.entries(counts).sort(([a], [b]) => (a < b ? -1 : 1))

/** Runs both in turns; whoever tells otherwise than the other cannot be compared with it. */
const compared = (what: string, folds: () => Round, floors: () => Round, told: (counts: Counts) => Counts): Row => {
  const rounds: Array<{ readonly fold: Round; readonly floor: Round }> = []
  for (let round = 0; round < Number(values.rounds); round++) {
    const [floor, fold] = [floors(), folds()]
    rounds.push({ fold, floor })
    tell({ what, round, fold: fold.rate, floor: floor.rate })
    if (isDeepStrictEqual(inOrder(told(fold.counts)), inOrder(floor.counts))) continue
    console.log("the two machines tell different things: their figures cannot be compared")
    tell({ told: told(fold.counts), floor: floor.counts })
    process.exitCode = 1
  }
  tell({ what, told: rounds[0]?.floor.counts })
  const gateway = medianOf(rounds.map(({ fold }) => fold.rate))
  const floor = medianOf(rounds.map((one) => one.floor.rate))
  return { what, gateway, floor, ratio: floor / gateway, aim: { atMost: 3 } }
}

const timers = 100_000

/** Sets, moves and calls off as many timers as a large campus has open at once; then lets the rest come due. */
const timerRound = () => {
  const keys = Array.from({ length: timers }, (_, nth) => new Spot(`door:${nth}`))
  let agenda = emptyAgenda
  const set = timed(() => {
    for (const [nth, key] of keys.entries()) agenda = withDeadline(agenda, key, (nth * 7919) % timers)
  })
  const cancel = timed(() => {
    for (const [nth, key] of keys.entries()) if (nth % 2 === 0) agenda = withDeadline(agenda, key, undefined)
  })
  const fire = timed(() => {
    for (let next = agenda.least; next !== undefined; next = agenda.least) agenda = agenda.with(next.whose, undefined)
  })
  return { set: timers / set, cancel: timers / 2 / cancel, fire: timers / 2 / fire }
}

/** The same in a map and an array that is sorted once: what no timers that come and go could do. */
const plainTimerRound = () => {
  const wanted = new Map<string, number>()
  const set = timed(() => {
    for (let nth = 0; nth < timers; nth++) wanted.set(`door:${nth}`, (nth * 7919) % timers)
  })
  return { set: timers / set }
}

const before = heapMb()
const kept = begun(ruled)
const perDoorKb = ((heapMb() - before) * 1000) / doors
tell({ rules: ruled.rules?.length, doors, passages, observations: facts.length, perDoorKb, doorsKnown: kept.facts })

const rows: Array<Row> = []
if (values.rules !== "off")
  rows.push(
    compared(
      "observations/s, all packs on",
      () => foldRound(ruled),
      plainRound,
      (counts) => counts
    )
  )
if (values.rules !== "on")
  rows.push(compared("observations/s, bare doors", () => foldRound(bare), bareRound, bareCounts))

const due = timerRound()
const plainDue = plainTimerRound()
tell({ timers, ...due, floorSet: plainDue.set })

tellTable([
  ...rows,
  { what: "timers set/s, of 100,000", gateway: due.set, floor: plainDue.set, ratio: plainDue.set / due.set },
  { what: "timers called off/s", gateway: due.cancel },
  { what: "timers fired/s", gateway: due.fire },
  { what: "kB of memory a door", gateway: perDoorKb }
])
