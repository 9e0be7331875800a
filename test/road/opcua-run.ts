import { join } from "node:path"
import { type HeardNumbers, repeatsOf } from "./opcua-account.ts"
import { type Forced, forceAndAcknowledge, forcedDoors } from "./opcua-alarms.ts"
import { cut, hearsAgain, killPanel, longCut, restartPanel, silence, type Struck } from "./opcua-blows.ts"
import { panelServer, writeOpcuaCampus } from "./opcua-campus.ts"
import { type KillableGateway, startKillableGateway } from "./opcua-gateway.ts"
import { startAsShipped } from "./opcua-hearer.ts"
import { followLog } from "./opcua-log.ts"
import { startNetwork } from "./opcua-network.ts"
import { startPanelProcess } from "./opcua-panel.ts"
import { doParts, mixed, type Part, type Plan, random } from "./opcua-parts.ts"
import { freePort, temporaryDirectory } from "./peers.ts"

/** How much is done to the road. */
export interface RunOptions {
  /** Short cuts of the connection, at random. */
  readonly cuts: number
  /** SIGKILL of the gateway, which is started again. */
  readonly kills: number
  /**
   * Doors that are forced, and whose alerts are acknowledged, while that goes on. After each third acknowledgement, from the
   * first on, the gateway is killed at once.
   */
  readonly alarms: number
  /** Events a second. */
  readonly rate: number
  /** How long the long cut lasts, and each silence; 0: there is none. */
  readonly outageSeconds: number
  readonly seed: number
}

export interface OpcuaRun {
  readonly parts: ReadonlyArray<Part>
  /** Numbers that are in the log once more than once, and behind a higher one. */
  readonly twice: number
  readonly disordered: number
  /** What the gaps say, in their order, the first one of all included: nobody knows what was before the gateway. */
  readonly gaps: ReadonlyArray<string>
  /** Alerts that were raised, by condition and key. */
  readonly raised: ReadonlyArray<string>
  readonly forced: ReadonlyArray<Forced>
}

const patienceMs = 120_000

const alarmDoors = (count: number): ReadonlyArray<string> =>
  Array.from({ length: count }, (_, nth) => `alarm-${nth + 1}`)

/** A panel that runs, and the network before it. Whoever hears it comes later. */
const withPanel = async <A>(
  { alarms, rate, outageSeconds, seed }: RunOptions,
  work: (site: Omit<Struck, "hearer">, directory: string, server: ReturnType<typeof panelServer>) => Promise<A>
): Promise<A> => {
  const directory = temporaryDirectory("opcua-torture")
  const server = panelServer(directory.path, "panel", await freePort(), ["gate", ...alarmDoors(alarms)])
  const panel = await startPanelProcess(server)
  const network = await startNetwork(server.port)
  try {
    const site = { panel, network, rate, outageMs: outageSeconds * 1000, next: random(seed), patienceMs }
    return await work(site, directory.path, server)
  } finally {
    await network.stop()
    await panel.kill()
    directory.dispose()
  }
}

/** What the library's own subscription is put to as well. */
const tellIntoSilence = (struck: Struck): Plan => ({
  name: "silence on an idle link, events into it",
  work: () => silence(struck, 0)
})

/** What takes a time that a run may not have. */
const outages = (struck: Struck): ReadonlyArray<Plan> =>
  struck.outageMs === 0
    ? []
    : [
        { name: "a long cut", work: () => longCut(struck) },
        { name: "silence on an idle link, then events", work: () => silence(struck, 0.5) },
        tellIntoSilence(struck)
      ]

const killGateway = async (struck: Struck, gateway: KillableGateway): Promise<void> => {
  await gateway.killAndStart()
  await hearsAgain(struck)
}

/** The gateway, as its operator starts it, behind all of it. */
export const opcuaRun = (options: RunOptions): Promise<OpcuaRun> =>
  withPanel(options, async (site, directory, server) => {
    const port = await freePort()
    const files = writeOpcuaCampus(directory, port, [{ id: "panel", server, port: site.network.port }])
    const gateway = await startKillableGateway(files)
    const log = followLog(files)
    const struck: Struck = { ...site, hearer: log }
    const doors = alarmDoors(options.alarms)
    const heard = (): HeardNumbers => {
      log.look()
      return { numbers: log.numbers(), gaps: log.gaps(), toldAt: log.toldAt }
    }
    let forced: ReadonlyArray<Forced> = []
    const alarm = async (nth: number): Promise<void> => {
      await forceAndAcknowledge(struck, gateway, doors[nth] ?? "")
      if (nth % 3 === 0) await killGateway(struck, gateway)
    }
    try {
      const parts = await doParts(struck, heard, [
        {
          name: "cuts, kills of the gateway, alarms",
          work: mixed(site.next, [
            [options.cuts, () => cut(struck)],
            [options.kills, () => killGateway(struck, gateway)],
            [options.alarms, (nth) => alarm(nth)]
          ])
        },
        ...outages(struck),
        // What the panel knows of acknowledgements goes with its process.
        {
          name: "acknowledgements come to their end",
          work: async () => {
            forced = await forcedDoors(struck, gateway, doors)
            await hearsAgain(struck)
          }
        },
        { name: "the panel restarts", forgets: true, work: () => restartPanel(struck) },
        { name: "the panel is killed", forgets: true, work: () => killPanel(struck) }
      ])
      await gateway.stop()
      log.look()
      return {
        parts,
        ...repeatsOf(log.numbers()),
        gaps: log.gaps().map(({ cause, from, to, detail }) => {
          const span = from === undefined || to === undefined ? "" : ` (${((to - from) / 1000).toFixed(1)} s)`
          return `${cause}${span}: ${detail}`
        }),
        raised: log.raised(),
        forced
      }
    } catch (error) {
      throw new Error(`the run ended early; the gateway printed:\n${gateway.log().slice(-4000)}`, { cause: error })
    } finally {
      log.close()
      await gateway.stop("SIGKILL")
    }
  })

/** What it would come to with the library's own subscription. It keeps nothing, so it is not killed. */
export const controlRun = (options: RunOptions): Promise<Pick<OpcuaRun, "parts" | "twice" | "disordered">> =>
  withPanel(options, async (site, directory) => {
    const shipped = await startAsShipped([`opc.tcp://127.0.0.1:${site.network.port}`], join(directory, "shipped-pki"))
    // What it has lost it does not hear of later either.
    const struck: Struck = { ...site, hearer: shipped, patienceMs: 15_000 }
    const heard = (): HeardNumbers => ({ numbers: shipped.numbers(), gaps: [], toldAt: () => undefined })
    try {
      const parts = await doParts(struck, heard, [
        { name: "cuts", work: mixed(site.next, [[options.cuts, () => cut(struck)]]) },
        tellIntoSilence(struck)
      ])
      return { parts, ...repeatsOf(shipped.numbers()) }
    } finally {
      await shipped.stop()
    }
  })
