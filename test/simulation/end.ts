import { dirname } from "node:path"
import Database from "better-sqlite3"
import type { Decision } from "../../gateway/correlation/decision.ts"
import { fold, initial, nextDue } from "../../gateway/correlation/fold.ts"
import { owingAlerts } from "../../gateway/correlation/write-back-steps.ts"
import { freeze } from "../../gateway/correlation/snapshot.ts"
import { innerOf } from "../../gateway/correlation/draft.ts"
import { recover } from "../../gateway/intake/intake-layer.ts"
import type { Entry } from "../../gateway/log/entry.ts"
import { entriesOf } from "../../gateway/log/entries.ts"
import { Recovery } from "../../gateway/log/recovery.ts"
import { verifyLog } from "../../gateway/log/verify.ts"
import { SiteId } from "../../gateway/domain/ids.ts"
import { campus } from "./campus.ts"
import type { Outside } from "./outside.ts"
import type { Plan } from "./plan.ts"
import type { Process } from "./process.ts"
import type { Outcome } from "./simulation.ts"
import { latestMs, type Store } from "./store.ts"
import { judgeDoors } from "./truth.ts"
import { judgeWriteBacks } from "./write-backs.ts"
import type { VirtualTime } from "./virtual-time.ts"
import type { Watch } from "./watch.ts"

/** What is left of a life when it is over. */
export interface Lived {
  readonly time: VirtualTime
  readonly outside: Outside
  readonly watch: Watch
  readonly store: Store
  readonly process: Process | undefined
}

const entriesIn = (database: Database.Database): ReadonlyArray<Entry> =>
  database
    .prepare<[], { readonly seq: number; readonly body: string }>("SELECT seq, body FROM entry ORDER BY seq")
    .all()
    .map(({ seq, body }) => ({ ...(JSON.parse(body) as Entry), seq }))

/** The log's facts, folded anew from nothing, must draw every conclusion that stands in the log, and no other. */
const refolded = (entries: ReadonlyArray<Entry>, fault: (text: string) => void) => {
  let situation = initial
  const again: Array<Entry> = []
  for (const entry of entries) {
    if (entry._tag !== "Fact") continue
    const folded: { readonly situation: typeof situation; readonly decisions: ReadonlyArray<Decision> } = fold(
      situation,
      entry.seq,
      entry.fact
    )
    situation = folded.situation
    again.push(...entriesOf(SiteId.make(campus.site.id), entry.seq, entry.recordedAt, entry.fact, folded.decisions))
  }
  const text = (one: Entry | undefined): string => JSON.stringify(one)
  const differs = entries.findIndex((one, nth) => text(again[nth]) !== text(one))
  if (differs >= 0)
    fault(`entry ${differs + 1} is ${text(entries[differs])}, but the facts give ${text(again[differs])}`)
  if (again.length !== entries.length) fault(`the log has ${entries.length} entries; its facts give ${again.length}`)
  return situation
}

/** What the other sides hold for kept stands in the log, once; and what they still have to tell, they have told. */
const judgeMessages = (outside: Outside, entries: ReadonlyArray<Entry>, fault: (text: string) => void): void => {
  const times = new Map<string, number>()
  for (const entry of entries) {
    if (entry._tag !== "Fact" || entry.fact._tag !== "Observed") continue
    const { observation } = entry.fact
    if (!("source" in observation)) continue
    const name = `${observation.source} ${observation._tag} ${"point" in observation ? observation.point : ""}`
    times.set(name, (times.get(name) ?? 0) + 1)
  }
  const stored = new Set([...times.keys()].map((name) => name.slice(0, name.indexOf(" "))))
  for (const [link, { ledger, waiting }] of outside.peers) {
    for (const name of ledger.accepted) {
      if (!stored.has(name) && !outside.mayBeDropped(name))
        fault(`${name} of ${link} was accepted, and is not in the log`)
    }
    if (waiting > 0) fault(`${waiting} messages of ${link} still wait`)
  }
  for (const [name, count] of times)
    if (/^m\d/.test(name) && count > 1) fault(`${name} stands in the log ${count} times`)
}

/** Holds the whole log, and what others know, against the promises. */
export const judgeEnd = (plan: Plan, dawn: number, { time, outside, watch, store, process }: Lived): Outcome => {
  const fault = (text: string): void => watch.fault(text)
  const { situation } = watch
  if (situation === undefined || process === undefined) {
    fault("no process stands in the end")
    return { root: "", entries: 0, faults: watch.faults, alerts: {} }
  }
  const due = nextDue(situation)
  if (due !== undefined && due <= time.now - latestMs) fault(`what was due at ${due} has not come`)
  const owing = owingAlerts(situation.alerts, innerOf(situation).owing)
  for (const { id } of owing) fault(`something of alert ${id} is still on its way to the panel`)
  const live = watch.frozen()
  process.kill()
  const database = new Database(store.file)
  try {
    const entries = entriesIn(database)
    const whole = JSON.stringify(freeze(refolded(entries, fault)))
    if (whole !== live) fault("the fold of the whole log is not the live situation")
    const recovered = JSON.stringify(freeze(recover(new Recovery(database))))
    if (recovered !== live) fault("snapshot and log do not give the live situation")
    judgeMessages(outside, entries, fault)
    judgeWriteBacks(outside.panel, entries, fault)
    judgeDoors(plan, dawn, entries, fault)
    const alerts: Record<string, number> = {}
    for (const entry of entries) {
      if (entry._tag !== "Alert" || entry.change.transition !== "raised") continue
      const { condition } = entry.change.alert
      alerts[condition] = (alerts[condition] ?? 0) + 1
    }
    const verified = verifyLog(dirname(store.file))
    for (const one of verified.faults) fault(one)
    return { root: verified.root, entries: entries.length, faults: watch.faults, alerts }
  } finally {
    database.close()
  }
}
