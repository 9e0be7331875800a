import { join } from "node:path"
import Database from "better-sqlite3"
import type { GatewayFiles } from "../../road/gateway-process.ts"
import type { Seen } from "./camera-gateway.ts"
import type { Told } from "./cameras-process.ts"
import { type Spread, spreadOf } from "./spread.ts"

/** What became of all that cameras told. */
export interface Account {
  readonly told: number
  /** From telling to the officer's screen. */
  readonly latency: Spread
  /** Told and not in the log. */
  readonly lost: number
  /** In the log once more than told. */
  readonly twice: number
  /** Told and not on the screen. */
  readonly unseen: number
}

const eventOf = (id: string, at: number): string => `${id} ${at}`

/** How often each motion stands in a gateway's log, by its camera and the camera's time. */
const motionsInLog = ({ data }: GatewayFiles): ReadonlyMap<string, number> => {
  const database = new Database(join(data, "gatehouse.db"), { readonly: true })
  try {
    const rows = database
      .prepare<[], { readonly id: string; readonly at: number; readonly n: number }>(
        `SELECT json_extract(body, '$.fact.observation.device') AS id,
           json_extract(body, '$.fact.observation.deviceTime') AS at, count(*) AS n FROM entry
         WHERE kind = 'Fact' AND json_extract(body, '$.fact.observation.reading.kind') = 'motion'
           AND json_extract(body, '$.fact.observation.origin') = 'change' GROUP BY 1, 2`
      )
      .all()
    return new Map(rows.map(({ id, at, n }) => [eventOf(id, at), n]))
  } finally {
    database.close()
  }
}

/** Holds what the cameras told against what was seen, and against the log of the gateway, which has ended. */
export const accountOf = (told: ReadonlyArray<Told>, seen: ReadonlyArray<Seen>, files: GatewayFiles): Account => {
  const kept = motionsInLog(files)
  const seenUs = new Map<string, number>()
  for (const [id, at, us] of seen) if (!seenUs.has(eventOf(id, at))) seenUs.set(eventOf(id, at), us)
  const tookMs: Array<number> = []
  let lost = 0
  for (const [id, at, sentUs] of told) {
    const event = eventOf(id, at)
    const arrivedUs = seenUs.get(event)
    if (arrivedUs !== undefined) tookMs.push((arrivedUs - sentUs) / 1000)
    if (!kept.has(event)) lost++
  }
  const rows = [...kept.values()].reduce((sum, n) => sum + n, 0)
  return {
    told: told.length,
    latency: spreadOf(tookMs),
    lost,
    twice: rows - (told.length - lost),
    unseen: told.length - tookMs.length
  }
}
