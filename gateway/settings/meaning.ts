import type { Device } from "../domain/campus.ts"
import { checkArming } from "./arming-rules.ts"
import { checkFlood } from "./flood-rules.ts"
import { hint } from "./did-you-mean.ts"
import { checkDoors } from "./door-rules.ts"
import type { ProfilePoint } from "./known-points.ts"
import type { Problem } from "./problem.ts"
import { checkPeople } from "./people-rules.ts"
import { checkProcedures } from "./procedure-rules.ts"
import { checkPlans } from "./plan-rules.ts"
import { idsOf, isRaw, itemsOf, type Key, type Raw, type Refer, type Wrong } from "./raw.ts"
import { checkSchedules } from "./schedule-rules.ts"
import type { Sources } from "./sources.ts"

/** What exists beside the configuration itself. */
export interface Known {
  readonly profiles: ReadonlyArray<string>
  readonly points: ReadonlyMap<string, ReadonlyArray<ProfilePoint>>
  readonly adapters: ReadonlyArray<string>
  /** Those adapters whose devices may have conditions of their own. */
  readonly withConditions: ReadonlyArray<string>
  /** The protocol that a profile is written for. */
  readonly protocols: ReadonlyMap<string, string>
  readonly parameterProblems: (
    device: Device
  ) => ReadonlyArray<{ readonly parameter: string; readonly message: string }>
}

const singular: Readonly<Record<string, string>> = {
  areas: "area",
  devices: "device",
  doors: "door",
  cameras: "camera",
  schedules: "schedule",
  calendars: "calendar",
  people: "person",
  procedures: "procedure",
  plans: "plan",
  inbound: "inbound source",
  links: "link"
}

/** The rules no schema can hold: references, duplicates, times that contradict each other. Looks at the raw value, so that one wrong key does not hide the rest. */
export const checkMeaning = (sources: Sources, known: Known): ReadonlyArray<Problem> => {
  const problems: Array<Problem> = []
  const value: Raw = sources.value
  const wrong: Wrong = (path, message, at, severity) => void problems.push(sources.problem(path, message, at, severity))
  const refer = (path: ReadonlyArray<Key>, reference: unknown, what: string, names: ReadonlyArray<string>) => {
    if (typeof reference === "string" && !names.includes(reference))
      wrong(path, `there is no ${what} "${reference}"${hint(reference, names)}`)
  }

  const lists = [
    "areas",
    "devices",
    "doors",
    "cameras",
    "schedules",
    "calendars",
    "people",
    "procedures",
    "plans",
    "inbound"
  ]
  for (const section of lists) checkTwice(value, section, wrong)
  checkSite(value, wrong)
  // The line of a secret is not shown: what is printed ends up in other people's logs.
  const hush: Wrong = (path, message) => void problems.push({ ...sources.problem(path, message), frame: [] })
  checkLinks(value, known, refer, wrong, hush)
  checkAreas(value, refer, wrong)
  checkDevices(value, known, refer, wrong)
  for (const [index, camera] of itemsOf(value, "cameras")) {
    refer(["cameras", index, "area"], camera["area"], "area", idsOf(value, "areas"))
    refer(["cameras", index, "device"], camera["device"], "device", idsOf(value, "devices"))
    if (camera["frames"] !== undefined && camera["device"] === undefined)
      wrong(
        ["cameras", index, "frames"],
        `camera "${String(camera["id"])}" has frames but no device to fetch them from; add device or remove frames`,
        "key"
      )
  }
  checkDoors(value, known.points, refer, wrong)
  checkSchedules(value, refer, wrong)
  checkArming(value, refer, wrong)
  checkFlood(value, wrong)
  checkPeople(value, refer, wrong)
  checkProcedures(value, refer, wrong)
  checkPlans(value, refer, wrong)
  for (const [index, source] of itemsOf(value, "inbound")) {
    refer(["inbound", index, "area"], source["area"], "area", idsOf(value, "areas"))
    const channels = isRaw(value["channels"]) ? Object.keys(value["channels"]) : []
    refer(["inbound", index, "channel"], source["channel"], "channel", channels)
    checkSecrets(["inbound", index], source, hush)
  }
  for (const [index, schedule] of itemsOf(value, "schedules"))
    checkZone(["schedules", index, "timeZone"], schedule["timeZone"], wrong)
  return problems
}

const checkTwice = (value: Raw, section: string, wrong: Wrong): void => {
  const seen = new Set<string>()
  for (const [index, item] of itemsOf(value, section)) {
    const id = item["id"]
    if (typeof id !== "string") continue
    if (seen.has(id))
      wrong([section, index, "id"], `${singular[section]} "${id}" is there twice; each id must be unique`)
    seen.add(id)
  }
}

const isTimeZone = (zone: string): boolean => {
  try {
    return new Intl.DateTimeFormat("en", { timeZone: zone }).format(0) !== ""
  } catch {
    return false
  }
}

const checkZone = (path: ReadonlyArray<Key>, zone: unknown, wrong: Wrong): void => {
  if (typeof zone !== "string" || zone === "" || isTimeZone(zone)) return
  wrong(
    path,
    `"${zone}" is not a time zone${hint(zone, ["UTC", ...Intl.supportedValuesOf("timeZone")])}; expected an IANA name such as "Europe/Berlin"`
  )
}

const checkSite = (value: Raw, wrong: Wrong): void => {
  if (isRaw(value["site"])) checkZone(["site", "timeZone"], value["site"]["timeZone"], wrong)
}

const secretKey = /password|passphrase|secret|token/i

