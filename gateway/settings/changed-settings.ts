import { type Checked, checkSources, type Installed, type Settings } from "./load-settings.ts"
import { isRaw, type Raw } from "./raw.ts"
import { type Sources, valueAt } from "./sources.ts"

const idOf = (item: unknown): string | undefined =>
  isRaw(item) && typeof item["id"] === "string" ? item["id"] : undefined

/** Where an item of the merged list is written: its place in what changes; absent of one that stays as it is. */
type Places = ReadonlyMap<string, number>

/** The items of `before`, with those of `change` in the place of the same id, key by key, and the new ones behind. */
const mergedList = (
  before: ReadonlyArray<unknown>,
  change: ReadonlyArray<unknown>
): { readonly items: ReadonlyArray<unknown>; readonly places: ReadonlyArray<number | undefined> } => {
  const items = [...before]
  const places: Array<number | undefined> = before.map(() => undefined)
  for (const [nth, item] of change.entries()) {
    const id = idOf(item)
    const known = id === undefined ? -1 : before.findIndex((candidate) => idOf(candidate) === id)
    const at = known === -1 ? items.length : known
    const whole = items[at]
    items[at] = isRaw(whole) && isRaw(item) ? { ...whole, ...item } : item
    places[at] = nth
  }
  return { items, places }
}

const over = (base: Raw, change: Raw): { readonly value: Record<string, unknown>; readonly places: Places } => {
  const value: Record<string, unknown> = { ...base }
  const places = new Map<string, number>()
  for (const [section, written] of Object.entries(change)) {
    const before = base[section]
    if (!Array.isArray(written)) value[section] = written
    else {
      const merged = mergedList(Array.isArray(before) ? before : [], written)
      value[section] = merged.items
      for (const [at, nth] of merged.places.entries()) if (nth !== undefined) places.set(`${section}/${at}`, nth)
    }
  }
  return { value, places }
}

/**
 * What is in force, as it would be written: of the links their names and adapters only, for the rest is decoded, and no
 * plans, for the drawings are read.
 */
const writtenOf = (settings: Settings): Raw => {
  const { campus, links, channels, addresses, profilesDirectory, rulesDirectory, dataDir } = settings
  const { channels: _channels, routes, people, flood, ...written } = campus
  return {
    ...written,
    // Their addresses are kept apart, for no log may have them.
    ...(people === undefined
      ? {}
      : { people: people.map((person) => ({ ...person, addresses: addresses.get(person.id) ?? {} })) }),
    ...(channels.length === 0 ? {} : { channels: Object.fromEntries(channels.map(({ id, kind }) => [id, { kind }])) }),
    ...(routes === undefined ? {} : { notify: { routes } }),
    ...(flood === undefined ? {} : { alerts: { flood } }),
    plans: [],
    links: Object.fromEntries(links.map(({ id, adapter }) => [id, { adapter }])),
    profilesDirectory,
    rulesDirectory,
    dataDir
  }
}

const namesOf = (packs: unknown): ReadonlyArray<string> =>
  Array.isArray(packs) ? packs.map(String) : isRaw(packs) ? Object.keys(packs) : []

/** Without the rules of packs that are named anew: they come with what is named. */
const withoutPacks = (base: Raw, packs: unknown): Raw => {
  const { rules } = base
  const names = namesOf(packs)
  if (names.length === 0 || !Array.isArray(rules)) return base
  const isOf = (rule: unknown): boolean => names.some((name) => idOf(rule)?.startsWith(`${name}.`) === true)
  return { ...base, rules: rules.filter((rule) => !isOf(rule)) }
}

const asInForce = "the configuration in force"

/** The changed sections over the others, and the way back to the lines of what was changed. */
const overlaid = (base: Raw, change: Sources): Sources => {
  const { value, places } = over(withoutPacks(base, change.value["packs"]), change.value)
  return {
    value,
    problems: change.problems,
    valueAt: (path) => valueAt(value, path),
    problem: (path, message, at, severity = "error") => {
      const [section, nth, ...rest] = path
      const place = places.get(`${section}/${nth}`)
      if (section !== undefined && place !== undefined) {
        return change.problem([section, place, ...rest], message, at, severity)
      }
      const isOwn =
        section !== undefined && section in change.value && (nth === undefined || !Array.isArray(change.value[section]))
      if (isOwn) return change.problem(path, message, at, severity)
      return { severity, place: { file: asInForce, line: 1, column: 1, length: 1 }, message, frame: [] }
    }
  }
}

/** With the plans in force, which are not written anew. */
const drawnAs = ({ campus: { plans }, drawings }: Settings, checked: Checked, settings: Settings): Checked => ({
  ...checked,
  settings: { ...settings, drawings, campus: { ...settings.campus, ...(plans === undefined ? {} : { plans }) } }
})

/**
 * Checks a changed configuration as `checkSettings` does. What names a `site` is whole; anything else is sections of which
 * each item takes the place of the one with its id in `base`, key by key, and what it does not name stays as it is.
 */
export const checkChange = (base: () => Settings, change: Sources, installed: Installed): Checked => {
  if ("site" in change.value) return checkSources(change, installed)
  const settings = base()
  const checked = checkSources(overlaid(writtenOf(settings), change), installed, settings)
  return "plans" in change.value || checked.settings === undefined
    ? checked
    : drawnAs(settings, checked, checked.settings)
}
