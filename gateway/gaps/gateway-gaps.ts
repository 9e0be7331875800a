import { HashMap, Option } from "effect"
import type { Gap } from "../domain/gap.ts"
import { LinkId } from "../domain/ids.ts"
import { activeAlerts } from "./open-alerts.ts"
import type { GapSources } from "./list.ts"

const storeGaps = ({ store }: GapSources): ReadonlyArray<Gap> =>
  store.accepting
    ? []
    : [
        {
          id: "store-refuses",
          kind: "store-refuses",
          severity: 1,
          title: "The security log keeps nothing",
          ...(store.refusedSince === undefined ? {} : { since: store.refusedSince }),
          owner: "the disk of dataDir",
          reason: store.refusal ?? "it refuses to write",
          todo: "Free space on the disk of dataDir; the gateway goes on by itself when it can write again."
        }
      ]

const placeOf = ({ file, line, column }: { readonly file: string; readonly line: number; readonly column: number }) =>
  `${file}:${line}:${column}`

const configurationGaps = ({ situation: { refusedConfig }, warnings }: GapSources): ReadonlyArray<Gap> => {
  const [first, ...more] = refusedConfig?.problems ?? []
  const refused: ReadonlyArray<Gap> =
    refusedConfig === undefined || first === undefined
      ? []
      : [
          {
            id: "configuration-refused",
            kind: "configuration-refused",
            severity: 2,
            title: "What is written in the configuration is not in force",
            since: refusedConfig.since,
            owner: refusedConfig.by,
            reason: `${placeOf(first)} ${first.message}${more.length === 0 ? "" : `, and ${more.length} more`}`,
            todo: "Mend the file; gatehouse check tells all that is wrong. It is read again by itself."
          }
        ]
  const weak = warnings.map((warning): Gap => ({
    id: `configuration-weak:${placeOf(warning)}`,
    kind: "configuration-weak",
    severity: 3,
    title: "A setting that its device cannot serve",
    owner: placeOf(warning),
    reason: warning.message,
    todo: `Change ${placeOf(warning)}, or the device.`
  }))
  return [...refused, ...weak]
}

const linkGaps = ({ situation, links }: GapSources): ReadonlyArray<Gap> => {
  const alertOf = activeAlerts(situation)
  return links.flatMap(({ id, weaknesses }) => {
    const link = LinkId.make(id)
    const state = Option.getOrUndefined(HashMap.get(situation.links, id))
    const alert = alertOf("LinkLost", `link:${id}`)
    const away: ReadonlyArray<Gap> =
      state?._tag === "Online"
        ? []
        : [
            {
              id: `link-away:${id}`,
              kind: "link-away",
              severity: 2,
              title: `Link ${id} is ${state?._tag ?? "not begun"}`,
              link,
              ...(alert === undefined ? {} : { since: alert.occurredAt, alert: alert.id }),
              owner: alert?.acknowledgedBy ?? `link ${id}`,
              reason: state !== undefined && "reason" in state ? state.reason : "it has not come up yet",
              todo:
                state?._tag === "Rejected"
                  ? "Mend the credentials, here or at the other side; it is asked again each minute."
                  : "Look after the network and the other side; it is asked again by itself."
            }
          ]
    const weak = weaknesses.map((reason, nth): Gap => ({
      id: `link-weak:${id}:${nth + 1}`,
      kind: "link-weak",
      severity: 4,
      title: `Link ${id} is not wholly protected`,
      link,
      owner: "configuration",
      reason,
      todo: `Change the settings of link ${id}.`
    }))
    return [...away, ...weak]
  })
}

/** What is amiss with the gateway itself: its log, its configuration, its links. */
export const gatewayGaps = (sources: GapSources): ReadonlyArray<Gap> => [
  ...storeGaps(sources),
  ...configurationGaps(sources),
  ...linkGaps(sources)
]
