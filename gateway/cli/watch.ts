import { Deferred, Effect, Option } from "effect"
import { Command, Flag } from "effect/cli"
import { type Entry, isOfKind } from "../log/entry.ts"
import { durationFlag } from "./duration.ts"
import { speaksOf } from "./entry-words.ts"
import { gatewayAt, gatewayFlags } from "./gateway-client.ts"
import { describeEntry, describeRaw } from "./line.ts"
import { say, sayJson } from "./output.ts"
import { everySecond, makeRate } from "./rate.ts"
import { streamEntries } from "./stream-entries.ts"

interface Filter {
  readonly door: string | undefined
  readonly device: string | undefined
  readonly kind: Entry["_tag"] | undefined
  readonly filter: ReadonlyArray<string>
  readonly not: ReadonlyArray<string>
  /** Only what was observed: what a device said, with its source. */
  readonly raw: boolean
}

const wanted = (entry: Entry, { door, device, kind, filter, not, raw }: Filter): boolean =>
  (door === undefined || entry.door === door) &&
  (device === undefined || entry.device === device) &&
  (kind === undefined || isOfKind(entry, kind)) &&
  (!raw || (entry._tag === "Fact" && entry.fact._tag === "Observed")) &&
  filter.every((text) => speaksOf(entry, text)) &&
  !not.some((text) => speaksOf(entry, text))

const texts = (name: string, description: string) =>
  Flag.String(name).pipe(Flag.withMetavar("text"), Flag.withDescription(description), Flag.atLeast(0))

const flag = (name: string, description: string) =>
  Flag.Boolean(name).pipe(Flag.withDescription(description), Flag.withDefault(false))

const flags = {
  ...gatewayFlags,
  json: flag("json", "Whole entries as newline-delimited JSON"),
  door: Flag.String("door").pipe(Flag.withDescription("Only this door"), Flag.optional),
  device: Flag.String("device").pipe(Flag.withDescription("Only this device"), Flag.optional),
  kind: Flag.Literals("kind", ["Fact", "Event", "Alert", "Incident", "Notification"]).pipe(
    Flag.withDescription("Only this kind of entry; Event: each that tells an event"),
    Flag.optional
  ),
  filter: texts("filter", "Only what has this text in its device, door, kind or words; given twice: both"),
  not: texts("not", "Leave out what has this text in its device, door, kind or words"),
  number: Flag.Int("number").pipe(
    Flag.withAlias("n"),
    Flag.withDescription("End after this many lines"),
    Flag.filter(
      (count) => count > 0,
      () => "a whole number above 0"
    ),
    Flag.optional
  ),
  for: durationFlag("for", "End after this long, such as 30s").pipe(Flag.optional),
  raw: flag("raw", "What devices said, with its topic, and the message as it came where it was kept"),
  rate: flag("rate", "How many entries of each kind there are in each second"),
  follow: flag("follow", "Connect again when the gateway is gone, behind the last entry seen: nothing is missed")
}

/** `gatehouse watch`: what enters a running gateway's log, as it enters. */
export const watchCommand = Command.make(
  "watch",
  flags,
  Effect.fn("watch")(function* ({ url, token, json, number, for: forMs, rate, follow, ...rest }) {
    const { door, device, kind, filter, not, raw } = rest
    const sieve: Filter = {
      door: Option.getOrUndefined(door),
      device: Option.getOrUndefined(device),
      kind: Option.getOrUndefined(kind),
      filter,
      not,
      raw
    }
    const most = Option.getOrElse(number, () => Infinity)
    const enough = yield* Deferred.make<void>()
    let shown = 0
    const show = (line: () => void): void => {
      // What comes in the same chunk behind the last line wanted.
      if (shown >= most) return
      line()
      if (++shown >= most) Deferred.doneUnsafe(enough, Effect.void)
    }
    const counted = makeRate()
    const take = (entry: Entry): void => {
      if (!wanted(entry, sieve)) return
      if (rate) counted.count(entry)
      else show(() => (json ? sayJson(entry) : say(raw ? describeRaw(entry) : describeEntry(entry))))
    }
    const ends: Array<Effect.Effect<void>> = [Deferred.await(enough)]
    if (Option.isSome(forMs)) ends.push(Effect.sleep(forMs.value))
    if (rate) ends.push(everySecond(() => show(() => (json ? sayJson(counted.take()) : say(counted.line())))))
    const watching = streamEntries(gatewayAt(url, token, "watch"), { again: follow }, take)
    yield* Effect.raceAllFirst([watching, ...ends])
  })
).pipe(Command.withDescription("Follow a running gateway's log, live"))
