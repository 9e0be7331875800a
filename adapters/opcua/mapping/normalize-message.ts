import type { Device } from "../../../gateway/domain/campus.ts"
import type { EpochMs } from "../../../gateway/domain/ids.ts"
import type { Observation } from "../../../gateway/domain/observation.ts"
import type { Memory } from "../../profile/memory.ts"
import type { Parameters } from "../../profile/parameters.ts"
import { fillTemplate, firstValueAt, type Scope, textOf, valueAt } from "../../profile/path.ts"
import { Reader } from "../../profile/reader.ts"
import { redacted } from "../../profile/redact.ts"
import { textMax, unreadable } from "../../profile/unreadable.ts"
import { shown } from "../../profile/word.ts"
import type { Answering } from "../answering.ts"
import type { OpcuaProfile } from "./profile.ts"
import type { SeverityBand } from "../settings.ts"
import type { Heard } from "../sources.ts"

/** What all messages of one device are read with. */
export interface Workings {
  readonly profile: OpcuaProfile
  readonly device: Device
  readonly parameters: Parameters
  readonly timeZone: string
  readonly bands: ReadonlyArray<SeverityBand>
  readonly memory: Memory
  /** What of officers' acts goes back to the device's conditions. */
  readonly answering: Answering
}

/** What of one message is the same for everything that it says. */
export interface Telling {
  readonly heard: Heard
  readonly receivedAt: EpochMs
  /** Where it comes from, for people. */
  readonly source: string
  readonly recovery: boolean
  /** There is no value that could be trusted. */
  readonly empty?: boolean
  readonly deviceTime: EpochMs | undefined
  /** Names the happening that it tells of. */
  readonly happening?: string | undefined
}

export interface Normalized {
  readonly observations: ReadonlyArray<Observation>
  readonly outcome: "mapped" | "ignored" | "unreadable"
}

export const ignored: Normalized = { observations: [], outcome: "ignored" }

/** How much of a message is kept, in characters. */
const rawMax = 4096

/** How many faults of one message are told: the first ones say what is wrong. */
const faultsMax = 8

const rawOf = ({ profile }: Workings, heard: Heard): string =>
  JSON.stringify(redacted(heard, profile.redact)).slice(0, rawMax)

/** Reads one message by the profile's mappings. */
export const readerOf = (workings: Workings, telling: Telling): Reader => {
  const { profile, device, parameters, timeZone, memory } = workings
  const { heard, receivedAt, source, recovery, empty = false, deviceTime, happening } = telling
  return new Reader({
    profile,
    device,
    parameters,
    timeZone,
    topic: source.slice(0, textMax),
    retained: recovery,
    receivedAt,
    empty,
    gone: empty,
    deviceTime,
    happening,
    raw: () => rawOf(workings, heard),
    memory
  })
}

/** Runs a part of the reading. A condition of the profile as a whole that the message cannot answer is a fault of it. */
export const attempt = (reader: Reader, run: () => void): void => {
  try {
    run()
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error)
    reader.faults.push((why.split("\n")[0] ?? "").slice(0, 200))
  }
}

/** What is made of a message: its observations, and what of it could not be read. */
export const finished = (
  workings: Workings,
  { heard, source }: Telling,
  { observations, faults: all }: Reader
): Normalized => {
  const faults = [...new Set(all)]
  if (faults.length === 0) return { observations, outcome: observations.length === 0 ? "ignored" : "mapped" }
  const why = faults.slice(0, faultsMax).join("; ")
  const kept = unreadable(source, rawOf(workings, heard), why, workings.device)
  return { observations: [...observations, kept], outcome: "unreadable" }
}

/** What the source says it lost. What is told again was told when it was new. */
export const tellGap = (
  { device, memory }: Workings,
  reader: Reader,
  mapping: OpcuaProfile["gaps"][number],
  outer: Scope
): void => {
  if (reader.heard.retained || reader.heard.empty) return
  for (const scope of reader.scopes(mapping, outer)) {
    const detail = (fillTemplate(mapping.detail, scope) ?? mapping.detail).slice(0, 500)
    if (mapping.counter === undefined) {
      reader.observations.push({ _tag: "Gap", cause: "EventsDropped", devices: [device.id], detail })
      continue
    }
    const count = valueAt(scope, mapping.counter)
    const skipped = typeof count === "number" ? memory.skipped(`${device.id} ${mapping.counter}`, count) : 0
    // What is now is known: only what was in between is not.
    if (skipped > 0)
      reader.observations.push({ _tag: "Gap", cause: "EventsDropped", devices: [], count: skipped, detail })
  }
}

/** Whether the device is there, where the server speaks for it. Without a good value nobody knows. */
export const tellAvailability = (
  { device }: Workings,
  reader: Reader,
  mapping: OpcuaProfile["availability"][number],
  scope: Scope
): void => {
  const { empty, topic: source, retained, deviceTime } = reader.heard
  const tell = (state: "online" | "offline" | "unknown", said: string): void => {
    reader.observations.push({
      _tag: "Availability",
      device: device.id,
      state,
      origin: retained ? "recovery" : "change",
      reason: `the server says ${said}`,
      source,
      ...(deviceTime === undefined ? {} : { deviceTime })
    })
  }
  if (empty) return tell("unknown", "that it does not know")
  if (!reader.applies(mapping, scope)) return
  const { is, values = {}, path = "value" } = mapping
  if (is !== undefined) return tell(is, is)
  const text = textOf(firstValueAt(scope, path))
  const state = text !== undefined && Object.hasOwn(values, text) ? values[text] : undefined
  if (state !== undefined) return tell(state, text ?? state)
  const known = Object.keys(values).map((name) => `"${name}"`)
  const said = text === undefined ? "absent" : shown(text)
  reader.faults.push(`availability is ${said}; expected one of ${known.join(", ")}`)
}
