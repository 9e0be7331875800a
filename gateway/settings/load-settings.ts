import { createHash } from "node:crypto"
import type { Adapter } from "../../adapters/adapter.ts"
import type { Channel } from "../notify/channel.ts"
import type { InboundSource } from "../notify/inbound/inbound-settings.ts"
import type { Campus } from "../domain/campus.ts"
import { canonicalJson } from "./canonical-json.ts"
import { Config } from "./config.ts"
import { checkSheets } from "./conformance-rules.ts"
import type { Sheets } from "./conformance-sheet.ts"
import { channelsOf, decodeChannels, escalationsOf } from "./channel-settings.ts"
import { decodeAt } from "./decode.ts"
import { checkEscalations } from "./escalation-rules.ts"
import type { ProfilePoint } from "./known-points.ts"
import { checkMeaning, type Known } from "./meaning.ts"
import { type DrawnPlans, drawPlans } from "./plan-rules.ts"
import type { Problem } from "./problem.ts"
import { checkRules } from "./rule-checks.ts"
import { SettingsRefused } from "./settings-refused.ts"
import { scheduleRefsOf } from "./schedule-rules.ts"
import { readSources, type Sources } from "./sources.ts"
import { writtenRules } from "./written-rules.ts"

/** A link ready to be supervised: its adapter and that adapter's decoded settings. */
export interface LinkSettings {
  readonly id: string
  readonly adapter: string
  readonly settings: unknown
  /** What it leaves unprotected, each in a clause for people; left out: nothing that is known. */
  readonly weaknesses?: ReadonlyArray<string>
}

/** A channel ready to be opened. */
export interface ChannelSettings {
  readonly id: string
  readonly kind: string
  readonly settings: unknown
}

/** The configuration, decoded and whole. */
export interface Settings {
  readonly campus: Campus
  /** SHA-256 over the canonical JSON of campus, links, channels and the profiles' digest: 12 hexadecimal digits. */
  readonly configVersion: string
  readonly links: ReadonlyArray<LinkSettings>
  readonly channels: ReadonlyArray<ChannelSettings>
  /** Where messages lead to; left out: nowhere. */
  readonly notify: { readonly console?: string; readonly testAt?: string }
  readonly api: { readonly host: string; readonly port: number }
  /** No alert is shelved for longer. */
  readonly alerts: { readonly shelveMaxMinutes: number }
  /** No area is armed or disarmed against its schedule for longer. */
  readonly arming: { readonly overrideMaxHours: number }
  /** Nothing is in maintenance, and no point bypassed, for longer. */
  readonly maintenance: { readonly maxMinutes: number; readonly bypassMaxMinutes: number }
  /** When the daily report is made, by the site's wall clock. */
  readonly gaps: { readonly reportAt: string }
  /** Pictures of an alert are removed so many days after it was closed. */
  readonly evidence: { readonly keepDays: number }
  /** Telephone numbers and mail addresses of people, by their id and then by channel. They never enter the log. */
  readonly addresses: ReadonlyMap<string, Readonly<Record<string, string>>>
  /** Who may send in calls for help and answers from outside. */
  readonly inbound: ReadonlyArray<InboundSource>
  /** The drawings of the plans, by the plan's id, and where they lie. */
  readonly drawings: Pick<DrawnPlans, "drawings" | "files">
  readonly dataDir: string
  readonly profilesDirectory: string
  readonly rulesDirectory: string
  /** How many things stand in each section that is written. */
  readonly sections: ReadonlyMap<string, number>
  /** What it warns of: settings that their devices cannot serve. What links leave unprotected stands with them. */
  readonly warnings: ReadonlyArray<Problem>
  /** A digest of what each profile says, by its name. */
  readonly profileDigests?: ReadonlyMap<string, string>
}

/** What the gateway brings along, and a configuration may name. */
export interface Installed {
  readonly adapters: ReadonlyArray<Pick<Adapter<unknown>, "protocol" | "hasConditions" | "Settings" | "weaknesses">>
  /** The channels of the catalogue; left out: there are none. */
  readonly channels?: ReadonlyArray<
    Pick<Channel<unknown>, "kind" | "Settings" | "recipients" | "receipts" | "addressFault" | "weaknesses">
  >
  /**
   * Names of a directory's profiles, a digest of what they say, and what is wrong at least with those `used` by devices. Throws
   * when it cannot be read.
   */
  readonly profiles: (
    directory: string,
    used: ReadonlyArray<string>
  ) => {
    readonly names: ReadonlyArray<string>
    readonly digest: string
    readonly problems: ReadonlyArray<Problem>
    /** A digest of what each of them says, by its name; left out: not told apart. */
    readonly digests?: ReadonlyMap<string, string>
    /** The points that a profile's devices can have. A profile that is not listed may have any. */
    readonly points?: ReadonlyMap<string, ReadonlyArray<ProfilePoint>>
    /** The protocol that a profile is written for. One that is not listed fits any. */
    readonly protocols?: ReadonlyMap<string, string>
    /** What is wrong with the parameters of a device, by its profile. */
    readonly parameterProblems?: Known["parameterProblems"]
  }
  /** What devices were seen to do, as a data directory has it. Left out: it is not asked. */
  readonly sheets?: (dataDir: string) => Sheets
}

