import { randomUUID } from "node:crypto"
import { readFileSync, writeFileSync } from "node:fs"
import { join, resolve } from "node:path"
import { Effect, Exit, Scope } from "effect"
import { onvif as typed } from "../../../adapters/onvif/onvif.ts"
import type { Adapter } from "../../../adapters/adapter.ts"
import type { Device } from "../../../gateway/domain/campus.ts"
import { DeviceId, LinkId } from "../../../gateway/domain/ids.ts"
import type { Observation } from "../../../gateway/domain/observation.ts"
import { type OnvifDevice, startOnvifDevice } from "../../../simulators/onvif/device.ts"
import type { Faults } from "../../../simulators/onvif/faults.ts"
import type { OnvifDeviceOptions } from "../../../simulators/onvif/options.ts"
import { temporaryDirectory } from "../../road/peers.ts"
import { type Peer, startLink } from "../start-link.ts"

export const onvif = typed as unknown as Adapter<unknown>

const shippedProfile = resolve(import.meta.dirname, "../../../config/profiles/onvif.yaml")

/** The profile of the standard's own topics: reading those of every maker beside it takes longer than most tests. */
const standardProfile = readFileSync(shippedProfile, "utf8").replace(/^also: .*$/m, "")

/**
 * Each test file's own: a link of another one that still looks for its lost device may find ours, at a port that was given
 * away again, and must not be let in.
 */
const account = { name: "gatehouse", password: randomUUID() }

/** A door controller with one door and a reader on either side of it. */
export const controller: OnvifDeviceOptions = {
  kind: "door-controller",
  users: [account],
  doors: [{ token: "door-1", name: "Main entrance" }],
  accessPoints: [
    { token: "reader-in", name: "Main entrance, in", door: "door-1" },
    { token: "reader-out", name: "Main entrance, out", door: "door-1" }
  ]
}

export const camera: OnvifDeviceOptions = {
  kind: "camera",
  users: [account],
  videoSources: [{ token: "source-1", name: "Loading bay" }],
  inputs: [{ token: "input-1" }]
}

/** A simulated device on a socket of its own, and how it stands in a configuration. */
export interface OnvifPeer extends Peer {
  readonly device: OnvifDevice
}

/** Opens a device. `more` are settings of the link, `configured` what the device's entry in the configuration adds. */
export const openDevice = async (
  options: OnvifDeviceOptions,
  faults: Partial<Faults> = {},
  more: Readonly<Record<string, unknown>> = {},
  configured: Partial<Device> = {}
): Promise<OnvifPeer> => {
  const scope = Scope.makeUnsafe()
  const directory = temporaryDirectory("onvif")
  const secret = (text: string) => {
    const file = join(directory.path, text)
    writeFileSync(file, `${text}\n`)
    return { file }
  }
  writeFileSync(join(directory.path, "onvif.yaml"), standardProfile)
  const device = await Effect.runPromise(startOnvifDevice(options, faults).pipe(Scope.provide(scope)))
  const settings = { username: account.name, password: secret(account.password), pullSeconds: 2, ...more }
  return {
    device,
    settings,
    wrongSettings: { ...settings, password: secret("wrong") },
    devices: [
      {
        id: DeviceId.make("device"),
        link: LinkId.make("link"),
        profile: "onvif",
        address: `127.0.0.1:${device.port}`,
        ...configured
      }
    ],
    profilesDirectory: directory.path,
    say: (word) => {
      device.setFaults({ omits: [] })
      device.happen({ _tag: "AccessGranted", accessPoint: "reader-in", by: { _tag: "Credential", token: word } })
      return Promise.resolve()
    },
    // What it tells lacks what it is about.
    babble: () => {
      device.setFaults({ omits: ["Topic"] })
      device.happen({ _tag: "AccessGranted", accessPoint: "reader-in", by: { _tag: "Anonymous" } })
      return Promise.resolve()
    },
    hush: () => Promise.resolve(),
    vanish: () => Effect.runPromise(device.stop),
    stop: async () => {
      await Effect.runPromise(Scope.close(scope, Exit.void))
      directory.dispose()
    }
  }
}

/** Why a link ended. */
export const failureOf = (exit: Exit.Exit<never, unknown>): { readonly _tag: string; readonly reason: string } => {
  const { value } = Exit.findErrorOption(exit) as {
    readonly value?: { readonly _tag: string; readonly reason: string }
  }
  return { _tag: value?._tag ?? "none", reason: value?.reason ?? "" }
}

export type Link = ReturnType<typeof startLink>

/** Starts a link whose reports are kept at once, and gathers what they say. */
export const listen = (peer: OnvifPeer, memory: Map<string, unknown> = new Map(), now: () => number = Date.now) =>
  listening(startLink(onvif, peer, peer.settings, memory, now))

/** Keeps at once what the link reports, and gathers what it says. */
export const listening = (link: Link) => {
  const heard: Array<Observation> = []
  const reports: Array<Parameters<Link["told"]["came"]>[0]["report"]> = []
  const watchers = new Set<() => void>()
  const take = async (): Promise<never> => {
    for (;;) {
      const { report, settled } = await link.told.next()
      reports.push(report)
      heard.push(...report.observations)
      settled()
      for (const look of watchers) look()
    }
  }
  void take()
  let ended = false
  const end = link.ended().then((exit) => {
    ended = true
    for (const look of watchers) look()
    return exit
  })
  const sooner = <A>(wanted: Promise<A>): Promise<A> =>
    Promise.race([
      wanted,
      end.then((exit) => Promise.reject(new Error(`the link ended first: ${JSON.stringify(exit)}`)))
    ])
  return {
    ...link,
    /** Once events can flow; rejected when the link ends first. */
    online: () => sooner(link.online()),
    /** Every observation so far but the gaps. */
    heard,
    reports,
    /** The first (or `nth`) observation that fits, once it has come; rejected when the link ends first. */
    hear: <O extends Observation>(fits: (observation: Observation) => observation is O, nth = 1): Promise<O> =>
      new Promise<O>((resolve, reject) => {
        const look = (): void => {
          const found = heard.filter(fits)[nth - 1]
          if (found === undefined && !ended) return
          watchers.delete(look)
          if (found === undefined) reject(new Error(`the link ended first, after ${JSON.stringify(heard)}`))
          else resolve(found)
        }
        watchers.add(look)
        look()
      })
  }
}

/** Completes when the device has seen that. */
export const until = ({ device }: OnvifPeer, holds: () => boolean): Promise<void> =>
  Effect.runPromise(device.counters.until(holds))

type Reading = Extract<Observation, { _tag: "Reading" }>
type Occurrence = Extract<Observation, { _tag: "Occurrence" }>

/** A reading of that point, with that value. */
export const reading =
  (point: string, value: string) =>
  (observation: Observation): observation is Reading =>
    observation._tag === "Reading" && observation.point === point && observation.reading.value === value

/** A reading of that point, with that value, that the device calls new. */
export const changedTo =
  (point: string, value: string) =>
  (observation: Observation): observation is Reading =>
    reading(point, value)(observation) && "origin" in observation && observation.origin === "change"

/** A grant to that credential. */
export const grant =
  (credential: string) =>
  (observation: Observation): observation is Occurrence =>
    observation._tag === "Occurrence" &&
    observation.occurrence._tag === "AccessGranted" &&
    observation.occurrence.credential?.includes(credential) === true
