import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { createServer } from "node:net"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { Deferred, Effect, Option, References, type Scope } from "effect"
import { Command, Flag } from "effect/cli"
import { keptPrivately } from "../api/private-file.ts"
import type { Person } from "../domain/person.ts"
import type { Entry } from "../log/entry.ts"
import type { Settings } from "../settings/load-settings.ts"
import { CommandFailed } from "./failure.ts"
import { paint, say, sayJson, tell } from "./output.ts"
import { settingsOrFail, startFailed } from "./refused.ts"
import type { RunningGateway, Starter } from "./running.ts"

/** What the demonstration needs beside a gateway. */
export interface DemoParts extends Starter {
  /**
   * The same settings with every embedded broker on `brokerPort`, the console on `consolePort`, what is called at ports that
   * are free, and what is kept on disk below `dataDir`.
   */
  readonly relocated: (
    settings: Settings,
    to: {
      readonly brokerPort: number
      readonly consolePort: number
      readonly freePort: Effect.Effect<number>
      readonly dataDir: string
    }
  ) => Effect.Effect<Settings>
  /**
   * Starts a simulated campus, its devices waiting to be called and its people's phones to ring; `onPhone` is told what
   * comes to them. `live` connects the devices that call, and lets the campus live until the scope closes; `onStep` is told
   * what happens, in words. `told`: what was made ready for it, in words. `phones`: where the phones are looked at.
   */
  readonly openWorld: (
    settings: Settings,
    onPhone: (line: string) => void
  ) => Effect.Effect<
    {
      readonly told: ReadonlyArray<string>
      readonly phones: string | undefined
      readonly live: (options: {
        readonly url: string
        readonly onStep: (step: string) => void
      }) => Effect.Effect<void, Error, Scope.Scope>
    },
    Error,
    Scope.Scope
  >
}

/** The command promises the forced-door alert within a minute of its start. */
const alertDeadlineSeconds = 60
const brokerPort = 1883
const consolePort = 8443

/** `wanted` when nobody listens there, else a port the system gives. */
const freePort = (wanted: number): Effect.Effect<number> =>
  Effect.callback<number>((resume) => {
    const probe = (port: number) => {
      const server = createServer()
      server.once("error", () => probe(0))
      server.listen(port, "127.0.0.1", () => {
        const address = server.address()
        const got = typeof address === "object" && address !== null ? address.port : port
        server.close(() => resume(Effect.succeed(got)))
      })
    }
    probe(wanted)
  })

/** Alerts of a batch of entries that ask for somebody: new ones, and those whose condition has come back. */
const raised = (entries: ReadonlyArray<Entry>) =>
  entries.flatMap((entry) =>
    entry._tag === "Alert" && (entry.change.transition === "raised" || entry.change.transition === "reactivated")
      ? [{ ...entry.change, seq: entry.seq }]
      : []
  )

/** The campus comes to life then at the latest: that a link does not come is to be seen, too. */
const linksWithin = "20 seconds"

const dataDirectory = (data: string | undefined, headless: boolean): Effect.Effect<string, never, Scope.Scope> => {
  if (data !== undefined) return Effect.succeed(data)
  if (!headless) return Effect.succeed(join("var", "demo"))
  return Effect.acquireRelease(
    Effect.sync(() => mkdtempSync(join(tmpdir(), "gatehouse-demo-"))),
    (directory) => Effect.sync(() => rmSync(directory, { recursive: true, force: true }))
  )
}

/**
 * A token of each of the demonstration's people, who have no passwords. The demonstration alone writes them down, beside its
 * simulated campus, so that whoever stops it and starts it again finds the way in; and the machine's token of the first start.
 */
const entriesOf = (running: RunningGateway, people: ReadonlyArray<Person>, dataDir: string) => {
  const { firstToken } = running
  // A log that was taken away takes its tokens along.
  if (firstToken !== undefined) {
    writeFileSync(join(dataDir, "demo-token"), firstToken, { mode: 0o600 })
    for (const { id } of people) rmSync(join(dataDir, `demo-token-${id}`), { force: true })
  }
  return people.map((person) => {
    const token = keptPrivately(dataDir, join(dataDir, `demo-token-${person.id}`), () => running.tokenOf(person))
    return { person, address: `${running.url}/#token=${token}` }
  })
}

const announce = (running: RunningGateway, { campus, dataDir }: Settings, json: boolean): void => {
  if (json) return sayJson({ event: "started", url: running.url, openAlerts: running.openAlerts })
  const [first, ...others] = entriesOf(running, campus.people ?? [], dataDir)
  say(`Console  ${paint("bold", first?.address ?? `${running.url}/`)}`)
  for (const { person, address } of others) say(`Or as    ${person.name}, ${person.role}: ${address}`)
  if (running.openAlerts > 0)
    say(
      `         ${running.openAlerts} open alert${running.openAlerts === 1 ? "" : "s"} from before, kept as they were`
    )
}

