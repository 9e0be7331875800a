import type { Campus } from "../domain/campus.ts"
import { defaultEscalation } from "../domain/default-escalation.ts"
import type { EscalationPolicy, EscalationRoutes } from "../domain/escalation.ts"
import { ChannelId } from "../domain/ids.ts"
import { hint } from "./did-you-mean.ts"
import type { Config } from "./config.ts"
import { decodeAt } from "./decode.ts"
import type { ChannelSettings, Installed } from "./load-settings.ts"
import type { Problem } from "./problem.ts"
import { isRaw } from "./raw.ts"
import type { Sources } from "./sources.ts"

const isName = (id: string): boolean => /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/.test(id)

const secretKey = /password|passphrase|secret|token|apiKey$/i

/** Where a secret stands in the configuration itself. */
const plainSecrets = (
  path: ReadonlyArray<string | number>,
  value: unknown
): ReadonlyArray<ReadonlyArray<string | number>> => {
  if (Array.isArray(value)) return value.flatMap((item, nth) => plainSecrets([...path, nth], item))
  if (!isRaw(value)) return []
  return Object.entries(value).flatMap(([key, item]) => {
    const isPlain = secretKey.test(key) && (typeof item === "string" || typeof item === "number")
    return isPlain ? [[...path, key]] : plainSecrets([...path, key], item)
  })
}

/** The channels as written, each decoded by its own schema. `told`: they are decoded already. */
export const decodeChannels = (
  sources: Sources,
  { channels: catalogue = [] }: Installed,
  told?: ReadonlyArray<ChannelSettings>
): { readonly channels: ReadonlyArray<ChannelSettings>; readonly problems: ReadonlyArray<Problem> } => {
  if (told !== undefined) return { channels: told, problems: [] }
  const channels: Array<ChannelSettings> = []
  const problems: Array<Problem> = []
  const written = sources.value["channels"]
  if (!isRaw(written)) return { channels, problems }
  for (const [id, channel] of Object.entries(written)) {
    const path = ["channels", id]
    const wrongName = `"${id}" is not a channel id: letters, digits, ".", "_" and "-", at most 64, such as "mail"`
    if (!isName(id)) problems.push(sources.problem(path, wrongName, "key"))
    if (!isRaw(channel)) continue
    const kinds = catalogue.map(({ kind }) => kind)
    const found = catalogue.find(({ kind }) => kind === channel["kind"])
    if (found === undefined) {
      const kind = String(channel["kind"])
      if (channel["kind"] !== undefined)
        problems.push(sources.problem([...path, "kind"], `there is no kind of channel "${kind}"${hint(kind, kinds)}`))
      continue
    }
    const secrets = plainSecrets([...path, "settings"], channel["settings"])
    for (const at of secrets) {
      const message = `${String(at.at(-1))} must not stand here; write { env: NAME } or { file: path }`
      // The line of a secret is not shown: what is printed ends up in other people's logs.
      problems.push({ ...sources.problem(at, message), frame: [] })
    }
    const decoded = decodeAt(found.Settings, sources, [...path, "settings"], channel["settings"] ?? {})
    if (secrets.length === 0) problems.push(...decoded.problems)
    if (decoded.problems.length > 0 || !isName(id)) continue
    channels.push({ id, kind: found.kind, settings: decoded.value })
    for (const why of found.weaknesses?.(decoded.value) ?? [])
      problems.push(sources.problem(path, `channel "${id}" is not wholly protected: ${why}`, "key", "warning"))
  }
  return { channels, problems }
}

/** What the fold is to know of the channels. */
export const channelsOf = (
  channels: ReadonlyArray<ChannelSettings>,
  { channels: catalogue = [] }: Installed
): Pick<Campus, "channels"> => {
  const known = channels.flatMap(({ id, kind }) => {
    const found = catalogue.find((one) => one.kind === kind)
    if (found === undefined) return []
    const { recipients, receipts } = found
    return [{ id: ChannelId.make(id), kind, recipients, ...(receipts === undefined ? {} : { receipts }) }]
  })
  return known.length === 0 ? {} : { channels: known }
}

/** The policies and routes in force: the shipped ones where there are channels and no policy is written. */
export const escalationsOf = ({
  channels,
  escalations,
  notify
}: Pick<Config, "channels" | "escalations" | "notify">): {
  readonly escalations?: ReadonlyArray<EscalationPolicy>
  readonly routes?: EscalationRoutes
} => {
  if (escalations.length > 0) return { escalations, ...(notify.routes === undefined ? {} : { routes: notify.routes }) }
  if (Object.keys(channels).length === 0) return {}
  const { id } = defaultEscalation
  return { escalations: [defaultEscalation], routes: notify.routes ?? { critical: id, high: id } }
}

/** What `check` says of a campus whose alerts are on the console only. */
export const consoleOnly =
  "nobody is told of alerts but on the console: there are no channels; add channels: with mail, a webhook or another, " +
  "and people: who are reached by them"
