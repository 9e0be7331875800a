import { Context, Data, Effect, Layer, Queue, Semaphore } from "effect"
import type { NotKept } from "../../adapters/adapter.ts"
import { type ConfigProblem, configProblemsKept } from "../domain/configuration.ts"
import { Intake } from "../intake/intake.ts"
import { changesBetween } from "./config-changes.ts"
import { type ConfigSource, besideOf } from "./config-source.ts"
import type { Settings } from "./load-settings.ts"
import type { Problem } from "./problem.ts"
import { obstaclesOf, type ToldSettings } from "./told-settings.ts"

/** The configuration has errors: nothing of it was put in force. */
export class ConfigurationWrong extends Data.TaggedError("ConfigurationWrong")<{
  readonly problems: ReadonlyArray<ConfigProblem>
}> {
  override get message(): string {
    const [first] = this.problems
    const where = first === undefined ? "" : `: ${first.file}:${first.line}:${first.column} ${first.message}`
    return `the configuration is wrong, and the one before it stays in force${where}`
  }
}

/** This gateway runs with a configuration that no file holds. */
export class NoConfigurationFile extends Data.TaggedError("NoConfigurationFile")<{}> {
  override get message(): string {
    return "this gateway was started without a configuration file (a demonstration); start it with gatehouse serve"
  }
}

/** What became of reading the configuration anew. */
export interface Reloaded {
  readonly version: string
  /** What is other than before, in a clause each; empty: nothing. */
  readonly changes: ReadonlyArray<string>
}

type ReloadFailure = ConfigurationWrong | NoConfigurationFile | NotKept

export interface ConfigurationOptions {
  /** What the gateway was started with. */
  readonly settings: Settings
  /** Left out: the configuration is never read again. */
  readonly source?: ConfigSource | undefined
  /**
   * Puts settings in force: runs `enter`, which makes the fact of them, at the instant from which on nothing is heard by the
   * old ones. When it fails all goes on as before.
   */
  readonly apply: <A, E>(next: Settings, enter: Effect.Effect<A, E>) => Effect.Effect<A, E>
}

/** How often the files are looked at. What looks the same twice in a row is not being written any more. */
const lookEvery = "1 second"

/** Who is named for what no officer asked for. */
const byFile = "configuration file"

/**
 * The configuration in force. It is read anew when a file of it has changed, on SIGHUP, and when an officer asks; it is put
 * in force whole, as one fact, or not at all, and then the fact says what is wrong with it.
 */
export class Configuration extends Context.Service<
  Configuration,
  {
    readonly settings: () => Settings
    /** Reads everything anew. What changes nothing makes no fact. */
    readonly reload: (by: string) => Effect.Effect<Reloaded, ReloadFailure>
  }
>()("gateway/Configuration") {
  static readonly layer = (options: ConfigurationOptions) => Layer.effect(Configuration, start(options))
}

const placed = ({ place, message }: Problem): ConfigProblem => ({
  file: place.file,
  line: place.line,
  column: place.column,
  message
})

/** What is read; a file that cannot be opened is as wrong as one that makes no sense. */
const readOf = ({ name, read }: ConfigSource): Effect.Effect<ToldSettings | { readonly unread: ConfigProblem }> =>
  read.pipe(
    Effect.catch((why) =>
      Effect.succeed({ unread: { file: name, line: 1, column: 1, message: `it cannot be read: ${why}` } })
    )
  )

const errorsOf = (inForce: Settings, checked: ToldSettings): ReadonlyArray<ConfigProblem> =>
  [...checked.problems, ...obstaclesOf(inForce, checked)].filter(({ severity }) => severity === "error").map(placed)

const start = Effect.fnUntraced(function* ({ settings, source, apply }: ConfigurationOptions) {
  const intake = yield* Intake
  const oneAtATime = yield* Semaphore.make(1)
  let inForce = settings

  const refuse = Effect.fnUntraced(function* (by: string, wrong: ReadonlyArray<ConfigProblem>) {
    const problems = wrong.slice(0, configProblemsKept)
    const known = intake.situation().refusedConfig?.problems
    const refused = new ConfigurationWrong({ problems })
    if (JSON.stringify(known) === JSON.stringify(problems)) return yield* refused
    yield* intake.enter({ _tag: "ConfigRefused", by, problems })
    yield* Effect.logWarning(refused.message)
    return yield* refused
  })

  const putInForce = Effect.fnUntraced(function* (by: string, next: Settings, changes: ReadonlyArray<string>) {
    const { campus, configVersion: version } = next
    yield* apply(next, intake.enter({ _tag: "ConfigApplied", version, campus, by, changes }))
    inForce = next
    yield* Effect.logInfo(`configuration ${version} is in force: ${changes.join("; ") || "as it was before"}`)
  })

  const reload = Effect.fn("Configuration.reload")(function* (by: string) {
    if (source === undefined) return yield* new NoConfigurationFile()
    const checked = yield* readOf(source)
    if ("unread" in checked) return yield* refuse(by, [checked.unread])
    const wrong = errorsOf(inForce, checked)
    if (checked.settings === undefined || wrong.length > 0) return yield* refuse(by, wrong)
    const changes = changesBetween(inForce, checked.settings)
    const isMended = intake.situation().refusedConfig !== undefined
    if (changes.length > 0 || isMended) yield* putInForce(by, checked.settings, changes)
    return { version: checked.settings.configVersion, changes }
  })
  const reloadAlone: Configuration["Service"]["reload"] = (by) => reload(by).pipe(Semaphore.withPermit(oneAtATime))

  if (source !== undefined) yield* watch(source, () => inForce, reloadAlone)
  return Configuration.of({ settings: () => inForce, reload: reloadAlone })
})

/** What is wrong is in the log; a store that refuses is asked again with the next look. */
const watch = Effect.fnUntraced(function* (
  source: ConfigSource,
  inForce: () => Settings,
  reload: Configuration["Service"]["reload"]
) {
  const mark = () => source.mark(besideOf(inForce()))
  let taken = source.began
  let before = mark()

  const look = Effect.suspend(() => {
    const now = mark()
    const isQuiet = now === before
    before = now
    if (!isQuiet || now === taken) return Effect.void
    const take = Effect.sync(() => void (taken = now))
    return reload(byFile).pipe(
      Effect.andThen(take),
      Effect.catchTag("ConfigurationWrong", () => take),
      Effect.catch(({ message }) => Effect.logWarning(`the configuration could not be put in force: ${message}`))
    )
  })
  yield* look.pipe(Effect.delay(lookEvery), Effect.forever, Effect.forkScoped)

  const hangUps = yield* Queue.sliding<string>(1)
  yield* Effect.acquireRelease(
    Effect.sync(() => source.onHangUp(() => void Queue.offerUnsafe(hangUps, "SIGHUP"))),
    (end) => Effect.sync(end)
  )
  yield* Queue.take(hangUps).pipe(
    Effect.flatMap(reload),
    // What is wrong has been told already.
    Effect.catchTag("ConfigurationWrong", () => Effect.void),
    Effect.catch(({ message }) => Effect.logWarning(message)),
    Effect.forever,
    Effect.forkScoped
  )
})
