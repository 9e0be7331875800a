import { stringify } from "yaml"
import type { Device } from "../domain/campus.ts"
import type { OpcuaCertificate, OpcuaDevice, OpcuaFound, OpcuaShown, OpcuaStray } from "./discover-opcua-found.ts"
import { pointText } from "./discover-table.ts"
import { paint, printable, sayJson, several } from "./output.ts"
import { type Existing, idFor, type Stub } from "./stubs.ts"
import { columns } from "./table.ts"

/** So much is shown of what can be long; `--json` has all. */
const pointsShown = 8
const straysShown = 15
const variablesShown = 8
const typesShown = 20
const namesShown = 4

const head = (...words: ReadonlyArray<string>): ReadonlyArray<string> => words.map((word) => paint("bold", word))

const andMore = (shown: number, all: number, word: string): ReadonlyArray<string> =>
  all > shown ? [`and ${several(all - shown, `more ${word}`)}`] : []

const clipped = (text: string): string => printable(text).slice(0, 60)

const trustText = ({ judgement, replaces }: OpcuaShown): string => {
  switch (judgement?._tag) {
    case undefined:
      return paint("yellow", "it shows no certificate")
    case "Trusted":
      return paint("green", "trusted")
    case "Untrusted":
      return paint("red", replaces ? "not trusted: another one of this server is" : "not trusted")
    case "Unacceptable":
      return paint("red", printable(judgement.why))
  }
}

const certificateLines = (
  { thumbprint, subject, applicationUri, validFrom, validTo }: OpcuaCertificate,
  shown: OpcuaShown
): ReadonlyArray<string> => {
  const differs = shown.applicationUri !== undefined && shown.applicationUri !== applicationUri
  return [
    "",
    `certificate  ${thumbprint}  ${trustText(shown)}`,
    `             ${printable(subject)}; ${printable(applicationUri ?? "no application URI")}`,
    `             valid from ${validFrom.slice(0, 10)} until ${validTo.slice(0, 10)}`,
    ...(differs
      ? [`             ${paint("yellow", `the server calls itself ${printable(shown.applicationUri ?? "")}`)}`]
      : [])
  ]
}

/** What a server shows to anybody, as a person reads it. */
export const shownLines = (shown: OpcuaShown): ReadonlyArray<string> => [
  ...columns([
    head("MODE", "POLICY", "USERS", "LEVEL"),
    ...shown.offers.map(({ mode, policy, users, level }) => [
      mode,
      printable(policy),
      users.join(", ") || "none",
      String(level)
    ])
  ]),
  ...(shown.shown === undefined ? ["", trustText(shown)] : certificateLines(shown.shown, shown))
]

const configuredText = ({ configured }: OpcuaDevice, known: ReadonlyArray<Device>): string => {
  if (configured === undefined) return paint("yellow", "no")
  return `${configured}${known.find(({ id }) => id === configured)?.disabled === true ? ", disabled" : ""}`
}

const shareText = ({ there, wanted }: OpcuaDevice["variables"]): string =>
  there === wanted ? `${there} of ${wanted}` : paint("yellow", `${there} of ${wanted}`)

const pointsText = ({ points, missing, others }: OpcuaDevice): string => {
  const shown = points.slice(0, pointsShown).map(pointText)
  const more = points.length > pointsShown ? [`and ${points.length - pointsShown} more`] : []
  const notes = [...missing.slice(0, 3), ...(others.length > 0 ? [`or ${others.join(", ")}`] : [])]
  return (
    printable([...shown, ...more].join(", ")) + notes.map((note) => `; ${paint("yellow", printable(note))}`).join("")
  )
}

const deviceLines = ({ devices }: OpcuaFound, known: ReadonlyArray<Device>): ReadonlyArray<string> =>
  devices.length === 0
    ? ["no profile fits anything that was seen"]
    : columns([
        head("ADDRESS", "PROFILE", "VARIABLES", "EVENT TYPES", "CONFIGURED", "POINTS"),
        ...devices.map((device) => [
          printable(device.address),
          device.profile,
          shareText(device.variables),
          device.eventTypes.wanted === 0 ? "–" : shareText(device.eventTypes),
          configuredText(device, known),
          pointsText(device)
        ])
      ])

const variableText = ({ name, kind, value, guess }: OpcuaStray["variables"][number]): string =>
  `${clipped(name)} ${kind} ${clipped(value)}${guess === undefined ? "" : paint("yellow", ` (${guess}?)`)}`

const strayRow = ({ path, count, names, variables }: OpcuaStray): ReadonlyArray<string> => {
  const more = count > namesShown ? ", …" : ""
  const who =
    count === 1
      ? printable(path)
      : `${printable(path)} (${count}: ${names.slice(0, namesShown).map(clipped).join(", ")}${more})`
  const shown = variables.slice(0, variablesShown).map(variableText)
  return [who, [...shown, ...andMore(variablesShown, variables.length, "variable")].join(", ")]
}

const flow = (value: unknown): string =>
  stringify(value, { collectionStyle: "flow", lineWidth: 0, flowCollectionPadding: true }).trimEnd()