/** Secrets stand in the environment or in a file of their own, never in the configuration. */
const checkSecrets = (path: ReadonlyArray<Key>, value: unknown, wrong: Wrong): void => {
  if (Array.isArray(value)) value.forEach((item, index) => checkSecrets([...path, index], item, wrong))
  if (!isRaw(value)) return
  for (const [key, item] of Object.entries(value)) {
    if (secretKey.test(key) && (typeof item === "string" || typeof item === "number"))
      wrong([...path, key], `${key} must not stand here; write { env: NAME } or { file: path }`)
    else checkSecrets([...path, key], item, wrong)
  }
}

const checkLinks = (value: Raw, known: Known, refer: Refer, wrong: Wrong, hush: Wrong): void => {
  if (!isRaw(value["links"])) return
  for (const [id, link] of Object.entries(value["links"])) {
    if (!/^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/.test(id))
      wrong(
        ["links", id],
        `"${id}" is not a link id: letters, digits, ".", "_" and "-", at most 64, such as "mqtt"`,
        "key"
      )
    if (!isRaw(link)) continue
    refer(["links", id, "adapter"], link["adapter"], "adapter", known.adapters)
    checkSecrets(["links", id, "settings"], link["settings"], hush)
  }
}

const checkAreas = (value: Raw, refer: Refer, wrong: Wrong): void => {
  const parents = new Map<string, string>()
  for (const [, area] of itemsOf(value, "areas"))
    if (typeof area["id"] === "string" && typeof area["in"] === "string") parents.set(area["id"], area["in"])
  for (const [index, area] of itemsOf(value, "areas")) {
    refer(["areas", index, "in"], area["in"], "area", idsOf(value, "areas"))
    const seen = new Set<string>()
    let here: string | undefined = String(area["id"])
    while (here !== undefined && !seen.has(here)) {
      seen.add(here)
      here = parents.get(here)
    }
    if (here !== undefined && here === area["id"]) wrong(["areas", index, "in"], `area "${here}" lies in itself`)
  }
}

/** What a device of this link is spoken to with. */
const adapterOf = (value: Raw, device: Raw): unknown => {
  const links = value["links"]
  const link = isRaw(links) ? links[String(device["link"])] : undefined
  return isRaw(link) ? link["adapter"] : undefined
}

/** Whether the profile is written for what its link speaks, and the parameters are the profile's. */
const checkProfile = (value: Raw, index: number, device: Raw, known: Known, wrong: Wrong): void => {
  const profile = String(device["profile"])
  const spoken = adapterOf(value, device)
  const written = known.protocols.get(profile)
  if (typeof spoken === "string" && written !== undefined && written !== spoken && known.adapters.includes(spoken))
    wrong(
      ["devices", index, "profile"],
      `the profile "${profile}" is written for ${written}, and link "${String(device["link"])}" speaks ${spoken}; choose another profile or link`
    )
  const { parameters = {}, address } = device
  // What is not even text has its own problem already.
  if (!isRaw(parameters) || ![address, ...Object.values(parameters)].every((one) => typeof one === "string")) return
  for (const { parameter, message } of known.parameterProblems(device as unknown as Device)) {
    if (parameter in parameters) wrong(["devices", index, "parameters", parameter], message, "key")
    else wrong(["devices", index, "address"], message)
  }
}

/** What of officers' acts goes back to a device's conditions, and what they are to do with them. */
const writtenBack = { acknowledge: "to acknowledge", comments: "to comment on", shelving: "to shelve" } as const

/** Whether what goes back to the device has anywhere to go there. */
const checkWriteBack = (value: Raw, index: number, device: Raw, known: Known, wrong: Wrong): void => {
  const adapter = adapterOf(value, device)
  if (typeof adapter !== "string" || !known.adapters.includes(adapter) || known.withConditions.includes(adapter)) return
  for (const [key, what] of Object.entries(writtenBack)) {
    if (device[key] === undefined) continue
    wrong(
      ["devices", index, key],
      `link "${String(device["link"])}" speaks ${adapter}, whose devices have no conditions ${what}; remove ${key}`,
      "key"
    )
  }
}

const checkDevices = (value: Raw, known: Known, refer: Refer, wrong: Wrong): void => {
  const links = isRaw(value["links"]) ? Object.keys(value["links"]) : []
  const addresses = new Map<string, string>()
  for (const [index, device] of itemsOf(value, "devices")) {
    refer(["devices", index, "link"], device["link"], "link", links)
    refer(["devices", index, "profile"], device["profile"], "profile", known.profiles)
    refer(["devices", index, "area"], device["area"], "area", idsOf(value, "areas"))
    refer(["devices", index, "via"], device["via"], "device", idsOf(value, "devices"))
    if (device["via"] !== undefined && device["via"] === device["id"])
      wrong(["devices", index, "via"], "a device cannot be behind itself")
    checkZone(["devices", index, "timeZone"], device["timeZone"], wrong)
    checkProfile(value, index, device, known, wrong)
    checkWriteBack(value, index, device, known, wrong)
    const grace = device["offlineGraceSeconds"]
    if (typeof grace === "number" && (grace < 0 || grace > 86_400))
      wrong(["devices", index, "offlineGraceSeconds"], `offlineGraceSeconds must be between 0 and 86400 (is ${grace})`)
    const address = `${String(device["link"])} ${String(device["profile"])} ${String(device["address"])}`
    const other = addresses.get(address)
    if (other !== undefined && typeof device["address"] === "string")
      wrong(
        ["devices", index, "address"],
        `address "${device["address"]}" already belongs to device "${other}" on the same link`
      )
    else addresses.set(address, String(device["id"]))
  }
}
