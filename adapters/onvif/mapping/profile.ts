import { Result } from "effect"
import { type PointKind, unknownValue } from "../../../gateway/domain/observation.ts"
import { type Compiled, Compiler, decodeProfile, type Profile, type ProfileIssue } from "../../profile/compile.ts"
import type { Named } from "../../profile/files.ts"
import { type OnvifLosing, type OnvifOccurring, OnvifProfileFile, type OnvifReading } from "./profile-file.ts"
import { parsePattern, type TopicPattern } from "../messages/topic.ts"

/** Something that holds for topics. */
export interface Placed {
  readonly topics: ReadonlyArray<TopicPattern>
  /** How far from the profile it stands: 0 in its own file, more in those it builds on. The nearest holds. */
  readonly distance: number
}

/** One of ONVIF's profiles, ready to run. Its mappings are its own, then those of the profiles it builds on. */
export interface OnvifProfile extends Profile {
  readonly protocol: "onvif"
  readonly file: OnvifProfileFile
  readonly readings: ReadonlyArray<Compiled<OnvifReading> & Placed>
  readonly occurrences: ReadonlyArray<Compiled<OnvifOccurring> & Placed>
  readonly gaps: ReadonlyArray<Compiled<OnvifLosing> & Placed>
  readonly ignore: ReadonlyArray<Placed>
}

/** Kinds that are on or off: they can be over by themselves. */
export const onAndOff: ReadonlySet<PointKind> = new Set(["rex", "tamper", "fault", "motion", "input"])

class OnvifCompiler extends Compiler {
  readonly file: OnvifProfileFile

  constructor(file: OnvifProfileFile) {
    super()
    this.file = file
  }

  topics(topics: string | ReadonlyArray<string>, path: ProfileIssue["path"]): ReadonlyArray<TopicPattern> {
    return [topics].flat().flatMap((topic, index) => {
      const pattern = parsePattern(topic)
      if (typeof pattern !== "string") return [pattern]
      this.fail(typeof topics === "string" ? path : [...path, index], pattern)
      return []
    })
  }

  placed<M extends { readonly topic: string | ReadonlyArray<string> }>(
    mappings: ReadonlyArray<M>,
    section: string
  ): ReadonlyArray<M & Placed> {
    return mappings.map((mapping, index) => ({
      ...mapping,
      topics: this.topics(mapping.topic, [section, index, "topic"]),
      distance: 0
    }))
  }

  readings(): void {
    this.file.readings?.forEach(({ kind, path, is, clearAfterSeconds: after }, index) => {
      if (path === undefined && is === undefined)
        this.fail(["readings", index], "it needs either path or is: a message as a whole is no value")
      if (after === undefined) return
      const at = ["readings", index, "clearAfterSeconds"]
      if (!onAndOff.has(kind)) this.fail(at, `a ${kind} is not off by itself`)
      if (typeof after === "number" && after < 0) this.fail(at, "it cannot be negative; 0 is never")
    })
  }
}

/** Makes a profile ready to run as it is written, without those it builds on. `decoded` is what the file holds. */
export const compileProfile = (
  name: string,
  decoded: unknown
): Result.Result<OnvifProfile, ReadonlyArray<ProfileIssue>> => {
  const decodedFile = decodeProfile(OnvifProfileFile, decoded)
  if (Result.isFailure(decodedFile)) return Result.fail(decodedFile.failure)
  const file = decodedFile.success
  const compiler = new OnvifCompiler(file)
  const parts = compiler.profile<OnvifReading, OnvifOccurring, OnvifLosing, OnvifProfileFile>(file)
  const profile: OnvifProfile = {
    name,
    protocol: "onvif",
    file,
    ...parts,
    readings: compiler
      .placed(parts.readings, "readings")
      // A property that is no more leaves its point unknown.
      .map((mapping) => ({ ...mapping, empty: mapping.empty ?? unknownValue(mapping.kind).value })),
    occurrences: compiler.placed(parts.occurrences, "occurrences"),
    gaps: compiler.placed(parts.gaps, "gaps"),
    ignore: (file.ignore ?? []).map((topic, index) => ({
      topics: compiler.topics(topic, ["ignore", index]),
      distance: 0
    }))
  }
  compiler.readings()
  return compiler.issues.length > 0 ? Result.fail(compiler.issues) : Result.succeed(profile)
}

