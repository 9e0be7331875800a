import type { Campus } from "../domain/campus.ts"
import { canonicalJson } from "./canonical-json.ts"
import type { Settings } from "./load-settings.ts"

/** So many changes are told one by one; of more, how many there are. */
const changesTold = 100

/** What one item of a section is called. */
const singular = (section: string): string => (section === "people" ? "person" : section.replace(/s$/, ""))

const isItem = (value: unknown): value is { readonly id: string } =>
  typeof value === "object" && value !== null && "id" in value && typeof value.id === "string"

/** The members of a value by their names; of a list, its items by their ids. */
const membersOf = (value: unknown): ReadonlyMap<string, unknown> => {
  if (Array.isArray(value)) return new Map(value.filter(isItem).map((item) => [item.id, item]))
  return new Map(typeof value === "object" && value !== null ? Object.entries(value) : [])
}

/** Both come from one decoder, and nearly always have their keys in one order: that is looked at first, for it costs little. */
const isSame = (before: unknown, after: unknown): boolean =>
  JSON.stringify(before) === JSON.stringify(after) || canonicalJson(before) === canonicalJson(after)

/** The names of the members that differ. */
const differing = (before: unknown, after: unknown): ReadonlyArray<string> => {
  const [had, has] = [membersOf(before), membersOf(after)]
  return [...new Set([...had.keys(), ...has.keys()])].filter((name) => !isSame(had.get(name), has.get(name)))
}

/** Which items of a section came, went and are other than before, a clause each. */
const itemChanges = (what: string, before: unknown, after: unknown): ReadonlyArray<string> => {
  const [had, has] = [membersOf(before), membersOf(after)]
  return differing(before, after).map((id) => {
    if (!had.has(id)) return `${what} ${id} added`
    if (!has.has(id)) return `${what} ${id} removed`
    const members = differing(had.get(id), has.get(id))
    return `${what} ${id} changed${members.length === 0 ? "" : ` (${members.join(", ")})`}`
  })
}

/** Sections without items: `site changed (timeZone)`. */
const partChanges = (name: string, before: unknown, after: unknown): ReadonlyArray<string> => {
  if (isSame(before, after)) return []
  const members = differing(before, after)
  return [`${name} changed${members.length === 0 ? "" : ` (${members.join(", ")})`}`]
}

/** The sections of the campus, in their order: lists by their items, others as a whole. */
export const campusChanges = (before: Campus, after: Campus): ReadonlyArray<string> => {
  const [had, has] = [membersOf(before), membersOf(after)]
  // Channels are told of with their settings, which are not the campus's.
  const sections = [...new Set([...had.keys(), ...has.keys()])].filter((section) => section !== "channels")
  return sections.flatMap((section) => {
    const [was, is] = [had.get(section), has.get(section)]
    return Array.isArray(was ?? is)
      ? itemChanges(singular(section), was ?? [], is ?? [])
      : partChanges(section, was, is)
  })
}

const byChannel = (channels: Settings["channels"]): Readonly<Record<string, unknown>> =>
  Object.fromEntries(channels.map(({ id, kind, settings }) => [id, { kind, settings }]))

const byName = (links: Settings["links"]): Readonly<Record<string, unknown>> =>
  Object.fromEntries(links.map(({ id, adapter, settings }) => [id, { adapter, settings }]))

const told = (changes: ReadonlyArray<string>): ReadonlyArray<string> =>
  changes.length <= changesTold
    ? changes
    : [...changes.slice(0, changesTold), `and ${changes.length - changesTold} more changes`]

/** What settings say otherwise than those before, in a clause each; empty: nothing. */
export const changesBetween = (before: Settings, after: Settings): ReadonlyArray<string> => {
  const digests = ({ profileDigests }: Settings) => Object.fromEntries(profileDigests ?? [])
  const changes = [
    ...campusChanges(before.campus, after.campus),
    ...itemChanges("address of person", Object.fromEntries(before.addresses), Object.fromEntries(after.addresses)),
    ...itemChanges("channel", byChannel(before.channels), byChannel(after.channels)),
    ...itemChanges("link", byName(before.links), byName(after.links)),
    ...itemChanges("profile", digests(before), digests(after)),
    ...(
      ["alerts", "arming", "maintenance", "gaps", "evidence", "notify", "profilesDirectory", "rulesDirectory"] as const
    ).flatMap((name) => partChanges(name, before[name], after[name]))
  ]
  // A part of the configuration that has no words here changed all the same.
  if (changes.length === 0 && before.configVersion !== after.configVersion) return ["something else changed"]
  return told(changes)
}

/** The places in the configuration that only a start can change. */
export const restartPaths: ReadonlyArray<ReadonlyArray<string>> = [
  ["api", "host"],
  ["api", "port"],
  ["dataDir"],
  ["site", "id"]
]

/** What only a start can change, by its place in the configuration: an address that is listened on, a log that is open. */
export const needsRestart = (
  before: Settings,
  after: Settings
): ReadonlyArray<{ readonly path: ReadonlyArray<string>; readonly was: string }> => [
  ...(before.api.host === after.api.host ? [] : [{ path: ["api", "host"], was: before.api.host }]),
  ...(before.api.port === after.api.port ? [] : [{ path: ["api", "port"], was: String(before.api.port) }]),
  ...(before.dataDir === after.dataDir ? [] : [{ path: ["dataDir"], was: before.dataDir }]),
  ...(before.campus.site.id === after.campus.site.id ? [] : [{ path: ["site", "id"], was: before.campus.site.id }])
]