const versionOf = (...parts: ReadonlyArray<unknown>): string =>
  createHash("sha256").update(canonicalJson(parts)).digest("hex").slice(0, 12)

/** A configuration without channels has the version that it always had. */
const withChannels = (channels: Config["channels"]): ReadonlyArray<unknown> =>
  Object.keys(channels).length === 0 ? [] : [channels]

type Profiles = Omit<ReturnType<Installed["profiles"]>, "names"> & { readonly names: ReadonlyArray<string> | undefined }

/** The profiles that devices name. */
const usedProfiles = ({ value: { devices } }: Sources): ReadonlyArray<string> =>
  Array.isArray(devices) ? devices.map((device: { profile?: unknown } | null) => String(device?.profile)) : []

const readProfiles = (sources: Sources, installed: Installed, used: ReadonlyArray<string>): Profiles => {
  const written = sources.value["profilesDirectory"]
  const directory = typeof written === "string" && written !== "" ? written : "config/profiles"
  try {
    return installed.profiles(directory, used)
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause)
    const problem = sources.problem(["profilesDirectory"], `the profiles in ${directory} cannot be used: ${why}`)
    return { names: undefined, digest: "", problems: [problem] }
  }
}

const decodeLinks = (sources: Sources, installed: Installed) => {
  const links: Array<LinkSettings> = []
  const problems: Array<Problem> = []
  const written = sources.value["links"]
  if (typeof written !== "object" || written === null) return { links, problems }
  for (const [id, link] of Object.entries(
    written as Record<string, { adapter?: unknown; settings?: unknown } | null>
  )) {
    const adapter = installed.adapters.find((candidate) => candidate.protocol === link?.adapter)
    if (adapter === undefined) continue
    const decoded = decodeAt(adapter.Settings, sources, ["links", id, "settings"], link?.settings ?? {})
    problems.push(...decoded.problems)
    if (decoded.problems.length > 0) continue
    const weaknesses = adapter.weaknesses?.(decoded.value) ?? []
    const weak = weaknesses.length === 0 ? {} : { weaknesses }
    links.push({ id, adapter: adapter.protocol, settings: decoded.value, ...weak })
    for (const why of weaknesses)
      problems.push(sources.problem(["links", id], `link "${id}" is not wholly protected: ${why}`, "key", "warning"))
  }
  return { links, problems }
}

const problemsOfSheets = (sources: Sources, { sheets }: Installed): ReadonlyArray<Problem> => {
  if (sheets === undefined) return []
  const written = sources.value["dataDir"]
  const { byDevice, unusable } = sheets(typeof written === "string" && written !== "" ? written : "var")
  const unread = unusable.map(({ file, why }) =>
    sources.problem(["dataDir"], `the conformance sheet ${file} cannot be used: ${why}`, "value", "warning")
  )
  const odd = checkSheets(sources.value, byDevice).map(({ path, message, severity }) =>
    sources.problem(path, message, "value", severity)
  )
  return [...unread, ...odd]
}

const placeOf = ({ place }: Problem): string => `${place.file}:${place.line}:${place.column}`

/** In the order of the files, each once. */
const distinct = (problems: ReadonlyArray<Problem>): ReadonlyArray<Problem> => {
  const seen = new Set<string>()
  const kept = problems.filter((problem) => {
    const key = `${placeOf(problem)}:${problem.message}`
    return !seen.has(key) && seen.add(key)
  })
  return kept.sort(
    (a, b) =>
      (a.place.file < b.place.file ? -1 : a.place.file > b.place.file ? 1 : 0) ||
      a.place.line - b.place.line ||
      a.place.column - b.place.column
  )
}

/** The outcome of looking at a configuration without starting anything. `settings` only when there is no error. */
export interface Checked {
  readonly settings: Settings | undefined
  readonly problems: ReadonlyArray<Problem>
  /** An error at what is written there, for one who knows more than the reader does. */
  readonly problem: Sources["problem"]
}

/**
 * Reads and decodes a configuration: a YAML file, or every `*.yaml` of a directory, merged section by section. All
 * problems are found in one go. Relative directories in it count from where the process was started.
 */
export const checkSettings = (paths: ReadonlyArray<string>, installed: Installed): Checked =>
  checkSources(readSources(paths), installed)