const isOnvif = (profile: Profile): profile is OnvifProfile => profile.protocol === "onvif"

const further = <M extends Placed>(mappings: ReadonlyArray<M>, distance: number): ReadonlyArray<M> =>
  mappings.map((mapping) => ({ ...mapping, distance }))

/** Puts the mappings of another profile behind a profile's own, and its settings where the profile has none. */
const onTopOf = (own: OnvifProfile, other: OnvifProfile, distance: number, withSettings: boolean): OnvifProfile => ({
  ...own,
  file: {
    ...(withSettings ? other.file : {}),
    ...own.file,
    parameters: { ...other.file.parameters, ...own.file.parameters }
  },
  readings: [...own.readings, ...further(other.readings, distance)],
  occurrences: [...own.occurrences, ...further(other.occurrences, distance)],
  gaps: [...own.gaps, ...further(other.gaps, distance)],
  ignore: [...own.ignore, ...further(other.ignore, distance)],
  recovery: own.recovery ?? (withSettings ? other.recovery : undefined),
  replayed: own.replayed ?? (withSettings ? other.replayed : undefined),
  simulated: own.simulated ?? (withSettings ? other.simulated : undefined),
  redact: new Set([...own.redact, ...other.redact])
})

/** Times that a parameter is to hold, and no parameter does: only with the profiles it builds on can that be told. */
const missingParameters = (own: OnvifProfile, whole: OnvifProfile): ReadonlyArray<ProfileIssue> =>
  own.readings.flatMap(({ clearAfterSeconds: after }, index): ReadonlyArray<ProfileIssue> => {
    if (typeof after !== "string" || whole.file.parameters?.[after] !== undefined) return []
    const path = ["readings", index, "clearAfterSeconds"]
    return [{ path, message: `"${after}" is not among the profile's parameters` }]
  })

/** A profile that builds on ten others is a mistake. */
const chainMax = 10

/** A profile with those it builds on. */
export const linkProfile = (
  profile: OnvifProfile,
  named: Named
): Result.Result<OnvifProfile, ReadonlyArray<ProfileIssue>> => {
  const issues: Array<ProfileIssue> = []
  const find = (name: string, path: ProfileIssue["path"], needed: boolean): OnvifProfile | undefined => {
    const found = named(name)
    if (typeof found === "object" && isOnvif(found)) return found
    // What is wrong with it is told where it stands; without a neighbour a profile still does its own part.
    if (found === "unusable" && !needed) return undefined
    const why = found === undefined ? "there is no profile" : "this protocol has no usable profile"
    issues.push({ path, message: `${why} "${name}"` })
    return undefined
  }
  let whole = profile
  let distance = 0
  const seen = new Set([profile.name])
  const also = (profile.file.also ?? []).map((name, index) => ({ name, path: ["also", index] as ProfileIssue["path"] }))
  for (let next = profile.file.extends; next !== undefined;) {
    if (seen.has(next) || distance >= chainMax) {
      issues.push({ path: ["extends"], message: `"${next}" builds on itself` })
      break
    }
    seen.add(next)
    const base = find(next, ["extends"], true)
    if (base === undefined) break
    distance += 1
    whole = onTopOf(whole, base, distance, true)
    also.push(...(base.file.also ?? []).map((name) => ({ name, path: ["extends"] as ProfileIssue["path"] })))
    next = base.file.extends
  }
  for (const { name, path } of also) {
    if (seen.has(name)) continue
    seen.add(name)
    const other = find(name, path, false)
    distance += 1
    if (other !== undefined) whole = onTopOf(whole, other, distance, false)
  }
  if (issues.length === 0) issues.push(...missingParameters(profile, whole))
  return issues.length > 0 ? Result.fail(issues) : Result.succeed(whole)
}