/** A profile to begin with, for what looks like a door. */
const suggestionLines = ({ path, namespaces, suggestions }: OpcuaStray): ReadonlyArray<string> =>
  suggestions.length === 0
    ? []
    : [
        "",
        paint("bold", `Lines of a profile for ${printable(path)}, guessed by names; look which value means what:`),
        printable(`namespaces: ${flow(namespaces)}`),
        "readings:",
        ...suggestions.map((suggestion) => printable(`  - ${flow(suggestion)}`))
      ]

const strayLines = ({ strays, untold }: OpcuaFound): ReadonlyArray<string> => {
  if (strays.length === 0) return []
  const doors = strays.filter(({ isDoor }) => isDoor)
  return [
    "",
    paint("bold", "Seen, no profile fits:"),
    ...columns(strays.slice(0, straysShown).map(strayRow)),
    ...andMore(straysShown, strays.length, "object"),
    ...(untold.length === 0
      ? []
      : [`told by events alone, so that only hearing them shows whether they fit: ${untold.join(", ")}`]),
    ...doors.slice(0, 3).flatMap(suggestionLines)
  ]
}

const eventLines = ({ eventTypes, notifiers, conditions }: OpcuaFound): ReadonlyArray<string> => [
  "",
  notifiers.length === 0
    ? "No object tells events."
    : `${paint("bold", "Events are told by:")} ${notifiers.slice(0, typesShown).map(clipped).join(", ")}` +
      andMore(typesShown, notifiers.length, "object")
        .map((more) => ` ${more}`)
        .join(""),
  ...(eventTypes.length === 0 ? [] : [paint("bold", "Event types of the maker's own:")]),
  ...columns(
    eventTypes
      .slice(0, typesShown)
      .map(({ name, browseName, below, fields }) => [
        `  ${clipped(browseName)}`,
        printable(name),
        `below ${below.map(clipped).join(", ")}${fields.length === 0 ? "" : `; ${fields.map(clipped).join(", ")}`}`
      ])
  ),
  ...andMore(typesShown, eventTypes.length, "event type"),
  ...(conditions.length === 0 ? [] : [paint("bold", "Conditions:")]),
  ...columns(
    conditions
      .slice(0, typesShown)
      .map(({ name, type, count }) => [`  ${clipped(name)}`, `${count} of`, printable(type)])
  )
]

/** What was found at a server, as a person reads it. */
export const foundOpcuaLines = (found: OpcuaFound, known: ReadonlyArray<Device>): ReadonlyArray<string> => [
  ...deviceLines(found, known),
  ...strayLines(found),
  ...eventLines(found)
]

/** The same for programs, one object a line. */
export const sayFound = (found: OpcuaFound, known: ReadonlyArray<Device>): void => {
  for (const { configured, ...device } of found.devices) {
    const disabled = known.find(({ id }) => id === configured)?.disabled === true
    sayJson({ event: "device", ...device, configured: configured === undefined ? null : { id: configured, disabled } })
  }
  for (const { variables, ...stray } of found.strays) {
    const told = variables.map(({ guess = null, ...variable }) => ({ ...variable, guess }))
    sayJson({ event: "stray", ...stray, variables: told })
  }
  for (const type of found.eventTypes) sayJson({ event: "eventType", ...type })
  for (const notifier of found.notifiers) sayJson({ event: "notifier", path: notifier })
  for (const condition of found.conditions) sayJson({ event: "condition", ...condition })
  for (const device of found.silent) sayJson({ event: "silent", device })
  const { nodes, stopped, namespaces } = found
  sayJson({ event: "looked", nodes, stopped, namespaces })
}

/** What a server shows, for programs. */
export const sayShown = ({ offers, applicationUri, name, shown, judgement, replaces }: OpcuaShown): void => {
  for (const offer of offers) sayJson({ event: "offer", ...offer })
  sayJson({
    event: "server",
    applicationUri: applicationUri ?? null,
    name: name ?? null,
    certificate: shown === undefined ? null : { ...shown, applicationUri: shown.applicationUri ?? null },
    trusted: judgement === undefined ? null : judgement._tag === "Trusted",
    why: judgement?._tag === "Unacceptable" ? judgement.why : null,
    replaces
  })
}

const seenOf = ({ path, points, variables }: OpcuaDevice, endpoint: string): string => {
  const told = points.slice(0, pointsShown).map(pointText)
  return printable(
    [`${path} of ${endpoint}; ${variables.there} of ${variables.wanted} variables`, ...told].join("; ")
  ).slice(0, 300)
}

/** The devices that are not configured yet, each disabled. */
export const opcuaStubs = (
  devices: ReadonlyArray<OpcuaDevice>,
  { link, endpoint, existing }: { readonly link: string; readonly endpoint: string; readonly existing: Existing }
): ReadonlyArray<Stub> => {
  const taken = new Set<string>(existing.map(({ id }) => id))
  const there = new Set<string>(existing.filter((one) => one.link === link).map(({ address }) => address))
  return devices.flatMap((device): ReadonlyArray<Stub> => {
    const { address, configured, profile, parameters } = device
    if (configured !== undefined || there.has(address)) return []
    // The folder's own name, without those above it; the Objects folder has none.
    const id = idFor(profile, address === "/" ? link : (device.path.split("/").at(-1) ?? ""), taken)
    taken.add(id)
    there.add(address)
    const more = Object.keys(parameters).length === 0 ? {} : { parameters }
    return [{ device: { id, link, profile, address, ...more, disabled: true }, seen: seenOf(device, endpoint) }]
  })
}
