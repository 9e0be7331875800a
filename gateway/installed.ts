import { createHash } from "node:crypto"
import { adapters, profileForms } from "../adapters/adapters.ts"
import type { Profile } from "../adapters/profile/compile.ts"
import { type ProfileProblem, type ReadProfile, readProfileTexts } from "../adapters/profile/files.ts"
import { formsOf } from "../adapters/profile/path.ts"
import { isPerhapsOf, type ProfileText, profileTexts } from "../adapters/profile/texts.ts"
import type { Checks } from "./cli/check.ts"
import { channels } from "./notify/channels.ts"
import { consoleOnly } from "./settings/channel-settings.ts"
import { endedCalendars } from "./correlation/calendar-end.ts"
import { readSheets } from "./settings/conformance-sheet.ts"
import { editorSchemaText } from "./settings/editor-schema.ts"
import type { ProfilePoint } from "./settings/known-points.ts"
import { type Checked, checkSettings, type Installed, type Settings } from "./settings/load-settings.ts"
import { type Problem, problemIn } from "./settings/problem.ts"

const presented = ({ text, message, file, line, column, length }: ProfileProblem): Problem =>
  problemIn({ file, line, column, length }, text, message)

const sha256 = (text: string): string => createHash("sha256").update(text).digest("hex")

const pointsOf = ({ readings, occurrences }: Profile): ReadonlyArray<ProfilePoint> => [
  ...readings.flatMap(({ point, kind }) => formsOf(point).map((template) => ({ template, kind }))),
  ...occurrences.flatMap(({ point }) => formsOf(point).map((template) => ({ template })))
]

const digestOf = (texts: ReadonlyArray<ProfileText>): string => {
  const hash = createHash("sha256")
  for (const { name, text } of texts) hash.update(name).update("\0").update(text).update("\0")
  return hash.digest("hex")
}

const buildingOnOthers = profileForms.flatMap(({ protocol, buildsOnOthers }) =>
  buildsOnOthers === true ? [protocol] : []
)

type Files = ReadonlyArray<ReadProfile<Profile>>

/** What is known of profiles; `files`: those that were looked into. */
const knownOf = (texts: ReadonlyArray<ProfileText>, files: Files): ReturnType<Installed["profiles"]> => {
  const digest = digestOf(texts)
  return {
    names: texts.map(({ name }) => name),
    digest,
    // What builds on others changes with them.
    digests: new Map(texts.map((one) => [one.name, isPerhapsOf(one, buildingOnOthers) ? digest : sha256(one.text)])),
    problems: files.flatMap(({ problems }) => problems.map(presented)),
    points: new Map(
      files.flatMap(({ name, profile }) => (profile === undefined ? [] : [[name, pointsOf(profile)] as const]))
    ),
    protocols: new Map(files.flatMap(({ name, protocol }) => (protocol === undefined ? [] : [[name, protocol]]))),
    parameterProblems: (device) => files.find(({ name }) => name === device.profile)?.parameterProblems(device) ?? []
  }
}

/** The adapters of this build, the profiles of a directory by their file names, and what devices were seen to do. */
export const installed: Installed = {
  adapters: Object.values(adapters),
  channels: Object.values(channels),
  sheets: readSheets,
  profiles: (directory, used) => {
    const texts = profileTexts(directory)
    return knownOf(texts, readProfileTexts(profileForms, texts, { names: used, untested: true }))
  }
}

/** For one who wants to know all that is wrong, also where no device is concerned; `read` is told what was looked into. */
const thorough = (read: (files: Files) => void): Installed => ({
  ...installed,
  profiles: (directory) => {
    const texts = profileTexts(directory)
    const files = readProfileTexts(profileForms, texts)
    read(files)
    return knownOf(texts, files)
  }
})

const runProfileTests = (files: Files): ReturnType<NonNullable<ReturnType<Checks["settings"]>["profileTests"]>> => {
  let passed = 0
  const problems: Array<Problem> = []
  for (const { test, problemAt } of files) {
    const result = test()
    passed += result.passed
    problems.push(...result.failures.map((failure) => presented(problemAt(failure))))
  }
  return { passed, problems }
}

/** Calendars that have run out by today. */
const calendarWarnings = ({ campus }: Settings, problem: Checked["problem"]): ReadonlyArray<Problem> =>
  endedCalendars(campus, Date.now()).map(({ id, lastDay, schedules }) => {
    const nth = (campus.calendars ?? []).findIndex((calendar) => calendar.id === id)
    const words = `calendar "${id}" has run out: its last entry was ${lastDay}, and ${schedules.join(", ")} `
    return problem(["calendars", nth], `${words}knows no holidays any more`, "value", "warning")
  })

/** What `check` looks at. */
export const checks: Checks = {
  settings: (paths) => {
    let profiles: Files = []
    const {
      settings,
      problems: found,
      problem
    } = checkSettings(
      paths,
      thorough((files) => void (profiles = files))
    )
    const isSilent = settings !== undefined && settings.campus.channels === undefined
    const problems = [
      ...found,
      ...(isSilent ? [problem(["site"], consoleOnly, "key", "warning")] : []),
      ...(settings === undefined ? [] : calendarWarnings(settings, problem))
    ]
    const summary =
      settings === undefined
        ? ""
        : `${settings.campus.doors.length} doors, ${settings.campus.devices.length} devices, ${settings.links.length} links (configuration ${settings.configVersion})`
    const nobody = settings !== undefined && (settings.campus.people ?? []).length === 0
    const notes = nobody ? ["nobody is configured (people): whoever has the token comes in, under any name"] : []
    return { problems, summary, notes, profileTests: () => runProfileTests(profiles) }
  },
  editorSchema: editorSchemaText
}
