import { Schema } from "effect"
import type { Action } from "../campus/action.ts"
import { orderVerbs } from "./order-verbs.ts"
import type { Where } from "./problem.ts"
import type { Carriage, Step } from "./scenario.ts"
import { Duration, type Verb, verb } from "./written.ts"

const Name = Schema.NonEmptyString

const at = { at: Duration }

const Times = Schema.Int.pipe(
  Schema.check(Schema.isBetween({ minimum: 1, maximum: 100 }, { expected: "a whole number from 1 to 100" }))
)

/** What may happen to a message on its way, on any step that makes one. */
const carriage = {
  /** It arrives this much later. */
  delay: Schema.optionalKey(Duration),
  /** The source says it this often. */
  times: Schema.optionalKey(Times),
  /** It comes once more, marked, because its acknowledgement was lost. */
  redelivered: Schema.optionalKey(Schema.Boolean)
}

interface WrittenCarriage {
  readonly delay?: number | undefined
  readonly times?: number | undefined
  readonly redelivered?: boolean | undefined
}

const carriageOf = ({ delay, times, redelivered }: WrittenCarriage, retained = false): Carriage => ({
  delayMs: delay ?? 0,
  times: times ?? 1,
  redelivered: redelivered === true,
  retained
})

/** A contact that bounces before it rests. */
const Bounce = Schema.Struct({
  edges: Schema.Int.pipe(
    Schema.check(
      Schema.makeFilter((edges) =>
        edges >= 3 && edges <= 99 && edges % 2 === 1
          ? undefined
          : "Expected an odd number from 3 to 99: the last edge is the one that stays"
      )
    )
  ),
  within: Duration
})

type Item = WrittenCarriage & { readonly at: number }

const acts = (item: Item, where: Where, action: Action, afterMs = 0): Step => ({
  _tag: "Acts",
  atMs: item.at + afterMs,
  where,
  action,
  carriage: carriageOf(item)
})

const moves = (
  item: Item & { readonly bounce?: typeof Bounce.Type | undefined },
  where: Where,
  door: string,
  open: boolean
): ReadonlyArray<Step> => {
  const { edges, within } = item.bounce ?? { edges: 1, within: 0 }
  return Array.from({ length: edges }, (_, nth) => {
    const _tag = (nth % 2 === 0) === open ? "Open" : "Close"
    const afterMs = edges === 1 ? 0 : Math.round((nth * within) / (edges - 1))
    return acts(item, where, { _tag, door }, afterMs)
  })
}

/** Without `for` it lasts. */
const lasts = (
  item: Item & { readonly for?: number | undefined },
  where: Where,
  begin: Action,
  end: Action
): ReadonlyArray<Step> => [
  acts(item, where, begin),
  ...(item.for === undefined ? [] : [acts(item, where, end, item.for)])
]

/** How long the sensor of an exit sees somebody, when the scenario does not say. */
const exitMs = 1000

const people: Readonly<Record<string, Verb<ReadonlyArray<Step>>>> = {
  badge: verb(
    {
      badge: Name,
      ...at,
      person: Schema.optionalKey(Name),
      granted: Schema.optionalKey(Schema.Boolean),
      ...carriage
    },
    (item, where) => {
      const { badge: door, person = "somebody", granted = true } = item
      return [acts(item, where, { _tag: "Badge", door, person, granted })]
    }
  ),
  open: verb({ open: Name, ...at, bounce: Schema.optionalKey(Bounce), ...carriage }, (item, where) =>
    moves(item, where, item.open, true)
  ),
  close: verb({ close: Name, ...at, bounce: Schema.optionalKey(Bounce), ...carriage }, (item, where) =>
    moves(item, where, item.close, false)
  ),
  exit: verb({ exit: Name, ...at, for: Schema.optionalKey(Duration), ...carriage }, (item, where) => {
    const door = item.exit
    return lasts(
      { ...item, for: item.for ?? exitMs },
      where,
      { _tag: "RequestExit", door },
      { _tag: "EndExitRequest", door }
    )
  }),
  tamper: verb({ tamper: Name, ...at, for: Schema.optionalKey(Duration), ...carriage }, (item, where) => {
    const door = item.tamper
    return lasts(item, where, { _tag: "Tamper", door, on: true }, { _tag: "Tamper", door, on: false })
  }),
  lock: verb({ lock: Name, ...at, ...carriage }, (item, where) => [
    acts(item, where, { _tag: "TurnLock", door: item.lock, locked: true })
  ]),
  unlock: verb({ unlock: Name, ...at, ...carriage }, (item, where) => [
    acts(item, where, { _tag: "TurnLock", door: item.unlock, locked: false })
  ]),
  panic: verb({ panic: Name, ...at, ...carriage }, (item, where) => [
    acts(item, where, { _tag: "PressPanic", device: item.panic })
  ])
}

const faults: Readonly<Record<string, Verb<ReadonlyArray<Step>>>> = {
  repeat: verb({ repeat: Name, ...at, ...carriage }, (item, where) => [
    acts(item, where, { _tag: "Repeat", device: item.repeat })
  ]),
  offline: verb({ offline: Name, ...at, for: Schema.optionalKey(Duration) }, (item, where) => {
    const device = item.offline
    return lasts(item, where, { _tag: "Offline", device }, { _tag: "Online", device })
  }),
  online: verb({ online: Name, ...at }, (item, where) => [acts(item, where, { _tag: "Online", device: item.online })]),
  clock: verb(
    {
      clock: Name,
      at: Schema.optionalKey(Duration),
      ahead: Schema.optionalKey(Duration),
      behind: Schema.optionalKey(Duration)
    },
    (item, where) => [
      {
        _tag: "SetsClock",
        atMs: item.at ?? Number.NEGATIVE_INFINITY,
        where,
        device: item.clock,
        offsetMs: (item.ahead ?? 0) - (item.behind ?? 0)
      }
    ]
  ),
  hold: verb({ hold: Name, ...at, for: Duration }, (item, where) => [
    { _tag: "HoldsBack", atMs: item.at, where, device: item.hold, untilMs: item.at + item.for }
  ]),
  send: verb(
    { send: Name, ...at, payload: Schema.Unknown, retained: Schema.optionalKey(Schema.Boolean), ...carriage },
    (item, where) => [
      {
        _tag: "Sends",
        atMs: item.at,
        where,
        topic: item.send,
        payload: typeof item.payload === "string" ? item.payload : JSON.stringify(item.payload),
        carriage: carriageOf(item, item.retained === true)
      }
    ]
  ),
  restart: verb(
    {
      restart: Schema.Literal("gateway"),
      ...at,
      for: Duration,
      session: Schema.optionalKey(Schema.Literals(["kept", "lost"]))
    },
    (item, where) => [
      { _tag: "Restarts", atMs: item.at, where, backMs: item.at + item.for, session: item.session ?? "kept" }
    ]
  )
}

/** Every way to write a step: what people do, what goes wrong, what officers say. */
export const stepVerbs: Readonly<Record<string, Verb<ReadonlyArray<Step>>>> = { ...people, ...faults, ...orderVerbs }
