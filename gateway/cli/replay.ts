import { join } from "node:path"
import { Effect, Option } from "effect"
import { Command, Flag } from "effect/cli"
import { wireJson } from "../domain/wire.ts"
import type { Settings } from "../settings/load-settings.ts"
import type { RecordedLog } from "../log/recorded-log.ts"
import { heldSpan, type Span } from "../replay/span.ts"
import type { Replayed } from "../replay/replay.ts"
import type { ReplayFailed, ReplayInThreads } from "../replay/threads.ts"
import { CommandFailed, usage } from "./failure.ts"
import { instantOf, shownIn } from "./instant.ts"
import { paint, quoted, say, several, tell } from "./output.ts"
import { progressBar } from "./progress.ts"
import { settingsOrFail } from "./refused.ts"
import { replayLines } from "./replay-lines.ts"
import { usualConfig } from "./usual-config.ts"

/** What `replay` needs of the gateway. */
export interface ReplayParts {
  /** The configuration in `rules`; where that is none whole, what it changes of the one in `config`. Throws `SettingsRefused`. */
  readonly changed: (rules: string, config: string) => Settings
  /** Opens a log so that it cannot be written. Throws when there is none. */
  readonly open: (file: string) => RecordedLog
  readonly replay: (options: ReplayInThreads) => Effect.Effect<Replayed, ReplayFailed>
}

interface Options {
  readonly rules: string
  readonly config: string
  readonly from: string
  readonly to: string
  readonly data: string | undefined
  readonly json: boolean
  readonly all: boolean
}

/** It stays open until the threads have closed theirs: the last one leaves the directory as it was. */
const opened = (open: ReplayParts["open"], file: string) =>
  Effect.acquireRelease(
    Effect.try({
      try: () => open(file),
      catch: (cause) =>
        new CommandFailed({
          exitCode: 3,
          reason: `the log cannot be read: ${cause instanceof Error ? cause.message : String(cause)}`,
          next: "npm run gatehouse -- replay --data <data directory>"
        })
    }),
    (log) => Effect.sync(log.close)
  )

const run = (
  parts: ReplayParts,
  options: Omit<ReplayInThreads, "onProgress">
): Effect.Effect<Replayed, CommandFailed> =>
  Effect.suspend(() => {
    const bar = progressBar("of the log")
    const onProgress: ReplayInThreads["onProgress"] = ({ done, of }) => bar.show(done, of)
    return parts.replay({ ...options, onProgress }).pipe(
      Effect.ensuring(Effect.sync(bar.end)),
      Effect.mapError(
        ({ message }) => new CommandFailed({ exitCode: 1, reason: message, next: "npm run gatehouse -- log verify" })
      )
    )
  })

/** The span, read by the site's clocks. */
const spanOf = ({ from, to }: Options, timeZone: string): Effect.Effect<Span, CommandFailed> =>
  Effect.suspend(() => {
    const context = { timeZone, now: Date.now() }
    const next = "npm run gatehouse -- replay --from 30d --to now"
    try {
      const span = { from: instantOf(from, context), to: instantOf(to, context) }
      if (span.from < span.to) return Effect.succeed(span)
      return Effect.fail(usage(`--from (${from}) is not before --to (${to})`, next))
    } catch (cause) {
      return Effect.fail(usage(cause instanceof Error ? cause.message : String(cause), next))
    }
  })

/** What to say of a time that the log holds nothing of: a script must not take it for a change without effect. */
const nothingHeld = (
  { span: held }: RecordedLog,
  { from, to }: Span,
  shown: (at: number) => string
): readonly [reason: string, next: string] => {
  const holds = held === undefined ? "is empty" : `goes from ${shown(held.first.at)} to ${shown(held.last.at)}`
  return [
    `nothing is recorded from ${shown(from)} to ${shown(to)}: the log ${holds}`,
    `npm run gatehouse -- replay --from ${held === undefined ? "30d" : quoted(shown(held.first.at))}`
  ]
}

const defaults: Partial<Options> = { config: usualConfig, from: "30d", to: "now" }

/** The flags that were given, as they would be typed again. */
const flagsOf = (options: Options, names: ReadonlyArray<"rules" | "config" | "data" | "from" | "to">): string =>
  names
    .flatMap((name) => {
      const value = options[name]
      return value === undefined || value === defaults[name] ? [] : [` --${name} ${quoted(value)}`]
    })
    .join("")

