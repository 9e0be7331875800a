import mqtt from "mqtt"
import { pressesInLog, ready, startGateway, stop, type Which, writeGatewayConfig } from "./gateway-process.ts"
import { freePort, startMosquitto, temporaryDirectory } from "./peers.ts"

/** Few distinct payloads: whatever tells duplicates by their content alone must lose some of these. */
const actions = ["single", "double", "hold"] as const

export interface KillRun {
  readonly kills: number
  /** Presses the broker acknowledged, by action. */
  readonly accepted: Readonly<Record<string, number>>
  /** Presses in the gateway's log, by action. */
  readonly inLog: Readonly<Record<string, number>>
}

/** xorshift32: a seed makes the run's choice of moments repeatable. */
const random = (seed: number) => {
  let state = seed | 1
  return () => {
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    return (state >>> 0) / 2 ** 32
  }
}

/**
 * Publishes `messages` presses through a real broker while the gateway is killed (SIGKILL) `kills` times at random
 * numbers of accepted messages, then lets it catch up and compares.
 */
export const killRun = async (options: {
  readonly kills: number
  readonly messages: number
  readonly seed: number
  readonly which?: Which
}): Promise<KillRun> => {
  const directory = temporaryDirectory("kill")
  const broker = await startMosquitto(directory.path)
  const files = writeGatewayConfig(directory.path, broker.url, await freePort())
  const next = random(options.seed)
  const publisher = await mqtt.connectAsync(broker.url, { clientId: "publisher" })
  const accepted: Record<string, number> = { single: 0, double: 0, hold: 0 }
  let gateway = startGateway(files, options.which)
  let kills = 0
  try {
    await ready(files)
    const perKill = Math.floor(options.messages / (options.kills + 1))
    const publish = async (n: number) => {
      const action = actions[n % actions.length] ?? "single"
      await publisher.publishAsync("zigbee2mqtt/button", JSON.stringify({ action }), { qos: 1 })
      accepted[action] = (accepted[action] ?? 0) + 1
    }
    let published = 0
    for (let round = 0; round <= options.kills; round++) {
      const upTo = round === options.kills ? options.messages : (round + 1) * perKill
      const burst = Array.from({ length: upTo - published }, (_, i) => publish(published + i))
      const killAfter = Math.floor(next() * burst.length)
      await Promise.all(burst.slice(0, killAfter + 1))
      if (round < options.kills) {
        await stop(gateway.child, "SIGKILL")
        kills++
        await Promise.all(burst)
        gateway = startGateway(files, options.which)
        await ready(files)
      } else await Promise.all(burst)
      published = upTo
    }
    await caughtUp(files)
    await stop(gateway.child, "SIGTERM")
    return { kills, accepted, inLog: Object.fromEntries(pressesInLog(files)) }
  } catch (error) {
    throw new Error(`the kill run ended early; the gateway printed:\n${gateway.log()}`, { cause: error })
  } finally {
    await stop(gateway.child, "SIGKILL")
    await publisher.endAsync(true)
    await broker.stop()
    directory.dispose()
  }
}

/** How many presses the log holds. */
export const countOf = (presses: Readonly<Record<string, number>>): number =>
  Object.values(presses).reduce((all, n) => all + n, 0)

/** A log that has not grown for this long, while the broker has nothing left for us, will not grow any more. */
const quietMs = 2000

/** Waits until the log has not grown for a while: more than was accepted must show as well as less. */
const caughtUp = async (files: Parameters<typeof pressesInLog>[0]): Promise<void> => {
  let before = -1
  for (;;) {
    const now = countOf(Object.fromEntries(pressesInLog(files)))
    if (now === before) return
    before = now
    await new Promise((resolve) => setTimeout(resolve, quietMs))
  }
}
