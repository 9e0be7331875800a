import { stringify } from "yaml"
import type { Device } from "../domain/campus.ts"
import type { Found, FoundDevice } from "./discovered.ts"
import { paint, printable, several } from "./output.ts"
import { columns } from "./table.ts"

/** How many prefixes of unrecognised topics are shown; a broker of a whole house has hundreds. */
const prefixesShown = 15

/** A point with what it measures and its last value. */
export const pointText = ({ point, kind, value }: FoundDevice["points"][number]): string => {
  const name = kind === point || kind === "occurrence" ? point : `${point} (${kind})`
  return `${name} ${value ?? "announced"}`
}

const pointsText = ({ points, availability, sure, unreadable, why, others }: FoundDevice): string => {
  const said = [...(availability === undefined ? [] : [availability]), ...points.map(pointText)]
  const whole = said.length === 0 ? "nothing that the profile reads" : said.join(", ")
  const notes = [
    ...(unreadable > 0 ? [`${unreadable} unreadable: ${why ?? ""}`] : []),
    ...(sure ? [] : ["only its presence: the profile is a guess"]),
    ...(others.length > 0 ? [`or ${others.join(", ")}`] : [])
  ]
  return printable(whole) + notes.map((note) => `; ${paint("yellow", printable(note))}`).join("")
}

const configuredText = ({ configured }: FoundDevice, devices: ReadonlyArray<Device>): string => {
  if (configured === undefined) return paint("yellow", "no")
  const disabled = devices.find(({ id }) => id === configured)?.disabled === true
  return `${configured}${disabled ? ", disabled" : ""}`
}

const deviceLines = ({ devices }: Found, known: ReadonlyArray<Device>): ReadonlyArray<string> => {
  if (devices.length === 0) return ["no device was recognised"]
  const head = ["ADDRESS", "PROFILE", "MESSAGES", "CONFIGURED", "POINTS"].map((text) => paint("bold", text))
  const rows = devices.map((device) => [
    printable(device.address),
    `${device.profile}${device.sure ? "" : "?"}`,
    String(device.messages).padStart(8),
    configuredText(device, known),
    pointsText(device)
  ])
  return columns([head, ...rows])
}

/** A mapping as one line of a profile. */
const flow = (value: unknown): string =>
  stringify(value, { collectionStyle: "flow", lineWidth: 0, flowCollectionPadding: true }).trimEnd()

const proposalLines = ({ proposals }: Found): ReadonlyArray<string> =>
  proposals.length === 0
    ? []
    : [
        "",
        paint(
          "bold",
          "Announced by Home Assistant discovery, read by no profile; as a line of a profile's readings (with a word: of its occurrences):"
        ),
        ...columns(
          proposals.map(({ topic, device, mapping, template }) => [
            printable(topic),
            printable(device),
            mapping === undefined
              ? paint("yellow", `a template that is not translated: ${printable(template ?? "")}`)
              : `- ${printable(flow(mapping))}`
          ])
        )
      ]

const unrecognisedLines = ({ unrecognised }: Found): ReadonlyArray<string> => {
  if (unrecognised.length === 0) return []
  const shown = unrecognised.slice(0, prefixesShown)
  const rest = unrecognised.slice(prefixesShown)
  const more = rest.reduce((sum, { messages }) => sum + messages, 0)
  return [
    "",
    paint("bold", "Read by no profile:"),
    ...columns(
      shown.map(({ prefix, topics, messages }) => [
        `${printable(prefix)}${prefix.endsWith("/") ? "…" : ""}`,
        several(topics, "topic"),
        several(messages, "message")
      ])
    ),
    ...(rest.length === 0
      ? []
      : [`and ${several(rest.length, "more prefix", "more prefixes")}, ${several(more, "message")}`])
  ]
}

/** What was found, as a person reads it. */
export const foundLines = (found: Found, known: ReadonlyArray<Device>): ReadonlyArray<string> => [
  ...deviceLines(found, known),
  ...proposalLines(found),
  ...unrecognisedLines(found)
]
