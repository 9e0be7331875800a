import mqtt from "mqtt"
import { openBroker } from "./broker.ts"
import {
  type GatewayFiles,
  pressesInLog,
  ready,
  startGateway,
  stop,
  type Which,
  writeGatewayConfig
} from "./gateway-process.ts"
import { freePort, temporaryDirectory } from "./peers.ts"
import { startProxy } from "./proxy.ts"

/** Few distinct payloads: whatever tells duplicates by their content alone must lose some of these. */
export const actions = ["single", "double", "hold"] as const

/** What happens to the road; at random numbers of accepted messages, in random order. */
export interface KillOptions {
  /** SIGKILL of the gateway, which is started again. */
  readonly kills: number
  /** The gateway's connection is gone, without a word to either side. */
  readonly cuts?: number
  /** The broker is stopped, its sessions saved, and started again. */
  readonly restarts?: number
  readonly messages: number
  readonly seed: number
  /** 5 is MQTT 5, 4 is MQTT 3.1.1. */
  readonly version?: 4 | 5
  readonly which?: Which
}

export interface KillRun {
  readonly kills: number
  readonly cuts: number
  readonly restarts: number
  /** Presses the broker acknowledged, by action. */
  readonly accepted: Readonly<Record<string, number>>
  /** Presses in the gateway's log, by action. */
  readonly inLog: Readonly<Record<string, number>>
}

/** xorshift32: a seed makes the run's choice of moments repeatable. */
export const random = (seed: number) => {
  let state = seed | 1
  return () => {
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    return (state >>> 0) / 2 ** 32
  }
}

type Blow = "kills" | "cuts" | "restarts"

/** Each kind spread over the whole run: cuts alone, one after the other, would only measure the back-off. */
const spread = (blow: Blow, n: number, next: () => number) =>
  Array.from({ length: n }, (_, nth) => ({ blow, at: (nth + next()) / n }))

const blowsOf = ({ kills, cuts = 0, restarts = 0 }: KillOptions, next: () => number): ReadonlyArray<Blow> =>
  [...spread("kills", kills, next), ...spread("cuts", cuts, next), ...spread("restarts", restarts, next)]
    .toSorted((a, b) => a.at - b.at)
    .map(({ blow }) => blow)

/** A broker that is to be stopped must have more waiting for the gateway than it can hand over meanwhile. */
const shareOf = (blow: Blow | undefined): number => (blow === "restarts" ? 10 : 1)

/**
 * Publishes `messages` presses through a real broker while the gateway is killed, its connection cut and the broker
 * restarted, then lets it catch up and compares. A broker stopped with answers to its publishers under way would be sent
 * those messages twice, by right: it is stopped when it has answered all, while the gateway is still hearing them.
 */
export const killRun = async (options: KillOptions): Promise<KillRun> => {
  const directory = temporaryDirectory("kill")
  const broker = await openBroker()
  const proxy = await startProxy(broker.port)
  const files = writeGatewayConfig(directory.path, proxy.url, await freePort(), options.version ?? 5)
  const next = random(options.seed)
  const publisher = await mqtt.connectAsync(broker.url, { clientId: "publisher", reconnectPeriod: 50 })
  publisher.on("error", () => {})
  const accepted: Record<string, number> = { single: 0, double: 0, hold: 0 }
  const done = { kills: 0, cuts: 0, restarts: 0 }
  // A control must go wrong each time: it is struck while it keeps, not before and not after.
  const isControl = options.which === "careless" || options.which === "forgetful"
  let gateway = startGateway(files, options.which)
  const strike: Readonly<Record<Blow, (burst: Promise<unknown>) => Promise<void>>> = {
    kills: async () => {
      await stop(gateway.child, "SIGKILL")
      gateway = startGateway(files, options.which)
      await ready(files)
    },
    cuts: async () => {
      await ready(files)
      proxy.cut()
    },
    restarts: async (burst) => {
      await burst
      await broker.restart("kept")
    }
  }
  try {
    await ready(files)
    const blows: ReadonlyArray<Blow | undefined> = [...blowsOf(options, next), undefined]
    const shares = blows.reduce((all, blow) => all + shareOf(blow), 0)
    const publish = async (n: number) => {
      const action = actions[n % actions.length] ?? "single"
      await publisher.publishAsync("zigbee2mqtt/button", JSON.stringify({ action }), { qos: 1 })
      accepted[action] = (accepted[action] ?? 0) + 1
    }
    let published = 0
    let passed = 0
    for (const blow of blows) {
      passed += shareOf(blow)
      const upTo = Math.floor((options.messages * passed) / shares)
      const burst = Array.from({ length: upTo - published }, (_, i) => publish(published + i))
      published = upTo
      const all = Promise.all(burst)
      const some = Math.floor(next() * burst.length) + 1
      if (isControl && blow !== undefined) await logGrows(files)
      else await Promise.all(burst.slice(0, some))
      if (blow !== undefined) {
        await strike[blow](all)
        done[blow]++
      }
      await all
    }
    await publisher.publishAsync("zigbee2mqtt/button", JSON.stringify({ action: lastPress }), { qos: 1 })
    await caughtUp(files)
    await stop(gateway.child, "SIGTERM")
    const inLog = Object.fromEntries(pressesInLog(files))
    delete inLog[lastPress]
    return { ...done, accepted, inLog }
  } catch (error) {
    throw new Error(`the kill run ended early; the gateway printed:\n${gateway.log()}`, { cause: error })
  } finally {
    await stop(gateway.child, "SIGKILL")
    await publisher.endAsync(true)
    await proxy.stop()
    await broker.close()
    directory.dispose()
  }
}

/** How many presses the log holds. */
export const countOf = (presses: Readonly<Record<string, number>>): number =>
  Object.values(presses).reduce((all, n) => all + n, 0)

/** How many of the accepted are not in the log, and how many are there too often. */
export const differenceOf = ({
  accepted,
  inLog
}: Pick<KillRun, "accepted" | "inLog">): { readonly lost: number; readonly duplicated: number } => {
  const more = Object.entries(accepted).map(([action, n]) => (inLog[action] ?? 0) - n)
  return {
    lost: more.reduce((all, n) => all + Math.max(0, -n), 0),
    duplicated: more.reduce((all, n) => all + Math.max(0, n), 0)
  }
}

const logged = (files: GatewayFiles): number => countOf(Object.fromEntries(pressesInLog(files)))

/** Waits until something more is in the log. */
const logGrows = async (files: GatewayFiles): Promise<void> => {
  const before = logged(files)
  while (logged(files) === before) await new Promise((resolve) => setTimeout(resolve, 2))
}

/** A press behind all others: the broker hands over in order, so that what is in the log before it is all there will be. */
const lastPress = "the last one"

/** A link that was cut off asks again after some seconds, and a busy machine takes its time. */
const caughtUpWithinMs = 60_000

/** What comes twice comes at once: with its session, before anything that is new to it. */
const quietMs = 1000

/** Waits until the press behind all others is in the log, and then until the log has not grown for a while. */
const caughtUp = async (files: GatewayFiles): Promise<void> => {
  const giveUpAt = Date.now() + caughtUpWithinMs
  while (!pressesInLog(files).has(lastPress)) {
    if (Date.now() > giveUpAt) throw new Error("the last press is not in the log after a minute")
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
  for (let before = -1, now = logged(files); now !== before; now = logged(files)) {
    before = now
    await new Promise((resolve) => setTimeout(resolve, quietMs))
  }
}
