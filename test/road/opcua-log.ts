import { existsSync } from "node:fs"
import { join } from "node:path"
import Database from "better-sqlite3"
import type { GatewayFiles } from "./gateway-process.ts"

/** A gap that the gateway has recorded, and between which numbers it stands in the log. */
export interface LoggedGap {
  /** How many numbers were in the log before it. */
  readonly after: number
  readonly cause: string
  /** Epoch milliseconds; absent where it is not known since when. */
  readonly from: number | undefined
  readonly to: number | undefined
  readonly detail: string
}

interface Row {
  readonly seq: number
  readonly body: string
}

interface Body {
  readonly fact?: {
    readonly observation?: {
      readonly _tag: string
      readonly cause?: string
      readonly from?: number
      readonly to?: number
      readonly detail?: string
      readonly deviceTime?: number
      readonly occurrence?: { readonly credential?: string }
    }
  }
  readonly change?: {
    readonly transition: string
    readonly alert: { readonly condition: string; readonly key: string }
  }
}

/** Follows a gateway's log from outside, while the gateway lives and while it does not. */
export const followLog = ({ data }: GatewayFiles) => {
  const file = join(data, "gatehouse.db")
  const numbers: Array<number> = []
  const gaps: Array<LoggedGap> = []
  const raised: Array<string> = []
  const toldAt = new Map<number, number>()
  let newest = 0
  let read = 0
  let database: Database.Database | undefined
  const take = ({ fact, change }: Body): void => {
    if (change?.transition === "raised") raised.push(`${change.alert.condition} ${change.alert.key}`)
    const observation = fact?.observation
    if (observation?._tag === "Gap") {
      const { cause = "", from, to, detail = "" } = observation
      gaps.push({ after: numbers.length, cause, from, to, detail })
    }
    const credential = observation?.occurrence?.credential
    if (credential === undefined) return
    const number = Number.parseInt(credential, 10)
    numbers.push(number)
    newest = Math.max(newest, number)
    toldAt.set(number, observation?.deviceTime ?? Number.NaN)
  }
  /** Reads what has come since. */
  const look = (): void => {
    if (database === undefined && !existsSync(file)) return
    database ??= new Database(file, { readonly: true })
    const rows = database
      .prepare<[number], Row>("SELECT seq, body FROM entry WHERE seq > ? AND kind IN ('Fact', 'Alert') ORDER BY seq")
      .all(read)
    for (const { seq, body } of rows) {
      read = seq
      take(JSON.parse(body) as Body)
    }
  }
  return {
    /** In the order of the log. */
    numbers: (): ReadonlyArray<number> => numbers,
    gaps: (): ReadonlyArray<LoggedGap> => gaps,
    /** Alerts by condition and key, each as often as it was raised. */
    raised: (): ReadonlyArray<string> => raised,
    /** When a number was told, by the panel's clock, epoch milliseconds; of those that are in the log. */
    toldAt: (number: number): number | undefined => toldAt.get(number),
    look,
    newest: (): number => {
      look()
      return newest
    },
    close: (): void => void database?.close()
  }
}

export type FollowedLog = ReturnType<typeof followLog>