/** Decodes what was read. `told`: links and channels decoded already, where those in the sources are but their names. */
export const checkSources = (
  sources: Sources,
  installed: Installed,
  told?: Pick<Settings, "links" | "channels">
): Checked => {
  if (sources.problems.length > 0)
    return { settings: undefined, problems: distinct(sources.problems), problem: sources.problem }
  const used = usedProfiles(sources)
  const profiles = readProfiles(sources, installed, used)
  const config = decodeAt(Config, sources, [], sources.value)
  const links = told === undefined ? decodeLinks(sources, installed) : { links: told.links, problems: [] }
  const meaning = checkMeaning(sources, {
    profiles: profiles.names ?? used,
    adapters: installed.adapters.map((adapter) => adapter.protocol),
    withConditions: installed.adapters.flatMap(({ protocol, hasConditions }) => (hasConditions ? [protocol] : [])),
    points: profiles.points ?? new Map(),
    protocols: profiles.protocols ?? new Map(),
    parameterProblems: profiles.parameterProblems ?? (() => [])
  })
  // A rule's words are plainer than the schema's: where both see a fault, the rule speaks.
  const plain = new Set(meaning.filter(({ severity }) => severity === "error").map(placeOf))
  const shapes = [...config.problems, ...links.problems].filter((problem) => !plain.has(placeOf(problem)))
  const written = writtenRules(sources)
  const channels = decodeChannels(sources, installed, told?.channels)
  // A rule of the wrong form hides none of what is wrong with the others.
  const whole = config.value ?? decodeAt(Config, sources, [], { ...sources.value, rules: [] }).value
  const rules =
    whole === undefined
      ? []
      : checkRules(written, {
          ...whole,
          schedules: scheduleRefsOf(sources.value),
          procedures: whole.procedures.map(({ id }) => id)
        })
  const drawn = drawPlans(sources, config.value?.plans ?? [])
  const problems = distinct([
    ...profiles.problems,
    ...shapes,
    ...meaning,
    ...written.problems,
    ...rules,
    ...drawn.problems,
    ...channels.problems,
    ...checkEscalations(sources, config.value, channels.channels, written.rules, installed),
    ...problemsOfSheets(sources, installed)
  ])
  if (config.value === undefined || problems.some((problem) => problem.severity === "error"))
    return { settings: undefined, problems, problem: sources.problem }
  const {
    site,
    areas,
    devices: known,
    doors,
    cameras,
    schedules,
    calendars,
    people,
    procedures,
    incidents,
    notify,
    inbound,
    api,
    alerts,
    arming,
    maintenance,
    gaps,
    evidence,
    dataDir,
    profilesDirectory,
    rulesDirectory
  } = config.value
  const ofLinks = new Set(links.problems)
  const found = written.rules.map(({ rule }) => rule)
  const campus: Campus = {
    site,
    areas,
    devices: known,
    doors,
    cameras,
    ...(schedules.length === 0 ? {} : { schedules }),
    ...(calendars.length === 0 ? {} : { calendars }),
    ...(found.length === 0 ? {} : { rules: found }),
    ...(alerts.flood === undefined ? {} : { flood: alerts.flood }),
    ...(procedures.length === 0 ? {} : { procedures }),
    ...(incidents === undefined ? {} : { incidents }),
    ...(people.length === 0 ? {} : { people: people.map(({ addresses: _addresses, ...person }) => person) }),
    ...(drawn.plans.length === 0 ? {} : { plans: drawn.plans }),
    ...channelsOf(channels.channels, installed),
    ...escalationsOf(config.value)
  }
  const configVersion = versionOf(campus, config.value.links, profiles.digest, ...withChannels(config.value.channels))
  return {
    settings: {
      campus,
      configVersion,
      links: links.links,
      channels: channels.channels,
      notify: {
        ...(notify.console === undefined ? {} : { console: notify.console }),
        ...(notify.testAt === undefined ? {} : { testAt: notify.testAt })
      },
      api,
      alerts,
      arming,
      maintenance,
      gaps,
      evidence,
      inbound,
      addresses: new Map(people.map((person) => [person.id, person.addresses ?? {}])),
      drawings: { drawings: drawn.drawings, files: drawn.files },
      dataDir,
      profilesDirectory,
      rulesDirectory,
      sections: sectionsOf(sources.value),
      warnings: problems.filter((problem) => !ofLinks.has(problem)),
      ...(profiles.digests === undefined ? {} : { profileDigests: profiles.digests })
    },
    problems,
    problem: sources.problem
  }
}

const sectionsOf = (written: Readonly<Record<string, unknown>>): ReadonlyMap<string, number> =>
  new Map(
    Object.entries(written).flatMap(([name, value]) =>
      typeof value === "object" && value !== null ? [[name, Object.keys(value).length] as const] : []
    )
  )

/** `checkSettings` for those who want to start: throws `SettingsRefused` when there is any error. */
export const loadSettings = (paths: ReadonlyArray<string>, installed: Installed): Settings => {
  const { settings, problems } = checkSettings(paths, installed)
  if (settings === undefined) throw new SettingsRefused({ problems })
  return settings
}
