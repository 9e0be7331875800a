import type { KillableGateway, ToldAlert } from "./opcua-gateway.ts"
import { becomes } from "./opcua-hearer.ts"
import type { Struck } from "./opcua-blows.ts"

/** A door that was forced, and what became of its alarm. */
export interface Forced {
  readonly door: string
  /** How far its acknowledgement came on the way back to the panel; absent: the panel's condition never was on the alert. */
  readonly writeBack: string | undefined
  /** How often the panel has accepted an acknowledgement of it. */
  readonly accepted: number
}

/** The road of an acknowledgement ends in one of these. */
const final: ReadonlySet<string | undefined> = new Set(["proved", "refused", "stale", "not-proved", "not-written-back"])

const writeBackOf = (alert: ToldAlert | undefined): string | undefined => alert?.panelConditions?.[0]?.writeBack?.state

/**
 * Forces a door, with the connection cut at once; acknowledges the alert as soon as it is there, with the connection cut
 * again. Throws when no alert comes.
 */
export const forceAndAcknowledge = async (struck: Struck, gateway: KillableGateway, door: string): Promise<void> => {
  const { panel, network, next, patienceMs } = struck
  await panel.have("force", { door })
  if (next() < 0.5) network.cut()
  let alert: ToldAlert | undefined
  const hasCome = async (): Promise<boolean> => {
    alert = (await gateway.alertsOf(`panel-${door}`)).find(({ panelConditions = [] }) => panelConditions.length > 0)
    return alert !== undefined
  }
  if (!(await becomes(hasCome, patienceMs)) || alert === undefined)
    throw new Error(`no alert of ${door} that has a condition`)
  await gateway.ask(`/alerts/${alert.id}/acknowledge`, { note: `seen at ${door}` })
  if (next() < 0.5) network.cut()
}

/** What became of the alarms of these doors, once nothing more is to come of them. */
export const forcedDoors = async (
  { panel, patienceMs }: Struck,
  gateway: KillableGateway,
  doors: ReadonlyArray<string>
): Promise<ReadonlyArray<Forced>> => {
  const stateOf = async (door: string): Promise<string | undefined> => {
    const alerts = await gateway.alertsOf(`panel-${door}`)
    return writeBackOf(alerts.find((alert) => writeBackOf(alert) !== undefined))
  }
  const states = await Promise.all(
    doors.map(async (door) => {
      let state: string | undefined
      await becomes(async () => final.has((state = await stateOf(door))), patienceMs)
      return state
    })
  )
  const accepted = await panel.have("acknowledged")
  return doors.map((door, nth) => ({
    door,
    writeBack: states[nth],
    accepted: accepted.filter(({ condition }) => condition.includes(`/${door}/`)).length
  }))
}