const demonstrate = Effect.fn("demonstrate")(function* (
  parts: DemoParts,
  options: {
    readonly untilAlert: boolean
    readonly json: boolean
    readonly port: number
    readonly data: string | undefined
  }
) {
  const { untilAlert, json } = options
  const written = yield* settingsOrFail(parts.settings, "config/demo")
  const broker = yield* freePort(untilAlert ? 0 : brokerPort)
  const port = options.port > 0 ? options.port : yield* freePort(untilAlert ? 0 : consolePort)
  const dataDir = yield* dataDirectory(options.data, untilAlert)
  const settings = yield* parts.relocated(written, {
    brokerPort: broker,
    consolePort: port,
    freePort: freePort(0),
    dataDir
  })
  const onPhone = (text: string): void => (json ? sayJson({ event: "phone", text }) : say(`Phone    ${text}`))
  const world = yield* parts.openWorld(settings, onPhone).pipe(Effect.mapError(startFailed("config/demo")))
  const running = yield* parts.start(settings).pipe(Effect.mapError(startFailed("config/demo")))
  announce(running, settings, json)
  for (const text of world.told) {
    if (json) sayJson({ event: "prepared", text })
    else say(`Trust    ${text}`)
  }
  if (world.phones !== undefined && !json)
    say(`Phones   ${world.phones} shows the people's phones, and answers for them`)

  const forced = yield* Deferred.make<void>()
  const stop = running.subscribe((entries) => {
    for (const change of raised(entries)) {
      const { id, condition, priority, title, door, occurredAt, rule, configVersion } = change.alert
      if (json)
        sayJson({
          event: "alert",
          seq: change.seq,
          id,
          condition,
          priority,
          title,
          door,
          occurredAt: new Date(occurredAt).toISOString(),
          rule,
          configVersion
        })
      else say(`${paint("red", "Alert")}    ${id}  priority ${priority}  ${title}`)
      for (const reason of json ? [] : change.why) say(`           ${reason.text}`)
      if (condition === "DoorForcedOpen") Deferred.doneUnsafe(forced, Effect.void)
    }
  })
  yield* Effect.addFinalizer(() => Effect.sync(stop))
  const onStep = (step: string): void => (json ? sayJson({ event: "step", text: step }) : say(`Campus   ${step}`))
  // What people do before their door is heard would be told as an opening without its cause.
  yield* running.online(settings.links.map(({ id }) => id)).pipe(Effect.timeoutOption(linksWithin))
  yield* world.live({ url: `mqtt://127.0.0.1:${broker}`, onStep }).pipe(Effect.mapError(startFailed("config/demo")))
  if (!json) tell("Ctrl-C stops the demonstration; what happened is kept.")
  if (!untilAlert) return yield* Effect.never
  yield* Deferred.await(forced)
})

/** `gatehouse demo`: a simulated campus, the gateway and its console, with nothing to install or configure. */
export const demoCommand = (load: () => Promise<DemoParts>) =>
  Command.make(
    "demo",
    {
      until: Flag.Literals("until", ["alert"]).pipe(
        Flag.withDescription("End once the forced-door alert is in the log (exit 0), or after 60 s (exit 1)"),
        Flag.optional
      ),
      json: Flag.Boolean("json").pipe(
        Flag.withDescription("What happens as newline-delimited JSON"),
        Flag.withDefault(false)
      ),
      port: Flag.Int("port").pipe(
        Flag.withDescription("Port of the console (default: 8443, else a free one)"),
        Flag.withDefault(0)
      ),
      data: Flag.String("data").pipe(Flag.withDescription("Where the log is kept (default: var/demo)"), Flag.optional)
    },
    Effect.fn("demo")(function* ({ until, json, port, data }) {
      const untilAlert = Option.isSome(until)
      const parts = yield* Effect.promise(load)
      const options = { untilAlert, json, port, data: Option.getOrUndefined(data) }
      // Its own lines tell what happens; the parts are heard only when something is wrong.
      const work = Effect.scoped(demonstrate(parts, options)).pipe(
        Effect.provideService(References.MinimumLogLevel, "Warn")
      )
      if (!untilAlert) return yield* work
      yield* work.pipe(
        Effect.timeoutOrElse({
          duration: `${alertDeadlineSeconds} seconds`,
          orElse: () =>
            Effect.fail(
              new CommandFailed({
                exitCode: 1,
                reason: `no DoorForcedOpen alert within ${alertDeadlineSeconds} s`,
                next: "npm run gatehouse -- check config/demo"
              })
            )
        })
      )
    })
  ).pipe(Command.withDescription("A simulated campus with the whole gateway and its console"))
