import { Effect, Option } from "effect"
import { Command, Flag } from "effect/cli"
import { countProblems, renderProblem } from "../settings/problem.ts"
import type { AlarmMessage } from "../watchdog/alarm-ways.ts"
import type { Look, Notice, Sign } from "../watchdog/watched.ts"
import type { WatchdogSettings } from "../watchdog/watchdog-settings.ts"
import { CommandFailed, usage } from "./failure.ts"
import { paint, printable, say, sayJson, tell } from "./output.ts"

/** What `watchdog` needs; loaded only when the command runs. */
export interface WatchdogParts {
  readonly read: typeof import("../watchdog/watchdog-settings.ts").readWatchdog
  readonly watch: typeof import("../watchdog/watch.ts").watchGateway
  readonly look: typeof import("../watchdog/watch.ts").lookNow
  readonly tellBy: typeof import("../watchdog/alarm-ways.ts").tellBy
  readonly testMessage: typeof import("../watchdog/alarm-ways.ts").testMessage
  readonly wayName: typeof import("../watchdog/alarm-ways.ts").wayName
  readonly signs: ReadonlyArray<Sign>
}

const on = (name: string, description: string) =>
  Flag.Boolean(name).pipe(Flag.withDescription(description), Flag.withDefault(false))

const flags = {
  config: Flag.String("config").pipe(
    Flag.withAlias("c"),
    Flag.withDescription("The watchdog's own YAML file; it says whom to call"),
    Flag.optional
  ),
  url: Flag.String("url").pipe(
    Flag.withDescription("Where the gateway is; in place of what the file says"),
    Flag.filter(
      (url) => /^https?:\/\//.test(url) && URL.canParse(url),
      () => "an address such as https://gatehouse.campus.edu:8443"
    ),
    Flag.optional
  ),
  command: Flag.String("alarm-command").pipe(
    Flag.withMetavar("program"),
    Flag.withDescription("A program to run at each alarm, besides what the file says"),
    Flag.optional
  ),
  json: on("json", "One JSON object a line"),
  once: on("once", "Look at the health once, and end with 0 (well), 1 (not well) or 3 (not reachable)"),
  tryAlarms: on("try-alarms", "Send one test by each way, and end")
}

const settingsOf = (
  { read }: WatchdogParts,
  config: Option.Option<string>,
  url: Option.Option<string>,
  command: Option.Option<string>
): Effect.Effect<WatchdogSettings, CommandFailed> =>
  Effect.suspend(() => {
    if (Option.isNone(config) && Option.isNone(url)) {
      return Effect.fail(
        usage("which gateway?", "npm run gatehouse -- watchdog --url https://gatehouse.campus.edu:8443")
      )
    }
    const found = read(Option.getOrUndefined(config), {
      url: Option.getOrUndefined(url),
      command: Option.getOrUndefined(command)
    })
    if (found.settings !== undefined) return Effect.succeed(found.settings)
    for (const problem of found.problems) tell(renderProblem(problem, paint))
    const reason = `nothing is watched: ${countProblems(found.problems)}`
    return Effect.fail(new CommandFailed({ exitCode: 1, reason, next: "npm run gatehouse -- watchdog --help" }))
  })

const colours = { alarm: "red", still: "red", "well again": "green" } as const

const long = (ms: number): string => (ms < 90_000 ? `${Math.round(ms / 1000)} s` : `${Math.round(ms / 60_000)} min`)

const noticeLine = ({ kind, sign, why, lastedMs }: Notice, at: number): string =>
  `${new Date(at).toISOString()} ${paint(colours[kind], kind.toUpperCase())} ${sign}, for ${long(lastedMs)}: ${printable(why)}`

const toldLine = (way: string, { kind, sign }: AlarmMessage, failure: string | undefined): string =>
  failure === undefined
    ? `told ${way}: ${kind}, ${sign}`
    : `${way} did not take it (${kind}, ${sign}): ${printable(failure)}; it is tried again`

