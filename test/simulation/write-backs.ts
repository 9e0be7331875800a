import type { Entry } from "../../gateway/log/entry.ts"
import { kindOf, writeBacksOf } from "../../gateway/correlation/write-back.ts"
import type { Panel } from "./panel.ts"

const officers: ReadonlySet<string> = new Set([
  "AlertAcknowledged",
  "AlertClosed",
  "AlertNoted",
  "AlertShelved",
  "AlertUnshelved"
])

type AlertEntry = Extract<Entry, { readonly _tag: "Alert" }>

/** What of an alert's write-backs an entry shows, by their names. */
const shown = ({ change: { alert } }: AlertEntry) =>
  (alert.panelConditions ?? []).flatMap((entry) =>
    writeBacksOf(entry).map((one) => ({
      name: `${alert.id} ${entry.device} ${entry.id} ${entry.branch ?? ""} ${kindOf(one)} ${one.asked ?? ""}`,
      ...one
    }))
  )

/**
 * What goes back to the panel: each is asked for by an officer's act on that alert, or by the end of its shelving; it goes
 * out only from being owed; and the panel is called at most once for each time that the log says so.
 */
export const judgeWriteBacks = (panel: Panel, entries: ReadonlyArray<Entry>, fault: (text: string) => void): void => {
  const facts = new Map(entries.flatMap((entry) => (entry._tag === "Fact" ? [[entry.seq, entry.fact] as const] : [])))
  const states = new Map<string, string>()
  let sent = 0
  for (const entry of entries) {
    if (entry._tag !== "Alert") continue
    for (const { name, state, asked, kind } of shown(entry)) {
      const before = states.get(name)
      states.set(name, state)
      if (before === undefined && asked !== undefined && kind !== "unshelve") {
        const act = facts.get(asked)
        const isAct = act !== undefined && officers.has(act._tag) && "alert" in act
        if (!isAct) fault(`${name} is owed, and no officer has asked for it`)
      }
      if (state !== "sent" || before === "sent") continue
      sent++
      if (before !== "owed") fault(`${name} was sent while it was ${before ?? "not asked for"}`)
    }
  }
  const calls = panel.calls.filter(({ what }) => what.startsWith("["))
  if (calls.length > sent) fault(`the panel was called ${calls.length} times, but the log tells of ${sent}`)
  for (const text of panel.overlaps) fault(text)
}
