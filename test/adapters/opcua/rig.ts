import { copyFileSync, mkdirSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { Cause, Effect, Exit, Fiber, Result, Schedule, Schema } from "effect"
import {
  type Abilities,
  type CredentialsRejected,
  type LinkLost,
  NotKept,
  type Report
} from "../../../adapters/adapter.ts"
import { makeOpcua } from "../../../adapters/opcua/opcua.ts"
import { OpcuaSettings } from "../../../adapters/opcua/settings.ts"
import type { Heard, Mapping, Sources } from "../../../adapters/opcua/sources.ts"
import type { Writes } from "../../../adapters/opcua/commands/write-back.ts"
import { DeviceId } from "../../../gateway/domain/ids.ts"
import type { Observation } from "../../../gateway/domain/observation.ts"
import { freePort, temporaryDirectory } from "../../road/peers.ts"
import { type Panel, type PanelOptions, startPanel } from "./panel.ts"

export const panelNamespace = "urn:campus:doorpanel"
export const panelUri = "urn:test:panel"

/** The panel's device, and one for each of its doors. */
export const device = DeviceId.make("panel")

type Gap = Extract<Observation, { _tag: "Gap" }>

/**
 * Takes reports as the gateway's intake does: a redelivery that is known is dropped, the rest is kept in its order, and
 * only then the report is settled. Outlives the links.
 */
export class Keeper {
  readonly kept: Array<Heard> = []
  readonly gaps: Array<Gap> = []
  readonly unreadable: Array<string> = []
  readonly certificates: Array<Extract<Observation, { _tag: "Certificate" }>> = []
  reached = 0
  duplicates = 0
  /** Reports wait here when the store is not to answer; `undefined`: it answers at once. */
  held: Array<() => void> | undefined
  /** What the store refuses from now on. */
  refusal: NotKept | undefined
  readonly #deliveries = new Map<string, { readonly session: string; readonly digest: string }>()
  readonly #listeners = new Set<() => void>()

  report = ({ observations, delivery }: Report, settled: (refusal?: NotKept) => void): void => {
    const take = (): void => {
      if (this.refusal !== undefined) return settled(this.refusal)
      const known = delivery === undefined ? undefined : this.#deliveries.get(delivery.slot)
      if (delivery !== undefined) this.#deliveries.set(delivery.slot, delivery)
      const again =
        delivery?.redelivered === true &&
        known !== undefined &&
        known.session !== delivery.session &&
        known.digest === delivery.digest
      if (again) this.duplicates++
      else for (const observation of observations) this.#keep(observation)
      settled()
      for (const listener of this.#listeners) listener()
    }
    if (this.held === undefined) setImmediate(take)
    else this.held.push(take)
  }

  #keep(observation: Observation): void {
    if (observation._tag === "Gap") this.gaps.push(observation)
    else if (observation._tag === "Certificate") this.certificates.push(observation)
    else if (observation._tag === "Unreadable") this.unreadable.push(observation.why)
    else if (observation._tag === "Availability") this.reached++
    else if (observation._tag === "Occurrence" && observation.raw !== undefined) {
      this.kept.push(JSON.parse(observation.raw) as Heard)
    }
  }

  /** The store answers again. */
  release(): void {
    const held = this.held ?? []
    this.held = undefined
    for (const take of held) take()
  }

  /** Completes once it is so; asked after each report. */
  until(isSo: () => boolean): Promise<void> {
    return new Promise((resolve) => {
      const look = (): void => {
        if (!isSo()) return
        this.#listeners.delete(look)
        resolve()
      }
      this.#listeners.add(look)
      look()
    })
  }

  /** The numbers of the access events, in the order they were kept. */
  get numbers(): ReadonlyArray<number> {
    return this.kept.flatMap((heard) => (heard._tag === "Event" ? [Number(heard.fields["seq"])] : []))
  }

  /** What was heard of one source. */
  of<Tag extends Heard["_tag"]>(tag: Tag, key?: string): ReadonlyArray<Extract<Heard, { _tag: Tag }>> {
    return this.kept.filter(
      (heard): heard is Extract<Heard, { _tag: Tag }> => heard._tag === tag && (key === undefined || heard.key === key)
    )
  }
}

/** What was heard is carried through a report whole. */
const observed = (heard: Heard): ReadonlyArray<Observation> => {
  if (heard._tag === "Value" && heard.value === 666) throw new Error("nobody can read this")
  const raw = JSON.stringify(heard)
  const source = heard.node
  const occurrence = { _tag: "ButtonPressed", action: heard._tag } as const
  return [{ _tag: "Occurrence", device, point: heard.key, origin: "change", source, raw, occurrence }]
}

export const node = (path: string) => ({ nodeId: `nsu=${panelNamespace};s=${path}` })

export const value = (key: string, path: string, kind: "boolean" | "number" = "boolean", queueSize = 10) => ({
  key,
  node: node(path),
  kind,
  samplingIntervalMs: 0,
  queueSize,
  device
})

/** Everything that the panel's doors tell. */
export const accessEvents = (notifier = node("Doors")): Sources["events"][number] => ({
  key: "access",
  node: notifier,
  select: ["Granted", "Credential", "Seq"].map((name) => ({
    name: name.toLowerCase(),
    path: [{ uri: panelNamespace, name }]
  })),
  where: {},
  device
})

export interface RigOptions {
  readonly settings: unknown
  readonly sources: Sources
  readonly keeper?: Keeper
  /** Where reports go instead of the keeper. */
  readonly report?: Keeper["report"]
  /** What an earlier attempt of the same process left. */
  readonly memory?: Map<string, unknown>
}

/** One link of the adapter. It is tried again when it is lost, as the supervisor does, until it is stopped. */
export const startRig = ({
  settings,
  sources,
  keeper = new Keeper(),
  report = keeper.report,
  memory = new Map()
}: RigOptions) => {
  const onlines: Array<number> = []
  const losses: Array<LinkLost | CredentialsRejected> = []
  const waiting = new Set<() => void>()
  const counts: Record<string, number> = {}
  let writes: Writes | undefined
  const told = (): void => {
    for (const look of waiting) look()
  }
  const until = (isSo: () => boolean): Promise<void> =>
    new Promise((resolve) => {
      const look = (): void => {
        if (!isSo()) return
        waiting.delete(look)
        resolve()
      }
      waiting.add(look)
      look()
    })
  const mapping: Mapping = {
    sources,
    normalize: observed,
    reached: () => [
      { _tag: "Availability", device, state: "online", origin: "change", reason: "reached", source: "opcua" }
    ],
    abilities: (given) => {
      writes = given
      return new Map<typeof device, Abilities>([[device, {}]])
    }
  }
  const adapter = makeOpcua(() => Effect.succeed(mapping))
  const decoded = Result.getOrThrow(Schema.decodeUnknownResult(OpcuaSettings)(settings))
  const attempt = adapter.link(decoded, {
    link: "link",
    devices: [],
    timeZone: "UTC",
    profilesDirectory: "",
    report,
    online: Effect.sync(() => {
      onlines.push(performance.now())
      told()
    }),
    refused: () => {},
    now: Date.now,
    count: (name, amount = 1) => void (counts[name] = (counts[name] ?? 0) + amount),
    granted: () => {},
    able: () => Effect.acquireRelease(Effect.void, () => Effect.sync(() => void (writes = undefined))),
    memory
  })
  const link = attempt.pipe(
    Effect.tapError((error) =>
      Effect.sync(() => {
        losses.push(error)
        told()
      })
    ),
    Effect.retry({ schedule: Schedule.spaced("500 millis"), while: ({ _tag }) => _tag === "LinkLost" })
  )
  const fiber = Effect.runFork(link)
  // A bug ends the link in silence otherwise.
  fiber.addObserver((exit) => {
    if (Exit.isFailure(exit) && Cause.hasDies(exit.cause)) console.error(Cause.pretty(exit.cause))
  })
  return {
    keeper,
    counts,
    onlines,
    losses,
    memory,
    /** Completes once the link was online so many times. */
    online: (times = 1) => until(() => onlines.length >= times),
    /** Completes once the link was lost, or rejected, so many times; with the last reason. */
    lost: (times = 1) => until(() => losses.length >= times).then(() => losses.at(-1)),
    /** What can be done to the server; throws while nothing can. */
    writes: (): Writes => {
      if (writes === undefined) throw new Error("nothing can be done to the server now")
      return writes
    },
    ended: () => Effect.runPromise(Fiber.await(fiber)),
    stop: () => Effect.runPromise(Fiber.interrupt(fiber))
  }
}

export type Rig = ReturnType<typeof startRig>

/** A directory for the certificates and the state of a test's links, and a panel beside it. */
export const startSite = async (options: Partial<PanelOptions> = {}) => {
  const directory = temporaryDirectory("opcua")
  const port = await freePort()
  const panel: Panel = await startPanel({
    port,
    pki: join(directory.path, "panel-pki"),
    applicationUri: panelUri,
    doors: 2,
    allowAnonymous: true,
    trustsEverybody: true,
    ...options
  })
  const pki = join(directory.path, "pki")
  mkdirSync(join(pki, "trusted/certs"), { recursive: true })
  copyFileSync(join(panel.options.pki, "own/certs/certificate.pem"), join(pki, "trusted/certs/panel.pem"))
  const password = join(directory.path, "password")
  writeFileSync(password, "right\n")
  let fresh = 0
  return {
    panel,
    directory: directory.path,
    /** Settings of a secured link with a user, whose state is its own. */
    secured: (url: string, more: Record<string, unknown> = {}) => ({
      endpoint: url,
      user: { username: "gatehouse", password: { file: password } },
      pki,
      state: join(directory.path, `state-${++fresh}`),
      ...more
    }),
    /** Settings of a link that anybody could listen to. */
    open: (url: string, more: Record<string, unknown> = {}) => ({
      endpoint: url,
      securityMode: "None",
      pki,
      state: join(directory.path, `state-${++fresh}`),
      ...more
    }),
    secret: (text: string) => {
      const file = join(directory.path, `secret-${text}`)
      writeFileSync(file, `${text}\n`)
      return { file }
    },
    folder: (name: string) => {
      const folder = join(directory.path, name)
      mkdirSync(folder, { recursive: true })
      return folder
    },
    stop: async () => {
      await panel.kill()
      directory.dispose()
    }
  }
}

export type Site = Awaited<ReturnType<typeof startSite>>

/** 1 to n. */
export const upTo = (count: number): ReadonlyArray<number> => Array.from({ length: count }, (_, nth) => nth + 1)
