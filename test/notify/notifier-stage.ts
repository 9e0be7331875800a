import { Context, Effect, Exit, Layer, Schema, Scope } from "effect"
import { Intake, type Unstamped } from "../../gateway/intake/intake.ts"
import { intakeHere } from "../intake/intake-here.ts"
import type { EventLoop } from "../../gateway/intake/event-loop.ts"
import type { Campus } from "../../gateway/domain/campus.ts"
import { DeviceId, LinkId } from "../../gateway/domain/ids.ts"
import type { Entry } from "../../gateway/log/entry.ts"
import { SecurityLog } from "../../gateway/log/security-log.ts"
import type { Channel, Message, Sent } from "../../gateway/notify/channel.ts"
import { Notifier } from "../../gateway/notify/notifier.ts"
import { temporaryDirectory } from "../road/peers.ts"
import { dawn } from "../correlation/door-stage.ts"
import { machineOf, VirtualTime } from "../simulation/virtual-time.ts"

/** What a provider does with a message at an instant, seconds of the course; without an answer it hangs. */
export type Provider = (message: Message, second: number) => Sent | undefined

export const taken: Sent = { _tag: "HandedOver" }
export const away: Sent = { _tag: "TryLater", reason: "it is away" }

/** An attempt as its provider saw it. */
export interface Attempt {
  readonly second: number
  readonly channel: string
  readonly key: string
  readonly message: Message
}

/** The log, the fold and the notifier as the gateway has them, in virtual time, with providers that do as they are told. */
export class NotifierStage {
  readonly attempts: Array<Attempt> = []
  readonly #time = new VirtualTime(dawn)
  readonly #scope = Scope.makeUnsafe()
  readonly #directory = temporaryDirectory("notifier")
  readonly #machine: Context.Context<never>
  #services: Context.Context<Intake | SecurityLog | Notifier> | undefined

  constructor(campus: Campus, providers: Readonly<Record<string, Provider>>) {
    const loop: EventLoop = {
      soon: (work) => this.#time.soon(work),
      after: (ms, work) => this.#time.after(ms, work)
    }
    const now = (): number => this.#time.now
    this.#machine = machineOf(now, loop, () => 0.5)
    const channels = campus.channels ?? []
    const settings = {
      campus,
      channels: channels.map(({ id, kind }) => ({ id, kind, settings: {} })),
      addresses: new Map((campus.people ?? []).map(({ id }) => [id, { mail: `${id}@example.org`, sms: "+1555" }])),
      notify: { console: "https://gatehouse.example" },
      dataDir: this.#directory.path
    }
    const catalogue = Object.fromEntries(channels.map(({ kind }) => [kind, this.#channel(kind, providers)]))
    const layer = Notifier.layer({ settings, catalogue, now, chance: () => 0.5 }).pipe(
      Layer.provideMerge(intakeHere({ file: `${this.#directory.path}/gatehouse.db`, site: campus.site.id, now, loop }))
    )
    this.#run(
      Layer.build(layer).pipe(
        Scope.provide(this.#scope),
        Effect.map((services) => void (this.#services = services))
      )
    )
    this.enter({ _tag: "ConfigApplied", version: "v1", campus, by: "test" })
  }

  #channel(kind: string, providers: Readonly<Record<string, Provider>>): Channel<unknown> {
    return {
      kind,
      Settings: Schema.Unknown,
      recipients: "address",
      open: (_settings, { channel }) => {
        const send = (message: Message): Effect.Effect<Sent> =>
          Effect.suspend(() => {
            const second = (this.#time.now - dawn) / 1000
            this.attempts.push({ second, channel, key: message.key, message })
            const sent = providers[channel]?.(message, second)
            return sent === undefined ? Effect.never : Effect.succeed(sent)
          })
        return Effect.succeed({ send, selfTest: Effect.succeed(taken) })
      }
    }
  }

  #run<A, E>(effect: Effect.Effect<A, E>): void {
    Effect.runForkWith(this.#machine)(effect)
    this.#time.settle()
  }

  get #running(): Context.Context<Intake | SecurityLog | Notifier> {
    if (this.#services === undefined) throw new Error("the stage has not come up")
    return this.#services
  }

  enter(fact: Unstamped): this {
    this.#run(Context.get(this.#running, Intake).enter(fact))
    return this
  }

  /** Somebody presses a panic button. */
  panics(device = "rex"): this {
    return this.enter({
      _tag: "Observed",
      link: LinkId.make("mqtt"),
      observation: {
        _tag: "Occurrence",
        device: DeviceId.make(device),
        point: "button",
        origin: "change",
        source: "test",
        occurrence: { _tag: "PanicPressed" }
      },
      receivedAt: this.#time.now,
      occurredAt: this.#time.now
    })
  }

  /** A link's credentials are refused: a high alert at once. */
  loses(link: string): this {
    const state = { _tag: "Rejected", reason: "wrong password" } as const
    return this.enter({ _tag: "LinkChanged", link: LinkId.make(link), state })
  }

  /** Lets time come to this second. */
  at(second: number): this {
    this.#time.pass(dawn + second * 1000)
    return this
  }

  get situation() {
    return Context.get(this.#running, Intake).situation()
  }

  /** The attempts by a channel, as `15.0 A-3:1:ada:sms`. */
  by(channel: string): ReadonlyArray<string> {
    return this.attempts
      .filter((attempt) => attempt.channel === channel)
      .map(({ second, key }) => `${second.toFixed(1)} ${key.slice(key.indexOf(":") + 1)}`)
  }

  async entries(): Promise<ReadonlyArray<Entry>> {
    let found: ReadonlyArray<Entry> = []
    this.#run(
      Context.get(this.#running, SecurityLog)
        .entries({ after: 0, limit: 100_000 })
        .pipe(Effect.map((entries) => void (found = entries)))
    )
    return found
  }

  dispose(): void {
    this.#run(Scope.close(this.#scope, Exit.void))
    this.#directory.dispose()
  }
}