/** How it ends: a difference is no failure, but a script wants to know; and what must not happen has a code of its own. */
const ending = ({ difference }: Replayed, options: Options): Effect.Effect<void, CommandFailed> => {
  const { realIncidents, added, removed, moved } = difference
  const [first] = realIncidents
  if (first !== undefined) {
    const next = `npm run gatehouse -- explain alert ${first.alert}${flagsOf(options, ["data"])}`
    const reason = `${several(realIncidents.length, "real incident")} would be missed or called later`
    return Effect.fail(new CommandFailed({ exitCode: 6, reason, next }))
  }
  if (added + removed + moved > 0) {
    const next = `npm run gatehouse -- replay${flagsOf(options, ["rules", "config", "data", "from", "to"])} --all`
    return Effect.fail(new CommandFailed({ exitCode: 5, next }))
  }
  return Effect.void
}

const replayed = Effect.fnUntraced(function* (parts: ReplayParts, options: Options) {
  const { campus, configVersion, dataDir } = yield* settingsOrFail(
    () => parts.changed(options.rules, options.config),
    options.rules,
    // Sections of a configuration cannot be checked alone.
    {
      nothingWas: "replayed",
      next: `npm run gatehouse -- replay --rules ${quoted(options.rules)}   # once it is put right`
    }
  )
  const { timeZone, id } = campus.site
  const span = yield* spanOf(options, timeZone)
  const file = join(options.data ?? dataDir, "gatehouse.db")
  const log = yield* opened(parts.open, file)
  if (log.site !== id) {
    return yield* new CommandFailed({
      exitCode: 1,
      reason: `the log is of site "${log.site}", and ${options.rules} is of site "${id}"`,
      next: "npm run gatehouse -- replay --data <data directory of that site>"
    })
  }
  const shown = shownIn(timeZone)
  if (heldSpan(log, span) === undefined) return yield* usage(...nothingHeld(log, span, shown))
  const began = Date.now()
  const done = yield* run(parts, { file, span, change: { campus, version: configVersion } })
  const seconds = ((Date.now() - began) / 1000).toFixed(1)
  if (options.json) say(wireJson({ ...done, changed: { file: options.rules, version: configVersion } }))
  else {
    const facts = done.facts.toLocaleString("en-US")
    say(paint("bold", `${shown(done.from)} to ${shown(done.to)} (${timeZone}): ${facts} facts`))
    say(`as recorded, beside ${options.rules} (configuration ${configVersion})`)
    say("")
    for (const line of replayLines(done, { shown, all: options.all })) say(line)
  }
  tell(
    `replayed ${(done.facts + done.factsBefore).toLocaleString("en-US")} facts twice in ${seconds} s; nothing was written`
  )
  return yield* ending(done, options)
})

const flag = (name: string, description: string) =>
  Flag.Boolean(name).pipe(Flag.withDescription(description), Flag.withDefault(false))

const text = (name: string, metavar: string, description: string, fallback: string) =>
  Flag.String(name).pipe(Flag.withMetavar(metavar), Flag.withDescription(description), Flag.withDefault(fallback))

/** `gatehouse replay`: what another configuration would have made of the recorded facts. */
export const replayCommand = (load: () => Promise<ReplayParts>) =>
  Command.make(
    "replay",
    {
      from: text("from", "time", "2026-11-03, '2026-11-03 08:00', an ISO time, or how long ago (default: 30d)", "30d"),
      to: text("to", "time", "Until then (default: now)", "now"),
      rules: text(
        "rules",
        "path",
        `What is changed: a configuration, or sections of one over --config (default: ${usualConfig})`,
        usualConfig
      ),
      config: text("config", "path", `What sections in --rules are laid over (default: ${usualConfig})`, usualConfig),
      data: Flag.String("data").pipe(
        Flag.withDescription("The gateway's data directory (default: dataDir of the changed configuration)"),
        Flag.optional
      ),
      json: flag("json", "One JSON object: sums, shares, every call that differs"),
      all: flag("all", "Every call that differs, not only the first")
    },
    Effect.fn("replay")(function* ({ data, ...options }) {
      const parts = yield* Effect.promise(load)
      yield* Effect.scoped(replayed(parts, { ...options, data: Option.getOrUndefined(data) }))
    })
  ).pipe(Command.withDescription("What another configuration would have made of the recorded log; changes nothing"))