const tryAlarms = Effect.fnUntraced(function* (parts: WatchdogParts, { config }: WatchdogSettings, json: boolean) {
  const message = parts.testMessage(config.gateway.url, Date.now())
  const failures = yield* Effect.forEach(config.alarms, (way) =>
    Effect.result(parts.tellBy(way, message)).pipe(
      Effect.map((told) => {
        const failure = told._tag === "Failure" ? told.failure : undefined
        const name = parts.wayName(way)
        if (json) sayJson({ way: name, ok: failure === undefined, ...(failure === undefined ? {} : { why: failure }) })
        else
          say(
            failure === undefined
              ? `${paint("green", "✔")} ${name}`
              : `${paint("red", "✖")} ${name}: ${printable(failure)}`
          )
        return failure
      })
    )
  )
  const failed = failures.filter((failure) => failure !== undefined).length
  if (config.alarms.length === 0)
    return yield* usage("there is nobody to call: the file names no alarms", "npm run gatehouse -- watchdog --help")
  if (failed === 0) return
  return yield* new CommandFailed({
    exitCode: 1,
    reason: `${failed} of ${config.alarms.length} ways did not take the test`,
    next: "npm run gatehouse -- watchdog --try-alarms --config <file>"
  })
})

const wordOf = (look: Look, sign: Sign): string => {
  const seen = look[sign]
  return seen.is === "failing" ? `failing: ${printable(seen.why)}` : seen.is
}

const lookOnce = Effect.fnUntraced(function* (parts: WatchdogParts, { config }: WatchdogSettings, json: boolean) {
  const look = yield* parts.look(config)
  const failing = parts.signs.filter((sign) => look[sign].is === "failing")
  if (json) sayJson({ ok: failing.length === 0, signs: look })
  else for (const sign of parts.signs) if (look[sign].is !== "not seen") say(`${sign}: ${wordOf(look, sign)}`)
  if (failing.length === 0) return
  return yield* new CommandFailed({
    exitCode: failing.includes("gateway") ? 3 : 1,
    reason: `${config.gateway.url}: ${failing.map((sign) => `${sign} ${wordOf(look, sign)}`).join("; ")}`,
    next: `npm run gatehouse -- status --url ${config.gateway.url}`
  })
})

/** `gatehouse watchdog`: watches a gateway from a second host, and alarms when it, its outbox or its stream stops. */
export const watchdogCommand = (load: () => Promise<WatchdogParts>) =>
  Command.make(
    "watchdog",
    flags,
    Effect.fn("watchdog")(function* ({ config, url, command, json, once, tryAlarms: tries }) {
      const parts = yield* Effect.promise(load)
      const settings = yield* settingsOf(parts, config, url, command)
      if (tries) return yield* tryAlarms(parts, settings, json)
      if (once) return yield* lookOnce(parts, settings, json)
      const { gateway, alarms, alarmAfterSeconds } = settings.config
      if (alarms.length === 0) tell("nobody is called: no alarms are configured; what is found is only said here")
      if (settings.token === undefined)
        tell("without a token (gateway.token, GATEHOUSE_TOKEN) the stream is not followed")
      tell(`watching ${gateway.url}; what fails for ${alarmAfterSeconds} s is an alarm; Ctrl-C ends it`)
      yield* Effect.scoped(
        parts.watch({
          ...settings,
          voice: {
            notice: (notice, at) =>
              json ? sayJson({ ...notice, at: new Date(at).toISOString() }) : say(noticeLine(notice, at)),
            told: (way, message, failure) =>
              json
                ? sayJson({
                    way,
                    told: failure === undefined,
                    key: message.key,
                    sign: message.sign,
                    ...(failure === undefined ? {} : { why: failure })
                  })
                : tell(toldLine(way, message, failure))
          }
        })
      )
    })
  ).pipe(
    Command.withDescription("Watch a gateway from a second host, and alarm when it, its outbox or its stream stops")
  )
