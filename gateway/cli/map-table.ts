import { basename } from "node:path"
import type { Observation } from "../domain/observation.ts"
import type { MappedMessage } from "./mapped.ts"
import { paint, printable } from "./output.ts"
import { columns } from "./table.ts"

/** Whose card it was, nobody who looks at a mapping needs to know. */
const hidden = "***"

/** An observation without what identifies a person. */
export const masked = (seen: Observation): Observation =>
  seen._tag === "Occurrence" && "credential" in seen.occurrence && seen.occurrence.credential !== undefined
    ? { ...seen, occurrence: { ...seen.occurrence, credential: hidden } }
    : seen

const fieldsText = (occurrence: Readonly<Record<string, unknown>>): string => {
  const fields = Object.entries(occurrence).filter(([name]) => name !== "_tag")
  return fields.length === 0 ? "" : ` (${fields.map(([name, value]) => `${name} ${String(value)}`).join(", ")})`
}

const timeText = (deviceTime: number | undefined): string =>
  deviceTime === undefined ? "" : ` at ${new Date(deviceTime).toISOString()}`

const originText = (origin: string): string => (origin === "change" ? "" : `, ${origin}`)

const textOf = (observation: Observation): string => {
  const seen = masked(observation)
  switch (seen._tag) {
    case "Reading": {
      const { kind, value } = seen.reading
      const name = kind === seen.point ? seen.point : `${seen.point} (${kind})`
      return `${name} ${value}${originText(seen.origin)}${timeText(seen.deviceTime)}`
    }
    case "Occurrence": {
      const { _tag, ...fields } = seen.occurrence
      return `${seen.point} ${_tag}${fieldsText(fields)}${originText(seen.origin)}${timeText(seen.deviceTime)}`
    }
    case "PanelCondition":
      return `${seen.point} condition ${seen.condition.id}${originText(seen.origin)}${timeText(seen.deviceTime)}`
    case "Availability":
      return `${seen.state}: ${seen.reason}`
    case "Certificate":
      return `certificate: ${seen.subject}${timeText(seen.validUntil)}`
    case "Gap":
      return `gap: ${seen.detail}`
    case "Unreadable":
      return paint("red", `unreadable: ${printable(seen.why)}`)
    case "UnknownDevice":
      return paint("red", `of the device ${printable(seen.address)}, which is not configured`)
  }
}

interface Row {
  readonly path: string
  readonly value: string
  readonly result: string
  readonly mapping: string
}

/** How much of a value is shown beside what became of it. */
const valueShown = 48

const short = (text: string): string => (text.length > valueShown ? `${text.slice(0, valueShown - 1)}…` : text)

/** Each result in full beside the first field that makes it, and by its number beside the others. */
const rowsOf = ({ fields, results }: MappedMessage, profileFile: string): ReadonlyArray<Row> => {
  const told = new Set<number>()
  const resultRow = (nth: number): Pick<Row, "result" | "mapping"> => {
    told.add(nth)
    const result = results[nth]
    if (result === undefined) return { result: "", mapping: "" }
    const mapping = result.line === undefined ? "" : `${basename(profileFile)}:${result.line} ${result.mapping ?? ""}`
    return { result: `${nth + 1}  ${textOf(result.observation)}`, mapping }
  }
  const rows = fields.flatMap(({ path, value, makes, gives, named }): ReadonlyArray<Row> => {
    const at = { path: printable(path), value: printable(short(value)) }
    const fresh = makes.filter((nth) => !told.has(nth))
    const known = makes.filter((nth) => told.has(nth)).map((nth) => String(nth + 1))
    const words = [...(known.length > 0 ? [known.join(", ")] : []), ...gives]
    if (fresh.length === 0 && words.length > 0) return [{ ...at, result: words.join("; "), mapping: "" }]
    if (fresh.length > 0)
      return fresh.map((nth, index) => ({ ...(index === 0 ? at : { path: "", value: "" }), ...resultRow(nth) }))
    const silent = named ? "says nothing here" : paint("yellow", "unmapped")
    return [{ ...at, result: silent, mapping: "" }]
  })
  const rest = results.flatMap((_, nth) => (told.has(nth) ? [] : [{ path: "(message)", value: "", ...resultRow(nth) }]))
  return [...rows, ...rest]
}

/** A message and what became of it, side by side. */
export const mappedLines = (mapped: MappedMessage, profileFile: string): ReadonlyArray<string> => [
  `${paint("bold", printable(mapped.topic))}${mapped.retained ? "  retained" : ""}  ${mapped.outcome}`,
  ...columns(
    rowsOf(mapped, profileFile).map(({ path, value, result, mapping }) => [`  ${path}`, value, "→", result, mapping])
  )
]
