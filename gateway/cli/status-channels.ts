import type { Finding, Told } from "./status-report.ts"

/** Channels to people that take nothing: somebody would be called in vain. */
export const channelFindings = ({
  channels
}: Pick<Told, "channels">): ReadonlyArray<Finding & { readonly rank: number }> =>
  channels.flatMap(({ id, kind, standing, waiting }) => {
    const isBroken = standing?.state === "broken"
    if (standing === null || (!isBroken && standing.state !== "failing")) return []
    const behind = waiting === 0 ? "" : `; ${waiting} wait`
    return [
      {
        rank: isBroken ? 1.5 : 3.7,
        weight: isBroken ? ("bad" as const) : ("odd" as const),
        what: "channel" as const,
        id,
        state: standing.state,
        since: standing.since,
        detail: `${kind}: ${standing.detail ?? "it takes nothing"}${behind}`
      }
    ]
  })

/** How many channels there are, and how many have shown that they take messages. */
export const channelCounts = ({
  channels
}: Pick<Told, "channels">): { readonly all: number; readonly working: number } => ({
  all: channels.length,
  working: channels.filter(({ standing }) => standing?.state === "working").length
})
