import { join } from "node:path"
import { Effect, type Scope } from "effect"
import type { Campus, Device } from "../../gateway/domain/campus.ts"
import type { EpochMs } from "../../gateway/domain/ids.ts"
import type { Signal } from "../campus/signal.ts"
import { isHeard, presentReadings, type World } from "../campus/world.ts"
import { opcuaDevices, panelOf } from "./campus-layout.ts"
import { sense } from "./campus-signals.ts"
import type { ServerOptions, User } from "./options.ts"
import { type OpcuaPanel, startOpcuaPanel } from "./panel.ts"

/** Where the server of a link listens. */
export interface Place {
  readonly host?: string
  readonly port: number
}

export interface OpcuaDevicesOptions {
  readonly campus: Campus
  /** The campus as it is now: what a panel finds when it starts. */
  readonly world: () => World
  /** Epoch milliseconds. */
  readonly now: () => EpochMs
  /** Where the server of a link is, by the link's endpoint; the panels of one link are all at its server. */
  readonly place: (link: string) => Place | undefined
  /** The folder of the servers' certificates, one of each link's own below it. */
  readonly pki: string
  /** What a link's server calls itself; absent: by its host and port. */
  readonly applicationUri?: ((link: string) => string) | undefined
  /** Who may ask a server; absent: anybody. */
  readonly users?: ((link: string) => ReadonlyArray<User> | undefined) | undefined
  /** Takes every client certificate. */
  readonly trustsEverybody?: boolean | undefined
  readonly securityModes?: ServerOptions["securityModes"] | undefined
}

/** The campus's OPC UA servers on real sockets. */
export interface OpcuaDevices {
  /** By the links' ids. */
  readonly servers: ReadonlyMap<string, OpcuaPanel>
  /**
   * The panels sense this; completes when those that went or came have their sockets so. A server none of whose panels is
   * there is down; of one that has others, the variables of those away are BadNoCommunication.
   */
  readonly say: (signals: ReadonlyArray<Signal>) => Effect.Effect<void, Error>
}

/** Where the certificate of a link's server lies, once the server was started. */
export const certificateOf = (pki: string, link: string): string => join(pki, link, "own/certs/certificate.pem")

/** The panels of one link, and their server. */
interface Served {
  readonly devices: ReadonlyArray<Device>
  readonly panel: OpcuaPanel
  /** Tokens of the doors of each device. */
  readonly doors: ReadonlyMap<string, ReadonlyArray<string>>
}

const startOne = (
  { campus, now, place, applicationUri, pki, users, trustsEverybody, securityModes }: OpcuaDevicesOptions,
  link: string,
  devices: ReadonlyArray<Device>
): Effect.Effect<Served, Error, Scope.Scope> => {
  const at = place(link)
  if (at === undefined) return Effect.fail(new Error(`link ${link}: it is not known where its server listens`))
  const known = users?.(link)
  const panels = devices.map((device) => panelOf(campus, device))
  return startOpcuaPanel({
    ...at,
    pki: join(pki, link),
    panels,
    clock: now,
    ...(applicationUri === undefined ? {} : { applicationUri: applicationUri(link) }),
    ...(known === undefined ? {} : { users: known }),
    ...(trustsEverybody === undefined ? {} : { trustsEverybody }),
    ...(securityModes === undefined ? {} : { securityModes })
  }).pipe(
    Effect.mapError(
      (error) => new Error(`link ${link}: its server cannot listen at port ${at.port}: ${error.message}`)
    ),
    Effect.map((panel) => ({
      devices,
      panel,
      doors: new Map(panels.map(({ id, doors }) => [id, doors.map(({ token }) => token)]))
    }))
  )
}

const byLink = (campus: Campus): ReadonlyMap<string, ReadonlyArray<Device>> => {
  const links = new Map<string, ReadonlyArray<Device>>()
  for (const device of opcuaDevices(campus)) links.set(device.link, [...(links.get(device.link) ?? []), device])
  return links
}

/**
 * Starts the server of every link that has panels of the campus; they live until the scope closes. Each begins as the
 * world is; one that is offline there is not to be reached.
 */
export const opcuaDevicesOf = Effect.fn("opcuaDevicesOf")(function* (
  options: OpcuaDevicesOptions
): Effect.fn.Return<OpcuaDevices, Error, Scope.Scope> {
  const { campus, world } = options
  const served = new Map<string, Served>()
  for (const [link, devices] of byLink(campus)) served.set(link, yield* startOne(options, link, devices))
  const all = [...served.values()]

  const senseAll = (signals: ReadonlyArray<Signal>): void => {
    for (const signal of signals) {
      if (signal._tag === "Presence") continue
      const one = all.find(({ devices }) => devices.some(({ id }) => id === signal.device))
      if (one !== undefined) sense(one.panel, campus, signal)
    }
  }

  /** Puts a server's statuses as its panels are there. */
  const settle = ({ devices, panel, doors }: Served): void => {
    const away = devices.filter(({ id }) => !isHeard(world(), id)).flatMap(({ id }) => doors.get(id) ?? [])
    const known = Object.keys(panel.faults().statuses)
    if (away.length === known.length && away.every((door) => known.includes(door))) return
    panel.setFaults({ statuses: Object.fromEntries(away.map((door) => [door, "BadNoCommunication" as const])) })
  }

  const isUp = ({ devices }: Served): boolean => devices.some(({ id }) => isHeard(world(), id))

  for (const one of all) {
    for (const { id } of one.devices) senseAll(presentReadings(world(), id))
    settle(one)
    if (!isUp(one)) yield* one.panel.stop
  }
  return {
    servers: new Map([...served].map(([link, { panel }]) => [link, panel])),
    say: Effect.fnUntraced(function* (signals: ReadonlyArray<Signal>) {
      const gone = all.filter((one) => one.panel.isUp() && !isUp(one))
      yield* Effect.forEach(gone, ({ panel }) => panel.stop, { concurrency: "unbounded", discard: true })
      // A panel that comes back has looked at its doors before anybody can ask it.
      senseAll(signals)
      for (const one of all) settle(one)
      const back = all.filter((one) => !one.panel.isUp() && isUp(one))
      yield* Effect.forEach(back, ({ panel }) => panel.start, { concurrency: "unbounded", discard: true })
    })
  }
})
