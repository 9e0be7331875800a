/**
 * What the correlator costs by itself, without log or network: the fold over the doors of a large campus with every shipped
 * rule on, beside a machine of the same doors written by hand, changed in place; a hundred thousand open timers; memory.
 *
 *     node test/bench/correlation.ts [--doors 10000] [--passages 60000] [--rounds 3] [--rules off]
 *
 * Both are given the same passages, and must tell the same alarms. One JSON line a measurement, then the table with each
 * figure beside its floor. Seconds are of processor time. Absolute figures belong to the machine; ratios are the finding.
 */
import { parseArgs } from "node:util"
import { setFlagsFromString } from "node:v8"
import { runInNewContext } from "node:vm"
import { emptyAgenda, nearest, withDeadline } from "../../gateway/correlation/agenda.ts"
import type { Situation } from "../../gateway/correlation/situation.ts"
import { fold, initial, nextDue } from "../../gateway/correlation/fold.ts"
import type { Fact } from "../../gateway/domain/fact.ts"
import { LinkId } from "../../gateway/domain/ids.ts"
import { dayBegins, factOf, sightsOf } from "./parts/door-day.ts"
import { PlainDoors } from "./parts/plain-doors.ts"
import { recordedCampus } from "./parts/recorded-campus.ts"
import { type Row, tell, tellTable } from "./parts/report.ts"
import { shippedRules } from "./parts/shipped-rules.ts"
import { medianOf } from "./parts/spread.ts"

const { values } = parseArgs({
  options: {
    doors: { type: "string", default: "10000" },
    passages: { type: "string", default: "60000" },
    rounds: { type: "string", default: "3" },
    rules: { type: "string", default: "on" }
  }
})
const [doors, passages, rounds] = [Number(values.doors), Number(values.passages), Number(values.rounds)]

/** Each door is passed about once in ten minutes, as in a building that is in use. */
const lastsMs = Math.round((passages / doors) * 600_000)

setFlagsFromString("--expose-gc")
const collect = runInNewContext("gc") as () => void

const heapMb = (): number => {
  collect()
  return process.memoryUsage().heapUsed / 1e6
}

const rules = values.rules === "off" ? [] : shippedRules()
const plain = recordedCampus(doors, 30)
const campus = rules.length === 0 ? plain : { ...plain, rules }
const sights = sightsOf(doors, passages, lastsMs)
const facts = sights.map(factOf)
const first = Array.from({ length: doors }, (_, door) => factOf({ at: dayBegins, door, what: "closed" }))

/** The correlator as intake runs it: deadlines are facts of time, at their instant. */
class Folding {
  situation: Situation = initial
  facts = 0
  readonly counts: Record<string, number> = {}
  #seq = 0

  enter(fact: Fact): void {
    const { situation, decisions } = fold(this.situation, ++this.#seq, fact)
    this.situation = situation
    this.#seq += decisions.length
    this.facts++
    for (const decision of decisions) {
      if (decision._tag === "Incident" || decision._tag === "Notification") continue
      const name = decision._tag === "Event" ? decision.event._tag : nameOf(decision.change)
      if (name !== undefined) this.counts[name] = (this.counts[name] ?? 0) + 1
    }
  }

  pass(until: number): void {
    for (let due = nextDue(this.situation); due !== undefined && due <= until; due = nextDue(this.situation)) {
      this.enter({ _tag: "TimePassed", at: due })
    }
  }
}

const nameOf = ({
  transition,
  alert
}: {
  readonly transition: string
  readonly alert: { readonly condition: string }
}) => (transition === "raised" || transition === "reactivated" ? alert.condition : undefined)

const begun = (): Folding => {
  const folding = new Folding()
  folding.enter({ _tag: "GatewayStarted", at: dayBegins })
  folding.enter({ _tag: "ConfigApplied", at: dayBegins, version: "v1", campus, by: "bench" })
  folding.enter({ _tag: "LinkChanged", at: dayBegins, link: LinkId.make("mqtt"), state: { _tag: "Online" } })
  for (const fact of first) folding.enter(fact)
  return folding
}

const end = (sights.at(-1)?.at ?? dayBegins) + 120_000

/** Seconds of this thread's own processor time: what else the machine does falls on neither side. */
const timed = (work: () => void): number => {
  collect()
  const began = process.threadCpuUsage()
  work()
  const { user, system } = process.threadCpuUsage(began)
  return (user + system) / 1e6
}

const foldRound = () => {
  const folding = begun()
  const seconds = timed(() => {
    for (const fact of facts) {
      folding.pass(fact.at)
      folding.enter(fact)
    }
    folding.pass(end)
  })
  const { counts } = folding
  return { rate: facts.length / seconds, folded: folding.facts, counts }
}

const plainRound = () => {
  const machine = new PlainDoors(campus)
  for (const fact of first) machine.hear(fact)
  const seconds = timed(() => {
    for (const fact of facts) machine.hear(fact)
    machine.pass(end)
  })
  return { rate: facts.length / seconds, counts: machine.counts }
}

const timers = 100_000

/** Sets, moves and calls off as many timers as a large campus has open at once; then lets the rest come due. */
const timerRound = () => {
  const keys = Array.from({ length: timers }, (_, nth) => `door:${nth}`)
  let agenda = emptyAgenda
  const set = timed(() => {
    for (const [nth, key] of keys.entries()) agenda = withDeadline(agenda, key, (nth * 7919) % timers)
  })
  const cancel = timed(() => {
    for (const [nth, key] of keys.entries()) if (nth % 2 === 0) agenda = withDeadline(agenda, key, undefined)
  })
  const fire = timed(() => {
    for (let next = nearest(agenda); next !== undefined; next = nearest(agenda)) {
      agenda = withDeadline(agenda, next.key, undefined)
    }
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
const kept = begun()
const perDoorKb = ((heapMb() - before) * 1000) / doors
tell({ rules: rules.length, doors, passages, observations: facts.length, perDoorKb, doorsKnown: kept.facts })

const folds: Array<ReturnType<typeof foldRound>> = []
const plains: Array<ReturnType<typeof plainRound>> = []
for (let round = 0; round < rounds; round++) {
  plains.push(plainRound())
  folds.push(foldRound())
  tell({ round, fold: folds.at(-1)?.rate, floor: plains.at(-1)?.rate, folded: folds.at(-1)?.folded })
}
const [told, known] = [folds[0]?.counts ?? {}, plains[0]?.counts]
tell({ told, floor: known })
const alarms = [told["DoorForcedOpen"] ?? 0, told["DoorOpenTooLong"] ?? 0]
const agree = alarms[0] === known?.forced && alarms[1] === known?.held
if (!agree) {
  console.log("the two machines tell different alarms: their figures cannot be compared")
  process.exitCode = 1
}

const due = timerRound()
const plainDue = plainTimerRound()
tell({ timers, ...due, floorSet: plainDue.set })

const rate = medianOf(folds.map((one) => one.rate))
const floor = medianOf(plains.map((one) => one.rate))
const rows: ReadonlyArray<Row> = [
  { what: "observations/s, fold alone", gateway: rate, floor, ratio: floor / rate, aim: { atMost: 3 } },
  { what: "timers set/s, of 100,000", gateway: due.set, floor: plainDue.set, ratio: plainDue.set / due.set },
  { what: "timers called off/s", gateway: due.cancel },
  { what: "timers fired/s", gateway: due.fire },
  { what: "kB of memory a door", gateway: perDoorKb }
]
tellTable(rows)
